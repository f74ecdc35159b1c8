"""Calls to the state, in a thread or in the loop: one after the other, and none is lost."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from time import monotonic, sleep

import pytest

from newscrawl.database.thread import DatabaseCalls, DatabaseThread, InTheLoop
from newscrawl.exceptions import StateError

_LONG = 30.0


class Large:
    """A result of which it can be told whether anybody has it."""


@pytest.fixture
def thread() -> Iterator[DatabaseThread]:
    made = DatabaseThread()
    yield made
    made.close()


def broken() -> int:
    raise ValueError("broken")


def interrupted() -> int:
    raise KeyboardInterrupt


def test_calls_are_made_in_the_order_in_which_they_are_given(calls: DatabaseCalls) -> None:
    made: list[int] = []

    def note(number: int) -> Callable[[], int]:
        return lambda: made.append(number) or number  # type: ignore[func-returns-value]

    async def crawl() -> None:
        futures = [calls.submit(note(number)) for number in range(50)]
        assert calls.call(note(50)) == 50
        futures.append(calls.submit(note(51)))
        assert await asyncio.gather(*futures) == [*range(50), 51]

    asyncio.run(crawl())
    assert made == list(range(52))


@pytest.mark.parametrize(("work", "error"), [(broken, ValueError), (interrupted, KeyboardInterrupt)])
def test_an_error_is_the_callers(
    calls: DatabaseCalls, work: Callable[[], int], error: type[BaseException]
) -> None:
    async def crawl() -> None:
        future = calls.submit(work)
        await asyncio.wait([future])
        assert type(future.exception()) is error
        # The next call knows nothing of it.
        assert await calls.submit(lambda: 1) == 1

    asyncio.run(crawl())
    with pytest.raises(error):
        calls.call(work)
    assert calls.call(lambda: 2) == 2


def test_after_the_end_nothing_is_called(calls: DatabaseCalls) -> None:
    made: list[str] = []

    async def crawl() -> None:
        before = calls.submit(lambda: made.append("before"))
        calls.close()
        after = calls.submit(lambda: made.append("after"))
        await asyncio.wait([before, after])
        assert before.exception() is None
        assert isinstance(after.exception(), StateError)

    asyncio.run(crawl())
    with pytest.raises(StateError, match="the state is closed"):
        calls.call(lambda: made.append("after"))
    calls.close()
    assert made == ["before"]


def test_what_was_given_before_the_end_is_called(thread: DatabaseThread) -> None:
    go_on = threading.Event()

    async def crawl() -> tuple[bool, int]:
        first, second = thread.submit(lambda: go_on.wait(_LONG)), thread.submit(lambda: 1)
        thread.close()
        go_on.set()
        return await first, await second

    assert asyncio.run(crawl()) == (True, 1)
    thread._thread.join(_LONG)
    assert not thread._thread.is_alive()


def test_where_it_is_called(calls: DatabaseCalls) -> None:
    async def crawl() -> threading.Thread:
        return await calls.submit(threading.current_thread)

    is_here = isinstance(calls, InTheLoop)
    assert (asyncio.run(crawl()) is threading.current_thread()) is is_here
    assert (calls.call(threading.current_thread) is threading.current_thread()) is is_here


def test_the_loop_goes_on_while_the_thread_waits(thread: DatabaseThread) -> None:
    async def crawl() -> None:
        go_on = threading.Event()
        future = thread.submit(lambda: go_on.wait(_LONG))
        await asyncio.sleep(0)
        assert not future.done()
        go_on.set()
        assert await future

    asyncio.run(crawl())


def test_who_waits_too_long_is_told_so(thread: DatabaseThread) -> None:
    go_on = threading.Event()
    made: list[str] = []

    def work() -> None:
        go_on.wait(_LONG)
        made.append("work")

    with pytest.raises(TimeoutError):
        thread.call(work, 0.0)
    go_on.set()
    # It is made all the same, and in its turn.
    thread.call(lambda: made.append("after"), _LONG)
    assert made == ["work", "after"]


def test_a_call_that_nobody_waits_for_is_left_out(thread: DatabaseThread) -> None:
    made: list[str] = []

    async def crawl() -> None:
        go_on = threading.Event()
        first = thread.submit(lambda: go_on.wait(_LONG))
        left_out = thread.submit(lambda: made.append("left out"))
        after = thread.submit(lambda: made.append("after"))
        left_out.cancel()
        # The thread's own future is told in the next turn of the loop.
        await asyncio.sleep(0)
        go_on.set()
        await first
        await after

    asyncio.run(crawl())
    assert made == ["after"]


@pytest.mark.slow
def test_a_thread_that_is_stuck_does_not_keep_the_process() -> None:
    program = """
from threading import Event
from newscrawl.database.thread import DatabaseThread
thread = DatabaseThread()
try:
    thread.call(Event().wait, 0.0)
except TimeoutError:
    thread.close()
    print("left")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "left\n", "")


def test_a_result_is_not_kept_until_the_next_call(thread: DatabaseThread) -> None:
    kept = weakref.ref(thread.call(Large))
    until = monotonic() + 3
    # The thread may still be between the answer and the wait for the next call.
    while kept() is not None and monotonic() < until:
        gc.collect()
        sleep(0.01)
    assert kept() is None
