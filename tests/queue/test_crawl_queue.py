"""One process's queue: which leases it holds, and that it forgets none and keeps none for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from newscrawl.codes import Outcome
from newscrawl.database.thread import DatabaseCalls
from newscrawl.queue import crawl_queue as module
from newscrawl.queue.crawl_queue import CrawlQueue
from newscrawl.queue.leases import claim
from newscrawl.queue.leases import claim_size as size_for
from newscrawl.results import NoArticle
from tests.queue.queues import following, make_queue, some
from tests.queue.results import article, page, plan
from tests.queue.workers import NewWorker, opened

FAILED = NoArticle(Outcome.FAILED, "HTTP 500")


@pytest.fixture
def claim_size() -> int:
    return 2


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def queue(
    new_worker: NewWorker, tmp_path: Path, claim_size: int, calls: DatabaseCalls, told: list[str]
) -> Iterator[CrawlQueue]:
    run = opened(new_worker(), plan(1, 2)).run
    made = make_queue(run, tmp_path, calls, claim_size=claim_size, on_failure=lambda: told.append("failed"))
    yield made
    # Nothing of it may be under way when the connection is closed.
    calls.call(lambda: None)
    made.in_progress.close()


def lose_leases(queue: CrawlQueue) -> None:
    """Do what another worker does when it thinks that this one is dead."""
    engine = queue.run.engine
    engine.transact(lambda: engine.execute("UPDATE page SET state = 0 WHERE state = 1"))


@pytest.mark.parametrize(("concurrency", "size"), [(0, 1), (1, 1), (2, 8), (16, 64)])
def test_how_many_pages_are_claimed_at_once(concurrency: int, size: int) -> None:
    assert size_for(concurrency) == size


def test_nobody_waits_for_the_state(queue: CrawlQueue) -> None:
    async def crawl() -> None:
        # What is asked for is at hand when the state has answered.
        assert queue.next() is None
        assert queue.calls.is_busy
        assert queue.next() is None
        await queue.calls.drain()
        assert queue.at_hand == 2
        first = queue.next()
        assert first is not None
        assert (first.page, queue.at_hand) == (page(1), 1)
        assert queue.outstanding() == [first]
        assert queue.holds(first)

    asyncio.run(crawl())


def test_a_page_lost_and_leased_again_is_the_new_lease(queue: CrawlQueue) -> None:
    async def crawl() -> None:
        first, _ = await some(queue, 2)
        answer = asyncio.ensure_future(queue.commit(first.page.uid, article(first.page)))
        await asyncio.sleep(0)
        await queue.calls.drain()
        lose_leases(queue)
        queue._look_again()
        (again,) = await some(queue)
        assert (again.page, again.token) == (first.page, first.token + 1)
        assert await answer is None
        assert again in queue.outstanding()
        assert await queue.commit(again.page.uid, article(again.page)) == Outcome.READ
        assert again not in queue.outstanding()
        # What was not written is not counted.
        assert queue.committed == {Outcome.READ: 1}

    asyncio.run(crawl())


def test_a_page_that_is_not_ours_is_not_committed(queue: CrawlQueue) -> None:
    async def crawl() -> None:
        (lease,) = await some(queue)
        assert await queue.commit("longbridge:7:en", article(lease.page)) is None
        assert queue.outstanding() == [lease]

    asyncio.run(crawl())


def test_an_article_is_known_by_its_page(queue: CrawlQueue) -> None:
    async def crawl() -> None:
        (lease,) = await some(queue)
        assert queue.lease_of(article(lease.page)) == lease
        assert queue.lease_of(article(page(2))) is None
        assert queue.lease_of(article(lease.page._replace(url=page(2).url))) is None

    asyncio.run(crawl())


def test_an_error_of_ours_in_what_comes_time_and_again_ends_the_run(
    queue: CrawlQueue, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise MemoryError("none left")

    async def crawl() -> None:
        (lease,) = await some(queue)
        monkeypatch.setattr(module, "renew", broken)
        queue.publish()
        queue.renew()
        await queue.calls.drain()
        assert told == ["failed"]
        assert queue.failure == "MemoryError: none left"
        assert await queue.commit(lease.page.uid, article(lease.page)) is None
        assert queue.has_pending() is None
        queue.claim()
        assert not queue.calls.is_busy
        await queue.close()

    asyncio.run(crawl())


def test_a_result_that_waits_when_the_state_fails_has_no_outcome(queue: CrawlQueue) -> None:
    async def crawl() -> None:
        lease, _ = await some(queue, 2)
        answer = queue.submit(lease.page.uid, article(lease.page))
        assert answer is not None
        queue.calls.fail(ValueError("gone"))
        queue.flush()
        assert await answer is None

    asyncio.run(crawl())


def test_a_lease_that_nobody_knows_of_is_released(queue: CrawlQueue) -> None:
    async def crawl() -> None:
        (forgotten, _) = claim(queue.run, 2)
        assert await following(queue) is None
        assert queue.has_pending() is not None
        queue.renew()
        await queue.calls.drain()
        assert await following(queue) is not None
        (other,) = await some(queue)
        assert {lease.page for lease in queue.outstanding()} == {page(1), page(2)}
        assert other.token == forgotten.token + 1
        queue.renew()
        await queue.calls.drain()

    asyncio.run(crawl())
    assert claim(queue.run, 2) == []


def test_leases_that_are_being_claimed_are_not_released(queue: CrawlQueue) -> None:
    async def crawl() -> None:
        queue.claim()
        # It comes with a timer, before the answer.
        queue.renew()
        queue.publish()
        await queue.calls.drain()
        assert queue.at_hand == 2
        queue.renew()
        await queue.calls.drain()

    asyncio.run(crawl())
    assert claim(queue.run, 5) == []
    waiting = queue.run.engine.read(
        lambda: queue.run.engine.execute("SELECT count(*) FROM page WHERE state = 0")
    )
    assert [tuple(row) for row in waiting] == [(0,)]


def test_what_is_being_claimed_is_renewed_when_it_has_come(
    queue: CrawlQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    renewed: list[set[str]] = []
    monkeypatch.setattr(
        module, "renew", lambda run, held, budget: renewed.append({lease.page.uid for lease in held})
    )

    async def crawl() -> None:
        queue.claim()
        queue.renew()
        await queue.calls.drain()
        queue.claim()
        await queue.calls.drain()

    asyncio.run(crawl())
    assert renewed == [{page(1).uid, page(2).uid}]


def test_a_process_does_not_take_its_own_leases_for_lost(new_worker: NewWorker) -> None:
    worker = opened(new_worker(lease_seconds=0.0), plan(1))
    assert len(worker.claim(1)) == 1
    assert worker.claim(1) == []


@pytest.mark.parametrize("claim_size", [3])
def test_where_a_page_leads_can_be_asked_for_while_others_are_under_way(queue: CrawlQueue) -> None:
    async def crawl() -> None:
        first, second = await some(queue, 2)
        assert await following(queue) is None
        answer = queue.submit(first.page.uid, article(first.page, 3))
        assert answer is not None
        queue.flush()
        assert await answer == Outcome.READ
        (third,) = await some(queue)
        assert third.page == page(3)
        # Nothing more is there, and what is there is this process's own.
        assert await following(queue) is None
        assert queue.outstanding() == [second, third]

    asyncio.run(crawl())


@pytest.mark.parametrize("claim_size", [1])
def test_with_one_request_at_a_time_the_next_page_waits_for_the_last(queue: CrawlQueue) -> None:
    async def crawl() -> None:
        (lease,) = await some(queue)
        assert await following(queue) is None
        assert not queue.calls.is_busy
        # But for one that waits itself until its host answers again.
        queue.claim(set_aside={lease.page.uid})
        await queue.calls.drain()
        other = queue.next(set_aside={lease.page.uid})
        assert other is not None
        assert other.page == page(2)
        assert await queue.commit(other.page.uid, article(other.page, 3)) == Outcome.READ
        assert await following(queue) is None
        await queue.commit(lease.page.uid, FAILED)
        (after,) = await some(queue)
        assert after.page == page(3)

    asyncio.run(crawl())


@pytest.mark.parametrize("by", ["commit", "fail_page"])
def test_a_page_is_in_progress_until_it_has_an_outcome(queue: CrawlQueue, tmp_path: Path, by: str) -> None:
    (path,) = (tmp_path / "in-progress").iterdir()

    async def crawl() -> None:
        (lease,) = await some(queue)
        assert path.read_bytes().strip() == b""
        queue.in_progress.begin(lease.page.uid)
        assert path.read_text().split() == [lease.page.uid]
        if by == "fail_page":
            queue.fail_page(lease, "a bug")
        else:
            await queue.commit(lease.page.uid, NoArticle(Outcome.FAILED, "x"))
        assert path.read_bytes().strip() == b""
        await queue.close()

    asyncio.run(crawl())
    assert not path.exists()
    assert queue.counts().outcomes == {"error" if by == "fail_page" else "failed": 1}


@pytest.mark.parametrize("claim_size", [4])
def test_a_page_that_may_have_ended_a_process_is_worked_on_alone(queue: CrawlQueue) -> None:
    engine = queue.run.engine
    sql = "INSERT INTO crash (uid, crashes) VALUES (?, 1)"
    engine.transact(lambda: engine.execute(sql, (page(2).uid,)))

    async def crawl() -> None:
        (first,) = await some(queue)
        assert (first.page, first.crashes) == (page(1), 0)
        # It waits until nothing else is under way, and nothing else begins before it has an outcome.
        assert await following(queue) is None
        await queue.commit(first.page.uid, article(first.page, 3, 4))
        (alone,) = await some(queue)
        assert (alone.page, alone.crashes) == (page(2), 1)
        assert await following(queue) is None
        await queue.commit(alone.page.uid, article(alone.page))
        assert [lease.page for lease in await some(queue, 2)] == [page(3), page(4)]

    asyncio.run(crawl())
