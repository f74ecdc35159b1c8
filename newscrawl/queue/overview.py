"""What the state says of its crawls, for people; and failed pages put back."""

from __future__ import annotations

import json
from collections import Counter
from typing import NamedTuple

from newscrawl.codes import PageState
from newscrawl.database.engine import Engine
from newscrawl.database.schema import lock_run
from newscrawl.database.statements.known import COUNT_ARTICLES, COUNT_VERSIONS, COUNT_VERSIONS_OF_CRAWL
from newscrawl.database.statements.pages import (
    COUNT_PAGES,
    FORGET_CRASHES,
    LET_PAGES_WAIT_AGAIN,
    REASONS_OF_DROPPED,
    REASONS_OF_FAILED,
)
from newscrawl.database.statements.runs import (
    COUNT_STORIES,
    FIRST_START_OF_CRAWL,
    READ_RUN,
    REOPEN_RUN,
    RUNS_IN_ORDER,
)
from newscrawl.queue.counts import withdrawn_starts
from newscrawl.queue.runs import ADOPTION, lock_name

_MOST_REASONS = 5


class CrawlOverview(NamedTuple):
    """One crawl: its last run, the pages of that run, and the versions that all its runs wrote."""

    arguments: dict[str, str]
    """As people are shown them: of many starts only a few."""
    run_id: str
    state: str
    """running, unfinished (the same command resumes it), finished, or forgotten."""
    verdict: str | None
    started_at: str
    finished_at: str | None
    first_started_at: str
    pages: Counter[str]
    waiting: int
    leased: int
    failed: list[tuple[str, int]]
    """What went wrong with failed pages, and with how many of them."""
    dropped: list[tuple[str, int]]
    """Why a pipeline dropped articles, and how many of them."""
    stories: int
    versions: int
    withdrawn_starts: tuple[str, ...]
    """Starts that were read before and answered 404 or 410 in the last run."""


class Overview(NamedTuple):
    """All crawls, and the newest article of the data set."""

    crawls: list[CrawlOverview]
    articles: int
    versions: int
    newest_published_at: str | None
    last_seen_at: str | None


def overview(engine: Engine) -> Overview:
    """Read the overview. Takes time in proportion to the pages of the last runs."""
    return engine.read(lambda: _overview(engine))


def retry_failed(engine: Engine) -> int:
    """Let the failed pages of each crawl's last run wait again; return how many.

    The next command of that crawl resumes the run.
    """
    return engine.transact(lambda: sum(_retry(engine, run_id) for run_id in _latest_runs(engine)))


def _overview(engine: Engine) -> Overview:
    ((articles, newest, seen),) = engine.execute(COUNT_ARTICLES)
    ((versions,),) = engine.execute(COUNT_VERSIONS)
    crawls = [_crawl(engine, run_id) for run_id in _latest_runs(engine)]
    return Overview(crawls, articles, versions, newest, seen)


def _latest_runs(engine: Engine) -> list[str]:
    rows = engine.execute(RUNS_IN_ORDER)
    return sorted({key: run_id for key, run_id in rows if not key.startswith(ADOPTION)}.values())


def _crawl(engine: Engine, run_id: str) -> CrawlOverview:
    execute = engine.execute
    ((key, arguments, state, verdict, started, finished),) = execute(READ_RUN, (run_id,))
    ((first,),) = execute(FIRST_START_OF_CRAWL, (key,))
    pages: Counter[str] = Counter()
    states: Counter[int] = Counter()
    for page_state, outcome, count in execute(COUNT_PAGES, (run_id,)):
        states[page_state] += count
        if page_state not in (PageState.WAITING, PageState.LEASED):
            pages[outcome] += count
    failed = execute(REASONS_OF_FAILED, (run_id, PageState.FAILED, _MOST_REASONS))
    dropped = execute(REASONS_OF_DROPPED, (run_id, PageState.DONE, _MOST_REASONS))
    ((stories,),) = execute(COUNT_STORIES, (run_id,))
    ((versions,),) = execute(COUNT_VERSIONS_OF_CRAWL, (key,))
    if state == "running" and not engine.is_locked(lock_name(key)):
        state = "unfinished"
    return CrawlOverview(
        arguments=json.loads(arguments),
        run_id=run_id,
        state=state,
        verdict=verdict,
        started_at=started,
        finished_at=finished,
        first_started_at=first,
        pages=pages,
        waiting=states[PageState.WAITING],
        leased=states[PageState.LEASED],
        failed=[(error or "", count) for error, count in failed],
        dropped=[(error or "", count) for error, count in dropped],
        stories=stories,
        versions=versions,
        withdrawn_starts=withdrawn_starts(engine, run_id),
    )


def _retry(engine: Engine, run_id: str) -> int:
    lock_run(engine, run_id)
    rows = engine.execute(LET_PAGES_WAIT_AGAIN, (PageState.WAITING, run_id, PageState.FAILED))
    engine.executemany(FORGET_CRASHES, rows)
    if rows:
        engine.execute(REOPEN_RUN, (run_id,))
    return len(rows)
