"""One row of the reference: what a list says of one symbol, and on which days it says so."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

COLUMNS = (
    "symbol", "name", "type", "mic", "venue", "currency", "isin", "cik", "figi",
    "valid_from", "valid_to", "seen_from", "as_of", "source",
)  # fmt: skip
HEADER = (",".join(COLUMNS) + "\n").encode()

# How far a list is trusted beyond the days on which it was looked at, back and ahead. Of 9,261 tickers that
# stood in the regulator's list in the winter and the June of 2026, 13 had another issuer in the end.
REACH = timedelta(days=366)


class Listing(NamedTuple):
    """What one source says of one symbol over some days, or several sources together (``lookup``).

    All but ``symbol`` and ``source`` may be None: not known. Codes are text.
    """

    symbol: str
    """Canonical, as in ``Instrument.symbol``: ``AAPL.US``, ``700.HK``."""
    name: str | None = None
    """The issuer's name, or the short name that the exchange gives the security."""
    type: str | None = None
    """One of the types of ``Instrument.type``."""
    mic: str | None = None
    """ISO 10383."""
    venue: str | None = None
    """The venue in the list's own word, where that is wider than one MIC: ``NYSE``, ``OTC``."""
    currency: str | None = None
    """ISO 4217."""
    isin: str | None = None
    """ISO 6166, with a valid check digit."""
    cik: str | None = None
    """The issuer's number at the US regulator, without leading zeros."""
    figi: str | None = None
    """Of the security, with a valid check digit."""
    valid_from: date | None = None
    """The first day on which the list said so; None where it said so when it was looked at first."""
    valid_to: date | None = None
    """The last day on which the list said so; None where it still did when it was looked at last."""
    seen_from: date = date.min
    """When a list with this row was looked at first."""
    as_of: date = date.min
    """When a list with this row was looked at last."""
    source: str = ""
    """The list: ``sec``, ``nasdaq``, ``nyse_and_others``, ``hkex``, ``sgx``, or that of a user's own."""

    def says(self) -> tuple[str | None, ...]:
        """Return the facts of the row, without its days: rows that differ here say different things."""
        return self[1:9]

    def reaches(self, day: date) -> bool:
        """Tell whether the row speaks of a day; ``date.max`` stands for the newest rows."""
        if day == date.max:
            return self.valid_to is None
        first = self.valid_from or self.seen_from - REACH
        last = self.valid_to or self.as_of + REACH
        return first <= day <= last

    def stretch_to(self, day: date) -> tuple[date, date] | None:
        """Return the days between ``day`` and those on which the row was seen; None where there are none."""
        if self.seen_from <= day <= self.as_of or day == date.max:
            return None
        return (day, self.seen_from) if day < self.seen_from else (self.as_of, day)

    def changes_within(self, first: date, last: date) -> bool:
        """Tell whether the row begins or ends after ``first`` and until ``last``."""
        begins = self.valid_from is not None and first < self.valid_from <= last
        ends = self.valid_to is not None and first <= self.valid_to < last
        return begins or ends


def write_rows(rows: Iterable[Listing]) -> bytes:
    """Return a file of rows: CSV in UTF-8, sorted by the bytes of the symbol, then by day and source."""
    ordered = sorted(rows, key=lambda row: (row.symbol.encode(), row.valid_to or date.max, row.source))
    text = io.StringIO(newline="")
    # Quotes around all that needs them, and nothing else: the same rows are the same bytes.
    writer = csv.writer(text, lineterminator="\n")
    for row in ordered:
        writer.writerow(["" if value is None else str(value) for value in row])
    return HEADER + text.getvalue().encode()


def read_rows(lines: bytes) -> Iterator[Listing]:
    """Yield the rows of some lines of such a file, without its header. Raises ValueError."""
    for cells in csv.reader(io.StringIO(lines.decode())):
        if len(cells) != len(COLUMNS):
            raise ValueError(f"expected {len(COLUMNS)} columns, found {len(cells)}")
        name, kind, mic, venue, currency, isin, cik, figi = (cell or None for cell in cells[1:9])
        yield Listing(
            cells[0],
            name,
            kind,
            mic,
            venue,
            currency,
            isin,
            cik,
            figi,
            _day(cells[9]),
            _day(cells[10]),
            date.fromisoformat(cells[11]),
            date.fromisoformat(cells[12]),
            cells[13],
        )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
