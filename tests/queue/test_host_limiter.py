"""One process's way to a host: it closes where the host refuses, and opens when it answers again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from scrapy import Request

from newscrawl.database.engine import Engine
from newscrawl.database.thread import InTheLoop
from newscrawl.queue.host_limiter import HostLimiter
from newscrawl.queue.hosts import Budget
from newscrawl.queue.leases import Lease
from newscrawl.queue.pace import Pace
from newscrawl.queue.refusals import Refusals
from newscrawl.queue.state_calls import StateCalls
from newscrawl.sites.html import is_html
from tests.queue.clocks import Clock
from tests.queue.host_calls import HOST, take
from tests.queue.queues import request_of
from tests.queue.results import page


class Process:
    """A process that asks a host, by a clock that a test moves."""

    def __init__(
        self, engine: Engine, holder: str, clock: Clock, delay: float, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.engine = engine
        self.transactions = 0
        self.blocked: list[str] = []
        self.paused: list[str] = []
        self.again: list[str] = []
        transact = engine.transact

        def counting(*args: object, **options: object) -> object:
            self.transactions += 1
            return transact(*args, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(engine, "transact", counting)
        monkeypatch.setattr(engine, "now", clock.now)
        self.calls = StateCalls(engine, InTheLoop(), lambda: None)
        self.limiter = HostLimiter(
            self.calls,
            Budget(HOST, holder, delay, 60.0),
            Refusals(10),
            first_pause=10.0,
            longest=100.0,
            on_blocked=self.blocked.append,
            on_paused=self.paused.append,
            refuses=is_html,
        )
        self.limiter.on_again = lambda uids: self.again.extend(sorted(uids))
        self.limiter.pace = Pace(clock)
        self.clock = clock

    async def refuse(self, count: int, *, is_probe: bool = False) -> None:
        for number in range(count):
            self.refuse_one(number, is_probe=is_probe)
        await self.calls.drain()

    def refuse_one(self, number: int, *, is_probe: bool = False) -> bool:
        return self.limiter.note_response(_request(number, is_probe=is_probe), 503, b"")

    def answer(self, *, is_probe: bool) -> None:
        assert not self.limiter.note_response(_request(99, is_probe=is_probe), 200, b"# An article")

    async def look(self) -> None:
        """Do what every commit does at its end."""
        engine = self.engine
        self.calls.start(lambda: engine.transact(lambda: self.limiter.look(engine)), self.limiter.take_over)
        await self.calls.drain()

    async def probe(self) -> bool:
        """Ask for a request's moment; tell whether the request is a probe."""
        now = self.clock.now()
        self.calls.start(lambda: take(self.engine, self.limiter.budget, now), self.limiter.take_grant)
        await self.calls.drain()
        return self.limiter.pace.seconds_left() == 0.0 and self.limiter.pace.take()


def _request(number: int, *, is_probe: bool) -> Request:
    return request_of(Lease(page(number)), is_probe=is_probe)


NewProcess = Callable[..., Process]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def new_process(connected: Callable[[], Engine], clock: Clock, monkeypatch: pytest.MonkeyPatch) -> NewProcess:
    def make(holder: str = "a", delay: float = 0.0) -> Process:
        return Process(connected(), holder, clock, delay, monkeypatch)

    return make


def left(process: Process) -> float | None:
    seconds = process.limiter.pace.seconds_left()
    return None if seconds is None else round(seconds, 3)


def test_ten_refusals_in_a_row_close_the_limiter(new_process: NewProcess) -> None:
    process, other = new_process(), new_process("b")

    async def crawl() -> None:
        await process.refuse(9)
        process.answer(is_probe=False)
        await process.refuse(9)
        assert (left(process), process.transactions) == (0.0, 0)
        process.refuse_one(9)
        # At once: no request leaves while the state is told.
        assert left(process) is None
        await process.calls.drain()
        assert (left(process), process.transactions) == (10.0, 1)
        await other.look()
        assert left(other) == 10.0

    asyncio.run(crawl())


def test_requests_that_were_under_way_do_not_double_the_pause(new_process: NewProcess, clock: Clock) -> None:
    process, other = new_process(), new_process("b")

    async def crawl() -> None:
        await process.refuse(10)
        clock.move(4)
        await process.refuse(12)
        # Another process that did not know of it yet.
        await other.refuse(10)
        assert (left(process), process.transactions) == (6.0, 1)
        assert (left(other), other.transactions) == (6.0, 1)

    asyncio.run(crawl())


