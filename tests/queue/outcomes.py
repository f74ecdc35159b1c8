"""Articles as the pipelines hand them over, for tests of the store."""

from __future__ import annotations

from newscrawl.items import Alternate, Article, HttpInfo, Instrument, Miss, RelatedLink
from newscrawl.plan import Plan
from newscrawl.sites.longbridge.address import Address
from newscrawl.text.cleaning import content_hash

PUBLISHED = "2026-05-08T14:18:31.000Z"


def address(number: int, locale: str = "en") -> Address:
    return Address(str(100_000 + number), locale)


def plan(*starts: int, **arguments: str) -> Plan:
    """A crawl of some starts, by their numbers; all depths unless told otherwise."""
    url = ",".join(address(number).url for number in starts or (1,))
    return Plan.from_arguments({"url": url, "depth": "99", **arguments})


def article(
    page: Address,
    *related: int,
    text: str = "text",
    locales: tuple[str, ...] = ("en",),
    published_at: str | None = PUBLISHED,
    symbols: tuple[str, ...] = (),
) -> Article:
    """An article that leads to others, by their numbers."""
    return Article(
        uid=page.uid,
        story_id=page.story_id,
        url=page.url,
        fetched_url=page.url,
        locale=page.locale,
        alternates=[Alternate(locale, Address(page.id, locale).url) for locale in locales],
        title="title",
        body=text,
        published_at=published_at,
        published_raw=published_at,
        instruments=[Instrument(raw=symbol) for symbol in symbols],
        related=[
            RelatedLink(address(n).story_id, address(n).url, f"t{n}", None, place, PUBLISHED)
            for place, n in enumerate(related, 1)
        ],
        content_hash=content_hash("title", None, text),
        http=HttpInfo(200, etag=f'"{text}"'),
    )


def gone(page: Address) -> Miss:
    return Miss(page.uid, page.url, "missing", "HTTP 404", fetched_url=page.url, http=HttpInfo(404))


def failed(page: Address, reason: str = "HTTP 500") -> Miss:
    return Miss(page.uid, page.url, "failed", reason)
