"""The state is opened and the run begun or resumed, in the thread that will go on using the state."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import NamedTuple

from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings
from scrapy.utils.asyncio import is_asyncio_available

from newscrawl import reference
from newscrawl.components import missing_component
from newscrawl.database.interruption import Interruption
from newscrawl.database.thread import DatabaseCalls, DatabaseThread, InTheLoop
from newscrawl.exceptions import StoppedEarly
from newscrawl.lifecycle.feeds import Feeds
from newscrawl.lifecycle.stop_signals import STOP_SECONDS
from newscrawl.plan import Plan
from newscrawl.promises.assessing import count_and_assess
from newscrawl.promises.bounds import promises_of
from newscrawl.queue import hosts
from newscrawl.queue.archiving import Archiving
from newscrawl.queue.crawl_queue import CrawlQueue
from newscrawl.queue.host_limiter import HostLimiter
from newscrawl.queue.hosts import Budget, HostStatus, host_of
from newscrawl.queue.leases import claim_size
from newscrawl.queue.opening import OpenState, open_state, reference_dir
from newscrawl.queue.refusals import Refusals
from newscrawl.queue.state_calls import StateCalls

# Seconds between looks at whether the crawl was told to stop.
_POLL = 0.2
# The first pause of a host that refuses is this many times RETRY_BACKOFF.
_FIRST_PAUSE = 10


def find_obstacle(crawler: Crawler, feeds: Feeds) -> str | None:
    """Return, in one line, why no run can begin in what Scrapy made of the settings."""
    if feeds.is_missing:
        return "FEEDS: expected feeds that can be written, found one that cannot; see the log"
    if missing := missing_component(crawler):
        return missing
    if not is_asyncio_available():
        return "TWISTED_REACTOR: expected the asyncio reactor, found another one"
    return None


class _Opened(NamedTuple):
    state: OpenState
    budget: Budget
    status: HostStatus


async def begin_run(
    plan: Plan,
    settings: BaseSettings,
    *,
    on_failure: Callable[[], None],
    on_blocked: Callable[[str], None],
    on_paused: Callable[[str], None],
    is_stopped: Callable[[], bool],
) -> CrawlQueue:
    """Begin or resume the run of a plan. May wait for other processes.

    Raises what ``open_state`` raises, NewscrawlError for a damaged list of listings, and StoppedEarly where
    ``is_stopped`` and the state does not answer. ``on_failure``, ``on_blocked`` and ``on_paused`` are called
    when the state, or the site's host, cannot be used any more.
    """
    thread = DatabaseThread()
    interruption = Interruption()
    opening = thread.submit(lambda: _open(plan, settings, interruption))
    try:
        await _wait(opening, interruption, is_stopped)
        state, budget, status = opening.result()
    except BaseException:
        thread.close()
        raise
    engine = state.run.engine
    calls: DatabaseCalls = thread
    if not engine.is_remote:
        thread.close()
        calls = InTheLoop()
    state_calls = StateCalls(engine, calls, on_failure)
    limiter = HostLimiter(
        state_calls,
        budget,
        Refusals(settings.getint("REFUSALS_MAX")),
        first_pause=_FIRST_PAUSE * settings.getfloat("RETRY_BACKOFF"),
        longest=settings.getfloat("RETRY_AFTER_MAX"),
        on_blocked=on_blocked,
        on_paused=on_paused,
        refuses=plan.site.refuses,
    )
    limiter.take_over(status)
    return CrawlQueue(
        state.run,
        state.segments,
        state.in_progress,
        state_calls,
        limiter,
        claim_size=claim_size(settings.getint("CONCURRENT_REQUESTS")),
        archiving=Archiving(state.run, state_calls) if settings.getbool("ARCHIVE") else None,
        count_at_end=partial(count_and_assess, promises=promises_of(plan, settings)),
    )


def _open(plan: Plan, settings: BaseSettings, interruption: Interruption) -> _Opened:
    # A list that cannot be read should be told before anything is fetched; a new run takes the newest ones.
    reference.use(reference_dir(settings))
    reference.reload()
    reference.current()
    state = open_state(plan, settings, interruption)
    run = state.run
    budget = Budget(
        host_of(plan.origin.root), run.holder, settings.getfloat("DOWNLOAD_DELAY"), run.lease_seconds
    )

    def announce() -> HostStatus:
        now = run.engine.now()
        hosts.announce(run.engine, budget, now)
        return hosts.look(run.engine, budget, now)

    return _Opened(state, budget, run.engine.transact(announce, durable=False))


async def _wait(
    opening: asyncio.Future[_Opened], interruption: Interruption, is_stopped: Callable[[], bool]
) -> None:
    deadline: float | None = None
    while not opening.done():
        await asyncio.wait([opening], timeout=_POLL)
        if deadline is None and is_stopped():
            deadline = monotonic() + STOP_SECONDS
        if deadline is not None and monotonic() > deadline and not opening.done():
            interruption.interrupt()
            raise StoppedEarly("told to stop while the state was being opened")
