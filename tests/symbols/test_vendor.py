"""How other tools spell a symbol: as the sources say, null where they do not, and the inverse."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newscrawl.exceptions import Refused
from newscrawl.symbols import Instrument, VendorSymbols, from_futu, from_ric, from_yahoo, resolve
from newscrawl.symbols.tables import Range, read_table

TODAY = date(2026, 5, 8)
steady = settings(derandomize=True, deadline=None, max_examples=300)
NUMERIC = [row for row in read_table() if row.first.isdigit()]
Expected = tuple[str | None, str | None, str | None]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("02399.HK", ("2399.HK", "2399.HK", "HK.02399")),
        ("700.HK", ("0700.HK", "0700.HK", "HK.00700")),
        ("1.HK", ("0001.HK", "0001.HK", "HK.00001")),
        ("9999.HK", ("9999.HK", "9999.HK", "HK.09999")),
        ("08083.HK", ("8083.HK", "8083.HK", "HK.08083")),
        ("BACpL.US", (None, None, None)),
        ("00823.HK", ("0823.HK", "0823.HK", "HK.00823")),
        ("7226.HK", ("7226.HK", "7226.HK", "HK.07226")),
        ("600519.SH", ("600519.SS", "600519.SS", "SH.600519")),
        ("510300.SH", ("510300.SS", "510300.SS", "SH.510300")),
        ("689009.SH", ("689009.SS", "689009.SS", "SH.689009")),
        ("300750.SZ", ("300750.SZ", "300750.SZ", "SZ.300750")),
        ("000001.SZ", ("000001.SZ", "000001.SZ", "SZ.000001")),
        ("AAPL.US", ("AAPL", None, "US.AAPL")),
        ("BRK.B.US", ("BRK-B", None, "US.BRK.B")),
        ("DAX.US", ("DAX", None, "US.DAX")),
        # Five digits: Yahoo lists them as they are, and no source says how Reuters writes them.
        ("80700.HK", ("80700.HK", None, "HK.80700")),
        ("83188.HK", ("83188.HK", None, "HK.83188")),
        ("87001.HK", ("87001.HK", None, "HK.87001")),
        ("25049.HK", (None, None, "HK.25049")),
        ("61204.HK", (None, None, "HK.61204")),
        # Bonds and indices have names of their own, and what is unknown is not spelled.
        ("4200.HK", (None, None, None)),
        ("2900.HK", (None, None, None)),
        ("3500.HK", (None, None, None)),
        ("90001.HK", (None, None, None)),
        ("HSI.HK", (None, None, None)),
        ("000001.SH", (None, None, None)),
        ("399001.SZ", (None, None, None)),
        ("113050.SH", (None, None, None)),
        (".DJI.US", (None, None, None)),
        ("AAPL230317P160000.US", (None, None, None)),
        ("IN00446.US", (None, None, None)),
        # No certain rule.
        ("920819.BJ", (None, None, None)),
        ("D05.SG", ("D05.SI", None, None)),
        ("HTCD.SG", ("HTCD.SI", None, None)),
        (".STI.SG", (None, None, None)),
        ("XDDX.UK", (None, None, None)),
        ("BTCUSD.HAS", (None, None, None)),
        # Units, warrants, rights, preferred shares: each tool has its own endings.
        ("ABCD.U.US", (None, None, None)),
        ("ABCD.WS.US", (None, None, None)),
        ("ABC.PR.A.US", (None, None, None)),
        ("BRK-B.US", (None, None, None)),
        ("ABCDEF.US", (None, None, None)),
    ],
)
def test_spellings(raw: str, expected: Expected) -> None:
    assert resolve(raw, TODAY).vendor == VendorSymbols(*expected)


def _goes_round(found: Instrument, on: date) -> None:
    spellings = (found.vendor.yahoo, found.vendor.ric, found.vendor.futu)
    for spelling, back in zip(spellings, (from_yahoo, from_ric, from_futu), strict=True):
        if spelling is not None:
            assert replace(resolve(back(spelling), on), raw=found.raw) == found


def test_no_two_records_share_one_object() -> None:
    for raw in ("700.HK", "AAPL.US", "XDDX.UK", "HSI.HK"):
        one, other = resolve(raw, TODAY), resolve(raw, TODAY)
        assert one == other
        assert one is not other
        assert one.vendor is not other.vendor


@pytest.mark.parametrize("row", NUMERIC, ids=lambda row: f"{row.market}-{row.first}")
def test_every_spelling_of_a_range_leads_back(row: Range) -> None:
    on = max(row.valid_from, min(TODAY, row.valid_to))
    for number in {int(row.first) or 1, (int(row.first) + int(row.last)) // 2, int(row.last)}:
        raw = f"{number:0{len(row.first)}}.{row.market}"
        _goes_round(resolve(raw, on), on)


symbols = st.one_of(
    st.builds("{}.HK".format, st.integers(1, 99_999)),
    st.builds("{:06}.{}".format, st.integers(1, 999_999), st.sampled_from(["SH", "SZ", "BJ"])),
    st.from_regex(r"[A-Z]{1,6}(\.[A-Z]{1,2})?\.(US|SG)", fullmatch=True),
)


@steady
@given(symbols, st.dates())
def test_a_spelling_leads_back_to_its_symbol(raw: str, on: date) -> None:
    _goes_round(resolve(raw, on), on)


@steady
@given(st.text(max_size=12) | st.from_regex(r"[A-Z]{0,3}[.\-]?[0-9]{0,6}\.?[A-Z]{0,2}", fullmatch=True))
def test_the_inverse_refuses_and_never_breaks(text: str) -> None:
    for back in (from_yahoo, from_ric, from_futu):
        try:
            symbol = back(text)
        except Refused as refusal:
            assert refusal.code == "bad_symbol"  # noqa: PT017 - a symbol is right, too
            continue
        assert symbol.rpartition(".")[2] in ("HK", "SH", "SZ", "US", "SG")


@pytest.mark.parametrize("text", ["00700.HK", "700.HK", "2399", "600519.SH", "300750.SS.SS", "AAPL.O", ""])
def test_other_forms_are_not_those_of_reuters(text: str) -> None:
    with pytest.raises(Refused, match=r"expected 0700\.HK"):
        from_ric(text)
