"""The outcome of a page in one transaction: its line, its version, and where it leads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import NamedTuple

from newscrawl.archive.files import ARCHIVE, REJECTED
from newscrawl.archive.records import encode
from newscrawl.archive.translations import check_dates, dates_of_stories
from newscrawl.archive.versions import (
    Change,
    CommitTime,
    Known,
    on_article,
    on_dropped,
    on_gone,
    on_not_modified,
)
from newscrawl.codes import Outcome, PageState
from newscrawl.database.engine import Engine
from newscrawl.database.schema import lock_run
from newscrawl.database.statements.known import ADD_VERSION, STORE_KNOWN
from newscrawl.database.statements.lines import ADD_LINE, ADD_RECORD
from newscrawl.database.statements.pages import END_PAGE, FORGET_CRASHES, LET_PAGE_WAIT_AGAIN
from newscrawl.items import Article, CrawlInfo, Rejection
from newscrawl.plan import Links
from newscrawl.queue import links
from newscrawl.queue.hosts import HostStatus
from newscrawl.queue.leases import Lease
from newscrawl.queue.runs import Run
from newscrawl.queue.stamps import take_stamp
from newscrawl.results import Dropped, NoArticle, NotModified, Result
from newscrawl.sites.base import Page
from newscrawl.warc.records import Record

FAILURES = frozenset({Outcome.REJECTED, Outcome.FORBIDDEN, Outcome.FAILED, Outcome.CRASHED, Outcome.ERROR})
"""What ``scrapy retry`` lets wait again."""


class Finished(NamedTuple):
    """What is committed of a page, under the lease that it was handed out with."""

    lease: Lease
    result: Result
    record: Record | None = None
    """Its answer for the archive; None where there is none, or nothing is archived."""


def commit(run: Run, batch: Sequence[Finished]) -> list[Outcome | None]:
    """Commit the results of leased pages, and the records of their answers, in one durable transaction.

    Returns what became of each page; None where the lease was lost and nothing was written.
    """
    return run.engine.transact(lambda: _commit(run, batch)[0])


class Committed(NamedTuple):
    """What a commit found."""

    outcomes: list[Outcome | None]
    """What became of each page; None where the lease was lost and nothing was written."""
    clock_behind: timedelta | None
    """How far the store's clock was behind earlier commits, where that is to be warned of."""
    status: HostStatus
    """What the state says of the host."""


def commit_and_look(run: Run, batch: Sequence[Finished], look: Callable[[Engine], HostStatus]) -> Committed:
    """Do the same, and find out beside it what the state says of the host, in the same transaction."""
    return run.engine.transact(lambda: Committed(*_commit(run, batch), look(run.engine)))


def wait_again(run: Run, uids: Sequence[str]) -> None:
    """Let pages wait again that failed in this run only because the host refused."""

    def work() -> None:
        lock_run(run.engine, run.run_id)
        run.engine.executemany(
            LET_PAGE_WAIT_AGAIN,
            [(PageState.WAITING, run.run_id, uid, PageState.FAILED) for uid in uids],
        )

    run.engine.transact(work)