def test_one_probe_at_a_time_doubles_the_pause_or_ends_it(new_process: NewProcess, clock: Clock) -> None:
    process, other = new_process(), new_process("b")

    async def crawl() -> None:
        await process.refuse(10)
        assert not await process.probe()
        clock.move(10.01)
        assert await process.probe()
        assert not await process.probe()
        assert not await other.probe()
        await process.refuse(1, is_probe=True)
        assert left(process) == 20.0
        clock.move(20.01)
        assert await other.probe()
        # An answer to a request that left long before tells nothing.
        process.answer(is_probe=False)
        await process.look()
        assert process.limiter.pace.refused
        other.answer(is_probe=True)
        await other.calls.drain()
        assert left(other) == 0.0
        await process.look()
        assert left(process) == 0.0
        # And the next time it needs ten again.
        await process.refuse(9)
        assert left(process) == 0.0

    asyncio.run(crawl())


def test_a_host_that_refuses_too_long_ends_the_run(new_process: NewProcess, clock: Clock) -> None:
    process = new_process()

    async def crawl() -> None:
        await process.refuse(10)
        pauses = []
        while not process.blocked:
            pauses.append(left(process))
            clock.move((left(process) or 0.0) + 1e-5)
            assert await process.probe()
            process.limiter.note_response(_request(1, is_probe=True), 200, b"<html>")
            await process.calls.drain()
        assert pauses == [10.0, 20.0, 40.0, pytest.approx(30.0, abs=0.001)]

    asyncio.run(crawl())
    assert process.blocked == [
        f"expected {HOST} to answer, found nothing but refusals (a page that is no article) for 100 s"
    ]


def test_pages_that_failed_because_the_host_refused_come_again(new_process: NewProcess) -> None:
    process = new_process()

    async def crawl() -> None:
        await process.refuse(9)
        for uid in (page(3).uid, page(5).uid, "of itself"):
            process.limiter.refusals.note_failed(uid)
        assert process.again == []
        await process.refuse(10)
        assert process.again == [page(3).uid, page(5).uid]
        # One that was under way.
        process.limiter.refusals.note_failed(page(7).uid)
        await process.look()
        assert process.again == [page(3).uid, page(5).uid, page(7).uid]

    asyncio.run(crawl())


def test_pages_come_again_also_where_another_process_found_the_end(
    new_process: NewProcess, clock: Clock
) -> None:
    process, other = new_process(), new_process("b")

    async def crawl() -> None:
        await process.refuse(10)
        clock.move(10.01)
        assert await other.probe()
        other.answer(is_probe=True)
        await other.calls.drain()
        # Its commit comes back with the news that the host answers.
        process.limiter.refusals.note_failed(page(3).uid)
        await process.look()
        assert left(process) == 0.0
        assert process.again == [page(3).uid]

    asyncio.run(crawl())


def test_pages_come_again_whatever_was_under_way_when_the_gate_closed(new_process: NewProcess) -> None:
    process = new_process()

    async def crawl() -> None:
        await process.refuse(9)
        process.limiter.refusals.note_failed(page(3).uid)
        # A commit has looked at the host; its answer has not come yet.
        looking = asyncio.ensure_future(process.look())
        await asyncio.sleep(0)
        assert process.calls.is_busy
        process.refuse_one(9)
        await looking
        assert process.limiter.pace.refused
        assert process.again == [page(3).uid]

    asyncio.run(crawl())


def test_a_pause_is_kept_for_all(new_process: NewProcess) -> None:
    process, other = new_process(), new_process("b")

    async def crawl() -> None:
        process.limiter.pause(60)
        assert left(process) == 60.0
        await process.look()
        await other.look()
        assert (left(process), left(other)) == (60.0, 60.0)
        assert other.paused == []
        process.limiter.pause(160)
        await other.look()
        text = other.paused[-1]
        assert text.startswith(f"{HOST} asked for no request until ")
        assert text.endswith("longer from now than RETRY_AFTER_MAX (100 s)")

    asyncio.run(crawl())


def test_an_older_answer_of_the_state_ends_no_pause(new_process: NewProcess) -> None:
    process = new_process()

    async def crawl() -> None:
        # A commit has looked at the host; its answer has not come yet.
        looking = asyncio.ensure_future(process.look())
        await asyncio.sleep(0)
        process.limiter.pause(60)
        await looking
        assert left(process) == 60.0

    asyncio.run(crawl())


def test_a_crawl_delay_is_kept_for_all(new_process: NewProcess) -> None:
    process, other = new_process(delay=1.0), new_process("b")

    async def crawl() -> None:
        process.limiter.set_crawl_delay(5.0)
        assert process.limiter.pace.delay == 5.0
        await process.calls.drain()
        await other.look()
        assert (process.limiter.pace.delay, other.limiter.pace.delay) == (5.0, 5.0)
        # It never makes a crawl faster than it was told to be.
        process.limiter.set_crawl_delay(0.5)
        await process.calls.drain()
        assert process.limiter.pace.delay == 1.0

    asyncio.run(crawl())
