"""One process's queue at its end: nothing is left behind, and what another holds is waited for."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from newscrawl.codes import Outcome, Via
from newscrawl.plan import Found
from newscrawl.queue import hosts
from newscrawl.queue.crawl_queue import CrawlQueue
from newscrawl.queue.leases import claim
from newscrawl.results import NoArticle
from tests.queue.clocks import Clock
from tests.queue.host_calls import budget
from tests.queue.queues import following, pending, some
from tests.queue.results import article, page
from tests.queue.workers import Worker

FAILED = NoArticle(Outcome.FAILED, "HTTP 503")


# --- Whether anything is left -------------------------------------------------------------------------


def test_there_is_an_end_when_the_last_page_is_committed(queue: CrawlQueue, clock: Clock) -> None:
    async def crawl() -> None:
        assert await pending(queue) is not None
        for lease in await some(queue, 3):
            queue.submit(lease.page.uid, article(lease.page))
        # Nobody has to flush before.
        assert queue.has_pending() is not None
        await queue.calls.drain()
        assert queue.has_pending() is not None
        await queue.calls.drain()
        assert queue.has_pending() is None
        assert queue.counts().outcomes == {"read": 3}

    asyncio.run(crawl())


def test_pages_that_another_process_holds_are_waited_for(
    queue: CrawlQueue, other: Worker, clock: Clock
) -> None:
    leases = other.claim(3)

    async def crawl() -> None:
        assert await following(queue) is None
        for _ in range(3):
            wait = await pending(queue)
            assert wait is not None
            assert 0 < wait <= 0.5
            # Between two looks the state is left alone.
            assert not queue.calls.is_busy
            clock.move(wait)
        # One of them leads further.
        other.commit(*[(lease, article(lease.page, 4)) for lease in leases])
        assert await pending(queue) is not None
        (lease,) = await some(queue)
        assert lease.page == page(4)
        assert await queue.commit(lease.page.uid, article(lease.page)) == Outcome.READ
        assert await pending(queue) is None

    asyncio.run(crawl())


def test_a_page_that_is_added_after_the_end_is_asked_for(queue: CrawlQueue, clock: Clock) -> None:
    async def crawl() -> None:
        for lease in await some(queue, 3):
            queue.submit(lease.page.uid, article(lease.page))
        queue.flush()
        await queue.calls.drain()
        assert await pending(queue) is None
        queue.add([Found(page(7), 0, Via.SEED, None)])
        assert queue.has_pending() is None or queue.calls.is_busy
        await queue.calls.drain()
        assert queue.has_pending() is not None
        await queue.calls.drain()
        (lease,) = await some(queue)
        assert lease.page == page(7)

    asyncio.run(crawl())


def test_pages_are_counted_from_time_to_time(queue: CrawlQueue, clock: Clock) -> None:
    async def crawl() -> None:
        assert queue.counts().waiting == 0
        # While it is being counted nobody counts again.
        queue.counts()
        assert len(queue.calls._waiting) == 1
        await queue.calls.drain()
        assert queue.counts().waiting == 3

    asyncio.run(crawl())


# --- The end ------------------------------------------------------------------------------------------


def published(folder: Path) -> list[str]:
    files = folder.glob("articles/*/*.jsonl")
    return [json.loads(line)["uid"] for file in files for line in file.read_text().splitlines()]


@pytest.mark.parametrize("has_loop", [True, False])
def test_at_the_end_everything_waits_again_and_is_published(
    queue: CrawlQueue, other: Worker, tmp_path: Path, clock: Clock, *, has_loop: bool
) -> None:
    async def crawl() -> None:
        first, _ = await some(queue, 2)
        # One result waits for others, one page has no answer yet, one is not asked for.
        queue.submit(first.page.uid, article(first.page))
        assert queue.at_hand == 1
        engine = queue.run.engine
        asks = budget(queue.run.holder, 9.0)
        await queue.calls.ask(lambda: engine.transact(lambda: hosts.announce(engine, asks, clock.now())))
        if has_loop:
            await queue.close()

    asyncio.run(crawl())
    if not has_loop:
        queue.close_now()
    assert [lease.page for lease in claim(other.run, 5)] == [page(2), page(3)]
    assert published(tmp_path) == [page(1).uid]
    counts = queue.counts()
    assert (counts.waiting, counts.leased, counts.outcomes) == (2, 0, {"read": 1})
    # Its delay goes with it, and its file.
    assert other.rows("SELECT * FROM host_delay") == []
    assert list((tmp_path / "in-progress").iterdir()) == []
    assert queue.failure is None


@pytest.mark.parametrize("has_loop", [True, False])
def test_a_claim_under_way_at_the_end_is_given_back(
    queue: CrawlQueue, other: Worker, *, has_loop: bool
) -> None:
    async def crawl() -> None:
        queue.claim()
        if has_loop:
            await queue.close()

    asyncio.run(crawl())
    if not has_loop:
        queue.close_now()
    assert len(other.claim(5)) == 3
