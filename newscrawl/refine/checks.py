"""What the clocks around an article say of its date. They vote; nobody corrects anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from newscrawl.codes import WarningCode
from newscrawl.refine.http_dates import parse_http_date
from newscrawl.sites.longbridge.news_ids import id_window
from newscrawl.text.wire_times import wire_distance

# Clocks that are kept by the network differ by less than a second; five minutes are for those that are
# set by hand, and far below an hour, the smallest mistake about a zone.
CLOCK_TOLERANCE = timedelta(minutes=5)
# A cache may hand out a page some hours old with the `Date` at which it was made (RFC 9111, section 4.2.3);
# after a day either it is stale news or our own clock is ahead, and both are worth a word.
OLDEST_ANSWER = timedelta(days=1)
# Half of the smallest mistake, an hour of summer time: what is nearer to none than to that one passes.
WIRE_TOLERANCE = timedelta(minutes=30)
# The vendor as a company is of 2019: general knowledge, not confirmed, hence the whole year. Older news
# would have been taken over from elsewhere, with a date that nobody here kept.
SOURCE_BEGAN = datetime(2019, 1, 1, tzinfo=UTC)


class Clocks(NamedTuple):
    """The clocks that had to do with one article. All times are aware; None is not known."""

    published: datetime | None
    """The page's own date, the one that is voted on."""
    number: int
    """The number of the news, given out by the site."""
    wire_time: str | None
    """As cut from the title: ``15:43 ET``."""
    markets: Iterable[str | None]
    """Of the article's instruments, None for unknown ones."""
    server: str | None
    """The ``Date`` of the answer, as sent."""
    fetched: datetime | None
    """When the answer came, by our clock."""


def disagreements(clocks: Clocks) -> Iterator[str]:
    """Yield a warning's code for each vote against the date, each code at most once.

    ``clock_differs`` is a vote on our own clock and needs no date.
    """
    published, fetched = clocks.published, clocks.fetched
    server = None if clocks.server is None else parse_http_date(clocks.server)
    # No answer is made after it came. That our clock is behind matters more than the other way round: it
    # would make `first_seen_at`, and what hangs on it, earlier than the truth.
    if server and fetched and not -CLOCK_TOLERANCE <= fetched - server <= OLDEST_ANSWER:
        yield WarningCode.CLOCK_DIFFERS
    if published is None:
        return
    # A cached answer is as old as its `Date` or older, so this holds for it, too.
    if server and published - server > CLOCK_TOLERANCE:
        yield WarningCode.DATE_AFTER_SERVER
    if published < SOURCE_BEGAN:
        yield WarningCode.DATE_BEFORE_SOURCE
    if fetched and published - fetched > CLOCK_TOLERANCE:
        yield WarningCode.DATE_IN_FUTURE
    if not id_window(clocks.number).holds(published):
        yield WarningCode.ID_DATE_DIFFERS
    if clocks.wire_time is not None:
        distance = wire_distance(clocks.wire_time, published, clocks.markets)
        if distance is not None and abs(distance) > WIRE_TOLERANCE:
            yield WarningCode.WIRE_TIME_DIFFERS
