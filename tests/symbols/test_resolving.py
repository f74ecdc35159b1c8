"""Symbols: every form and every trap that is known, and what holds for any text."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newscrawl.exceptions import Refused
from newscrawl.symbols import Instrument, VendorSymbols, is_uncovered, resolve
from newscrawl.symbols.suffixes import OTHER_SUFFIXES

steady = settings(
    derandomize=True, deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow]
)

TODAY = date(2026, 5, 8)
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
    "crypto",
    "option",
    "industry",
    "unknown",
}
MARKETS = ("HK", "SH", "SZ", "BJ")


# --- Forms --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("02399.HK", ("2399.HK", "02399", "HK", "XHKG", "equity", "code_range")),
        ("2399.HK", ("2399.HK", "02399", "HK", "XHKG", "equity", "code_range")),
        ("700.HK", ("700.HK", "00700", "HK", "XHKG", "equity", "code_range")),
        ("25049.HK", ("25049.HK", "25049", "HK", "XHKG", "warrant", "code_range")),
        ("80700.HK", ("80700.HK", "80700", "HK", "XHKG", "equity", "code_range")),
        ("BACpL.US", ("BACpL.US", "BACpL", "US", None, "unknown", "none")),
        ("brk.b.us", ("BRK.B.US", "BRK.B", "US", None, "unknown", "none")),
        ("9834.HK", ("9834.HK", "09834", "HK", "XHKG", "etf", "code_range")),
        ("08083.HK", ("8083.HK", "08083", "HK", "XGEM", "equity", "code_range")),
        ("HSI.HK", ("HSI.HK", "HSI", "HK", None, "index", "form")),
        ("HSTECH.HK", ("HSTECH.HK", "HSTECH", "HK", None, "index", "form")),
        ("600519.SH", ("600519.SH", "600519", "SH", "XSHG", "equity", "code_range")),
        ("300750.SZ", ("300750.SZ", "300750", "SZ", "XSHE", "equity", "code_range")),
        ("920819.BJ", ("920819.BJ", "920819", "BJ", "BJSE", "equity", "code_range")),
        # The list that is shipped tells Nasdaq's, but not which exchange of the NYSE group.
        ("AAPL.US", ("AAPL.US", "AAPL", "US", "XNAS", "unknown", "none")),
        ("AAPL.O", ("AAPL.US", "AAPL", "US", "XNAS", "unknown", "none")),
        ("IBM.N", ("IBM.US", "IBM", "US", None, "unknown", "none")),
        ("002939.CN", ("002939.SZ", "002939", "SZ", "XSHE", "equity", "code_range")),
        ("688318.CN", ("688318.SH", "688318", "SH", "XSHG", "equity", "code_range")),
        ("601059.CN", ("601059.SH", "601059", "SH", "XSHG", "equity", "code_range")),
        ("920819.CN", ("920819.BJ", "920819", "BJ", "BJSE", "equity", "code_range")),
        ("430489.CN", ("920489.BJ", "920489", "BJ", "BJSE", "equity", "code_range")),
        ("399001.CN", ("399001.SZ", "399001", "SZ", "XSHE", "index", "code_range")),
        # An index in Shanghai and a bank in Shenzhen; a bond of one or the other; no code of the mainland.
        ("000001.CN", ("000001.CN", "000001", None, None, "unknown", "none")),
        ("113050.CN", ("113050.CN", "113050", None, None, "unknown", "none")),
        ("510300.CN", ("510300.CN", "510300", None, None, "unknown", "none")),
        ("0700.CN", ("0700.CN", "0700", None, None, "unknown", "none")),
        ("GOV.CN", ("GOV.CN", "GOV", None, None, "unknown", "none")),
        ("600519.SS", ("600519.SH", "600519", "SH", "XSHG", "equity", "code_range")),
        ("600519.XSHG", ("600519.SH", "600519", "SH", "XSHG", "equity", "code_range")),
        ("600519.SSE", ("600519.SH", "600519", "SH", "XSHG", "equity", "code_range")),
        ("000001.XSHE", ("000001.SZ", "000001", "SZ", "XSHE", "equity", "code_range")),
        ("000001.SZSE", ("000001.SZ", "000001", "SZ", "XSHE", "equity", "code_range")),
        ("D05.SI", ("D05.SG", "D05", "SG", "XSES", "unknown", "none")),
        # An industry index in market data, no code of Singapore.
        ("801010.SI", ("801010.SI", "801010", None, None, "unknown", "none")),
        ("BRK.B.US", ("BRK.B.US", "BRK.B", "US", None, "unknown", "none")),
        ("DAX.US", ("DAX.US", "DAX", "US", None, "unknown", "none")),
        ("ET.US", ("ET.US", "ET", "US", None, "unknown", "none")),
        ("A.US", ("A.US", "A", "US", None, "unknown", "none")),
        (".DJI.US", (".DJI.US", "DJI", "US", None, "index", "form")),
        (".VIX.US", (".VIX.US", "VIX", "US", None, "index", "form")),
        ("AAPL230317P160000.US", ("AAPL230317P160000.US", "AAPL230317P160000", "US", None, "option", "form")),
        ("D05.SG", ("D05.SG", "D05", "SG", "XSES", "unknown", "none")),
        ("HTCD.SG", ("HTCD.SG", "HTCD", "SG", "XSES", "depositary_receipt", "code_range")),
        ("U11.SG", ("U11.SG", "U11", "SG", "XSES", "unknown", "none")),
        ("BTCUSD.HAS", ("BTCUSD.HAS", "BTCUSD", "HAS", None, "crypto", "form")),
        ("ETHUSD.BKKT", ("ETHUSD.BKKT", "ETHUSD", "BKKT", None, "crypto", "form")),
        ("BTCHKD.OSL", ("BTCHKD.OSL", "BTCHKD", "OSL", None, "crypto", "form")),
        ("XDDX.UK", ("XDDX.UK", "XDDX", None, None, "unknown", "none")),
        ("XDDX.DE", ("XDDX.DE", "XDDX", None, None, "unknown", "none")),
        ("IN00446.US", ("IN00446.US", "IN00446", "US", None, "industry", "form")),
        ("BK/US/IN00258", ("IN00258.US", "IN00258", "US", None, "industry", "form")),
        ("BK/HK/IN00258", ("IN00258.HK", "IN00258", "HK", None, "industry", "form")),
        ("BK/JP/IN00258", ("IN00258.JP", "IN00258", None, None, "industry", "form")),
        ("700-R.HK", ("700-R.HK", "700-R", "HK", None, "unknown", "none")),
        ("HSI1.HK", ("HSI1.HK", "HSI1", "HK", None, "unknown", "none")),
        (".STI.SG", (".STI.SG", ".STI", "SG", "XSES", "unknown", "none")),
        (
            "AAPL231317P160000.US",
            ("AAPL231317P160000.US", "AAPL231317P160000", "US", None, "unknown", "none"),
        ),
        (" aapl.us ", ("AAPL.US", "AAPL", "US", "XNAS", "unknown", "none")),
    ],
)
def test_forms(raw: str, expected: tuple[str | None, ...]) -> None:
    found = resolve(raw, TODAY)
    assert found.raw == raw
    known = (found.symbol, found.code, found.market, found.mic, found.type, found.type_source)
    assert known == expected


def test_the_same_digits_are_another_thing_on_another_exchange() -> None:
    assert resolve("000001.SH", TODAY).type == "index"
    assert resolve("000001.SZ", TODAY).type == "equity"
    assert resolve("000001.SH", TODAY).symbol != resolve("000001.SZ", TODAY).symbol


@pytest.mark.parametrize(
    ("raw", "on", "symbol", "kind"),
    [
        ("833819.BJ", date(2025, 10, 8), "833819.BJ", "equity"),
        ("833819.BJ", date(2025, 10, 9), "920819.BJ", "equity"),
        ("833819.BJ", date(2026, 1, 1), "920819.BJ", "equity"),
        ("430489.BJ", date(2025, 10, 8), "430489.BJ", "equity"),
        ("430489.BJ", date(2025, 10, 9), "920489.BJ", "equity"),
        ("838163.BJ", date(2026, 5, 8), "920163.BJ", "equity"),
        # 831167, 839167 and 873167 cannot all have become 920167. Only one of them is known to have.
        ("839167.BJ", date(2026, 5, 8), "920167.BJ", "equity"),
        ("831167.BJ", date(2025, 10, 8), "831167.BJ", "equity"),
        # The last digits need not stay: two lists give one name to these codes.
        ("831167.BJ", date(2025, 10, 9), "920267.BJ", "equity"),
        ("873167.BJ", date(2026, 5, 8), "873167.BJ", "unknown"),
        ("920819.BJ", date(2025, 10, 9), "920819.BJ", "equity"),
        ("920002.BJ", date(2024, 4, 22), "920002.BJ", "equity"),
        ("920002.BJ", date(2024, 4, 21), "920002.BJ", "unknown"),
        ("899050.BJ", date(2026, 5, 8), "899050.BJ", "index"),
    ],
)
def test_beijing_codes_go_by_the_day(raw: str, on: date, symbol: str, kind: str) -> None:
    found = resolve(raw, on)
    assert (found.symbol, found.code, found.market) == (symbol, symbol[:6], "BJ")
    assert found.type == kind
    assert found.mic == (None if kind == "unknown" else "BJSE")
    assert is_uncovered(found) == (kind == "unknown")


def test_the_sample_article_names_a_share_and_a_warrant() -> None:
    share, warrant = (resolve(raw, date(2026, 5, 8)) for raw in ("02399.HK", "25049.HK"))
    assert share == Instrument(
        "02399.HK", "2399.HK", "02399", "HK", "XHKG", "equity", "code_range", "HKD", None,
        VendorSymbols("2399.HK", "2399.HK", "HK.02399"),
    )  # fmt: skip
    assert warrant == Instrument(
        "25049.HK", "25049.HK", "25049", "HK", "XHKG", "warrant", "code_range", None, None,
        VendorSymbols(None, None, "HK.25049"),
    )  # fmt: skip


@pytest.mark.parametrize(
    "raw",
    [
        "",
        " ",
        ".",
        ".US",
        "AAPL",
        "AAPL.",
        "02399",
        "00000.HK",
        "0.HK",
        "000000.SZ",
        "123456.HK",
        "002399.HK",
        "60051.SH",
        "6005190.SH",
        "1.SZ",
        "750.SZ",
        "20819.BJ",
        ".HK",
        "..US",
        "AAPL..US",
        "AAPL-.US",
        "BRK--B.US",
        "0700.HK.US",
        "700.HK.HK",
        "0.700.HK",
        "600.519.SH",
        "AAPL US",
        "AA PL.US",
        "AAPL.U",
        "AAPL.USUSUS",
        "$TENCENT(00700.HK)",
        "NYSE:ORCL",
        "02399.HK,25049.HK",
        "０２３９９.HK",
        "٠٢٣٩٩.HK",
        "straße.US",
        "腾讯.HK",
        "BK/US/IN1",
        "BK//IN00258",
        "02399.HK\x00",
        "x" * 1_000 + ".US",
    ],
)
def test_an_empty_or_broken_symbol_is_refused_never_padded(raw: str) -> None:
    with pytest.raises(Refused) as caught:
        resolve(raw, TODAY)
    assert caught.value.code == "bad_symbol"
    assert len(caught.value.detail) < 120


symbols = st.one_of(
    st.text(max_size=14),
    st.builds("{}.{}".format, st.integers(0, 999_999), st.sampled_from([*MARKETS, "US", "SG", "UK"])),
    st.builds(
        "{:06}.{}".format, st.integers(0, 999_999), st.sampled_from([*MARKETS, *sorted(OTHER_SUFFIXES)])
    ),
    st.builds(
        "{}.{}".format, st.from_regex(r"[A-Z]{1,5}", fullmatch=True), st.sampled_from(["O", "N", "SI"])
    ),
    st.builds(
        "{}.{}".format,
        st.text(alphabet=".AZaz09-/", max_size=9),
        st.sampled_from(["HK", "US", "hk", "HAS", "DE"]),
    ),
    st.from_regex(r"BK/[A-Z]{2}/IN[0-9]{5}", fullmatch=True),
)


@steady
@given(symbols, st.dates())
def test_resolve_agrees_with_itself_and_stays_in_the_closed_lists(raw: str, on: date) -> None:
    try:
        found = resolve(raw, on)
    except Refused as refusal:
        assert refusal.code == "bad_symbol"  # noqa: PT017 - being resolved is right, too
        return
    assert found.symbol is not None
    assert found.code is not None
    assert replace(resolve(found.symbol, on), raw=raw) == found
    assert found.type in TYPES
    assert found.type_source in ("code_range", "form", "reference", "none")
    assert (found.type == "unknown") == (found.type_source == "none")
    assert found.mic is None or found.market is not None
    assert found.currency in (None, "HKD", "USD", "CNY")
    if found.primary_symbol is not None:
        assert resolve(found.primary_symbol, on).primary_symbol is None


@steady
@given(st.integers(1, 99_999), st.dates())
def test_leading_zeros_of_hong_kong_do_not_matter(number: int, on: date) -> None:
    first, *others = (replace(resolve(f"{number:0{width}}.HK", on), raw="") for width in range(1, 6))
    assert all(other == first for other in others)
