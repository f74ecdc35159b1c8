"""Why a symbol is what it is: every answer has a reason, and ranges name their source."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newscrawl.exceptions import Refused
from newscrawl.symbols import explain, resolve

TODAY = date(2026, 5, 8)
steady = settings(derandomize=True, deadline=None, max_examples=300)


@pytest.mark.parametrize(
    ("raw", "lines"),
    [
        ("02399.HK", [["HK 02192-02777", "main board", "source: HKEX Stock Code Allocation Plan"]]),
        ("25049.HK", [["HK 10000-29999", "derivative warrants", "source: HKEX product page"]]),
        ("00823.HK", [["HK 00823,", "REIT"]]),
        ("02778.HK", [["HK 02778,", "REIT"]]),
        ("80700.HK", [["HK 80000-82799", "RMB counters"], ["counter:", "from 00001", "source:"]]),
        ("80823.HK", [["HK 80000-82799"], ["beside 00823", "reit", "neither type nor primary"]]),
        ("89988.HK", [["HK 89988,", "RMB counters"], ["counter:", "from 09988", "dual counter"]]),
        ("9834.HK", [["HK 09800-09849", "USD counters"], ["counter:", "from 02800", "ISIN"]]),
        ("83433.HK", [["HK 83200-83999"], ["beside 03433", "etf", "neither type nor primary"]]),
        ("4330.HK", [["HK 04330-04399", "of no one type", "US pilot"]]),
        ("833819.BJ", [["renamed: 920819.BJ since 2025-10-09", "source:"], ["from 2024-04-22", "BJ 920000"]]),
        ("873167.BJ", [["no row", "873167", "2026-05-08"]]),
        ("831167.BJ", [["renamed: 920267.BJ", "one name in two lists"], ["BJ 920000"]]),
        ("002939.CN", [["SZ 000000-004999"]]),
        ("000001.CN", [["does not tell one exchange"]]),
        ("600519.SS", [["SH 600000-601999"]]),
        ("30000.HK", [["no row", "30000"]]),
        ("000001.SH", [["SH 000000-000999", "indices"]]),
        ("HTCD.SG", [["SG HTCD", "depositary", "source:"]]),
        ("D05.SG", [["SG does not tell"]]),
        ("DAX.US", [["US ticker", "venue"]]),
        ("BRK.B.US", [["US ticker"], ["listing: BERKSHIRE HATHAWAY INC; CIK 1067983", "source: sec"]]),
        (".DJI.US", [["form: a dot"]]),
        ("HSI.HK", [["form: letters"]]),
        ("700-R.HK", [["expected digits", "700-R"]]),
        ("AAPL230317P160000.US", [["form:", "option"]]),
        ("BTCUSD.HAS", [["form:", "HAS"]]),
        ("IN00446.US", [["form:", "industry"]]),
        ("BK/US/IN00258", [["form:", "industry"]]),
        ("XDDX.UK", [["UK is not in the table"]]),
    ],
)
def test_reasons(raw: str, lines: list[list[str]]) -> None:
    found = explain(raw, TODAY)
    assert len(found) == len(lines)
    for line, words in zip(found, lines, strict=True):
        assert [word for word in words if word not in line] == []


def test_days_are_named_where_a_row_is_not_for_ever() -> None:
    (line,) = explain("833819.BJ", date(2025, 10, 8))
    assert "until 2025-10-08" in line


@steady
@given(
    st.builds("{}.{}".format, st.integers(0, 999_999), st.sampled_from(["HK", "SH", "SZ", "BJ", "SG", "UK"]))
    | st.from_regex(r"\.?[A-Z0-9.]{1,8}\.(US|HK|SG|HAS|DE)", fullmatch=True),
    st.dates(),
)
def test_every_answer_has_reasons_that_fit_it(raw: str, on: date) -> None:
    try:
        found = resolve(raw, on)
    except Refused:
        with pytest.raises(Refused):
            explain(raw, on)
        return
    lines = explain(raw, on)
    assert lines
    assert all(line and "\n" not in line for line in lines)
    if found.type_source == "code_range":
        assert any(line.startswith("code range: ") and "source: " in line for line in lines)
    elif found.type_source == "form":
        assert lines[0].startswith("form: ")
    assert (found.primary_symbol is not None) == any("source" in x for x in lines if x.startswith("counter"))
