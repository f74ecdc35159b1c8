"""Statements about a number of values that is known only when they are run."""

from __future__ import annotations

from collections.abc import Sized
from functools import lru_cache

# For how many numbers of values a statement is kept as it was written.
_KEPT = 128
_PLACE = "{marks}"


class Listed:
    """A statement with a list of marks in the place of ``{marks}``; written once for each number of them."""

    def __init__(self, text: str, mark: str = "?") -> None:
        """``mark`` stands for one value of the list; more than ``?`` where a value is a row, or a call."""
        self._text = text
        self._mark = mark
        self._write = lru_cache(_KEPT)(self._written)

    def of(self, values: Sized) -> str:
        """Return the statement for so many values; at least one."""
        return self._write(len(values))

    def ending(self, end: str) -> Listed:
        """Return the same statement with more at its end."""
        return Listed(f"{self._text} {end}", self._mark)

    def _written(self, count: int) -> str:
        return self._text.replace(_PLACE, ",".join([self._mark] * count))
