"""Calls that run in a thread while the test does something else."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from time import monotonic, sleep
from typing import Any

# Seconds after which a test gives up; what is waited for takes a fraction of it on a busy machine.
LONGEST = 60.0


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for a condition; fail where it does not come."""
    deadline = monotonic() + LONGEST
    while not condition():
        assert monotonic() < deadline, "what the test waits for does not come"
        sleep(0.01)


class Background:
    """One call in a thread."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self._call = call
        self._result: Any = None
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._result = self._call()
        except BaseException as error:  # noqa: BLE001  # raised again by result()
            self._error = error

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    def join(self) -> None:
        self._thread.join(LONGEST)
        assert not self._thread.is_alive(), "a call does not end"

    def result(self) -> Any:
        """Wait for the end; return what the call returned, or raise what it raised."""
        self.join()
        if self._error is not None:
            raise self._error
        return self._result
