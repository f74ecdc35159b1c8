"""What one process asks of its state: answers in order, one end where it fails, and no wait for ever."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import cast

import pytest

from newscrawl.database.engine import Engine
from newscrawl.database.thread import DatabaseCalls, DatabaseThread, InTheLoop
from newscrawl.exceptions import StateError
from newscrawl.queue import state_calls as module
from newscrawl.queue.state_calls import StateCalls
from tests.queue.clocks import Clock

_LONG = 30.0
_UNANSWERED = "the state does not answer; what is committed is published by the next run"


class FakeEngine:
    """A server that may not answer. ``is_deaf``: it does not hear an interruption either."""

    def __init__(self) -> None:
        self.interrupted = 0
        self.closed = 0
        self.is_deaf = False
        self.end = threading.Event()

    def wait(self) -> str:
        """Wait for an answer, which never comes."""
        self.end.wait(_LONG)
        raise StateError("interrupted")

    def interrupt(self) -> None:
        self.interrupted += 1
        if not self.is_deaf:
            self.end.set()

    def close(self) -> None:
        self.closed += 1


class Told:
    """What was told to whoever uses the calls."""

    def __init__(self) -> None:
        self.failures = 0
        self.changes = 0
        self.answers: list[object] = []

    def fail(self) -> None:
        self.failures += 1

    def change(self) -> None:
        self.changes += 1


@pytest.fixture
def engine() -> Iterator[FakeEngine]:
    made = FakeEngine()
    yield made
    # The thread of a test that failed.
    made.end.set()


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(module, "monotonic", made)
    return made


def make(engine: FakeEngine, thread: DatabaseCalls, told: Told) -> StateCalls:
    calls = StateCalls(cast("Engine", engine), thread, told.fail)
    calls.on_change = told.change
    return calls


@pytest.fixture(params=[InTheLoop, DatabaseThread])
def calls(request: pytest.FixtureRequest, engine: FakeEngine, told: Told) -> Iterator[StateCalls]:
    thread: DatabaseCalls = request.param()
    yield make(engine, thread, told)
    thread.close()


@pytest.fixture
def in_thread(engine: FakeEngine, told: Told) -> Iterator[StateCalls]:
    thread = DatabaseThread()
    yield make(engine, thread, told)
    thread.close()


def broken() -> str:
    raise ValueError("broken")


def refused() -> str:
    raise StateError("the state is full")


def test_answers_come_in_order(calls: StateCalls, told: Told) -> None:
    async def crawl() -> None:
        calls.start(lambda: 1, told.answers.append)
        calls.start(lambda: 2, lambda found: calls.start(lambda: found + 2, told.answers.append))
        asked = asyncio.ensure_future(calls.ask(lambda: 3))
        calls.start(lambda: None)
        assert calls.is_busy
        # Never at once: whoever asks goes on first.
        assert told.answers == []
        told.answers.append(await asked)
        await calls.drain()
        assert not calls.is_busy

    asyncio.run(crawl())
    assert [found for found in told.answers if found != 3] == [1, 4]
    assert 3 in told.answers
    assert (told.changes, told.failures, calls.failure) == (4, 0, None)


def test_where_nothing_was_asked_nothing_is_waited_for(calls: StateCalls) -> None:
    asyncio.run(calls.drain())


@pytest.mark.parametrize(("work", "text"), [(broken, "ValueError: broken"), (refused, "the state is full")])
@pytest.mark.parametrize("way", ["start", "ask", "attempt"])
def test_the_first_error_ends_the_run(
    calls: StateCalls, told: Told, work: Callable[[], str], text: str, way: str
) -> None:
    def late() -> str:
        told.answers.append("late")
        return "late"

    async def crawl() -> None:
        if way == "start":
            calls.start(work, told.answers.append, lambda: told.answers.append("otherwise"))
            await calls.drain()
            assert told.answers.pop() == "otherwise"
        elif way == "ask":
            assert await calls.ask(work) is None
        else:
            assert calls.attempt(work) is None
        assert (calls.failure, told.failures) == (text, 1)
        # From now on nothing is asked.
        calls.start(late, told.answers.append, lambda: told.answers.append("otherwise"))
        assert told.answers == ["otherwise"]
        assert await calls.ask(late) is None
        assert calls.attempt(late) is None
        calls.fail(ValueError("another"))
        assert not calls.is_busy

    asyncio.run(crawl())
    assert told.answers == ["otherwise"]
    assert (calls.failure, told.failures) == (text, 1)


def test_what_was_asked_before_an_error_is_answered(calls: StateCalls, told: Told) -> None:
    async def crawl() -> None:
        calls.start(broken, told.answers.append, lambda: told.answers.append("otherwise"))
        calls.start(lambda: "after", told.answers.append)
        calls.start(refused, told.answers.append, lambda: told.answers.append("otherwise, too"))
        await calls.drain()

    asyncio.run(crawl())
    assert told.answers == ["otherwise", "after", "otherwise, too"]
    assert (calls.failure, told.failures) == ("ValueError: broken", 1)


def test_attempt_returns_what_was_found(calls: StateCalls) -> None:
    assert calls.attempt(lambda: 1) == 1
    assert calls.failure is None


@pytest.mark.parametrize("way", ["start", "ask", "attempt"])
def test_a_state_that_was_closed_is_a_failure(calls: StateCalls, told: Told, way: str) -> None:
    async def crawl() -> None:
        calls.close()
        if way == "start":
            calls.start(lambda: 1, told.answers.append, lambda: told.answers.append("otherwise"))
            await calls.drain()
        elif way == "ask":
            assert await calls.ask(lambda: 1) is None
        else:
            assert calls.attempt(lambda: 1) is None

    asyncio.run(crawl())
    assert calls.failure is not None
    assert told.failures == 1
    assert told.answers == (["otherwise"] if way == "start" else [])


# --- A state that does not answer ---------------------------------------------------------------------


def test_after_the_deadline_nobody_waits(
    in_thread: StateCalls, engine: FakeEngine, told: Told, clock: Clock
) -> None:
    async def crawl() -> None:
        in_thread.start(engine.wait, told.answers.append, lambda: told.answers.append("otherwise"))
        asked = asyncio.ensure_future(in_thread.ask(lambda: 1))
        clock.move(1_000)
        # Nobody is in a hurry.
        in_thread.check()
        in_thread.hurry(5)
        clock.move(4)
        # The first deadline counts.
        in_thread.hurry(5)
        in_thread.check()
        assert (engine.interrupted, in_thread.failure) == (0, None)
        clock.move(1.5)
        in_thread.check()
        assert (engine.interrupted, in_thread.failure) == (1, _UNANSWERED)
        await asyncio.wait_for(in_thread.drain(), _LONG)
        await asyncio.wait_for(asked, _LONG)

    asyncio.run(crawl())
    assert told.answers == ["otherwise"]
    assert (told.failures, in_thread.failure) == (1, _UNANSWERED)


def test_a_state_that_answers_is_not_given_up(calls: StateCalls, engine: FakeEngine, clock: Clock) -> None:
    async def crawl() -> None:
        calls.hurry(5)
        clock.move(10)
        calls.check()
        assert await calls.ask(lambda: 1) == 1
        calls.check()

    asyncio.run(crawl())
    assert (engine.interrupted, calls.failure) == (0, None)


def test_without_a_loop_the_deadline_holds_too(
    in_thread: StateCalls, engine: FakeEngine, told: Told, clock: Clock
) -> None:
    in_thread.hurry(5)
    clock.move(6)
    assert in_thread.attempt(engine.wait) is None
    assert (engine.interrupted, told.failures, in_thread.failure) == (1, 1, _UNANSWERED)


def test_a_state_that_cannot_even_be_interrupted_is_not_waited_for(
    in_thread: StateCalls, engine: FakeEngine, told: Told
) -> None:
    engine.is_deaf = True

    async def crawl() -> bool:
        in_thread.start(engine.wait, told.answers.append)
        in_thread.give_up()
        try:
            await asyncio.wait_for(in_thread.drain(), 2)
        except TimeoutError:
            return False
        finally:
            engine.end.set()
        return True

    assert asyncio.run(crawl())


# --- The end ------------------------------------------------------------------------------------------


def test_close(calls: StateCalls, engine: FakeEngine) -> None:
    calls.close()
    calls.close()
    assert engine.closed == 1


def test_a_state_that_failed_is_closed(calls: StateCalls, engine: FakeEngine) -> None:
    calls.attempt(broken)
    calls.close()
    assert engine.closed == 1


def test_what_does_not_answer_is_left_to_the_end_of_the_process(
    in_thread: StateCalls, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_CLOSE_SECONDS", 0.01)
    with pytest.raises(TimeoutError):
        in_thread._runner.call(engine.wait, 0.0)
    in_thread.close()
    assert engine.closed == 0
