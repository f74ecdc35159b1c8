"""When the next request may leave for the site."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scrapy.core.downloader import Downloader


class Pace:
    """A delay between requests, and a pause that the site itself asked for.

    The downloader knows the delay too. It is applied here as well so that a request waits where a stop
    does not wait for it: in the scheduler, not in the downloader's queue. Times are ``clock`` seconds.
    """

    def __init__(self, host: str, delay: float, clock: Callable[[], float] = monotonic) -> None:
        self.host = host
        self.delay = delay
        self._clock = clock
        self._last: float | None = None
        self._paused_until = 0.0

    def slow_down(self, delay: float, downloader: Downloader) -> None:
        """Leave at least ``delay`` seconds between requests from now on, in the downloader too."""
        if delay <= self.delay:
            return
        self.delay = delay
        # An idle slot is forgotten after a minute and made anew from these settings.
        downloader.per_slot_settings.setdefault(self.host, {})["delay"] = delay
        if slot := downloader.slots.get(self.host):
            slot.delay = delay

    def pause(self, seconds: float) -> None:
        """Let no request leave for ``seconds`` from now."""
        self._paused_until = max(self._paused_until, self._clock() + seconds)

    def note_request(self) -> None:
        """Note that a request leaves now."""
        self._last = self._clock()

    def seconds_left(self, downloader: Downloader, *, handed_out: bool = False) -> float:
        """Return in how many seconds the next request may leave; 0.0 for now.

        ``handed_out`` asks it for the request that left here last and is not in the downloader yet.
        """
        ready = self._paused_until
        # The downloader notes when a transfer really began, robots.txt included.
        slot = downloader.slots.get(self.host)
        if self.delay and slot is not None and slot.lastseen:
            ready = max(ready, slot.lastseen + self.delay)
        if self.delay and self._last is not None and not handed_out:
            ready = max(ready, self._last + self.delay)
        return max(0.0, ready - self._clock())
