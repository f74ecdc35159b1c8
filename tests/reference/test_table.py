"""A file of listings: what is written is what is found, and a damaged file is refused."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newscrawl.reference.listing import HEADER, Listing, write_rows
from newscrawl.reference.table import Table
from tests.reference.rows import SPRING, SUMMER, row, table

steady = settings(derandomize=True, deadline=None, max_examples=100)
symbols = st.from_regex(r"[A-Z0-9]{1,4}(\.[AB])?\.(US|HK|SG)", fullmatch=True)
listings = st.builds(
    Listing,
    symbols,
    st.none() | st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12),
    st.sampled_from([None, "equity", "etf"]),
    st.sampled_from([None, "XNAS"]),
    *(st.none() for _ in ("venue", "currency", "isin", "cik", "figi")),
    valid_from=st.none() | st.dates(),
    valid_to=st.none() | st.dates(),
    seen_from=st.dates(),
    as_of=st.dates(),
    source=st.sampled_from(["sec", "nasdaq"]),
)


@steady
@given(st.lists(listings, max_size=30), symbols)
def test_every_symbol_is_found_and_no_other(rows: list[Listing], absent: str) -> None:
    written = table(*rows)
    assert sorted(written, key=str) == sorted(rows, key=str)
    for symbol in {one.symbol for one in rows} | {absent}:
        expected = sorted((one for one in rows if one.symbol == symbol), key=str)
        assert sorted(written.rows(symbol), key=str) == expected


def test_a_symbol_that_begins_another_one_is_another_one() -> None:
    written = table(row("A.US"), row("AA.US"), row("A.B.US"), row("AAPL.US"), row("A.HK"))
    for symbol in ("A.US", "AA.US", "A.B.US", "AAPL.US", "A.HK"):
        assert [one.symbol for one in written.rows(symbol)] == [symbol]
    assert written.rows("A") == ()
    assert written.rows("") == ()


def test_names_with_commas_and_quotes_stay_whole() -> None:
    name = 'Say, "Ltd", 港交所'
    assert table(row("A.US", name=name), row("B.US", name="B")).rows("A.US")[0].name == name


def test_the_same_rows_are_the_same_bytes_in_any_order() -> None:
    rows = [row("B.US"), row("A.US"), row("A.US", source="nasdaq"), row("A.US", valid_to=SPRING)]
    assert write_rows(rows) == write_rows(reversed(rows))
    assert table(*rows).digest() == table(*reversed(rows)).digest()
    # What is valid no more stands first.
    assert table(*rows).rows("A.US")[0].valid_to == SPRING


def test_a_number_is_found_in_its_column_only() -> None:
    number = "US0378331005"
    written = table(
        row("A.US", isin=number), row("B.US", name=number), row("C.HK", isin=number, as_of=SUMMER)
    )
    assert [one.symbol for one in written.identified("isin", number)] == ["A.US", "C.HK"]
    assert list(written.identified("figi", number)) == []
    assert list(written.identified("isin", "US037833100")) == []


def test_line_ends_of_another_system_are_the_same_file() -> None:
    content = write_rows([row("A.US", name="A")])
    assert Table(content.replace(b"\n", b"\r\n"), "x").digest() == Table(content, "x").digest()


@pytest.mark.parametrize(
    "content", [b"", b"symbol,name\nA.US,A\n", HEADER.rstrip(b"\n"), write_rows([row("A.US")]).rstrip(b"\n")]
)
def test_what_is_no_whole_file_is_refused_with_its_name(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"expected a whole file of listings in lists/x\.csv"):
        Table(content, "lists/x.csv")


@pytest.mark.parametrize("line", [b"A.US,A\n", b"A.US,,,,,,,,,,,yesterday,2026-01-01,sec\n"])
def test_a_damaged_row_is_named_when_it_is_read(line: bytes) -> None:
    damaged = Table(HEADER + line, "lists/x.csv")
    with pytest.raises(ValueError, match=r"lists/x\.csv: "):
        damaged.rows("A.US")


def test_days_are_kept() -> None:
    one = row("A.US", SPRING, SUMMER, valid_from=date(2026, 1, 2), valid_to=date(2026, 3, 4))
    assert list(table(one)) == [one]
