"""Archives that other crawlers made: their records of our sites' pages, read into lines of an import.

Everything about the import is told: ``crawl.via`` is ``archive``, ``first_seen_at`` the time of the import,
``fetched_at`` the date of the record, and ``available_rule`` ``archived``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from scrapy.exceptions import IgnoreRequest
from w3lib.encoding import http_content_type_encoding

from newscrawl.archive.records import encode, stamp
from newscrawl.codes import Via
from newscrawl.database.statements.scratch import ADD_FOREIGN, FOREIGN_IN_ORDER
from newscrawl.exceptions import ArchiveError, PageError, Refused
from newscrawl.http_info import HttpInfo
from newscrawl.items import Article, CrawlInfo, Rejection
from newscrawl.refine import refine
from newscrawl.refine.dates import format_instant, parse_instant
from newscrawl.replay.bodies import Archived
from newscrawl.replay.findings import Findings
from newscrawl.replay.progress import Progress
from newscrawl.replay.reading import Rules
from newscrawl.replay.scratch import Scratch
from newscrawl.replay.work import Fact
from newscrawl.sites.base import Page, Site, Source
from newscrawl.spiders.answers import HEAD_BYTES
from newscrawl.warc.chunked import without_chunks
from newscrawl.warc.reading import ArchivedRecord, Message, decoded, message_of, read_record_at, read_records
from newscrawl.warc.records import RESPONSE

_AT_ONCE = 200


class ForeignRecord(NamedTuple):
    """Where a record of a page is; ``number`` is for people."""

    uid: str
    path: str
    offset: int
    number: int


@dataclass(slots=True)
class ForeignLines:
    """What came of some records: lines in the order of uid and record date."""

    articles: list[tuple[bytes, Fact]] = field(default_factory=list)
    rejected: list[bytes] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    records: int = 0
    unchanged: int = 0
    """Records with the text of the one before."""
    other: int = 0
    """Records of pages with another status than 200."""


def find_pages(
    files: list[Path], sites: Mapping[str, Site], scratch: Scratch, findings: Findings, progress: Progress
) -> int:
    """Note which records are pages of these sites; return how many."""
    count = 0
    for number, path in enumerate(files):
        for record in read_records(path, findings.add):
            page = _page(record, sites)
            if page is None:
                continue
            try:
                date = _date(record)
            except ArchiveError as error:
                findings.add(error)
                continue
            count += 1
            scratch.add(ADD_FOREIGN, (page.uid, date, number, record.offset, record.number))
            progress.advance(records=1)
        progress.advance(size=path.stat().st_size if path.exists() else 0)
    return count


def parts_in_order(files: list[Path], scratch: Scratch) -> Iterator[list[ForeignRecord]]:
    """Yield records sorted by uid and date, some at a time, never a page's in two parts."""
    part: list[ForeignRecord] = []
    rows = scratch.rows(FOREIGN_IN_ORDER)
    for _, found in groupby(rows, key=lambda row: row[0]):
        part += [ForeignRecord(uid, str(files[file]), offset, number) for uid, file, offset, number in found]
        if len(part) >= _AT_ONCE:
            yield part
            part = []
    if part:
        yield part


class ForeignWorker:
    """Reads parts one after the other, in one process."""

    def __init__(self, rules: Rules, run_id: str, now: datetime) -> None:
        self._rules = rules
        self._run_id = run_id
        self._now = now

    def read(self, part: list[ForeignRecord]) -> ForeignLines:
        """Return the lines of some records: a version for each text of a page, in the order of dates."""
        result = ForeignLines()
        for _, records in groupby(part, key=lambda record: record.uid):
            version, text = 0, None
            for record in records:
                result.records += 1
                article = self._article(record, result)
                if article is None:
                    continue
                if article.content_hash == text:
                    result.unchanged += 1
                    continue
                version, text = version + 1, article.content_hash
                stamp(article, now=self._now, version=version, lag=self._rules.lag)
                result.articles.append((encode(article), self._fact(article)))
        return result

    def _fact(self, article: Article) -> Fact:
        # Among themselves the lines are ordered by when their pages were fetched.
        seen = article.fetched_at or ""
        return Fact(article.story_id, article.uid, article.version, seen, 0, article.published_at)

    def _article(self, asked: ForeignRecord, result: ForeignLines) -> Article | None:
        try:
            record = read_record_at(Path(asked.path), asked.offset)._replace(number=asked.number)
            message = message_of(record)
            if message.status != 200:
                result.other += 1
                return None
            answer = self._answer(message)
        except (ArchiveError, IgnoreRequest) as error:
            text = str(error)
            named = text if text.startswith(asked.path) else f"{asked.path}: record {asked.number}: {text}"
            result.findings.append(named)
            return None
        page = _page(record, self._rules.sites)
        assert page is not None
        try:
            return self._read(record, page, answer, result)
        except Exception as error:  # noqa: BLE001 - a reader's fault is told, and the other pages are read
            what = f"{type(error).__name__} in reading or refinement: {error}"
            result.findings.append(f"{record.place}: {what}")
            return None

    def _answer(self, message: Message) -> Archived:
        for name, value in message.head.headers:
            if name.lower() == b"transfer-encoding" and b"chunked" in value.lower():
                message = message._replace(body=without_chunks(message.body))
        return Archived(message.status, message.head, decoded(message, self._rules.most))

    def _read(
        self, record: ArchivedRecord, page: Page, answer: Archived, result: ForeignLines
    ) -> Article | None:
        site = next(site for site in self._rules.sites.values() if site.home.page(page.url) == page)
        content_type = answer.header(b"content-type")
        # The record is not in our archive.
        http = HttpInfo(
            status=answer.status,
            etag=answer.header(b"etag"),
            last_modified=answer.header(b"last-modified"),
            date=answer.header(b"date"),
            content_type=content_type,
            bytes=len(answer.content),
        )
        crawl = CrawlInfo(run_id=self._run_id, via=Via.ARCHIVE.value)
        fetched_at, url = _date(record), _target(record)
        try:
            charset = http_content_type_encoding(content_type)
            article = site.read(Source(answer.content, page, site.home, charset))
        except PageError as error:
            rejection = Rejection(
                uid=page.uid,
                url=page.url,
                fetched_url=url,
                reason=error.code,
                detail=error.detail,
                rejected_at=format_instant(self._now),
                fetched_at=fetched_at,
                crawl=crawl,
                http=http,
                head=answer.content[:HEAD_BYTES].decode("utf-8", errors="replace"),
            )
            result.rejected.append(encode(rejection))
            return None
        article.fetched_url, article.fetched_at = url, fetched_at
        article.http, article.crawl = http, crawl
        for link in article.related:
            link.observed_at = fetched_at
        return refine(article, site)


def _page(record: ArchivedRecord, sites: Mapping[str, Site]) -> Page | None:
    if record.type != RESPONSE:
        # A revisit says that the text is the one before.
        return None
    url = _target(record)
    return next((page for site in sites.values() if (page := site.home.page(url)) is not None), None)


def _target(record: ArchivedRecord) -> str:
    # WARC 1.0 was often written with brackets around it.
    return record.fields.get("warc-target-uri", "").strip("<>")


def _date(record: ArchivedRecord) -> str:
    text = record.fields.get("warc-date", "")
    try:
        return format_instant(parse_instant(text))
    except Refused:
        raise ArchiveError(f"{record.place}: expected a time in WARC-Date, found {text[:40]!r}") from None
