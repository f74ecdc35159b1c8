"""What the codes of each range are, at both ends and in the middle: every row of the sources."""

from __future__ import annotations

from datetime import date

import pytest

from newscrawl.symbols import Instrument, is_uncovered, resolve

TODAY = date(2026, 5, 8)

# First and last code, type, currency.
HONG_KONG = [
    (1, 404, "equity", "HKD"),
    (405, 405, "reit", "HKD"),
    (406, 434, "equity", "HKD"),
    (435, 435, "reit", "HKD"),
    (436, 777, "equity", "HKD"),
    (778, 778, "reit", "HKD"),
    (779, 807, "equity", "HKD"),
    (808, 808, "reit", "HKD"),
    (809, 822, "equity", "HKD"),
    (823, 823, "reit", "HKD"),
    (824, 1_425, "equity", "HKD"),
    (1_426, 1_426, "reit", "HKD"),
    (1_427, 1_502, "equity", "HKD"),
    (1_503, 1_503, "reit", "HKD"),
    (1_504, 1_880, "equity", "HKD"),
    (1_881, 1_881, "reit", "HKD"),
    (1_882, 2_190, "equity", "HKD"),
    (2_191, 2_191, "reit", "HKD"),
    (2_192, 2_777, "equity", "HKD"),
    (2_778, 2_778, "reit", "HKD"),
    (2_779, 2_799, "equity", "HKD"),
    (2_800, 2_820, "etf", "HKD"),
    (2_821, 2_821, "etf", "USD"),
    (2_822, 2_849, "etf", "HKD"),
    (2_850, 2_899, "equity", "HKD"),
    (2_900, 2_999, "unknown", None),
    (3_000, 3_199, "etf", "HKD"),
    (3_200, 3_399, "equity", "HKD"),
    (3_400, 3_499, "etf", "HKD"),
    (3_500, 3_599, "unknown", None),
    (3_600, 3_999, "equity", "HKD"),
    (4_000, 4_199, "bond", None),
    (4_200, 4_299, "bond", None),
    (4_300, 4_599, "unknown", None),
    (4_600, 4_699, "equity", None),
    (4_700, 4_799, "bond", None),
    (4_800, 4_999, "warrant", None),
    (5_000, 6_029, "bond", None),
    (6_030, 6_199, "equity", "HKD"),
    (6_200, 6_299, "depositary_receipt", None),
    (6_300, 6_399, "unknown", None),
    (6_400, 6_749, "equity", "HKD"),
    (6_750, 6_799, "bond", None),
    (6_800, 7_199, "equity", "HKD"),
    (7_200, 7_399, "leveraged", "HKD"),
    (7_400, 7_499, "equity", "HKD"),
    (7_500, 7_599, "leveraged", "HKD"),
    (7_600, 7_699, "equity", "HKD"),
    (7_700, 7_799, "leveraged", "HKD"),
    (7_800, 7_999, "equity", "HKD"),
    (8_000, 8_550, "equity", "HKD"),
    (8_551, 8_600, "unknown", None),
    (8_601, 8_999, "equity", "HKD"),
    (9_000, 9_199, "etf", "USD"),
    (9_200, 9_399, "leveraged", "USD"),
    (9_400, 9_499, "etf", "USD"),
    (9_500, 9_599, "leveraged", "USD"),
    (9_600, 9_699, "equity", "HKD"),
    (9_700, 9_799, "leveraged", "USD"),
    (9_800, 9_849, "etf", "USD"),
    (9_850, 9_999, "equity", "HKD"),
    (10_000, 29_999, "warrant", None),
    (41_500, 41_599, "etf", "USD"),
    (47_000, 48_999, "inline_warrant", None),
    (49_500, 69_999, "cbbc", None),
    (80_000, 80_000, "equity", "CNY"),
    (80_001, 80_404, "equity", "CNY"),
    (80_405, 80_405, "unknown", "CNY"),
    (80_406, 80_434, "equity", "CNY"),
    (80_435, 80_435, "unknown", "CNY"),
    (80_436, 80_777, "equity", "CNY"),
    (80_778, 80_778, "unknown", "CNY"),
    (80_779, 80_807, "equity", "CNY"),
    (80_808, 80_808, "unknown", "CNY"),
    (80_809, 80_822, "equity", "CNY"),
    (80_823, 80_823, "unknown", "CNY"),
    (80_824, 81_425, "equity", "CNY"),
    (81_426, 81_426, "unknown", "CNY"),
    (81_427, 81_502, "equity", "CNY"),
    (81_503, 81_503, "unknown", "CNY"),
    (81_504, 81_880, "equity", "CNY"),
    (81_881, 81_881, "unknown", "CNY"),
    (81_882, 82_190, "equity", "CNY"),
    (82_191, 82_191, "unknown", "CNY"),
    (82_192, 82_777, "equity", "CNY"),
    (82_778, 82_778, "unknown", "CNY"),
    (82_779, 82_799, "equity", "CNY"),
    (82_800, 82_849, "etf", "CNY"),
    (82_850, 82_899, "equity", "CNY"),
    (82_900, 82_999, "unknown", "CNY"),
    (83_000, 83_199, "etf", "CNY"),
    (83_200, 83_399, "equity", "CNY"),
    (83_400, 83_599, "unknown", "CNY"),
    (83_600, 83_999, "equity", "CNY"),
    (84_000, 86_617, "unknown", "CNY"),
    (86_618, 86_618, "equity", "CNY"),
    (86_619, 86_999, "unknown", "CNY"),
    (87_000, 87_000, "unknown", "CNY"),
    (87_001, 87_001, "reit", "CNY"),
    (87_002, 87_099, "unknown", "CNY"),
    (87_100, 89_199, "unknown", "CNY"),
    (89_200, 89_599, "warrant", "CNY"),
    (89_600, 89_617, "unknown", "CNY"),
    (89_618, 89_618, "equity", "CNY"),
    (89_619, 89_887, "unknown", "CNY"),
    (89_888, 89_888, "equity", "CNY"),
    (89_889, 89_987, "unknown", "CNY"),
    (89_988, 89_988, "equity", "CNY"),
    (89_989, 89_999, "unknown", "CNY"),
]
MAINLAND = [
    ("SH", 1, 999, "index", "XSHG", None),
    ("SH", 9_000, 10_999, "bond", "XSHG", "CNY"),
    ("SH", 18_000, 20_999, "bond", "XSHG", "CNY"),
    ("SH", 110_000, 112_999, "bond", "XSHG", "CNY"),
    ("SH", 113_000, 115_999, "bond", "XSHG", "CNY"),
    ("SH", 118_000, 118_999, "bond", "XSHG", "CNY"),
    ("SH", 240_000, 247_999, "bond", "XSHG", "CNY"),
    ("SH", 500_000, 507_999, "fund", "XSHG", "CNY"),
    ("SH", 508_000, 508_999, "reit", "XSHG", "CNY"),
    ("SH", 510_000, 513_999, "etf", "XSHG", "CNY"),
    ("SH", 515_000, 518_999, "etf", "XSHG", "CNY"),
    ("SH", 519_000, 519_999, "fund", "XSHG", "CNY"),
    ("SH", 530_000, 530_999, "etf", "XSHG", "CNY"),
    ("SH", 560_000, 563_999, "etf", "XSHG", "CNY"),
    ("SH", 580_000, 580_999, "warrant", "XSHG", "CNY"),
    ("SH", 588_000, 589_999, "etf", "XSHG", "CNY"),
    ("SH", 590_000, 599_999, "fund", "XSHG", "CNY"),
    ("SH", 600_000, 601_999, "equity", "XSHG", "CNY"),
    ("SH", 603_000, 603_999, "equity", "XSHG", "CNY"),
    ("SH", 605_000, 605_999, "equity", "XSHG", "CNY"),
    ("SH", 688_000, 688_999, "equity", "XSHG", "CNY"),
    ("SH", 689_000, 689_999, "depositary_receipt", "XSHG", "CNY"),
    ("SH", 900_000, 900_999, "equity", "XSHG", "USD"),
    # No venue lists these indices.
    ("SH", 801_000, 801_999, "index", None, None),
    ("SH", 930_000, 939_999, "index", None, None),
    ("SH", 950_000, 959_999, "index", None, None),
    ("SZ", 1, 4_999, "equity", "XSHE", "CNY"),
    ("SZ", 100_000, 119_399, "bond", "XSHE", "CNY"),
    ("SZ", 123_000, 124_999, "bond", "XSHE", "CNY"),
    ("SZ", 127_000, 128_999, "bond", "XSHE", "CNY"),
    ("SZ", 150_000, 158_999, "fund", "XSHE", "CNY"),
    ("SZ", 159_000, 159_999, "etf", "XSHE", "CNY"),
    ("SZ", 160_000, 179_999, "fund", "XSHE", "CNY"),
    ("SZ", 180_000, 180_999, "reit", "XSHE", "CNY"),
    ("SZ", 181_000, 189_499, "fund", "XSHE", "CNY"),
    ("SZ", 200_000, 200_999, "equity", "XSHE", "HKD"),
    ("SZ", 300_000, 302_999, "equity", "XSHE", "CNY"),
    ("SZ", 399_000, 399_999, "index", "XSHE", None),
    ("SZ", 970_000, 989_999, "index", None, None),
    ("BJ", 899_000, 899_999, "index", "BJSE", None),
    ("BJ", 920_000, 920_999, "equity", "BJSE", "CNY"),
]


