"""Calls to the state, one after the other: in a thread, or in the event loop (``database.thread``)."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import Any, TypeVar

from newscrawl.database.engine import Engine
from newscrawl.database.thread import DatabaseCalls
from newscrawl.exceptions import NewscrawlError, StateError

logger = logging.getLogger(__name__)

T = TypeVar("T")
P = TypeVar("P")

_CLOSE_SECONDS = 3.0


def _nothing() -> None:
    pass


class StateCalls:
    """What one process asks of its state. The first error ends the run, and ``failure`` says what it was.

    ``on_failure`` is called once, then. ``on_change`` is called in the event loop whenever an answer has
    come.
    """

    def __init__(self, engine: Engine, runner: DatabaseCalls, on_failure: Callable[[], None]) -> None:
        self.engine = engine
        self._runner = runner
        self.failure: str | None = None
        self.is_given_up = False
        """Nobody waits for the state any more."""
        self.on_change: Callable[[], None] = _nothing
        self._on_failure = on_failure
        self._waiting: set[asyncio.Future[Any]] = set()
        # Calls that are not started yet, with what the first of them waits for.
        self._line: deque[tuple[asyncio.Future[Any] | None, Callable[[], None]]] = deque()
        self._deadline: float | None = None

    @property
    def is_busy(self) -> bool:
        """Tell whether an answer is still to come."""
        return bool(self._waiting)

    def start(
        self,
        work: Callable[[], T],
        then: Callable[[T], None] | None = None,
        otherwise: Callable[[], None] = _nothing,
    ) -> None:
        """Do something with the state and call ``then`` with its result, or else ``otherwise``."""
        if self._line:
            # In the order in which they were given, whatever they wait for.
            self._line.append((None, lambda: self._start(work, then, otherwise)))
        else:
            self._start(work, then, otherwise)

    def start_after(
        self,
        ready: asyncio.Future[P],
        work: Callable[[P], T],
        then: Callable[[T], None],
        otherwise: Callable[[], None] = _nothing,
    ) -> None:
        """Do the same with what is ready a little later. What is started meanwhile waits for it."""

        def start() -> None:
            if ready.cancelled():
                otherwise()
            elif (error := ready.exception()) is not None:
                self.fail(error)
                otherwise()
            else:
                self._start(lambda: work(ready.result()), then, otherwise)

        self._line.append((ready, start))
        self._waiting.add(ready)
        ready.add_done_callback(self._go_on)

    def _go_on(self, ready: asyncio.Future[Any]) -> None:
        self._waiting.discard(ready)
        while self._line and (self._line[0][0] is None or self._line[0][0].done()):
            _, start = self._line.popleft()
            start()
        self.on_change()

    def _start(
        self,
        work: Callable[[], T],
        then: Callable[[T], None] | None,
        otherwise: Callable[[], None],
    ) -> None:
        if self.failure is not None:
            otherwise()
            return
        future = self._runner.submit(work)
        self._waiting.add(future)
        future.add_done_callback(partial(self._done, then, otherwise))

    async def ask(self, work: Callable[[], T]) -> T | None:
        """Do something with the state and wait for the result; None where that cannot be done (any more)."""
        if self.failure is None:
            future = self._runner.submit(work)
            self._waiting.add(future)
            try:
                return await future
            except asyncio.CancelledError:
                # By give_up(); otherwise it is the caller's.
                if not future.cancelled() or self.failure is None:
                    raise
            except Exception as error:  # noqa: BLE001  # logged by fail(), and ends the run
                self.fail(error)
            finally:
                self._waiting.discard(future)
        return None

    async def drain(self) -> None:
        """Wait until all that was asked is answered, or given up."""
        while self._waiting:
            await asyncio.wait(list(self._waiting))
            # Their callbacks come in the next turn of the loop.
            await asyncio.sleep(0)

    def attempt(self, work: Callable[[], T]) -> T | None:
        """Do the same without an event loop, which waits here."""
        if self.failure is None:
            seconds = None if self._deadline is None else max(0.0, self._deadline - monotonic())
            try:
                return self._runner.call(work, seconds)
            except TimeoutError:
                self.give_up()
            except Exception as error:  # noqa: BLE001  # see above
                self.fail(error)
        return None

    def hurry(self, seconds: float) -> None:
        """Let nobody wait for the state any longer than so many seconds from now."""
        if self._deadline is None:
            self._deadline = monotonic() + seconds

    def check(self) -> None:
        """Give the state up where it should have answered by now. To be called now and then."""
        if self._waiting and self._deadline is not None and monotonic() > self._deadline:
            self.give_up()

    def give_up(self) -> None:
        """Wait for no answer any more."""
        self.is_given_up = True
        self.engine.interrupt()
        self.fail(StateError("the state does not answer; what is committed is published by the next run"))
        for future in list(self._waiting):
            future.cancel()

    def close(self) -> None:
        """Close the state. One that does not answer is left to the end of the process."""
        with suppress(TimeoutError, NewscrawlError):
            self._runner.call(self.engine.close, _CLOSE_SECONDS)
        self._runner.close()

    def fail(self, error: BaseException) -> None:
        """End the run, because the state or the disk cannot be used any more."""
        if self.failure is None:
            known = isinstance(error, NewscrawlError)
            self.failure = str(error) if known else f"{type(error).__name__}: {error}"
            logger.error("%s", error)
            self._on_failure()

    def _done(
        self, then: Callable[[T], None] | None, otherwise: Callable[[], None], future: asyncio.Future[T]
    ) -> None:
        self._waiting.discard(future)
        if future.cancelled():
            otherwise()
        elif (error := future.exception()) is not None:
            self.fail(error)
            otherwise()
        elif then is not None:
            then(future.result())
        self.on_change()
