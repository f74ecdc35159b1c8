"""One process's queue where the host refuses, or is to be asked slowly."""

from __future__ import annotations

import asyncio

import pytest

from newscrawl.codes import Outcome
from newscrawl.queue.crawl_queue import CrawlQueue
from newscrawl.results import NoArticle
from tests.queue.clocks import Clock
from tests.queue.queues import following, pending, request_of, some
from tests.queue.results import article, page
from tests.queue.workers import Worker

FAILED = NoArticle(Outcome.FAILED, "HTTP 503")


# --- A host that refuses ------------------------------------------------------------------------------


def test_pages_that_failed_while_the_host_refused_give_their_article_later(
    queue: CrawlQueue, clock: Clock, other: Worker
) -> None:
    async def crawl() -> None:
        first, second, third = await some(queue, 3)
        for lease in (first, second):
            assert not queue.limiter.note_response(request_of(lease), 503, b"")
        queue.submit(first.page.uid, FAILED)
        queue.flush()
        await queue.calls.drain()
        assert other.count().outcomes == {"failed": 1}
        assert queue.limiter.note_response(request_of(third), 503, b"")
        await queue.calls.drain()
        # One that was under way fails later.
        queue.submit(second.page.uid, FAILED)
        queue.flush()
        await queue.calls.drain()
        assert (other.count().waiting, other.count().outcomes) == (2, {})
        assert queue.has_pending() is not None
        assert await following(queue) is None
        clock.move(10.01)
        queue.claim()
        await queue.calls.drain()
        probe = queue.next({third.page.uid})
        assert probe is not None
        assert queue.limiter.pace.take()
        assert probe.page == first.page
        assert not queue.limiter.note_response(request_of(probe, is_probe=True), 200, b"# a")
        assert await queue.commit(probe.page.uid, article(probe.page)) == Outcome.READ
        (again,) = await some(queue)
        assert again.page == second.page
        for lease in (again, third):
            queue.submit(lease.page.uid, article(lease.page))
        queue.flush()
        await queue.calls.drain()
        assert await pending(queue) is None
        assert queue.counts().outcomes == {"read": 3}

    asyncio.run(crawl())


def test_a_page_that_failed_just_before_the_host_answered_comes_again(queue: CrawlQueue) -> None:
    async def crawl() -> None:
        first, second, third = await some(queue, 3)
        for lease in (first, second):
            queue.limiter.note_response(request_of(lease), 503, b"")
        # Its commit waits for others, or is under way, when the other page is answered after all.
        failed = queue.submit(first.page.uid, FAILED)
        assert failed is not None
        queue.limiter.note_response(request_of(second), 200, b"# a")
        queue.flush()
        assert await failed == Outcome.FAILED
        await queue.calls.drain()
        (again,) = await some(queue)
        assert again.page == first.page
        assert third in queue.outstanding()

    asyncio.run(crawl())


@pytest.mark.parametrize("number", [1, 2])
def test_a_page_set_aside_keeps_no_other_from_being_the_probe(
    queue: CrawlQueue, clock: Clock, number: int
) -> None:
    # Either of them may have ended a process once, and is worked on alone.
    sql = "INSERT INTO crash (uid, crashes) VALUES (?, 1)"
    queue.run.engine.transact(lambda: queue.run.engine.execute(sql, (page(number).uid,)))

    async def crawl() -> None:
        (refused,) = await some(queue)
        assert refused.page == page(1)
        other = queue.next(set_aside={refused.page.uid})
        assert other is not None
        assert other.page == page(2)

    asyncio.run(crawl())


# --- A host that is asked slowly ----------------------------------------------------------------------


@pytest.mark.parametrize("delay", [1.0])
def test_no_more_pages_are_claimed_than_may_be_asked_for(
    queue: CrawlQueue, other: Worker, clock: Clock
) -> None:
    async def crawl() -> None:
        for number in (1, 2, 3):
            queue.claim()
            await queue.calls.drain()
            assert (queue.at_hand, other.count().leased) == (1, number)
            assert queue.limiter.pace.seconds_left() == pytest.approx(0.0, abs=0.001)
            (lease,) = await some(queue)
            queue.limiter.pace.take()
            assert lease.page == page(number)
            clock.move(1.001)

    asyncio.run(crawl())


@pytest.mark.parametrize("delay", [1.0])
def test_a_moment_for_a_repetition_does_not_hide_the_pages_that_wait(queue: CrawlQueue, clock: Clock) -> None:
    async def crawl() -> None:
        # There is one moment, and a request that waits already gets it: no page is looked for.
        queue.claim(extra=1)
        await queue.calls.drain()
        assert (queue.at_hand, queue.limiter.pace.seconds_left()) == (0, 0.0)
        queue.limiter.pace.take()
        clock.move(1.001)
        queue.claim()
        await queue.calls.drain()
        assert queue.at_hand == 1

    asyncio.run(crawl())
