"""One process's queue: which leases it holds, and that it forgets none and keeps none for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from newscrawl.archive.segments import Segments
from newscrawl.codes import Outcome
from newscrawl.queue import crawl_queue as module
from newscrawl.queue.crawl_queue import CrawlQueue
from newscrawl.queue.in_progress import InProgress
from newscrawl.queue.leases import claim
from newscrawl.results import NoArticle
from tests.queue.results import article, page, plan
from tests.queue.workers import NewWorker, opened


@pytest.fixture
def claim_size() -> int:
    return 2


@pytest.fixture
def queue(new_worker: NewWorker, tmp_path: Path, claim_size: int) -> Iterator[CrawlQueue]:
    run = opened(new_worker(), plan(1, 2)).run
    segments = Segments(run.engine, tmp_path, "w1")
    in_progress = InProgress(tmp_path / "in-progress")
    yield CrawlQueue(run, segments, in_progress, claim_size=claim_size, on_failure=lambda: None)
    in_progress.close()


def lose_leases(queue: CrawlQueue) -> None:
    """Do what another worker does when it thinks that this one is dead."""
    engine = queue.run.engine
    engine.transact(lambda: engine.execute("UPDATE page SET state = 0 WHERE state = 1"))


def test_a_page_lost_and_leased_again_is_the_new_lease(queue: CrawlQueue) -> None:
    async def crawl() -> None:
        first = queue.next()
        assert first is not None
        queue.next()
        answer = asyncio.ensure_future(queue.commit(first.page.uid, article(first.page)))
        await asyncio.sleep(0)
        lose_leases(queue)
        again = queue.next()
        assert again is not None
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
        lease = queue.next()
        assert lease is not None
        assert await queue.commit("longbridge:7:en", article(lease.page)) is None
        assert queue.outstanding() == [lease]

    asyncio.run(crawl())


def test_an_error_of_ours_in_what_comes_time_and_again_ends_the_run(
    queue: CrawlQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(queue, "_on_failure", lambda: told.append("failed"))

    def broken(*_: object) -> None:
        raise MemoryError("none left")

    monkeypatch.setattr(module, "renew", broken)
    queue.publish()
    queue.renew()
    assert told == ["failed"]
    assert queue.failure == "MemoryError: none left"
    assert queue.attempt(lambda: 1) is None


def test_attempt_returns_what_was_found(queue: CrawlQueue) -> None:
    assert queue.attempt(lambda: 1) == 1
    assert queue.failure is None


def test_a_lease_that_nobody_knows_of_is_released(queue: CrawlQueue) -> None:
    (forgotten, _) = claim(queue.run, 2)
    assert queue.next() is None
    assert queue.has_more()
    queue.renew()
    queue.has_more()
    again = queue.next()
    assert again is not None
    assert again.page == forgotten.page
    queue.renew()
    assert claim(queue.run, 2) == []


def test_a_process_does_not_take_its_own_leases_for_lost(new_worker: NewWorker) -> None:
    worker = opened(new_worker(lease_seconds=0.0), plan(1))
    assert len(worker.claim(1)) == 1
    assert worker.claim(1) == []


@pytest.mark.parametrize("claim_size", [3])
def test_where_a_page_leads_can_be_asked_for_while_others_are_under_way(queue: CrawlQueue) -> None:
    async def crawl() -> None:
        first, second = queue.next(), queue.next()
        assert first is not None
        assert second is not None
        assert queue.next() is None
        answer = asyncio.ensure_future(queue.commit(first.page.uid, article(first.page, 3)))
        await asyncio.sleep(0)
        queue.flush()
        assert await answer == Outcome.READ
        third = queue.next()
        assert third is not None
        assert third.page == page(3)
        # Nothing more is there, and what is there is this process's own.
        assert queue.next() is None
        assert queue.outstanding() == [second, third]

    asyncio.run(crawl())


def test_at_the_end_everything_waits_again(queue: CrawlQueue) -> None:
    # One page is claimed and not asked for, one has no answer yet.
    assert queue.next() is not None
    queue.close()
    assert [lease.page for lease in claim(queue.run, 5)] == [page(1), page(2)]


@pytest.mark.parametrize("claim_size", [1])
def test_with_one_request_at_a_time_the_next_page_waits_for_the_last(queue: CrawlQueue) -> None:
    async def crawl() -> None:
        lease = queue.next()
        assert lease is not None
        assert queue.next() is None
        await queue.commit(lease.page.uid, NoArticle(Outcome.FAILED, "HTTP 500"))
        after = queue.next()
        assert after is not None
        assert after.page != lease.page

    asyncio.run(crawl())


@pytest.mark.parametrize("by", ["commit", "fail_page"])
def test_a_page_is_in_progress_until_it_has_an_outcome(queue: CrawlQueue, tmp_path: Path, by: str) -> None:
    (path,) = (tmp_path / "in-progress").iterdir()

    async def crawl() -> None:
        lease = queue.next()
        assert lease is not None
        assert path.read_bytes().strip() == b""
        queue.in_progress.begin(lease.page.uid)
        assert path.read_text().split() == [lease.page.uid]
        if by == "fail_page":
            queue.fail_page(lease, "a bug")
        else:
            await queue.commit(lease.page.uid, NoArticle(Outcome.FAILED, "x"))
        assert path.read_bytes().strip() == b""

    asyncio.run(crawl())
    queue.close()
    assert not path.exists()


@pytest.mark.parametrize("claim_size", [4])
def test_a_page_that_may_have_ended_a_process_is_worked_on_alone(queue: CrawlQueue) -> None:
    engine = queue.run.engine
    sql = "INSERT INTO crash (uid, crashes) VALUES (?, 1)"
    engine.transact(lambda: engine.execute(sql, (page(2).uid,)))

    async def crawl() -> None:
        first = queue.next()
        assert first is not None
        assert (first.page, first.crashes) == (page(1), 0)
        # It waits until nothing else is under way, and nothing else begins before it has an outcome.
        assert queue.next() is None
        await queue.commit(first.page.uid, article(first.page, 3, 4))
        alone = queue.next()
        assert alone is not None
        assert (alone.page, alone.crashes) == (page(2), 1)
        assert queue.next() is None
        await queue.commit(alone.page.uid, article(alone.page))
        assert [lease.page for lease in (queue.next(), queue.next()) if lease] == [page(3), page(4)]

    asyncio.run(crawl())
