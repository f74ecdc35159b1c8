"""What was found wrong: the first few in words, all of them counted."""

from __future__ import annotations

from collections.abc import Iterable

MOST_SHOWN = 10


class Findings:
    """Texts of one line each, in the order in which they were found."""

    def __init__(self) -> None:
        self.count = 0
        self.first: list[str] = []

    def add(self, text: object) -> None:
        """Count one; the first ten are kept."""
        self.count += 1
        if len(self.first) < MOST_SHOWN:
            self.first.append(str(text))

    def extend(self, texts: Iterable[object]) -> None:
        """Count several."""
        for text in texts:
            self.add(text)

    def report(self) -> list[str]:
        """Return the first ten, and how many more there are."""
        more = self.count - len(self.first)
        return [*self.first, f"and {more} more"] if more else list(self.first)
