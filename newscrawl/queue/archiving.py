"""Answers become records in a thread of their own: beside the event loop, ahead of the transaction."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from newscrawl.archive.files import ARCHIVE
from newscrawl.codes import Outcome
from newscrawl.database.schema import lock_run
from newscrawl.database.statements.hosts import ARCHIVED_ROBOTS, STORE_ARCHIVED_ROBOTS
from newscrawl.database.statements.lines import ADD_RECORD
from newscrawl.http_info import ArchivedAs
from newscrawl.items import Article, Rejection
from newscrawl.queue.commits import Finished
from newscrawl.queue.leases import Lease
from newscrawl.queue.runs import Run
from newscrawl.queue.state_calls import StateCalls
from newscrawl.results import NoArticle, Result
from newscrawl.warc.answer import Answer
from newscrawl.warc.records import Body, Record, make_record

logger = logging.getLogger(__name__)

T = TypeVar("T")

Waiting = tuple[Lease, Result, Answer | None]
"""What came of a page, and the answer that it came from."""


class Archiving:
    """Makes the records of one process, in a thread: compression lets go of Python's lock."""

    def __init__(self, run: Run, calls: StateCalls) -> None:
        self._run = run
        self._calls = calls
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="newscrawl-archive")

    def start(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Run ``work`` in the thread; return what the event loop awaits."""
        return asyncio.wrap_future(self._thread.submit(work))

    def keep_robots(self, answer: Answer) -> None:
        """Commit the record of a robots.txt, unless it is the one that was archived last."""
        run = self._run
        self._calls.start_after(
            self.start(lambda: make_record(answer, None, None)),
            lambda record: run.engine.transact(lambda: _keep_changed(run, answer.url, record)),
            lambda _: None,
        )


def finish(waiting: Sequence[Waiting]) -> list[Finished]:
    """Return results with the records of their answers, and each line with its record's id.

    A page whose answer cannot become a record has an error of ours as its outcome: no line is without one.
    """
    return [_finish(lease, result, answer) for lease, result, answer in waiting]


def _finish(lease: Lease, result: Result, answer: Answer | None) -> Finished:
    if answer is None:
        return Finished(lease, result)
    try:
        known = None if lease.archived is None else Body.of(lease.archived)
        record = make_record(answer, lease.page.uid, known)
    except Exception as error:
        logger.exception("the answer of %s cannot be archived", lease.page.url)
        return Finished(lease, NoArticle(Outcome.ERROR, f"{type(error).__name__} at the archive"))
    if isinstance(result, Article | Rejection | NoArticle) and result.http is not None:
        result.http.archive = ArchivedAs(record.id, record.digest)
    return Finished(lease, result, record)


def _keep_changed(run: Run, url: str, record: Record) -> None:
    engine = run.engine
    # Workers of one run fetch the file at the same time.
    lock_run(engine, run.run_id)
    rows = engine.execute(ARCHIVED_ROBOTS, (url,))
    known = Body.of(rows[0][0]) if rows else None
    body = record.body
    if body is None or (known is not None and (known.status, known.digest) == (body.status, body.digest)):
        return
    day = f"{engine.now():%Y-%m-%d}"
    engine.executemany(ADD_RECORD, [(run.worker, run.run_id, ARCHIVE, day, record.content, record.entry)])
    engine.execute(STORE_ARCHIVED_ROBOTS, (url, body.text))
