"""Other tools' spellings: one reading, or a refusal that names them all."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newscrawl.exceptions import Refused
from newscrawl.fields.spellings import read_symbol, read_vendor
from newscrawl.fields.symbols import resolve

TODAY = date(2026, 5, 8)


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("02399.HK", "2399.HK"),
        ("HKG:2399", "2399.HK"),
        ("HKEX: 700", "700.HK"),
        ("2399 HK", "2399.HK"),
        ("2399 HK Equity", "2399.HK"),
        ("HK.02399", "2399.HK"),
        ("0700.HK", "700.HK"),
        ("600519.SS", "600519.SH"),
        ("SHA:600519", "600519.SH"),
        ("SH.600519", "600519.SH"),
        ("600519 CH", "600519.SH"),
        ("300750 CH", "300750.SZ"),
        ("000001 CG", "000001.SH"),
        ("000001 CS", "000001.SZ"),
        ("SZSE:000001", "000001.SZ"),
        ("NYSE:BRK.B", "BRK.B.US"),
        ("NASDAQ:AAPL", "AAPL.US"),
        ("BRK-B", "BRK.B.US"),
        ("BRK/B US Equity", "BRK.B.US"),
        ("brk.b.us", "BRK.B.US"),
        ("US.BRK.B", "BRK.B.US"),
        ("US.AAPL", "AAPL.US"),
        ("D05.SI", "D05.SG"),
        ("D05 SP", "D05.SG"),
        ("SGX:D05", "D05.SG"),
        ("HSI.HK", "HSI.HK"),
        (".DJI.US", ".DJI.US"),
        ("BTCUSD.HAS", "BTCUSD.HAS"),
        ("BK/US/IN00258", "IN00258.US"),
        ("XDDX.UK", "XDDX.UK"),
        ("833819.BJ", "920819.BJ"),
    ],
)
def test_one_reading(text: str, symbol: str) -> None:
    assert read_symbol(text, TODAY) == symbol


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("000001 CH", "000001.SH or 000001.SZ"),
        ("US.SG", "SG.US or US.SG"),
        ("000001", "such as 000001.SH or 000001.SZ"),
        ("600519", "such as 600519.SH"),
        ("02399", "such as 2399.HK"),
        ("999999999", "a number with its market"),
    ],
)
def test_two_readings_are_refused_and_named(text: str, named: str) -> None:
    with pytest.raises(Refused) as caught:
        read_symbol(text, TODAY)
    assert caught.value.code == "bad_symbol"
    assert named in caught.value.detail


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "DAX",
        "AAPL",
        "BRK.B",
        "BSE:500112",
        "XYZ:1",
        "2399 JP",
        "HKG:",
        ":2399",
        "00000.HK",
        "腾讯",
        "1.SZ",
    ],
)
def test_what_is_no_spelling_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="bad_symbol: expected"):
        read_symbol(text, TODAY)


@pytest.mark.parametrize(
    ("tool", "text", "symbol"),
    [
        ("yahoo", "0700.HK", "700.HK"),
        ("yahoo", "AAPL", "AAPL.US"),
        ("yahoo", "BRK-B", "BRK.B.US"),
        ("ric", "600519.SS", "600519.SH"),
        ("futu", "US.SG", "SG.US"),
    ],
)
def test_a_spelling_of_which_the_tool_is_known(tool: str, text: str, symbol: str) -> None:
    assert read_vendor(tool, text, TODAY) == symbol


@pytest.mark.parametrize(("tool", "text"), [("ric", "AAPL.O"), ("futu", "AAPL"), ("yahoo", "")])
def test_a_spelling_that_is_not_the_tools_is_refused(tool: str, text: str) -> None:
    with pytest.raises(Refused):
        read_vendor(tool, text, TODAY)


@given(
    st.one_of(st.text(max_size=16), st.from_regex(r"[A-Z]{1,4}[:. -][A-Z0-9]{1,6}", fullmatch=True)),
    st.dates(),
)
def test_a_reading_is_canonical_or_refused(text: str, on: date) -> None:
    try:
        symbol = read_symbol(text, on)
    except Refused as refusal:
        assert refusal.code == "bad_symbol"  # noqa: PT017  # a reading is right, too
        return
    assert resolve(symbol, on).symbol == symbol
