"""The list that comes with newscrawl: what it says, and that it is one that ``update`` could have made."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from datetime import date
from pathlib import Path

import pytest

from newscrawl import reference
from newscrawl.reference import listing, names_of
from newscrawl.reference.listing import write_rows
from tests.reference.rows import SPRING, SUMMER

ROOT = Path(__file__).parents[2]


def test_it_is_whole_and_in_order() -> None:
    table = reference.shipped()
    rows = list(table)
    assert write_rows(rows) == (ROOT / "newscrawl" / "reference" / "sec.csv").read_bytes()
    assert {row.source for row in rows} == {"sec"}
    # The regulator tells no type and no currency.
    assert {(row.type, row.currency, row.isin, row.figi) for row in rows} == {(None, None, None, None)}
    assert all(row.cik and row.name and row.symbol.endswith(".US") for row in rows)
    assert {row.mic for row in rows if row.venue != "Nasdaq"} == {None, "BATS"}
    open_rows = [row for row in rows if row.valid_to is None]
    assert len({row.symbol for row in open_rows}) == len(open_rows) > 9_000
    assert {row.as_of for row in open_rows} == {SUMMER}


@pytest.mark.parametrize(
    ("symbol", "day", "names", "mic"),
    [
        ("AAPL.US", SUMMER, ("Apple Inc.",), "XNAS"),
        ("BRK.B.US", SUMMER, ("BERKSHIRE HATHAWAY INC",), None),
        # Another company took the ticker between the two lists.
        ("RNA.US", SPRING, ("Avidity Biosciences, Inc.",), "XNAS"),
        ("RNA.US", date(2026, 4, 20), (), None),
        ("RNA.US", SUMMER, ("Atrium Therapeutics, Inc.",), "XNAS"),
        ("BNY.US", SPRING, ("BLACKROCK NEW YORK MUNICIPAL INCOME TRUST",), None),
        ("BNY.US", date.max, ("Bank of New York Mellon Corp",), None),
        ("AAPL.US", date(2019, 1, 1), (), None),
        ("NOSUCH.US", SUMMER, (), None),
        ("700.HK", SUMMER, (), None),
    ],
)
def test_what_it_says(symbol: str, day: date, names: tuple[str, ...], mic: str | None) -> None:
    found = listing(symbol, day)
    assert names_of(symbol, day) == names
    assert (found is not None) == bool(names)
    assert (None if found is None else found.mic) == mic


def test_it_takes_little_memory_and_nothing_before_it_is_asked() -> None:
    tracemalloc.start()
    try:
        opened = reference.open_reference(None)
        opened.version()
        opened.on("AAPL.US", SUMMER)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_the_example_in_the_docstring() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "doctest", "newscrawl/reference/__init__.py"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")
