"""Whether a page's date agrees with the other times that are known, and whether its texts hold controls.

Nothing is corrected, only told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from newscrawl.codes import WarningCode
from newscrawl.items import Article
from newscrawl.refine.dates import read_instant
from newscrawl.refine.http_dates import parse_http_date
from newscrawl.refine.step import Step, digest, tables_of
from newscrawl.sites.base import DateWindow, Site
from newscrawl.text.controls import has_controls
from newscrawl.text.wire_times import wire_distance

# Clocks that are set over the network differ by less than a second. Five minutes allow for those that are
# set by hand, and are far below an hour, the smallest mistake about a time zone.
CLOCK_TOLERANCE = timedelta(minutes=5)
# A cache may answer with a page some hours old and the `Date` at which it was made (RFC 9111, section
# 4.2.3). After a day either the page is stale or the local clock is fast; both are worth a warning.
OLDEST_ANSWER = timedelta(days=1)
# Half of the smallest mistake, an hour of summer time: a distance nearer to none than to that one passes.
WIRE_TOLERANCE = timedelta(minutes=30)


class ChecksStep(Step):
    """Warnings only: for each time that contradicts ``published_at``, for a clock that is wrong, and for
    control characters in a text.
    """

    name = "checks"
    number = 2
    warnings = frozenset(
        {
            WarningCode.CLOCK_DIFFERS,
            WarningCode.CONTROL_CHARACTERS,
            WarningCode.DATE_AFTER_SERVER,
            WarningCode.DATE_BEFORE_SOURCE,
            WarningCode.DATE_IN_FUTURE,
            WarningCode.ID_DATE_DIFFERS,
            WarningCode.WIRE_TIME_DIFFERS,
        }
    )

    def version(self, site: Site | None = None) -> str:
        """Return the version of the code and of the site's own tables, which date its ids: ``1+4be1c2d0``."""
        tables = () if site is None else tables_of(type(site))
        return f"{self.number}+{digest(tables)}" if tables else str(self.number)

    def apply(self, article: Article, site: Site | None) -> Iterator[WarningCode]:
        """Compare ``published_at`` with the server's ``Date``, ``fetched_at``, the time when the site began,
        the days on which it can have given out the story's id (``Site.published_window``) and the wire time.

        Needs the markets of the instruments for a wire time in CST. Looks for control characters in what the
        page says: texts, symbols, date and the titles of related news.
        """
        if any(map(has_controls, _texts(article))):
            yield WarningCode.CONTROL_CHARACTERS
        yield from date_warnings(
            read_instant(article.published_at),
            fetched=read_instant(article.fetched_at),
            server=article.http.date if article.http else None,
            began=None if site is None else site.began,
            window=None if site is None else site.published_window(article.story_id),
            wire_time=article.wire_time,
            markets=(instrument.market for instrument in article.instruments),
        )


def _texts(article: Article) -> Iterator[str]:
    for text in (article.title, article.description, article.body, article.published_raw):
        if text:
            yield text
    yield from (link.title for link in article.related if link.title)
    yield from (instrument.raw for instrument in article.instruments)


def date_warnings(
    published: datetime | None,
    *,
    fetched: datetime | None = None,
    server: str | None = None,
    began: datetime | None = None,
    window: DateWindow | None = None,
    wire_time: str | None = None,
    markets: Iterable[str | None] = (),
) -> Iterator[WarningCode]:
    """Yield a warning for each time that contradicts a page's date, each at most once.

    All times are aware, and None is not known. ``fetched`` is by the local clock, ``server`` the ``Date``
    header as sent, ``began`` when the site began, ``wire_time`` as cut from the title (``15:43 ET``),
    ``markets`` those of the instruments, None for an unknown one. ``clock_differs`` is about the local clock
    and needs no date.
    """
    sent = None if server is None else parse_http_date(server)
    # No answer is made after it came. The worse case is a local clock that is slow: `first_seen_at`, and what
    # follows from it, would be earlier than the truth.
    if sent and fetched and not -CLOCK_TOLERANCE <= fetched - sent <= OLDEST_ANSWER:
        yield WarningCode.CLOCK_DIFFERS
    if published is None:
        return
    # A cached answer is as old as its `Date` or older, so this holds for it, too.
    if sent and published - sent > CLOCK_TOLERANCE:
        yield WarningCode.DATE_AFTER_SERVER
    if began is not None and published < began:
        yield WarningCode.DATE_BEFORE_SOURCE
    if fetched and published - fetched > CLOCK_TOLERANCE:
        yield WarningCode.DATE_IN_FUTURE
    if window is not None and not window.holds(published):
        yield WarningCode.ID_DATE_DIFFERS
    if wire_time is not None:
        distance = wire_distance(wire_time, published, markets)
        if distance is not None and abs(distance) > WIRE_TOLERANCE:
            yield WarningCode.WIRE_TIME_DIFFERS


CHECKS = ChecksStep()
