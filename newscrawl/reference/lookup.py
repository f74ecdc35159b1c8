"""What all lists together say of a symbol on a day, and where they contradict each other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from newscrawl.reference.listing import Listing
from newscrawl.reference.table import DIGITS, Table

_FIELDS = ("type", "mic", "currency", "isin", "cik", "figi")
# The regulator's words for venues, and the MICs that each may mean. "NYSE" is its word for all exchanges of
# that group, "OTC" for none of the exchanges.
_VENUES = {
    "NYSE": frozenset({"XNYS", "XASE", "ARCX"}),
    "Nasdaq": frozenset({"XNAS"}),
    "CBOE": frozenset({"BATS"}),
    "OTC": frozenset[str](),
}
# Crawls tag a few thousand symbols again and again.
_CACHED = 8192


class Conflict(NamedTuple):
    """A fact on which two lists differ."""

    symbol: str
    field: str
    said: tuple[tuple[str, str], ...]
    """Who says what, as (source, value)."""


class Found(NamedTuple):
    """What is known of a symbol on a day."""

    listing: Listing
    """The facts that no list contradicts; its days are those of the newest list."""
    names: tuple[str, ...]
    """Each name that a list gives, once."""
    sources: tuple[str, ...]
    """The lists that know the symbol on that day."""
    conflicts: tuple[Conflict, ...]


class Reference:
    """Some tables of listings that are looked at together."""

    def __init__(self, tables: Iterable[Table]) -> None:
        self.tables = tuple(tables)
        self._rows = lru_cache(_CACHED)(self._read)
        self._found = lru_cache(_CACHED)(self._find)
        self._version: str | None = None

    def on(self, symbol: str, day: date) -> Found | None:
        """Return what the lists say of a canonical symbol on a day, None where they say nothing."""
        return self._found(symbol, day)

    def rows(self, symbol: str) -> tuple[Listing, ...]:
        """Return all that the lists ever said of a symbol."""
        return self._rows(symbol)

    def identified(self, column: str, number: str) -> Iterator[Listing]:
        """Yield the rows with a number; ``column`` is ``isin`` or ``figi``."""
        for table in self.tables:
            yield from table.identified(column, number)

    def version(self) -> str:
        """Return the version of all tables: 8 hex digits."""
        if self._version is None:
            joined = "".join(table.digest() for table in self.tables)
            self._version = hashlib.sha256(joined.encode()).hexdigest()[:DIGITS]
        return self._version

    def symbols(self) -> list[str]:
        """Return all symbols that the lists ever named, sorted."""
        return sorted({row.symbol for table in self.tables for row in table})

    def conflicts(self, day: date) -> Iterator[Conflict]:
        """Yield every fact on which lists differ on a day, by symbol."""
        for symbol in self.symbols():
            found = self._find(symbol, day)
            if found is not None:
                yield from found.conflicts

    def _read(self, symbol: str) -> tuple[Listing, ...]:
        return tuple(row for table in self.tables for row in table.rows(symbol))

    def _find(self, symbol: str, day: date) -> Found | None:
        rows = self.rows(symbol)
        valid = [row for row in rows if row.reaches(day) and not _changed_between(row, rows, day)]
        return _together(symbol, valid) if valid else None


def _changed_between(row: Listing, rows: Iterable[Listing], day: date) -> bool:
    """Tell whether something about the symbol changed between a day and those on which a row was seen.

    Such a row says nothing of the day: the ticker may have had another holder then.
    """
    stretch = row.stretch_to(day)
    return stretch is not None and any(other.changes_within(*stretch) for other in rows)


def _together(symbol: str, rows: list[Listing]) -> Found:
    facts: dict[str, str | None] = {}
    conflicts = []
    for field in _FIELDS:
        said = [(row.source, value) for row in rows if (value := getattr(row, field)) is not None]
        values = {value for _, value in said}
        facts[field] = said[0][1] if len(values) == 1 else None
        if len(values) > 1:
            conflicts.append(Conflict(symbol, field, tuple(said)))
    if facts["mic"] is not None:
        against = [row for row in rows if facts["mic"] not in _VENUES.get(row.venue or "", {facts["mic"]})]
        if against:
            said = [(row.source, row.mic) for row in rows if row.mic is not None]
            said += [(row.source, str(row.venue)) for row in against if row.mic is None]
            conflicts.append(Conflict(symbol, "mic", tuple(said)))
            facts["mic"] = None
    venues = {row.venue for row in rows if row.venue is not None}
    names = tuple(dict.fromkeys(row.name for row in rows if row.name is not None))
    newest = max(rows, key=lambda row: row.as_of)
    return Found(
        Listing(
            symbol,
            names[0] if names else None,
            venue=venues.pop() if len(venues) == 1 else None,
            valid_from=newest.valid_from,
            valid_to=newest.valid_to,
            seen_from=newest.seen_from,
            as_of=newest.as_of,
            source=newest.source,
            **facts,
        ),
        names,
        tuple(dict.fromkeys(row.source for row in rows)),
        tuple(conflicts),
    )
