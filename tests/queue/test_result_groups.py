"""Results are committed together, and an error of ours in one does not take the others with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import pytest
from scrapy.utils.asyncio import CallLaterResult

from newscrawl.codes import Outcome
from newscrawl.database.engine import Engine
from newscrawl.database.thread import InTheLoop
from newscrawl.exceptions import StateError
from newscrawl.queue import result_groups as module
from newscrawl.queue.commits import Committed, Finished, commit_and_look
from newscrawl.queue.hosts import HostStatus
from newscrawl.queue.leases import Lease
from newscrawl.queue.result_groups import ResultGroups
from newscrawl.queue.runs import Run
from newscrawl.queue.state_calls import StateCalls
from tests.queue.results import article, page, plan
from tests.queue.workers import NewWorker, Worker, opened

STATUS = HostStatus(1.0, 0.0, None, 0.0, 0.5)
Found = list[tuple[Lease, Outcome | None]]


class Timers:
    """Timers that end when a test says so."""

    def __init__(self) -> None:
        self.running: list[Callable[[], object]] = []

    def start(self, seconds: float, work: Callable[[], object]) -> CallLaterResult:
        self.running.append(work)
        timers = self

        class Timer(CallLaterResult):
            def cancel(self) -> None:
                timers.running.remove(work)

        return Timer()

    def ring(self) -> None:
        for work in tuple(self.running):
            work()


class Groups:
    """The results of one worker, and what was told of their commits."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.told: list[tuple[Found, HostStatus]] = []
        self.calls = StateCalls(worker.engine, InTheLoop(), lambda: None)
        self.groups = ResultGroups(
            worker.run, self.calls, lambda _: STATUS, lambda *found: self.told.append(found)
        )

    @property
    def sizes(self) -> list[int]:
        return [len(found) for found, _ in self.told]

    def add(self, lease: Lease, others: int) -> asyncio.Future[Outcome | None]:
        return self.groups.add(lease, article(lease.page), others)


@pytest.fixture
def timers(monkeypatch: pytest.MonkeyPatch) -> Timers:
    made = Timers()
    monkeypatch.setattr(module, "call_later", made.start)
    return made


@pytest.fixture
def made(new_worker: NewWorker, timers: Timers) -> Groups:
    return Groups(opened(new_worker(), plan(*range(1, 6))))


def test_with_nothing_else_under_way_a_result_is_committed_at_once(made: Groups, timers: Timers) -> None:
    async def crawl() -> None:
        (lease,) = made.worker.claim(1)
        assert await made.add(lease, 1) == Outcome.READ
        assert timers.running == []
        assert made.told == [([(lease, Outcome.READ)], STATUS)]

    asyncio.run(crawl())


def test_the_last_one_that_may_come_is_not_waited_for(made: Groups, timers: Timers) -> None:
    async def crawl() -> None:
        first, second, third = made.worker.claim(3)
        answers = [made.add(first, 3), made.add(second, 3)]
        assert len(timers.running) == 1
        answers.append(made.add(third, 3))
        assert timers.running == []
        assert await asyncio.gather(*answers) == ["read"] * 3

    asyncio.run(crawl())
    assert made.sizes == [3]


def test_what_is_being_committed_does_not_count_as_under_way(made: Groups) -> None:
    async def crawl() -> None:
        first, second = made.worker.claim(2)
        one = made.add(first, 2)
        made.groups.flush()
        # Nothing else can come until that commit is done.
        two = made.add(second, 2)
        assert [await one, await two] == ["read", "read"]

    asyncio.run(crawl())
    assert made.sizes == [1, 1]


def test_a_result_does_not_wait_for_long(made: Groups, timers: Timers) -> None:
    async def crawl() -> None:
        lease, _ = made.worker.claim(2)
        answer = made.add(lease, 2)
        await made.calls.drain()
        assert not answer.done()
        timers.ring()
        assert await answer == Outcome.READ
        assert timers.running == []

    asyncio.run(crawl())


def test_a_group_has_a_largest_size(made: Groups, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LARGEST", 2)

    async def crawl() -> None:
        answers = [made.add(lease, 100) for lease in made.worker.claim(5)]
        made.groups.flush()
        assert await asyncio.gather(*answers) == ["read"] * 5

    asyncio.run(crawl())
    assert made.sizes == [2, 2, 1]


def test_a_lost_page_has_no_outcome_and_the_others_have(made: Groups) -> None:
    async def crawl() -> None:
        first, second = made.worker.claim(2)
        answers = [made.add(first._replace(token=7), 2), made.add(second, 2)]
        assert await asyncio.gather(*answers) == [None, "read"]

    asyncio.run(crawl())


@pytest.mark.parametrize("is_lasting", [False, True])
def test_an_error_of_ours_takes_no_other_result_with_it(
    made: Groups, monkeypatch: pytest.MonkeyPatch, *, is_lasting: bool
) -> None:
    commit = commit_and_look

    def broken(run: Run, batch: Sequence[Finished], look: Callable[[Engine], HostStatus]) -> Committed:
        if any(one.lease.page == page(2) and (is_lasting or hasattr(one.result, "body")) for one in batch):
            raise ValueError("broken")
        return commit(run, batch, look)

    monkeypatch.setattr(module, "commit_and_look", broken)

    async def crawl() -> None:
        answers = [made.add(lease, 3) for lease in made.worker.claim(3)]
        found = await asyncio.gather(*answers)
        # A page that can have no outcome at all ends the run.
        assert found == ([None, None, None] if is_lasting else ["read", "error", "read"])

    asyncio.run(crawl())
    assert made.calls.failure == ("ValueError: broken" if is_lasting else None)
    if not is_lasting:
        assert made.told[0][1] == STATUS
        failed = made.worker.rows("SELECT error FROM page WHERE uid = ?", (page(2).uid,))
        assert failed == [("ValueError at commit",)]


def test_where_the_state_fails_nothing_is_tried_again(made: Groups, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[int] = []

    def broken(run: Run, batch: Sequence[object], look: object) -> None:
        tries.append(len(batch))
        raise StateError("the state is full")

    monkeypatch.setattr(module, "commit_and_look", broken)

    async def crawl() -> None:
        answers = [made.add(lease, 2) for lease in made.worker.claim(2)]
        assert await asyncio.gather(*answers) == [None, None]

    asyncio.run(crawl())
    assert (tries, made.told, made.calls.failure) == ([2], [], "the state is full")


def test_without_a_loop_what_waits_is_committed_all_the_same(made: Groups, timers: Timers) -> None:
    async def crawl() -> None:
        lease, _ = made.worker.claim(2)
        made.add(lease, 2)

    asyncio.run(crawl())
    made.groups.flush_now()
    assert timers.running == []
    assert made.worker.count().outcomes == {"read": 1}
    made.groups.flush_now()
