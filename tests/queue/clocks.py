"""A clock that only a test moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_START = datetime(2026, 5, 8, 12, 0, tzinfo=UTC)


class Clock:
    """As a function it counts seconds; ``now`` is the time of day of the same moment."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return _START + timedelta(seconds=self.seconds)

    def move(self, seconds: float) -> None:
        self.seconds += seconds
