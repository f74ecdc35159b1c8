"""How long, and with which pauses, something is tried again."""

from __future__ import annotations

import random
from time import monotonic

from newscrawl.database.interruption import Interruption

# Seconds: the first pause, and the longest.
_FIRST = 0.1
_LONGEST = 5.0


class Outage:
    """The time since something first failed, up to ``seconds`` after that."""

    def __init__(self, seconds: float, interruption: Interruption) -> None:
        self._seconds = seconds
        self._interruption = interruption
        self._began: float | None = None
        self._deadline = 0.0
        self._pause = _FIRST

    @property
    def has_begun(self) -> bool:
        """Whether anything has failed."""
        return self._began is not None

    @property
    def elapsed(self) -> float:
        """Seconds since the first failure."""
        return 0.0 if self._began is None else monotonic() - self._began

    @property
    def remaining(self) -> float:
        """Seconds until the time is over; all of it where nothing has failed yet."""
        return self._seconds if self._began is None else max(0.0, self._deadline - monotonic())

    def begin(self) -> None:
        """Note a failure, if it is the first one."""
        if self._began is None:
            self._began = monotonic()
            self._deadline = self._began + self._seconds

    def prolong(self, seconds: float) -> None:
        """Begin the time anew, in so many seconds: the server is there, and at work for that long."""
        self._deadline = monotonic() + seconds + self._seconds

    def is_over(self) -> bool:
        """Tell whether the time is over; it begins here at the latest."""
        self.begin()
        return monotonic() >= self._deadline

    def pause(self, longest: float = _LONGEST) -> None:
        """Wait a little, longer each time. Raises StateError where it is interrupted."""
        self.begin()
        # By chance, so that workers who lost the same server do not all come back at once.
        seconds = min(self._pause, longest) * random.uniform(0.5, 1.0)  # noqa: S311
        self._interruption.pause(min(seconds, max(0.0, self._deadline - monotonic())))
        self._pause = min(self._pause * 2, _LONGEST)
