"""When the next request may leave: what this process knows of the host's budget in the state."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from time import monotonic

from newscrawl.queue.hosts import AHEAD, Grant, HostStatus


class Pace:
    """Moments that were reserved for this process, and until when none of its requests may leave.

    Times are seconds by ``clock``. The state is looked at with every claim and every commit; in between this
    is what holds.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._moments: deque[float] = deque()
        self._blocked_until = 0.0
        self._paused_until = 0.0
        self._yields_until = 0.0
        self._may_probe = False
        self.delay = 0.0
        """Between two requests to the host, whoever sends them; 0 for none."""
        self.least_delay = 0.0
        """What this process just read in robots.txt, as long as the state may not know it."""
        self.refused = False
        """The host answers nothing but refusals, and one request at a time tries whether that is over."""

    @property
    def is_limited(self) -> bool:
        """Tell whether a request needs a moment of its own now."""
        return bool(self.delay) or self.refused or self._clock() < self._ready

    def update(self, status: HostStatus) -> None:
        """Take over what the state said of the host just now."""
        self.delay = max(status.delay, self.least_delay)
        self.refused = status.refused is not None
        self._blocked_until = self._clock() + status.blocked if status.blocked else 0.0
        if not self.refused:
            self._may_probe = False

    def grant(self, grant: Grant) -> None:
        """Take over what was reserved for this process."""
        self.update(grant.status)
        now = self._clock()
        self._moments.extend(now + moment for moment in grant.moments)
        if grant.moments and grant.status.others:
            # Those who had to wait come first: they look again as soon as there is room.
            self._yields_until = now + grant.moments[-1] + min(self.delay, AHEAD) / 2
        self._may_probe = grant.is_probe
        if not grant.moments and not grant.is_probe and (wait := grant.status.wait()) > 0:
            self._blocked_until = max(self._blocked_until, now + wait)

    def pause(self, seconds: float) -> None:
        """Let no request leave for ``seconds`` from now, whatever older answers of the state say."""
        self._paused_until = max(self._paused_until, self._clock() + seconds)

    @property
    def _ready(self) -> float:
        return max(self._blocked_until, self._paused_until)

    def seconds_left(self) -> float | None:
        """Return in how many seconds the next request may leave, 0.0 for now; None where none is reserved."""
        now = self._clock()
        if now < self._ready:
            return self._ready - now
        if self.refused:
            return 0.0 if self._may_probe else None
        if not self.delay:
            return 0.0
        # What comes too late would leave together with somebody else's.
        while self._moments and self._moments[0] + self.delay / 2 < now:
            self._moments.popleft()
        return max(0.0, self._moments[0] - now) if self._moments else None

    def seconds_to_claim(self) -> float | None:
        """Return in how many seconds further moments should be reserved; None where there are enough."""
        now = self._clock()
        if self.refused:
            return None if self._may_probe else max(0.0, self._ready - now)
        if not self.delay:
            return None
        # Ahead of the last one, so that none passes unused.
        due = self._moments[-1] - AHEAD / 2 if self._moments else now
        return max(0.0, max(due, self._yields_until, self._ready) - now)

    def go_on_probing(self) -> None:
        """Let the request leave that tries the host: what came of it so far, a redirect, tells nothing."""
        self._may_probe = True

    def take(self) -> bool:
        """Note that a request leaves now; tell whether it is the one that tries a host that refuses."""
        if self._moments:
            self._moments.popleft()
        is_probe, self._may_probe = self.refused and self._may_probe, False
        return is_probe
