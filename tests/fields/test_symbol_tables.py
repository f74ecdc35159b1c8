"""The tables of symbols, each as a whole."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date, timedelta
from importlib.resources import files
from itertools import combinations
from typing import TypeVar

import pytest
from iso10383 import MIC, Status

from newscrawl.fields.symbol_tables import Counter, Range, read_counters, read_markets, read_ranges

RANGES = read_ranges()
COUNTERS = read_counters()
MARKETS = read_markets()
TYPES = {
    "equity",
    "etf",
    "reit",
    "warrant",
    "cbbc",
    "inline_warrant",
    "leveraged",
    "depositary_receipt",
    "bond",
    "fund",
    "index",
    "unknown",
}
# ISO 10383; XBSE would be Bucharest.
MICS = {"HK": {"XHKG", "XGEM"}, "SH": {"XSHG"}, "SZ": {"XSHE"}, "BJ": {"BJSE"}}
HIGHEST = {"HK": 99_999, "SH": 999_999, "SZ": 999_999, "BJ": 999_999}
# Where the plans that the table follows give no use to a code.
GAPS = [(30_000, 41_499), (41_600, 46_999), (49_000, 49_499), (70_000, 79_999), (84_000, 86_999)]
GAPS += [(87_100, 89_199), (89_600, 89_999)]


@pytest.mark.parametrize("row", RANGES, ids=lambda row: f"{row.market}-{row.first}-{row.valid_from}")
def test_every_range_is_whole(row: Range) -> None:
    assert row.market in MICS
    assert 0 <= row.first <= row.last <= HIGHEST[row.market]
    assert row.type in TYPES
    assert row.mic in MICS[row.market] or (row.mic is None and row.type == "unknown")
    assert row.currency in {None, "HKD", "CNY", "USD"}
    assert row.board
    assert len(row.source) > 10
    assert "(k)" not in row.source
    assert row.valid_from <= row.valid_to


@pytest.mark.parametrize("row", COUNTERS, ids=lambda row: f"{row.market}-{row.first}")
def test_every_counter_leads_into_the_table(row: Counter) -> None:
    assert row.relation in {"counter", "successor"}
    assert row.source
    today = date(2026, 5, 8)
    # A successor's old code was in use until the day before.
    before = row.valid_from - timedelta(1) if row.relation == "successor" else today
    for offset in (0, row.last - row.first):
        (old,), (new,) = (
            covering(row.market, row.first + offset, before),
            covering(row.market, row.target + offset, today),
        )
        assert (old.currency == new.currency) == (row.relation == "successor")
        assert old.type == new.type or {old.type, new.type} <= {"equity", "etf", "reit"}


def covering(market: str, number: int, on: date) -> list[Range]:
    return [
        row
        for row in RANGES
        if row.market == market and row.first <= number <= row.last and row.valid_from <= on <= row.valid_to
    ]


Row = TypeVar("Row", Range, Counter)


def overlaps(rows: Iterable[Row]) -> list[tuple[Row, Row]]:
    return [
        (one, other)
        for one, other in combinations(rows, 2)
        if one.market == other.market
        and one.first <= other.last
        and other.first <= one.last
        and one.valid_from <= other.valid_to
        and other.valid_from <= one.valid_to
    ]


def test_no_code_is_two_things_on_one_day() -> None:
    assert overlaps(RANGES) == []
    assert overlaps(COUNTERS) == []


def test_an_overlap_would_be_seen() -> None:
    row = RANGES[0]
    assert overlaps([row, row._replace(first=row.last, last=row.last + 1)])
    assert not overlaps([row._replace(valid_to=date(2020, 1, 1)), row._replace(valid_from=date(2020, 1, 2))])


def test_hong_kong_has_gaps_only_where_the_plan_has_none() -> None:
    today = date(2026, 11, 23)
    rows = sorted(row for row in RANGES if row.market == "HK" and row.valid_from <= today <= row.valid_to)
    gaps, free = [], 1
    for row in rows:
        if row.first > free:
            gaps.append((free, row.first - 1))
        free = row.last + 1
    assert free == 100_000
    assert gaps == GAPS


def test_codes_are_those_of_the_iso_list() -> None:
    mics = {row.mic for row in RANGES if row.mic} | {market.mic for market in MARKETS.values() if market.mic}
    assert mics == {"XHKG", "XGEM", "XSHG", "XSHE", "BJSE", "XSES"}
    countries = {}
    for mic in mics:
        entry = MIC[mic.lower()].value
        assert entry.status is Status.active
        countries[mic] = str(entry.iso_country_code)
    assert countries == {
        "XHKG": "ISOCC.hk",
        "XGEM": "ISOCC.hk",
        "XSHG": "ISOCC.cn",
        "XSHE": "ISOCC.cn",
        "BJSE": "ISOCC.cn",
        "XSES": "ISOCC.sg",
    }
    # The neighbour in the alphabet that is easily taken for it.
    assert str(MIC["xbse"].value.iso_country_code) == "ISOCC.ro"


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("symbol_ranges.csv", "market,from,to,type,board,currency,mic,valid_from,valid_to,source"),
        ("symbol_counters.csv", "market,from,to,target,relation,valid_from,valid_to,source"),
        ("symbol_markets.csv", "market,digits,mic,currency,yahoo,ric,futu,source"),
    ],
)
def test_the_files_are_sorted_and_have_no_stray_columns(name: str, header: str) -> None:
    text = files("newscrawl.fields").joinpath(name).read_text(encoding="utf-8")
    rows = list(csv.reader(text.splitlines()))
    assert ",".join(rows[0]) == header
    assert {len(row) for row in rows} == {len(rows[0])}
    assert [value.strip() for row in rows for value in row] == [value for row in rows for value in row]
    if "from" in rows[0]:
        for market in MICS:
            firsts = [int(row[1]) for row in rows[1:] if row[0] == market]
            assert firsts == sorted(firsts)
