"""What an outcome means for an article that may be known already: which lines it is worth."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from newscrawl.archive.records import encode, stamp
from newscrawl.items import Article, CrawlInfo, Miss, Observation
from newscrawl.plan import Links
from newscrawl.refine.dates import format_instant
from newscrawl.sites.longbridge.address import Address
from newscrawl.sites.longbridge.locales import parts_of
from newscrawl.sites.longbridge.reader import READER

ARTICLES = "articles"
OBSERVATIONS = "observations"
REJECTED = "rejected"

# What a page must have become in this run to be followed: its links are known, and it is not gone.
LEADS_ON = ("read", "unchanged", "kept")

# After so many 304s in a row a page is asked for without validators: some servers repeat an ETag for
# changed content, and nothing else would tell.
MOST_UNMODIFIED = 7


class Known(NamedTuple):
    """What the state keeps of an article in a locale; the columns of its table, in order."""

    uid: str
    version: int
    status: str
    content_hash: str
    published_at: str | None
    published_raw: str | None
    first_seen_at: str
    last_seen_at: str
    etag: str | None
    last_modified: str | None
    unmodified: int
    surroundings: str
    links: str

    def read_links(self) -> Links:
        """Return where the last seen page led."""
        locales, related, published_at = json.loads(self.links)
        return Links(tuple(locales), tuple(related), published_at)


class Change(NamedTuple):
    """What is to be written: ``kind`` of line (None for no line), its bytes, the new knowledge."""

    word: str
    kind: str | None
    line: bytes
    known: Known


def on_article(article: Article, known: Known | None, now: datetime) -> Change:
    """Return what an article is worth: a first or a further version, an observation, or nothing.

    Fills the article's version and times.
    """
    assert article.content_hash is not None
    seen = format_instant(now)
    surroundings = digest_surroundings(
        [instrument.raw for instrument in article.instruments],
        [(alternate.locale, alternate.url) for alternate in article.alternates],
        [(link.story_id, link.title, link.wire_time) for link in article.related],
        article.published_raw,
    )
    fresh = known is None or known.status != "usable" or known.content_hash != article.content_hash
    stamp(article, now=now, version=1 if known is None else known.version + fresh)
    after = Known(
        uid=article.uid,
        version=article.version,
        status="usable",
        content_hash=article.content_hash,
        published_at=article.published_at,
        published_raw=article.published_raw,
        first_seen_at=seen if known is None else known.first_seen_at,
        last_seen_at=seen,
        etag=article.http.etag if article.http else None,
        last_modified=article.http.last_modified if article.http else None,
        unmodified=0,
        surroundings=surroundings,
        links=json.dumps(Links.of(article), separators=(",", ":")),
    )
    if known is None or fresh:
        return Change("read", ARTICLES, encode(article), after)
    # A version keeps the date that its line has; what is printed now is part of the surroundings.
    after = after._replace(published_at=known.published_at, published_raw=known.published_raw)
    if known.surroundings == surroundings:
        return Change("unchanged", None, b"", after)
    observation = Observation(
        uid=article.uid,
        version=article.version,
        observed_at=seen,
        instruments=article.instruments,
        alternates=article.alternates,
        related=article.related,
        published_raw=article.published_raw,
    )
    return Change("unchanged", OBSERVATIONS, encode(observation), after)


def on_unmodified(known: Known, now: datetime) -> Change:
    """Return what a 304 is worth: no line, one more unmodified answer in a row."""
    after = known._replace(last_seen_at=format_instant(now), unmodified=known.unmodified + 1)
    return Change("unchanged", None, b"", after)


def on_gone(miss: Miss, known: Known, crawl: CrawlInfo, now: datetime) -> Change:
    """Return what a 404 or 410 of a known article is worth: one withdrawn line, the first time."""
    seen = format_instant(now)
    if known.status == "withdrawn":
        return Change("missing", None, b"", known._replace(last_seen_at=seen))
    _, id_, locale = known.uid.split(":")
    address = Address(id_, locale)
    parts = parts_of(locale)
    article = Article(
        uid=known.uid,
        story_id=address.story_id,
        status="withdrawn",
        url=address.url,
        fetched_url=miss.fetched_url,
        locale=locale,
        published_at=known.published_at,
        published_raw=known.published_raw,
        fetched_at=miss.fetched_at,
        content_hash=known.content_hash,
        crawl=replace(crawl),
        http=miss.http,
        parser=READER,
        language=parts.language,
        script=parts.script,
        region=parts.region,
    )
    stamp(article, now=now, version=known.version + 1)
    after = known._replace(
        version=article.version, status="withdrawn", last_seen_at=seen, etag=None, last_modified=None
    )
    return Change("withdrawn", ARTICLES, encode(article), after)


def digest_surroundings(
    symbols: Sequence[str],
    alternates: Sequence[tuple[str, str]],
    related: Sequence[tuple[str, str | None, str | None]],
    published_raw: str | None,
) -> str:
    """Return a digest of what may change around a text that stays the same.

    ``symbols`` as printed, ``alternates`` as (locale, url), ``related`` as (story_id, title,
    wire_time): when the list was observed is not part of it.
    """
    parts = json.dumps([symbols, alternates, related, published_raw])
    return hashlib.sha256(parts.encode()).hexdigest()[:32]
