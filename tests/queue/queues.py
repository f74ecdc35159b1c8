"""The queue of one process, as a crawl has it, on a state and a folder of a test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from scrapy import Request

from newscrawl.archive.segments import Segments
from newscrawl.database.thread import DatabaseCalls
from newscrawl.queue.crawl_queue import CrawlQueue
from newscrawl.queue.host_limiter import PROBE, HostLimiter
from newscrawl.queue.hosts import Budget
from newscrawl.queue.in_progress import InProgress
from newscrawl.queue.leases import Lease
from newscrawl.queue.refusals import Refusals
from newscrawl.queue.runs import Run
from newscrawl.queue.state_calls import StateCalls
from tests.queue.host_calls import HOST
from tests.queue.results import plan

NewQueue = Callable[..., CrawlQueue]
SHARED = plan(1, 2, 3, run="x")
"""A run of three pages that several workers may share."""


def make_queue(
    run: Run,
    folder: Path,
    calls: DatabaseCalls,
    *,
    claim_size: int,
    delay: float = 0.0,
    on_failure: Callable[[], None] = lambda: None,
) -> CrawlQueue:
    """Make the queue; three refusals in a row make a host that refuses."""
    state_calls = StateCalls(run.engine, calls, on_failure)
    limiter = HostLimiter(
        state_calls,
        Budget(HOST, run.holder, delay, run.lease_seconds),
        Refusals(3),
        first_pause=10.0,
        longest=100.0,
        on_blocked=lambda _: None,
    )
    return CrawlQueue(
        run,
        Segments(run.engine, folder, run.worker),
        InProgress(folder / "in-progress"),
        state_calls,
        limiter,
        claim_size=claim_size,
    )


def request_of(lease: Lease, *, is_probe: bool = False) -> Request:
    """Return the request for a page."""
    return Request(lease.page.url, meta={"lease": lease} | ({PROBE: True} if is_probe else {}))


async def following(queue: CrawlQueue) -> Lease | None:
    """Return the next page, once the state has been asked for one."""
    if (lease := queue.next()) is None:
        await queue.calls.drain()
        lease = queue.next()
    await queue.calls.drain()
    return lease


async def some(queue: CrawlQueue, count: int = 1) -> list[Lease]:
    """Return the next pages, which are there."""
    found = [await following(queue) for _ in range(count)]
    leases = [lease for lease in found if lease is not None]
    assert len(leases) == count
    return leases


async def pending(queue: CrawlQueue) -> float | None:
    """Tell what a scheduler is told that looks again when it was told to."""
    queue.has_pending()
    await queue.calls.drain()
    return queue.has_pending()
