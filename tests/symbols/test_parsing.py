"""Symbols as other tools write them: one meaning, or a refusal that names the possible ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newscrawl.exceptions import Refused
from newscrawl.symbols import parse, resolve

TODAY = date(2026, 5, 8)
steady = settings(derandomize=True, deadline=None, max_examples=500)


@pytest.mark.parametrize(
    ("text", "symbol", "tool"),
    [
        ("02399.HK", "02399.HK", "site"),
        ("0700.HK", "0700.HK", "site"),
        ("BRK.B.US", "BRK.B.US", "site"),
        (".DJI.US", ".DJI.US", "site"),
        ("BK/US/IN00258", "IN00258.US", "site"),
        ("XDDX.UK", "XDDX.UK", "site"),
        ("BTCUSD.HAS", "BTCUSD.HAS", "site"),
        ("HKG:2399", "2399.HK", "Google"),
        ("HKG:02399", "2399.HK", "Google"),
        ("SHA:600519", "600519.SH", "Google"),
        ("SHE:300750", "300750.SZ", "Google"),
        ("SHE:000001", "000001.SZ", "Google"),
        ("NYSE:BRK.B", "BRK.B.US", "Google"),
        ("NYSE:BRK-B", "BRK.B.US", "Google"),
        ("D05.SI", "D05.SG", "Yahoo"),
        ("80700.HK", "80700.HK", "site"),
        ("600519.XSHG", "600519.SH", "ISO 10383"),
        ("000001.XSHE", "000001.SZ", "ISO 10383"),
        ("600519.SSE", "600519.SH", "short name"),
        ("000001.SZSE", "000001.SZ", "short name"),
        ("002939.CN", "002939.CN", "suffix of the mainland"),
        ("NVDA.O", "NVDA.US", "Reuters"),
        ("IBM.N", "IBM.US", "Reuters"),
        ("801010.SI", "801010.SI", "no known market"),
        ("XDDX.UK", "XDDX.UK", "no known market"),
        ("NASDAQ: AAPL", "AAPL.US", "Google"),
        ("SGX:D05", "D05.SG", "Google"),
        ("2399 HK", "2399.HK", "Bloomberg"),
        ("700 HK Equity", "700.HK", "Bloomberg"),
        ("AAPL US Equity", "AAPL.US", "Bloomberg"),
        ("BRK/B US", "BRK.B.US", "Bloomberg"),
        ("HK.02399", "2399.HK", "Futu"),
        ("SH.600519", "600519.SH", "Futu"),
        ("SZ.000001", "000001.SZ", "Futu"),
        ("US.AAPL", "AAPL.US", "Futu"),
        ("US.BRK.B", "BRK.B.US", "Futu"),
        ("600519.SS", "600519.SH", "Yahoo"),
        ("000001.SS", "000001.SH", "Yahoo"),
        ("BRK-B", "BRK.B.US", "Yahoo"),
        ("  hkg:2399 ", "2399.HK", "Google"),
        ("2399  hk", "2399.HK", "Bloomberg"),
        # A ticker that is also a market's name: only one of the two ways gives a code.
        ("HK.US", "HK.US", "site"),
        ("SH.US", "SH.US", "site"),
    ],
)
def test_spellings(text: str, symbol: str, tool: str) -> None:
    parsed = parse(text)
    assert parsed.symbol == symbol
    assert tool in parsed.spelling
    resolve(parsed.symbol, TODAY)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("600519", ["600519.SH", "600519.SZ", "600519.BJ"]),
        ("000001", ["000001.SH", "000001.SZ"]),
        ("600519 CH", ["600519.SH", "600519.SZ"]),
        ("700", ["700.HK", "another market"]),
        ("02399", ["2399.HK", "another market"]),
        ("DAX", ["DAX.US", ".DAX.US"]),
        ("AAPL", ["AAPL.US", "AAPL.SG"]),
        ("ET", ["ET.US"]),
        ("BRK.B", ["BRK.B.US", "Reuters"]),
        ("VOD.L", ["VOD.L.US", "Reuters"]),
        ("US.HK", ["US.HK (as the site", "HK.US (as Futu"]),
        ("US.SG", ["US.SG (as the site", "SG.US (as Futu"]),
    ],
)
def test_two_meanings_are_refused_and_named(text: str, named: list[str]) -> None:
    with pytest.raises(Refused) as caught:
        parse(text)
    assert caught.value.code == "bad_symbol"
    assert "expected" in caught.value.detail
    assert f"found {text!r}" in caught.value.detail
    assert [name for name in named if name not in caught.value.detail] == []


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "000000", "0", "HKG:", ":2399", "HKG:TENCENT", "HKG:239999", "HKG:00000", "NYSE:600519",
        "XETRA:SAP", "HK.2399", "HK.800000", "HK.00000", "SH.688", "SZ.ABC", "2399 HK HK", "2399 SP",
        "BTC-USD",        "BRK-U", "BRK--B", "1234567", "$AAPL", "腾讯", "２３９９ HK", "x" * 500,
    ],
)  # fmt: skip
def test_what_is_no_symbol_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(Refused) as caught:
        parse(text)
    assert caught.value.code == "bad_symbol"
    assert "expected" in caught.value.detail
    assert len(caught.value.detail) < 160
    assert "\n" not in caught.value.detail


texts = st.one_of(
    st.text(max_size=14),
    st.from_regex(r"[A-Z]{0,6}[:. \-/]?[A-Z0-9]{0,6}[:. \-/]?[A-Z]{0,6}", fullmatch=True),
)


@steady
@given(texts)
def test_what_is_parsed_is_a_symbol_of_this_project(text: str) -> None:
    try:
        found = resolve(parse(text).symbol, TODAY)
    except Refused as refusal:
        assert refusal.code == "bad_symbol"  # noqa: PT017 - being parsed is right, too
        return
    # Parsed again, it means the same, unless another tool writes another symbol like this.
    assert found.symbol is not None
    try:
        again = parse(found.symbol)
    except Refused as refusal:
        assert "one meaning" in refusal.detail  # noqa: PT017
        return
    assert replace(resolve(again.symbol, TODAY), raw=found.raw) == found


@steady
@given(st.integers(1, 99_999))
def test_all_spellings_of_a_hong_kong_code_are_one_instrument(number: int) -> None:
    spellings = [f"{number}.HK", f"{number:05}.HK", f"HKG:{number}", f"{number} HK", f"HK.{number:05}"]
    assert {resolve(parse(text).symbol, TODAY).symbol for text in spellings} == {f"{number}.HK"}
