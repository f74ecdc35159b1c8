"""The tables of codes as a whole: whole rows, no overlap, no gap but those named here, sources, MICs."""

from __future__ import annotations

import csv
import itertools
from datetime import date, timedelta
from importlib.resources import files

import pytest
from iso10383 import MIC, City, MICEntry, Status

from newscrawl.symbols.tables import (
    Link,
    Range,
    find_counter,
    find_named,
    find_range,
    find_renamed,
    read_links,
    read_table,
)

TABLE = read_table()
LINKS = read_links()
NUMERIC = [row for row in TABLE if row.first.isdigit()]
COLUMNS = ["market", "from", "to", "type", "board", "currency", "mic", "valid_from", "valid_to", "source"]
TYPES = {
    *("equity", "etf", "reit", "warrant", "cbbc", "inline_warrant", "leveraged", "depositary_receipt"),
    *("bond", "fund", "index", "crypto", "option", "industry", "unknown"),
}
# ISO 10383; XBSE would be Bucharest.
MICS = {"HK": {"XHKG", "XGEM"}, "SH": {"XSHG"}, "SZ": {"XSHE"}, "BJ": {"BJSE"}, "SG": {"XSES"}}
WIDTHS = {"HK": 5, "SH": 6, "SZ": 6, "BJ": 6}
LAST_DAY_OF_OLD_CODES = date(2025, 10, 8)
# The days on which what the table says may change, and one long ago and one far ahead.
DAYS = sorted(
    {date(1990, 1, 2), date(2099, 1, 1)}
    | {row.valid_from for row in TABLE if row.valid_from != date.min}
    | {row.valid_to for row in TABLE if row.valid_to != date.max}
    | {row.valid_to + timedelta(1) for row in TABLE if row.valid_to != date.max}
)
# Codes to which the plan and the exchanges' pages give nothing: first and last, day by day where it differs.
HK_GAPS = [(0, 0), (30_000, 41_499), (41_600, 46_999), (49_000, 49_499), (70_000, 79_999)]
SH_GAPS = [
    (1_000, 8_999), (11_000, 17_999), (21_000, 99_999), (100_900, 100_999), (102_000, 108_999),
    (116_000, 117_999), (119_000, 119_999), (133_000, 134_999), (138_000, 138_499), (141_000, 141_999),
    (144_000, 144_999), (146_000, 148_999), (153_000, 154_999), (158_000, 158_999), (161_000, 161_999),
    (170_000, 170_999), (172_000, 172_999), (174_000, 174_999), (181_000, 182_299), (187_000, 187_999),
    (190_000, 193_999), (195_000, 195_999), (200_000, 200_999), (208_000, 229_999), (239_000, 239_999),
    (248_000, 249_999), (255_000, 257_999), (267_000, 269_999), (273_000, 279_999), (284_000, 499_999),
    (602_000, 602_999), (604_000, 604_999), (606_000, 687_999), (690_000, 800_999), (802_000, 899_999),
    (901_000, 929_999), (940_000, 949_999), (960_000, 999_999),
]  # fmt: skip
SZ_GAPS = [
    (5_000, 99_999), (122_000, 122_999), (125_000, 126_999), (129_000, 129_999), (131_000, 131_799),
    (132_100, 132_999), (140_000, 142_999), (201_000, 201_871), (201_873, 299_999), (303_000, 398_999),
    (400_000, 499_999), (530_000, 559_999), (600_000, 969_999), (990_000, 999_999),
]  # fmt: skip
BJ_GAPS_BEFORE = [(0, 429_999), (440_000, 829_999), (840_000, 869_999), (880_000, 898_999)]
BJ_GAPS_AFTER = [(0, 898_999)]
BJ_NEW_CODES_SINCE = date(2024, 4, 22)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.market}-{row.first}")
def test_every_row_is_whole(row: Range) -> None:
    assert row.type in TYPES
    assert row.board
    assert row.mic is None or row.mic in MICS[row.market]
    assert row.currency in (None, "HKD", "USD", "CNY")
    assert row.valid_from <= row.valid_to
    if row.first.isdigit():
        assert len(row.first) == len(row.last) == WIDTHS[row.market]
        assert int(row.first) <= int(row.last)
    else:
        assert row.first == row.last


@pytest.mark.parametrize("row", [*TABLE, *LINKS], ids=lambda row: f"{row.market}-{row.first}")
def test_every_row_names_its_source(row: Range | Link) -> None:
    assert row.source.strip()
    # Marked so in the notes: general knowledge, unconfirmed.
    assert "(k)" not in row.source


def test_the_file_has_the_columns_of_the_plan_and_no_stray_ones() -> None:
    text = files("newscrawl.symbols").joinpath("ranges.csv").read_text(encoding="utf-8")
    rows = list(csv.reader(text.splitlines()))
    assert rows[0] == COLUMNS
    assert {len(row) for row in rows} == {len(COLUMNS)}
    assert [value.strip() for row in rows for value in row] == [value for row in rows for value in row]
    for market in WIDTHS:
        firsts = [row[1] for row in rows[1:] if row[0] == market]
        assert firsts == sorted(firsts)


@pytest.mark.parametrize("market", WIDTHS)
@pytest.mark.parametrize("on", DAYS, ids=str)
def test_on_no_day_do_two_rows_say_something_about_one_code(market: str, on: date) -> None:
    end = -1
    for row in sorted(row for row in NUMERIC if row.market == market and row.is_valid(on)):
        assert int(row.first) > end, row
        end = int(row.last)


