"""Which signal told this process to stop.

Scrapy says that a crawl was shut down, not by what; the exit status is 128 and the signal's number.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from time import monotonic
from types import FrameType
from typing import Any

from scrapy.utils.asyncio import AsyncioLoopingCall

from newscrawl.queue.state_calls import StateCalls

_POLL = 0.5
STOP_SECONDS = 6.0
"""How long the state, and pages that are under way, may take from a signal on."""


class _Noting:
    """A signal handler that notes the signal, then calls the handler that was there before."""

    noted: tuple[int, int | None] = (0, None)
    """How many signals came, and the last of them."""

    def __init__(self, previous: Any) -> None:
        self.previous = previous

    def __call__(self, signum: int, frame: FrameType | None) -> None:
        _Noting.noted = (_Noting.noted[0] + 1, signum)
        self.previous(signum, frame)


class StopSignals:
    """The signals that come while one crawl is under way. Earlier ones were for others."""

    def __init__(self) -> None:
        self._before = _Noting.noted[0]

    def watch(self) -> None:
        """Note SIGINT and SIGTERM from now on.

        To be called again after somebody else may have set handlers: Scrapy's processes do when the event
        loop starts, which may be before or after a crawl is set up.
        """
        for signum in (signal.SIGINT, signal.SIGTERM):
            previous = signal.getsignal(signum)
            if callable(previous) and not isinstance(previous, _Noting):
                try:
                    signal.signal(signum, _Noting(previous))
                except ValueError:
                    # Not the main thread: whoever runs a crawl there handles the signals.
                    return

    @property
    def last(self) -> int | None:
        """The last signal; None where none came."""
        count, signum = _Noting.noted
        return signum if count > self._before else None


class StopWatch:
    """Lets nobody wait long for the state once this process was told to stop."""

    def __init__(self, signals: StopSignals, calls: StateCalls, is_downloading: Callable[[], bool]) -> None:
        self._signals = signals
        self._calls = calls
        self._is_downloading = is_downloading
        self._told_at = 0.0
        self._is_forced = False
        self._timer = AsyncioLoopingCall(self._look)
        self._timer.start(_POLL, now=False)

    def stop(self) -> None:
        """Look no longer."""
        if self._timer.running:
            self._timer.stop()

    def _look(self) -> None:
        signum = self._signals.last
        if signum is None:
            return
        self._calls.hurry(STOP_SECONDS)
        self._calls.check()
        self._told_at = self._told_at or monotonic()
        is_late = self._is_downloading() and monotonic() - self._told_at > STOP_SECONDS
        if (is_late or self._calls.is_given_up) and not self._is_forced:
            # Scrapy waits for pages that are under way: they are asked for again by the next run.
            self._is_forced = True
            signal.raise_signal(signum)
