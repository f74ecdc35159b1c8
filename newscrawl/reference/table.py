"""A file of listings in memory: a few bytes a row, and no row is read before it is asked for.

The file is sorted by symbol, so a symbol is found by bisection over its bytes. Reading 10,000 rows into
objects would take a tenth of a second and 20 MB; a crawl asks for a few of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from newscrawl.reference.listing import HEADER, Listing, read_rows

# Of the SHA-256 of a file, so many hex digits stand in the record.
DIGITS = 8


class Table:
    """The rows of one file."""

    def __init__(self, content: bytes, where: str) -> None:
        """Take the bytes of a file; ``where`` names it in errors. Raises ValueError for other columns."""
        # A checkout may have other line ends.
        self._content = content.replace(b"\r\n", b"\n")
        self.where = where
        if not self._content.startswith(HEADER) or not self._content.endswith(b"\n"):
            raise ValueError(f"expected a whole file of listings in {where}, found something else")

    def rows(self, symbol: str) -> tuple[Listing, ...]:
        """Return all rows of a symbol, of any day, the oldest first."""
        key = symbol.encode() + b","
        start = self._first(key)
        end = start
        while self._content.startswith(key, end):
            end = self._content.index(b"\n", end) + 1
        return tuple(self._read(start, end))

    def identified(self, column: str, number: str) -> Iterator[Listing]:
        """Yield all rows with an ISIN or a FIGI; ``column`` is ``isin`` or ``figi``."""
        place, key = len(HEADER), f",{number},".encode()
        while (place := self._content.find(key, place)) >= 0:
            start = self._content.rindex(b"\n", 0, place) + 1
            end = self._content.index(b"\n", place) + 1
            yield from (row for row in self._read(start, end) if getattr(row, column) == number)
            place = end

    def __iter__(self) -> Iterator[Listing]:
        """Yield all rows in file order."""
        return self._read(len(HEADER), len(self._content))

    def digest(self) -> str:
        """Return the first 8 hex digits of the SHA-256 of the file."""
        return hashlib.sha256(self._content).hexdigest()[:DIGITS]

    def _first(self, key: bytes) -> int:
        """Return where the first line begins that is not before ``key``."""
        low, high = len(HEADER), len(self._content)
        while low < high:
            middle = self._content.rfind(b"\n", 0, (low + high) // 2) + 1
            middle = max(middle, low)
            end = self._content.index(b"\n", middle) + 1
            symbol = self._content[middle : self._content.index(b",", middle) + 1]
            if symbol < key:
                low = end
            else:
                high = middle
        return low

    def _read(self, start: int, end: int) -> Iterator[Listing]:
        try:
            yield from read_rows(self._content[start:end])
        except ValueError as error:
            raise ValueError(f"{self.where}: {error}") from None
