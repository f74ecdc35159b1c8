"""Listings and references for tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from newscrawl import reference
from newscrawl.reference import Reference
from newscrawl.reference.listing import Listing, write_rows
from newscrawl.reference.table import Table

SPRING, SUMMER, AUTUMN = date(2026, 3, 18), date(2026, 6, 2), date(2026, 11, 27)


def row(symbol: str, seen: date = SPRING, as_of: date | None = None, **facts: Any) -> Listing:
    """A listing that was seen from one day to another."""
    return Listing(symbol, seen_from=seen, as_of=as_of or seen, **{"source": "sec", **facts})


def table(*rows: Listing) -> Table:
    return Table(write_rows(rows), "a table")


def of(*rows: Listing) -> Reference:
    """A reference with a table for each source."""
    return Reference(
        table(*(one for one in rows if one.source == source))
        for source in dict.fromkeys(one.source for one in rows)
    )


@contextmanager
def in_use(folder: Path, lists: Iterable[Listing] = ()) -> Iterator[Path]:
    """Let this process look listings up in a folder, with the rows as its one list beside the shipped one."""
    rows = list(lists)
    if rows:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "own-test.csv").write_bytes(write_rows(rows))
    reference.use(folder)
    reference.reload()
    try:
        yield folder
    finally:
        reference.use(None)