def _gaps(market: str, on: date) -> list[tuple[int, int]]:
    gaps = []
    free = 0
    for row in sorted(row for row in NUMERIC if row.market == market and row.is_valid(on)):
        if int(row.first) > free:
            gaps.append((free, int(row.first) - 1))
        free = int(row.last) + 1
    highest = 10 ** WIDTHS[market] - 1
    return [*gaps, (free, highest)] if free <= highest else gaps


@pytest.mark.parametrize("on", DAYS, ids=str)
def test_gaps_are_those_of_the_sources(on: date) -> None:
    new = [(900_000, 919_999), (921_000, 999_999)] if on >= BJ_NEW_CODES_SINCE else [(900_000, 999_999)]
    old = BJ_GAPS_BEFORE if on <= LAST_DAY_OF_OLD_CODES else BJ_GAPS_AFTER
    assert _gaps("HK", on) == HK_GAPS
    assert _gaps("SH", on) == SH_GAPS
    assert _gaps("SZ", on) == SZ_GAPS
    assert _gaps("BJ", on) == [*old, *new]


@pytest.mark.parametrize("mic", sorted(set().union(*MICS.values())))
def test_mics_are_active_ones_of_iso_10383(mic: str) -> None:
    entry: MICEntry = MIC[mic.lower()].value
    assert entry.status in (Status.active, Status.updated)
    country = {"XHKG": "hk", "XGEM": "hk", "XSES": "sg"}.get(mic, "cn")
    assert entry.iso_country_code is not None
    assert entry.iso_country_code.name == country


def test_bucharest_is_not_beijing() -> None:
    assert MIC["xbse"].value.city is City.bucharest
    assert "XBSE" not in {row.mic for row in TABLE}


@pytest.mark.parametrize("row", NUMERIC, ids=lambda row: f"{row.market}-{row.first}")
def test_both_ends_of_a_row_find_it_on_its_first_and_last_day_and_not_outside(row: Range) -> None:
    for number in (int(row.first), int(row.last)):
        assert find_range(row.market, number, row.valid_from) == row
        assert find_range(row.market, number, row.valid_to) == row
        if row.valid_from != date.min:
            assert find_range(row.market, number, row.valid_from - timedelta(1)) is None
        if row.valid_to != date.max:
            assert find_range(row.market, number, row.valid_to + timedelta(1)) is None


def test_a_code_with_letters_is_found_by_its_name_alone() -> None:
    found = find_named("SG", "HTCD", date(2026, 5, 8))
    assert found is not None
    assert found.type == "depositary_receipt"
    assert find_named("US", "HTCD", date(2026, 5, 8)) is None


# Old codes of Beijing whose last three digits another share had.
OTHER_DIGITS = {
    "831167", "831396", "831832", "833171", "837174", "870508", "870726", "871263", "873152", "873305",
}  # fmt: skip

# --- Links --------------------------------------------------------------------------------------


@pytest.mark.parametrize("link", LINKS, ids=lambda link: f"{link.kind}-{link.first}")
def test_every_link_is_whole(link: Link) -> None:
    assert link.kind in ("counter", "renamed")
    assert len(link.first) == len(link.last) == len(link.target) == WIDTHS[link.market]
    assert int(link.first) <= int(link.last)
    assert (link.since == date.min) == (link.kind == "counter")
    if link.kind == "renamed":
        # Beijing kept the last three digits where they were free.
        assert link.market == "BJ"
        assert link.target.startswith("920")
        assert (link.target[3:] == link.first[3:]) == (link.first not in OTHER_DIGITS)
        return
    # The last digits stay: that is what makes the rule readable, and a slip of the pen visible.
    same = 4 if link.first >= "80000" else 2
    for end in (int(link.first), int(link.last)):
        assert link.leads_to(end) % 10**same == end % 10**same


def test_counters_do_not_overlap_and_none_leads_to_another() -> None:
    counters = sorted((link for link in LINKS if link.kind == "counter"), key=lambda link: link.first)
    for low, high in itertools.pairwise(counters):
        assert low.last < high.first
    for link in counters:
        for end in (int(link.first), int(link.last)):
            assert find_counter("HK", end) == link
            assert find_counter("HK", link.leads_to(end)) is None


def test_every_code_in_a_second_currency_has_a_link_or_is_named_here() -> None:
    without = {
        (row.first, row.last)
        for row in NUMERIC
        if row.market == "HK" and row.currency in ("USD", "CNY") and find_counter("HK", int(row.last)) is None
    }
    assert without == {
        ("02821", "02821"),  # the one counter of its fund in the list that was compared
        ("41500", "41599"),  # the sources name no block beside it
        ("82900", "82999"),  # temporary counters
        ("84000", "86617"), ("86619", "86999"), ("87100", "89199"),  # unknown
        ("89600", "89617"), ("89619", "89887"), ("89889", "89987"), ("89989", "89999"),  # unknown
        ("87000", "87000"), ("87001", "87001"), ("87002", "87099"),  # trusts
        ("89200", "89599"),  # warrants
    }  # fmt: skip


def test_no_two_old_codes_of_beijing_lead_to_one_new_code() -> None:
    renamed = [link for link in LINKS if link.kind == "renamed"]
    assert len({link.target for link in renamed}) == len(renamed)
    for link in renamed:
        assert find_renamed("BJ", int(link.first), LAST_DAY_OF_OLD_CODES) is None
        assert find_renamed("BJ", int(link.first), date(2025, 10, 9)) == link
        assert find_range("BJ", int(link.first), LAST_DAY_OF_OLD_CODES) is not None
        assert find_range("BJ", int(link.target), date(2025, 10, 9)) is not None
