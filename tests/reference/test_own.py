"""A user's own list: any of the columns, each value checked, the line named where one is wrong."""

from __future__ import annotations

from datetime import date

import pytest

from newscrawl.reference.lists.own import read_own
from newscrawl.reference.lists.snapshot import ListError

DAY = date(2026, 11, 27)


def read(text: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in read_own(text.encode(), "mine.csv", "own-mine", DAY)]


def test_all_columns_in_any_order() -> None:
    (row,) = read_own(
        b"\xef\xbb\xbftype,symbol,name,mic,currency,isin,cik,figi,valid_to,valid_from\r\n"
        b"equity,02399.HK,A Name,XHKG,HKD,US0378331005,320193,BBG000B9XRY4,2026-05-01,2020-01-02\r\n",
        "mine.csv",
        "own-mine",
        DAY,
    )
    assert row[:9] == (
        "2399.HK", "A Name", "equity", "XHKG", None, "HKD", "US0378331005", "320193", "BBG000B9XRY4",
    )  # fmt: skip
    assert row[9:] == (date(2020, 1, 2), date(2026, 5, 1), date(2020, 1, 2), date(2026, 5, 1), "own-mine")


def test_a_symbol_alone_and_empty_cells() -> None:
    assert read("symbol,type\nAAPL.US,\n") == [
        ("AAPL.US", *[None] * 10, DAY, DAY, "own-mine"),
    ]


def test_a_symbol_may_have_rows_for_different_days() -> None:
    text = "symbol,name,valid_from,valid_to\nAI.US,Old,,2020-12-08\nAI.US,New,2020-12-09,\n"
    assert [row[1] for row in read(text)] == ["Old", "New"]
    with pytest.raises(ListError, match=r"different days in mine\.csv, found AI\.US twice"):
        read(text.replace("2020-12-08", "2020-12-09"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "mine.csv:1, found none"),
        ("ticker,name\nA,B\n", "mine.csv:1, found ticker, name"),
        ("symbol,colour\nAAPL.US,red\n", "found symbol, colour"),
        ("symbol,name\n", "expected rows in mine.csv, found none"),
        ("symbol,name\nAAPL.US\n", "as many cells as columns in mine.csv:2"),
        ("symbol\nAAPL.US,1\n", "as many cells as columns in mine.csv:2"),
        ("symbol,type\nA.US,\nAAPL.US,share\n", "mine.csv:3, found 'share'"),
        ("symbol,mic\nAAPL.US,Nasdaq\n", "identifier code of ISO 10383 in mine.csv:2"),
        ("symbol,currency\nAAPL.US,$\n", "ISO 4217 in mine.csv:2"),
        ("symbol,isin\nAAPL.US,US0378331006\n", "an ISIN with its check digit in mine.csv:2"),
        ("symbol,figi\nAAPL.US,BBG000B9XRY5\n", "a FIGI with its check digit in mine.csv:2"),
        ("symbol,cik\nAAPL.US,0000320193\n", "a CIK without leading zeros in mine.csv:2"),
        ("symbol,valid_from\nAAPL.US,20200101\n", "a day as YYYY-MM-DD in mine.csv:2"),
        (
            "symbol,valid_from,valid_to\nAAPL.US,2020-01-02,2020-01-01\n",
            "not before valid_from in mine.csv:2",
        ),
        ("symbol\nAAPL\n", "expected CODE.MARKET, found 'AAPL' in mine.csv:2"),
        ("symbol\nXDDX.UK\n", "a symbol of a known market in mine.csv:2"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text: str, expected: str) -> None:
    with pytest.raises(ListError) as caught:
        read(text)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)
