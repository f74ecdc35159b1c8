"""One crawl: its arguments, read and checked, and the rules by which it follows links."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple, Self

from newscrawl.arguments import spell
from newscrawl.codes import Via
from newscrawl.exceptions import ArgumentError, NotAnArticleAddress, Refused
from newscrawl.items import Article
from newscrawl.network.public import is_old_spelling
from newscrawl.refine.dates import format_instant, parse_instant
from newscrawl.shown import shorten
from newscrawl.sites.base import Origin, Page, Site, read_start
from newscrawl.starts import read_addresses

KNOWN = ("url", "locales", "depth", "limit", "since", "recheck", "run", "fresh")
DEFAULT_DEPTH = 1
DEFAULT_RECHECK = timedelta(days=1)
# Characters of unknown arguments.
_MOST_SHOWN = 60
_NUMBER = re.compile(r"[0-9]{1,9}")
_AGE = re.compile(r"([0-9]{1,5})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Links(NamedTuple):
    """Where an article leads: the addresses of its locales and of its related news.

    Its own time is with them, because it decides with ``since`` whether the news is followed.
    """

    alternates: tuple[str, ...]
    related: tuple[str, ...]
    published_at: str | None

    @classmethod
    def of(cls, article: Article) -> Self:
        """Return all links of an article, whatever a plan wants of them."""
        return cls(
            tuple(alternate.url for alternate in article.alternates),
            tuple(link.url for link in article.related),
            article.published_at,
        )


class Found(NamedTuple):
    """A page met on the way: how many related-news links from a start, through what, and from where."""

    page: Page
    depth: int
    via: str
    referrer: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """One crawl. ``locales`` is None for all that the site has; ``limit`` counts stories, starts
    included, None for no limit; ``since`` (UTC) keeps older stories from being expanded.
    """

    origin: Origin
    starts: tuple[Page, ...]
    locales: tuple[str, ...] | None = None
    depth: int = DEFAULT_DEPTH
    limit: int | None = None
    since: datetime | None = None
    recheck: timedelta = DEFAULT_RECHECK
    run: str | None = None
    fresh: bool = False

    @classmethod
    def from_arguments(cls, site: Site, given: Mapping[str, object]) -> Self:
        """Read the arguments of a crawl of a site. Raises ArgumentError with one clear line.

        On a command line (``-a``) all are text. From a script they may be of their natural types: numbers, a
        list of addresses or locales, a date or an aware datetime, a timedelta, a bool; None is an argument
        that is not given. Names that begin with ``_`` are accepted and not read: scrapyd passes ``_job``.
        """
        arguments = {name: spell(name, value) for name, value in given.items() if value is not None}
        unknown = sorted(name for name in arguments if name not in KNOWN and name[:1] != "_")
        if unknown:
            found = ", ".join(unknown)
            shown = found if found.isprintable() and len(found) <= _MOST_SHOWN else shorten(found)
            raise ArgumentError(f"expected the arguments {', '.join(KNOWN)}, found {shown}")
        locales = _read_locales(site, arguments.get("locales"))
        origin, starts = _read_starts(site, arguments.get("url"), locales)
        limit = _read_number("limit", arguments.get("limit"), least=1)
        stories = len({page.story_id for page in starts})
        if limit is not None and stories > limit:
            raise ArgumentError(f"limit: expected at least the {stories} stories of url, found {limit}")
        depth = _read_number("depth", arguments.get("depth"), least=0)
        return cls(
            origin=origin,
            starts=starts,
            locales=locales,
            depth=DEFAULT_DEPTH if depth is None else depth,
            limit=limit,
            since=_read_since(arguments.get("since")),
            recheck=_read_age(arguments.get("recheck")),
            run=_read_name(arguments.get("run")),
            fresh=_read_switch("fresh", arguments.get("fresh")),
        )

    @property
    def site(self) -> Site:
        """The site whose articles are crawled."""
        return self.origin.site

    def as_arguments(self) -> dict[str, str]:
        """Return the arguments that make a crawl the same, in one canonical spelling."""
        arguments = {"url": ",".join(page.url for page in self.starts), "depth": str(self.depth)}
        if self.locales is not None:
            arguments["locales"] = ",".join(self.locales)
        if self.limit is not None:
            arguments["limit"] = str(self.limit)
        if self.since is not None:
            arguments["since"] = format_instant(self.since)
        return arguments

    # The crawl rules: the durable queue and a spider without one follow links by these three.

    def seeds(self) -> list[Found]:
        """Return the pages that a crawl begins with."""
        return [Found(page, 0, Via.SEED, None) for page in self.starts]

    def leads_to(self, page: Page, links: Links, depth: int) -> Iterator[Found]:
        """Yield where a page that was read at a depth leads: alternates first, then related news.

        ``page.story_id`` is the story that the article itself names. ``locales`` narrows both kinds of
        links. Related news is followed in the page's own locale where addresses tell it, one hop deeper, not
        beyond ``depth``, and not from an article older than ``since``.
        """
        site = self.site
        for url in links.alternates:
            other = site.home.page(url)
            if other is not None and other.locale != page.locale and self._wants(other.locale):
                yield Found(other._replace(story_id=page.story_id), depth, Via.LOCALE, page.url)
        if depth < self.depth and self._wants(page.locale) and not self._is_old(links.published_at):
            for url in links.related:
                other = site.home.page(url)
                if other is not None:
                    other = site.in_locale(other, page.locale) or other
                    if self._wants(other.locale):
                        yield Found(other, depth + 1, Via.RELATED, page.url)

    def stories_left(self, stories: int) -> int | None:
        """Return how many further stories ``limit`` lets in beside so many; None without a limit."""
        return None if self.limit is None else max(0, self.limit - stories)

    def _is_old(self, published_at: str | None) -> bool:
        # Both are in the one form that format_instant writes, so text order is time order.
        return (
            self.since is not None and published_at is not None and published_at < format_instant(self.since)
        )

    def _wants(self, locale: str) -> bool:
        return locale in (self.site.locales if self.locales is None else self.locales)


def _read_locales(site: Site, text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    locales: list[str] = []
    for part in text.split(","):
        locale = site.locale(part)
        if locale is None:
            raise ArgumentError(
                f"locales: expected some of {','.join(site.locales)}, found {shorten(part.strip())}"
            )
        if locale not in locales:
            locales.append(locale)
    return tuple(locales)


def _read_start(site: Site, url: str) -> tuple[Origin, Page]:
    origin, page = read_start(site, url)
    if is_old_spelling(origin.host):
        # Not all that ask for pages read it alike.
        raise NotAnArticleAddress("an IPv4 address as four decimal numbers", origin.host)
    return origin, page


def _read_starts(
    site: Site, text: str | None, locales: tuple[str, ...] | None
) -> tuple[Origin, tuple[Page, ...]]:
    if text is None or not text.strip():
        raise ArgumentError("url: expected -a url=ADDRESS (several with commas, or @FILE), found none")
    starts: dict[Page, None] = {}
    origins: dict[Origin, str] = {}
    for start in read_addresses(text.strip()):
        try:
            origin, page = _read_start(site, start.url)
        except NotAnArticleAddress as error:
            raise ArgumentError(start.explain(error)) from None
        if locales is not None and page.locale not in locales:
            # Where addresses do not tell the other locale's, the start itself has to be read for it.
            page = site.in_locale(page, locales[0]) or page
        starts[page] = None
        origins.setdefault(origin, start.place or origin.root)
    if len(origins) > 1:
        raise ArgumentError(
            f"url: expected all starts on one site, found {' and '.join(list(origins.values())[:2])}"
        )
    return next(iter(origins)), tuple(starts)


def _read_number(name: str, text: str | None, *, least: int) -> int | None:
    if text is None:
        return None
    if not _NUMBER.fullmatch(text.strip()) or int(text) < least:
        raise ArgumentError(f"{name}: expected a whole number from {least}, found {shorten(text)}")
    return int(text)


def _read_since(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        if len(text.strip()) == 10:
            return datetime.combine(date.fromisoformat(text.strip()), time(), UTC)
        return parse_instant(text)
    except (ValueError, Refused):
        raise ArgumentError(
            f"since: expected a day such as 2026-05-01 or a time with its zone, found {shorten(text)}"
        ) from None


def _read_age(text: str | None) -> timedelta:
    if text is None:
        return DEFAULT_RECHECK
    if text.strip() in ("0", "never"):
        return timedelta(0)
    found = _AGE.fullmatch(text.strip())
    if found is None:
        raise ArgumentError(f"recheck: expected an age such as 36h, 2d, or never, found {shorten(text)}")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _read_name(text: str | None) -> str | None:
    if text is None:
        return None
    if not _NAME.fullmatch(text):
        raise ArgumentError(
            f"run: expected a name of letters, digits, dots and dashes, found {shorten(text)}"
        )
    return text


def _read_switch(name: str, text: str | None) -> bool:
    if text in (None, "0", "1"):
        return text == "1"
    raise ArgumentError(f"{name}: expected 0 or 1, found {shorten(text)}")
