"""Numbers before `.HK` in a sentence: a year, a count and an amount are no codes, whatever word is before.

Each case leaves one rule alone: nothing else in the sentence says that the number is none.
"""

from __future__ import annotations

import pytest

from tests.text.test_mentions import told

YEARS = ("1900", "1999", "2000", "2018", "2026", "2099")
# The numbers beside those that could be a year of the news; all of them could be a share.
BESIDE_YEARS = ("1800", "1899", "2100", "2199", "3018")


@pytest.mark.parametrize("before", ["FY ", "Q3 ", "H1 ", "AAC ", "AAC", "FY", "FY-", "财年", "**", ""])
@pytest.mark.parametrize("year", YEARS)
def test_a_year_is_no_code(before: str, year: str) -> None:
    assert told(f"{before}{year}.HK") == []


@pytest.mark.parametrize("code", BESIDE_YEARS)
def test_four_digits_that_are_no_year_are_a_code(code: str) -> None:
    assert told(f"Zijin {code}.HK") == [(f"{code}.HK", f"{code}.HK", "symbol")]


@pytest.mark.parametrize("year", YEARS)
def test_a_year_counts_where_no_year_can_stand(year: str) -> None:
    expected = [(f"{year}.HK", f"{year}.HK", "symbol")]
    # In brackets, which may hold another code as well, and where the story tags it.
    assert told(f"AAC ({year}.HK)") == expected
    assert told(f"AAC ({year}.HK, up)") == expected
    assert told(f"AAC (the former {year}.HK)") == expected
    assert told(f"FY {year}.HK", f"{year}.HK") == expected
    # No year has five digits.
    assert told(f"FY 0{year}.HK") == [(f"{year}.HK", f"0{year}.HK", "symbol")]


@pytest.mark.parametrize("number", ["5", "18", "700", "025"])
def test_a_number_of_up_to_three_digits_is_no_code(number: str) -> None:
    for before in ("FY ", "No. ", "Tencent ", ""):
        assert told(f"{before}{number}.HK") == []
    assert told(f"Tencent ({number}.HK)") != []


@pytest.mark.parametrize("number", ["12000", "25049", "38000"])
def test_five_digits_are_a_code_where_shares_have_such(number: str) -> None:
    # Derivatives, of which no news is written.
    assert told(f"FY {number}.HK") == []
    assert told("Tencent 80700.HK") == [("80700.HK", "80700.HK", "symbol")]


def test_four_digits_with_a_leading_zero_may_be_a_time_of_day() -> None:
    assert told("Tencent 0700.HK") == [("700.HK", "0700.HK", "symbol")]
    assert told("at 0930.HK") == []
    assert told("Tencent 0700.HK stocks") == []


@pytest.mark.parametrize(
    "before",
    ["of ", "reached: ", "points, ", "at\n", "über ", "$", "€", "£", "¥", "破", "跌 ", "HK$", "约"],
)
def test_an_amount_is_no_code(before: str) -> None:
    assert told(f"{before}9049.HK") == []
    # Capital letters are a name's.
    assert told(f"Name {before.upper()}. Alibaba 9988.HK") == [("9988.HK", "9988.HK", "symbol")]


@pytest.mark.parametrize("after", [" stocks", "\nStocks", ", Chinese", ": a", "-listed", "'s", " “soft”"])
def test_a_number_before_the_first_word_of_a_sentence_is_no_code(after: str) -> None:
    assert told(f"Name 9049.HK{after}") == []
    assert told(f"Name 09049.HK{after}") == [("9049.HK", "09049.HK", "symbol")]


@pytest.mark.parametrize("word", ["FY", "FY18", "FY2018", "Q3", "GOV", "HSIX", "A"])
def test_letters_before_the_market_are_no_code(word: str) -> None:
    for text in (f"{word}.HK", f"In {word}.HK", f"({word}.HK)"):
        assert told(text) == []


@pytest.mark.parametrize("period", ["Q3", "H1", "M9", "FY25", "FY2025"])
def test_a_period_is_no_ticker(period: str) -> None:
    assert told(f"A quarter ({period})", f"{period}.US") == []
    # Each is a code by its letters and digits alone.
    assert told(f"In {period}.SG", "D05.SG") == []


@pytest.mark.parametrize("code", ["2018", "1999", "1234"])
def test_four_digits_are_no_code_of_singapore_in_a_sentence(code: str) -> None:
    assert told(f"FY {code}.SG") == []
    assert told(f"DBS ({code}.SG)") == []
