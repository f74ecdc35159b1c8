"""The official lists in their true form: what is read, what is left out, and what is refused whole."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from newscrawl.reference.listing import Listing
from newscrawl.reference.lists.hkex import read_hkex
from newscrawl.reference.lists.sgx import read_sgx
from newscrawl.reference.lists.snapshot import ListError, Snapshot
from newscrawl.reference.lists.us import read_nasdaq, read_others, read_sec

TYPICAL = Path(__file__).parents[2] / "benchmarks" / "typical"
DAY = date(2026, 5, 7)


def content(name: str) -> bytes:
    return (TYPICAL / name).read_bytes()


def by_symbol(found: Snapshot) -> dict[str, Listing]:
    return {row.symbol: row for row in found.rows}


def facts(row: Listing) -> tuple[str | None, ...]:
    return (row.name, row.type, row.mic, row.venue, row.currency)


def workbook(text: bytes) -> bytes:
    """The same table as the workbook that Hong Kong publishes."""
    book = Workbook()
    sheet: Any = book.active
    for cells in csv.reader(io.StringIO(text.decode())):
        sheet.append(cells)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_nasdaq() -> None:
    found = read_nasdaq(content("nasdaqlisted.txt"))
    rows = by_symbol(found)
    assert (found.day, found.skipped) == (DAY, 1)
    assert "ZXZZT.US" not in rows
    assert facts(rows["NVDA.US"]) == ("NVIDIA Corporation", "equity", "XNAS", None, "USD")
    assert facts(rows["JD.US"]) == ("JD.com, Inc.", "depositary_receipt", "XNAS", None, "USD")
    assert rows["QQQ.US"].type == "etf"


def test_other_exchanges() -> None:
    found = read_others(content("otherlisted.txt"))
    rows = by_symbol(found)
    # A preferred share and a test.
    assert (found.day, found.skipped) == (DAY, 2)
    assert facts(rows["BRK.B.US"]) == ("Berkshire Hathaway Inc.", "equity", "XNYS", None, "USD")
    mics = {symbol: rows[f"{symbol}.US"].mic for symbol in ("SPY", "IMO", "CBOE", "GE")}
    assert mics == {"SPY": "ARCX", "IMO": "XASE", "CBOE": "BATS", "GE": "XNYS"}


def test_the_regulator_tells_issuer_and_venue_and_no_type() -> None:
    rows = by_symbol(read_sec(content("company_tickers_exchange.json")))
    assert facts(rows["NVDA.US"]) == ("NVIDIA CORP", None, "XNAS", "Nasdaq", None)
    # New York's word is for a group of exchanges.
    assert facts(rows["BRK.B.US"]) == ("BERKSHIRE HATHAWAY INC", None, None, "NYSE", None)
    assert rows["NVDA.US"].cik == "1045810"


def test_the_regulator_s_preferred_shares_and_rows_without_a_venue() -> None:
    data = [[1, "A", "A-PB", "NYSE"], [2, "B", "B", None], [3, "C", "C", "Moon"], [None, "D", "D", "OTC"]]
    found = read_sec(json.dumps({"fields": ["cik", "name", "ticker", "exchange"], "data": data}).encode())
    assert [(row.symbol, row.venue) for row in found.rows] == [("B.US", None), ("C.US", None)]
    assert found.skipped == 2


@pytest.mark.parametrize("form", ["csv", "tab", "xlsx"])
def test_hong_kong(form: str) -> None:
    text = content("ListOfSecurities.csv")
    if form == "xlsx":
        text = workbook(text)
    elif form == "tab":
        rows = csv.reader(io.StringIO(text.decode()))
        text = "\r\n".join("\t".join(cells) for cells in rows).encode("utf-8-sig")
    found = read_hkex(text)
    rows_ = by_symbol(found)
    # Warrants are left out: their codes tell what they are.
    assert (found.day, found.skipped) == (DAY, 1)
    assert facts(rows_["700.HK"]) == ("TENCENT", "equity", "XHKG", None, "HKD")
    assert facts(rows_["80700.HK"]) == ("TENCENT-R", "equity", "XHKG", None, "CNY")
    assert rows_["700.HK"].isin == rows_["80700.HK"].isin == "KYG875721634"
    kinds = {code: rows_[f"{code}.HK"].type for code in (823, 2800, 7200)}
    assert kinds == {823: "reit", 2800: "etf", 7200: "leveraged"}


def test_growth_enterprises_have_their_own_venue_and_a_wrong_isin_is_none() -> None:
    line = b"08001,G,Equity,Equity Securities (GEM),1,KYG875721635,,,,,,,,,,,,,,HKD,\r\n"
    row = by_symbol(read_hkex(content("ListOfSecurities.csv") + line))["8001.HK"]
    assert (row.mic, row.isin) == ("XGEM", None)


def test_singapore() -> None:
    found = read_sgx(content("sgx.json"))
    kinds = {row.symbol: row.type for row in found.rows}
    assert found.day is None
    assert {row.mic for row in found.rows} == {"XSES"}
    assert kinds["D05.SG"] == "equity"
    assert kinds["C38U.SG"] == "reit"
    assert kinds["ES3.SG"] == "etf"
    assert kinds["HTCD.SG"] == "depositary_receipt"
    # A business trust is of no type that there is.
    assert kinds["CJLU.SG"] is None


def test_a_symbol_that_stands_twice_with_other_facts_is_left_out() -> None:
    prices = [
        {"nc": "D05", "type": "stocks"},
        {"nc": "D05", "type": "etfs"},
        {"nc": "U11", "type": "stocks"},
    ] * 2
    found = read_sgx(json.dumps({"data": {"prices": prices}}).encode())
    assert [row.symbol for row in found.rows] == ["U11.SG"]
    assert found.skipped == 1


SHORT_LINE = content("otherlisted.txt").replace(b"|N|100|N|BABA", b"|N|100")
NO_SUCH_DAY = content("nasdaqlisted.txt").replace(b"0507202621:31", b"1307202621:31")
WITHOUT_DAY = content("ListOfSecurities.csv").replace(b"Updated as at", b"As of")
DAY_OF_MONTH_15 = content("ListOfSecurities.csv").replace(b"07/05/2026", b"07/15/2026")


def _cut(name: str) -> bytes:
    lines = content(name).splitlines(keepends=True)
    return b"".join(lines[:-1])


@pytest.mark.parametrize(
    ("read", "damaged", "expected"),
    [
        (read_nasdaq, b"", "expected the header Symbol|Security Name"),
        (read_nasdaq, b"<html>Sorry</html>", "expected the header Symbol|Security Name"),
        (read_nasdaq, content("otherlisted.txt"), "expected the header Symbol|Security Name"),
        (read_nasdaq, _cut("nasdaqlisted.txt"), "expected File Creation Time at the end"),
        (read_others, _cut("otherlisted.txt"), "expected File Creation Time at the end"),
        (read_others, SHORT_LINE, "expected 8 columns in otherlisted.txt:"),
        (read_nasdaq, NO_SUCH_DAY, "expected a day"),
        (read_nasdaq, b"\xff\xfe", "expected UTF-8"),
        (read_sec, b"", 'expected JSON with "fields"'),
        (read_sec, b"[]", 'expected JSON with "fields"'),
        (read_sec, b'{"fields": ["cik", "ticker"], "data": []}', "expected the fields"),
        (read_sec, content("company_tickers_exchange.json")[:-40], 'expected JSON with "fields"'),
        (read_sec, b'{"fields": ["cik", "name", "ticker", "exchange"], "data": [[1]]}', "expected 4 values"),
        (read_hkex, b"", "expected a header with Stock Code"),
        (read_hkex, b"PK\x03\x04nothing", "expected a workbook"),
        (read_hkex, WITHOUT_DAY, "expected 'Updated as at"),
        (read_hkex, DAY_OF_MONTH_15, "expected a day"),
        (read_sgx, b"{}", "expected JSON with data.prices"),
        (read_sgx, b'{"data": {"prices": [1]}}', "expected a list of objects"),
    ],
)  # fmt: skip
def test_another_form_is_refused_in_one_line(read: Any, damaged: bytes, expected: str) -> None:
    with pytest.raises(ListError) as caught:
        read(damaged)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)
