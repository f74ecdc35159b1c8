"""Where the state is used: in a thread, so that no statement blocks the event loop, or in the loop itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread
from typing import Any, Protocol, TypeVar

from newscrawl.exceptions import StateError

T = TypeVar("T")

_CLOSED = "the state is closed"


class DatabaseCalls(Protocol):
    """Runs one call after the other, in the order in which they are given."""

    def submit(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Run ``work``; return what the event loop awaits."""
        ...

    def call(self, work: Callable[[], T], seconds: float | None = None) -> T:
        """Run ``work`` and wait for it. Raises TimeoutError after so many seconds."""
        ...

    def close(self) -> None:
        """End after what was given. What is given later raises StateError."""
        ...


class InTheLoop:
    """Runs each call where it is given.

    For SQLite: its transactions take milliseconds, and handing one to a thread and back, with both sides
    waiting for Python's lock, took a tenth of a crawl's processor time.
    """

    def __init__(self) -> None:
        self._is_closed = False

    def submit(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Run ``work``; return what the event loop awaits."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        try:
            future.set_result(self.call(work))
        except BaseException as error:  # noqa: BLE001  # it is the caller's
            future.set_exception(error)
        return future

    def call(self, work: Callable[[], T], seconds: float | None = None) -> T:
        """Run ``work``, however long it takes."""
        if self._is_closed:
            raise StateError(_CLOSED)
        return work()

    def close(self) -> None:
        """Run nothing any more."""
        self._is_closed = True


class DatabaseThread:
    """Runs one call after the other, in the order in which they are given.

    A daemon: a server that does not answer must not keep the process from ending.
    """

    def __init__(self) -> None:
        self._calls: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._is_closed = False
        self._thread = Thread(target=self._run, name="newscrawl-state", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Run ``work`` in the thread; return what the event loop awaits."""
        return asyncio.wrap_future(self._add(work))

    def call(self, work: Callable[[], T], seconds: float | None = None) -> T:
        """Run ``work`` in the thread and wait for it. Raises TimeoutError after so many seconds."""
        return self._add(work).result(seconds)

    def close(self) -> None:
        """End the thread after what was given to it. What is given later raises StateError."""
        if not self._is_closed:
            self._is_closed = True
            self._calls.put(None)

    def _add(self, work: Callable[[], T]) -> Future[T]:
        future: Future[T] = Future()
        if self._is_closed:
            future.set_exception(StateError(_CLOSED))
        else:
            self._calls.put((future, work))
        return future

    def _run(self) -> None:
        while (call := self._calls.get()) is not None:
            future, work = call
            if not future.set_running_or_notify_cancel():
                continue
            try:
                result = work()
            except BaseException as error:  # noqa: BLE001  # it is the caller's
                future.set_exception(error)
            else:
                future.set_result(result)
                del result
            # A result may be large, and the next call may be long in coming.
            del call, future, work
