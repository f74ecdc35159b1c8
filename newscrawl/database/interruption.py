"""Ends all waiting for the state from another thread, so that a process can end."""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition, Thread
from typing import TypeVar

from newscrawl.exceptions import StateError

T = TypeVar("T")


class Interruption:
    """Tells threads that wait for the state to give up: once, and for good. Any thread may use it."""

    def __init__(self, parent: Interruption | None = None) -> None:
        """Make one that is interrupted with ``parent``, too."""
        self._changed = Condition()
        self._actions: list[Callable[[], None]] = []
        self._is_set = False
        if parent is not None:
            parent.on_interrupt(self.interrupt)

    def interrupt(self) -> None:
        """End all waiting now; what would wait later raises StateError at once."""
        with self._changed:
            actions, self._actions = self._actions, []
            self._is_set = True
            self._changed.notify_all()
        for action in actions:
            action()

    def on_interrupt(self, action: Callable[[], None]) -> None:
        """Have something done when it comes; at once where it came already."""
        with self._changed:
            if not self._is_set:
                self._actions.append(action)
                return
        action()

    def check(self) -> None:
        """Raise StateError where it came."""
        if self._is_set:
            raise StateError("the state cannot be used any more: waiting for it was interrupted")

    def pause(self, seconds: float) -> None:
        """Wait so many seconds. Raises StateError as soon as it comes."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_set, seconds)
        self.check()

    def run(self, call: Callable[[], T], seconds: float, discard: Callable[[T], None]) -> T:
        """Return what ``call`` returns, or raise what it raises; it runs in a thread of its own.

        Raises TimeoutError after so many seconds, StateError as soon as the interruption comes. The thread
        then ends by itself, and what it still brings is handed to ``discard``.
        """
        results: list[T] = []
        errors: list[BaseException] = []
        is_abandoned = False

        def target() -> None:
            try:
                result = call()
            except BaseException as error:  # noqa: BLE001  # raised again in the thread that waits
                with self._changed:
                    errors.append(error)
                    self._changed.notify_all()
                return
            with self._changed:
                if not is_abandoned:
                    results.append(result)
                    self._changed.notify_all()
                    return
            discard(result)

        Thread(target=target, name="newscrawl-connect", daemon=True).start()
        with self._changed:
            try:
                self._changed.wait_for(lambda: results or errors or self._is_set, seconds)
            finally:
                is_abandoned = not results
        if results:
            return results[0]
        self.check()
        if errors:
            raise errors[0]
        raise TimeoutError
