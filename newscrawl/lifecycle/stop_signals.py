"""Which signal told this process to stop.

Scrapy says that a crawl was shut down, not by what; the exit status is 128 and the signal's number.
"""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any

from scrapy.utils.asyncio import AsyncioLoopingCall

from newscrawl.queue.state_calls import StateCalls

_POLL = 0.5
STOP_SECONDS = 6.0
"""How long the state may take for everything from a signal on."""


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


class StopDeadline:
    """Ends the process soon after a signal where the state does not answer any more.

    Without that it would wait for the state, and Scrapy for pages that cannot be committed.
    """

    def __init__(self, signals: StopSignals, calls: StateCalls) -> None:
        self._signals = signals
        self._calls = calls
        self._has_begun = self._is_forced = False
        self._timer = AsyncioLoopingCall(self._look)
        self._timer.start(_POLL, now=False)

    def cancel(self) -> None:
        """Look no longer."""
        if self._timer.running:
            self._timer.stop()

    def _look(self) -> None:
        signum = self._signals.last
        if signum is None:
            return
        if not self._has_begun:
            self._has_begun = True
            self._calls.hurry(STOP_SECONDS)
            # Nothing else may ask the state before the last page has come.
            self._calls.start(self._calls.engine.now)
        self._calls.check()
        if self._calls.is_given_up and not self._is_forced:
            self._is_forced = True
            # Scrapy ends at once at the second signal.
            signal.raise_signal(signum)