@pytest.mark.parametrize(("first", "last", "kind", "currency"), HONG_KONG)
def test_hong_kong_ranges(first: int, last: int, kind: str, currency: str | None) -> None:
    for number in (first, last, (first + last) // 2):
        found = resolve(f"{number:05}.HK", TODAY)
        assert (found.type, found.currency) == (kind, currency)
        assert found.type_source == ("none" if kind == "unknown" else "code_range")
        assert found.mic == ("XGEM" if 8000 <= number <= 8999 else "XHKG")
        assert (found.symbol, found.code, found.market) == (f"{number}.HK", f"{number:05}", "HK")
        assert is_uncovered(found) == (kind == "unknown")


@pytest.mark.parametrize("number", [30_000, 41_499, 41_600, 46_999, 49_000, 70_000, 79_999, 90_000, 99_999])
def test_hong_kong_codes_outside_the_ranges_are_unknown(number: int) -> None:
    # Codes from 90000 are in the table: Stock Connect's names for securities of other exchanges.
    found = resolve(f"{number}.HK", TODAY)
    assert is_uncovered(found)
    assert found == Instrument(f"{number}.HK", f"{number}.HK", str(number), "HK")


@pytest.mark.parametrize(("market", "first", "last", "kind", "mic", "currency"), MAINLAND)
def test_mainland_ranges(
    market: str, first: int, last: int, kind: str, mic: str | None, currency: str | None
) -> None:
    for number in (first, last):
        raw = f"{number:06}.{market}"
        found = resolve(raw, TODAY)
        assert (found.symbol, found.code, found.market) == (raw, f"{number:06}", market)
        assert (found.mic, found.type, found.type_source) == (mic, kind, "code_range")
        assert found.currency == currency
        assert found.primary_symbol is None
        assert not is_uncovered(found)


@pytest.mark.parametrize("raw", ["204001.SH", "131810.SZ", "582001.SH"])
def test_repos_and_the_like_are_of_no_type_that_there_is(raw: str) -> None:
    found = resolve(raw, TODAY)
    assert (found.type, found.type_source) == ("unknown", "none")
    assert found.mic in ("XSHG", "XSHE")


@pytest.mark.parametrize(
    "raw",
    [
        "602000.SH",
        "604000.SH",
        "690000.SH",
        "901000.SH",
        "300750.SH",
        "002000.SH",
        "600519.SZ",
        "303000.SZ",
        "900901.SZ",
        "600519.BJ",
        "900901.BJ",
        "300750.BJ",
        "921000.BJ",
    ],
)
def test_mainland_codes_are_never_lent_to_another_exchange(raw: str) -> None:
    found = resolve(raw, TODAY)
    assert (found.symbol, found.type, found.type_source, found.mic) == (raw, "unknown", "none", None)
    assert is_uncovered(found)


# --- Counters in a second currency --------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "primary"),
    [
        ("80700.HK", "700.HK"),
        ("80001.HK", "1.HK"),
        ("82799.HK", "2799.HK"),
        ("82800.HK", "2800.HK"),
        ("82849.HK", "2849.HK"),
        ("82888.HK", "2888.HK"),
        ("83188.HK", "3188.HK"),
        ("83000.HK", "3000.HK"),
        ("83199.HK", "3199.HK"),
        ("83988.HK", "3988.HK"),
        ("86618.HK", "6618.HK"),
        ("89618.HK", "9618.HK"),
        ("89888.HK", "9888.HK"),
        ("89988.HK", "9988.HK"),
        ("9834.HK", "2834.HK"),
        ("09800.HK", "2800.HK"),
        ("9849.HK", "2849.HK"),
        ("9000.HK", "3000.HK"),
        ("9199.HK", "3199.HK"),
        ("9200.HK", "7200.HK"),
        ("9399.HK", "7399.HK"),
        ("9400.HK", "3400.HK"),
        ("9499.HK", "3499.HK"),
        ("9500.HK", "7500.HK"),
        ("9599.HK", "7599.HK"),
        ("9700.HK", "7700.HK"),
        ("9799.HK", "7799.HK"),
        # No rule: 80000 would lead to 00000, the other side is of another type, or no source says.
        ("80000.HK", None),
        ("80823.HK", None),
        ("82900.HK", None),
        ("83433.HK", None),
        ("83500.HK", None),
        ("84000.HK", None),
        ("87001.HK", None),
        ("89200.HK", None),
        ("41500.HK", None),
        # They are the primary counters.
        ("700.HK", None),
        ("2834.HK", None),
        ("9618.HK", None),
        ("9888.HK", None),
    ],
)
def test_counters_in_a_second_currency_lead_to_the_primary_one(raw: str, primary: str | None) -> None:
    found = resolve(raw, TODAY)
    assert found.primary_symbol == primary
    if primary is not None:
        main = resolve(primary, TODAY)
        assert (main.symbol, main.type, main.primary_symbol) == (primary, found.type, None)
        assert main.mic == found.mic


def test_no_derivative_is_a_share_or_has_a_primary_counter() -> None:
    # A warrant or a CBBC on a company is not the company; its code is given to another one later.
    for number in (*range(10_000, 30_000, 7), *range(47_000, 49_000, 7), *range(49_500, 70_000, 7)):
        found = resolve(f"{number}.HK", TODAY)
        assert found.type in ("warrant", "inline_warrant", "cbbc")
        assert found.primary_symbol is None
