"""Which lines a result leads to, given what is known of the article already."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

import orjson

from newscrawl.archive.files import ARTICLES, OBSERVATIONS
from newscrawl.archive.records import encode, stamp
from newscrawl.codes import Outcome
from newscrawl.items import Article, CrawlInfo
from newscrawl.observed import Observation
from newscrawl.plan import Links
from newscrawl.promises.facts import encoded_facts_of
from newscrawl.refine import refine
from newscrawl.refine.availability import BACKFILL_LAG
from newscrawl.refine.dates import DATES, format_instant
from newscrawl.results import NoArticle


class Known(NamedTuple):
    """What the state keeps of an article in a locale; ``database.statements.known.COLUMNS``, by name.

    ``version`` 0 is an article that was read and never written: a pipeline of the user's dropped it.
    """

    uid: str
    story_id: str
    locale: str
    url: str
    version: int
    status: str
    content_hash: str
    reader: str
    """Which reader the hash was made with."""
    published_at: str | None
    published_raw: str | None
    first_seen_at: str
    last_seen_at: str
    etag: str | None
    last_modified: str | None
    unmodified: int
    metadata_hash: str
    """Of what may change around a text that stays the same."""
    links: str
    """Where the last seen page led: plan.Links as JSON."""
    archived: str | None = None
    """The last body that was archived (``warc.records.Body``); None where the last one was not."""
    facts: str = ""
    """What the last read page showed: promises.facts.Facts, encoded; empty for one that was never read."""


class CommitTime(NamedTuple):
    """When a commit takes place, and what follows from it."""

    now: datetime
    """Aware; never before that of an earlier commit."""
    lag: timedelta = BACKFILL_LAG
    """The setting BACKFILL_LAG."""
    is_clock_behind: bool = False
    """Whether the store's clock was far behind an earlier commit."""

    @property
    def text(self) -> str:
        """As it stands in lines and in the state."""
        return format_instant(self.now)

    def stamp(self, article: Article, version: int) -> None:
        """Give an article its version, its times and its sessions."""
        stamp(
            article,
            now=self.now,
            version=version,
            lag=self.lag,
            is_clock_behind=self.is_clock_behind,
        )


class Change(NamedTuple):
    """What is to be written: ``kind`` of line (None for no line), its bytes, the new knowledge."""

    outcome: Outcome
    kind: str | None
    line: bytes
    known: Known | None


def on_article(article: Article, known: Known | None, time: CommitTime) -> Change:
    """Return what to write for an article: a first or a further version, an observation, or nothing.

    Fills the article's version and times.
    """
    assert article.content_hash is not None
    seen = time.text
    metadata_hash = hash_metadata(
        [instrument.raw for instrument in article.instruments],
        [(alternate.locale, alternate.url) for alternate in article.alternates],
        [(link.story_id, link.title, link.wire_time) for link in article.related],
        article.published_raw,
    )
    fresh = known is None or known.status != "usable" or known.content_hash != article.content_hash
    time.stamp(article, version=1 if known is None else known.version + fresh)
    after = Known(
        uid=article.uid,
        story_id=article.story_id,
        locale=article.locale,
        url=article.url,
        version=article.version,
        status="usable",
        content_hash=article.content_hash,
        reader=article.parser,
        published_at=article.published_at,
        published_raw=article.published_raw,
        first_seen_at=seen if known is None else known.first_seen_at,
        last_seen_at=seen,
        etag=article.http.etag if article.http else None,
        last_modified=article.http.last_modified if article.http else None,
        unmodified=0,
        metadata_hash=metadata_hash,
        links=encode_links(article),
        facts=encoded_facts_of(article, known.facts if known is not None else ""),
    )
    if known is None or fresh:
        return Change(Outcome.READ, ARTICLES, encode(article), after)
    # A version keeps the date that its line has; what is printed now is part of the metadata.
    after = after._replace(published_at=known.published_at, published_raw=known.published_raw)
    if known.metadata_hash == metadata_hash:
        return Change(Outcome.UNCHANGED, None, b"", after)
    observation = Observation(
        uid=article.uid,
        version=article.version,
        observed_at=seen,
        instruments=article.instruments,
        alternates=article.alternates,
        related=article.related,
        published_raw=article.published_raw,
        archive=article.http.archive if article.http else None,
    )
    return Change(Outcome.UNCHANGED, OBSERVATIONS, encode(observation), after)


def on_dropped(article: Article, known: Known | None, time: CommitTime) -> Change:
    """Return what to remember of an article that a pipeline of the user's dropped: no line is written.

    Where it leads, so that its links are followed and it is rechecked like a written page; and no validators,
    so that the pipeline can decide again. A page that was never written has version 0 and the status dropped.
    """
    if article.refined_with.dates is None:
        # Dropped ahead of that step; its date decides whether its links are followed.
        DATES(article)
    seen = time.text
    links = encode_links(article)
    facts = encoded_facts_of(article, known.facts if known is not None else "")
    if known is not None and known.version:
        after = known._replace(last_seen_at=seen, etag=None, last_modified=None, links=links, facts=facts)
        return Change(Outcome.DROPPED, None, b"", after)
    after = Known(
        uid=article.uid,
        story_id=article.story_id,
        locale=article.locale,
        url=article.url,
        version=0,
        status="dropped",
        content_hash="",
        reader=article.parser,
        published_at=article.published_at,
        published_raw=article.published_raw,
        first_seen_at=seen if known is None else known.first_seen_at,
        last_seen_at=seen,
        etag=None,
        last_modified=None,
        unmodified=0,
        metadata_hash="",
        links=links,
        facts=facts,
    )
    return Change(Outcome.DROPPED, None, b"", after)


def on_not_modified(known: Known, time: CommitTime) -> Change:
    """Return what to write for a 304: no line, one more unmodified answer in a row."""
    after = known._replace(last_seen_at=time.text, unmodified=known.unmodified + 1)
    return Change(Outcome.UNCHANGED, None, b"", after)


def on_gone(answer: NoArticle, known: Known, crawl: CrawlInfo, time: CommitTime) -> Change:
    """Return what to write for a 404 or 410 of a known article: one withdrawn line, the first time."""
    seen = time.text
    if known.status == "withdrawn":
        return Change(Outcome.MISSING, None, b"", known._replace(last_seen_at=seen))
    article = Article(
        uid=known.uid,
        story_id=known.story_id,
        status="withdrawn",
        url=known.url,
        fetched_url=answer.fetched_url,
        locale=known.locale,
        published_at=known.published_at,
        published_raw=known.published_raw,
        fetched_at=answer.fetched_at,
        content_hash=known.content_hash,
        crawl=replace(crawl),
        http=answer.http,
        parser=known.reader,
    )
    refine(article)
    time.stamp(article, version=known.version + 1)
    after = known._replace(
        version=article.version, status="withdrawn", last_seen_at=seen, etag=None, last_modified=None
    )
    return Change(Outcome.WITHDRAWN, ARTICLES, encode(article), after)


def encode_links(article: Article) -> str:
    """Return where an article leads, a ``plan.Links``, as JSON."""
    return orjson.dumps(tuple(Links.of(article))).decode()


def hash_metadata(
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
