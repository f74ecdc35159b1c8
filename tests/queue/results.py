"""Results as spider and pipelines hand them over, for tests of the queue."""

from __future__ import annotations

from newscrawl.codes import Outcome
from newscrawl.http_info import HttpInfo
from newscrawl.items import Alternate, Article, Instrument, RelatedLink
from newscrawl.plan import Plan
from newscrawl.results import NoArticle
from newscrawl.sites.base import Page
from newscrawl.sites.longbridge import LONGBRIDGE
from newscrawl.sites.longbridge.address import Address
from newscrawl.text.cleaning import content_hash

PUBLISHED = "2026-05-08T14:18:31.000Z"
_FIRST = 100_000


def page(number: int, locale: str = "en") -> Page:
    return Address(str(_FIRST + number), locale).page


def number_of(known: Page | str) -> int:
    """The number of a page, or of a uid."""
    uid = known if isinstance(known, str) else known.uid
    return int(uid.split(":")[1]) - _FIRST


def plan(*starts: int, **arguments: str) -> Plan:
    """A crawl of some starts, by their numbers; all depths unless told otherwise."""
    url = ",".join(page(number).url for number in starts or (1,))
    return Plan.from_arguments(LONGBRIDGE, {"url": url, "depth": "99", **arguments})


def article(
    of: Page,
    *related: int,
    text: str = "text",
    locales: tuple[str, ...] = ("en",),
    published_at: str | None = PUBLISHED,
    symbols: tuple[str, ...] = (),
) -> Article:
    """An article that leads to others, by their numbers."""
    return Article(
        uid=of.uid,
        story_id=of.story_id,
        url=of.url,
        fetched_url=of.url,
        locale=of.locale,
        alternates=[Alternate(locale, page(number_of(of), locale).url) for locale in locales],
        title="title",
        body=text,
        published_at=published_at,
        published_raw=published_at,
        instruments=[Instrument(raw=symbol) for symbol in symbols],
        related=[
            RelatedLink(page(n).story_id, page(n).url, f"t{n}", None, place, PUBLISHED)
            for place, n in enumerate(related, 1)
        ],
        content_hash=content_hash("title", None, text),
        http=HttpInfo(200, etag=f'"{text}"'),
        parser=LONGBRIDGE.reader,
    )


def gone(of: Page) -> NoArticle:
    return NoArticle(Outcome.MISSING, "HTTP 404", fetched_url=of.url, http=HttpInfo(404))


def failed(of: Page, reason: str = "HTTP 500") -> NoArticle:
    return NoArticle(Outcome.FAILED, reason, fetched_url=of.url)