class _Writes:
    """What one transaction will write, gathered page by page."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome | None] = []
        self.pages: list[tuple[object, ...]] = []
        self.lines: list[tuple[object, ...]] = []
        self.records: list[tuple[object, ...]] = []
        self.versions: list[tuple[object, ...]] = []
        self.known: list[Known] = []
        self.followed: list[tuple[str, int]] = []
        self.read: dict[str, tuple[Page, Links]] = {}
        self.survived: list[tuple[str]] = []

    def keep(self, run: Run, day: str, change: Change | None, record: Record | None) -> None:
        """Keep the line and the record of a page until they are published."""
        if change is not None and change.kind is not None:
            self.lines.append((run.worker, run.run_id, change.kind, day, change.line))
        if record is not None:
            self.records.append((run.worker, run.run_id, ARCHIVE, day, record.content, record.entry))

    def execute(self, run: Run) -> None:
        executemany = run.engine.executemany
        executemany(END_PAGE, self.pages)
        if self.versions:
            executemany(ADD_VERSION, sorted(self.versions))
        if self.known:
            executemany(STORE_KNOWN, sorted(self.known))
        if self.lines:
            executemany(ADD_LINE, self.lines)
        if self.records:
            executemany(ADD_RECORD, self.records)
        executemany(FORGET_CRASHES, self.survived)
        links.follow(run.engine, run.run_id, run.plan, self.followed, self.read)


def _commit(run: Run, batch: Sequence[Finished]) -> tuple[list[Outcome | None], timedelta | None]:
    lock_run(run.engine, run.run_id)
    # Other runs may know the same articles: one order for all, so that transactions cannot deadlock.
    uids = sorted(finished.lease.page.uid for finished in batch)
    held = {
        uid: (token, depth, story_id)
        for uid, token, depth, story_id in run.engine.execute(
            run.engine.statements.held_pages.of(uids), (run.run_id, *uids)
        )
    }
    known = _known(run, uids)
    dates = dates_of_stories(
        run.engine,
        {finished.result.story_id for finished in batch if isinstance(finished.result, Article)},
    )
    stamp = take_stamp(run.engine, run.run_id)
    time = CommitTime(stamp.at, run.backfill_lag, stamp.is_clock_behind)
    writes = _Writes()
    for lease, result, record in batch:
        uid = lease.page.uid
        token, depth, story_id = held.get(uid, (None, 0, ""))
        if token != lease.token:
            writes.outcomes.append(None)
            continue
        # A page that was lost and leased again may have both its answers in one batch.
        del held[uid]
        if isinstance(result, Article):
            check_dates(result, dates)
        article = result.article if isinstance(result, Dropped) else result
        if isinstance(article, Article) and article.story_id != story_id:
            links.set_story(run.engine, run.run_id, uid, story_id, article.story_id)
        crawl = CrawlInfo(run.run_id, depth, lease.via, lease.referrer)
        outcome, error, change = _weigh(result, known.get(uid), crawl, time)
        writes.outcomes.append(outcome)
        state = PageState.FAILED if outcome in FAILURES else PageState.DONE
        # What was read now; a 304 keeps what is known.
        facts = change.known.facts if isinstance(article, Article) and change and change.known else None
        # PostgreSQL takes no NUL in a text.
        text = error and error.replace("\0", "\ufffd")
        writes.pages.append((state, outcome, text, facts, run.run_id, uid))
        if lease.crashes:
            writes.survived.append((uid,))
        writes.keep(run, time.text[:10], change, record)
        if change is not None and change.known is not None:
            after = change.known
            if isinstance(article, Article):
                # What a 304 will confirm is the body of the last article, whether it was archived or not.
                after = after._replace(archived=_archived(record, known.get(uid)))
            writes.known.append(after)
            if outcome in (Outcome.READ, Outcome.WITHDRAWN):
                writes.versions.append((uid, change.known.version, run.run_id))
            if links.is_followed(outcome, depth, lease.referrer):
                writes.followed.append((uid, depth))
                if isinstance(article, Article):
                    # As it is stored: a dropped article leaves the story of its last version.
                    stored = change.known
                    page = Page(uid, stored.story_id, stored.locale, stored.url)
                    writes.read[uid] = page, Links.of(article)
    writes.execute(run)
    return writes.outcomes, stamp.behind if stamp.is_clock_behind else None


def _archived(record: Record | None, known: Known | None) -> str | None:
    if record is None:
        return None
    if record.body is not None:
        return record.body.text
    # A revisit has the body that is known.
    return None if known is None else known.archived


def _known(run: Run, uids: Sequence[str]) -> dict[str, Known]:
    # Locked: a run that weighs against what another one is about to replace would count versions back.
    rows = run.engine.execute(run.engine.statements.known_articles.of(uids), uids)
    return {row[0]: Known(*row) for row in rows}


def _weigh(
    result: Result, known: Known | None, crawl: CrawlInfo, time: CommitTime
) -> tuple[Outcome, str | None, Change | None]:
    """Return what became of a page, its error, and what that changes."""
    match result:
        case Article():
            result.crawl = crawl
            change = on_article(result, known, time)
            return change.outcome, None, change
        case Dropped():
            change = on_dropped(result.article, known, time)
            return change.outcome, result.reason, change
        case Rejection():
            result.crawl = crawl
            result.rejected_at = time.text
            change = Change(Outcome.REJECTED, REJECTED, encode(result), None)
            return change.outcome, f"{result.reason}: {result.detail}", change
        case NotModified():
            if known is None or not known.version:
                return Outcome.FAILED, "HTTP 304 for a page that was never seen", None
            change = on_not_modified(known, time)
            return change.outcome, None, change
        case NoArticle():
            if result.outcome == Outcome.MISSING and known is not None and known.version:
                change = on_gone(result, known, crawl, time)
                return change.outcome, result.reason, change
            return result.outcome, result.reason, None
