"""The kind and the issuer in the names of the symbol directory; what the words leave open is None."""

from __future__ import annotations

import pytest

from newscrawl.reference.lists.us_names import issuer_of, kind_of


@pytest.mark.parametrize(
    ("name", "kind", "issuer"),
    [
        ("Apple Inc. - Common Stock", "equity", "Apple Inc."),
        ("Alphabet Inc. - Class C Capital Stock", "equity", "Alphabet Inc."),
        ("ASML Holding N.V. - New York Registry Shares", "equity", "ASML Holding N.V."),
        ("Strategy Inc - Common Stock Class A", "equity", "Strategy Inc"),
        ("JD.com, Inc. - American Depositary Shares", "depositary_receipt", "JD.com, Inc."),
        (
            "International Business Machines Corporation Common Stock",
            "equity",
            "International Business Machines Corporation",
        ),
        ("Berkshire Hathaway Inc. New Common Stock", "equity", "Berkshire Hathaway Inc."),
        ("Visa Inc. Class A Common Stock", "equity", "Visa Inc."),
        ("Coca-Cola Company (The) Common Stock", "equity", "Coca-Cola Company"),
        ("Northern Trust Corporation - Common Stock", "equity", "Northern Trust Corporation"),
        ("Energy Transfer LP Common Units", "equity", "Energy Transfer LP"),
        ("Bank of America Corporation 6.25% Preferred Stock", "equity", "Bank of America Corporation"),
        (
            "Alibaba Group Holding Limited American Depositary Shares each representing eight Ordinary share",
            "depositary_receipt",
            "Alibaba Group Holding Limited",
        ),
        (
            "Archer Aviation Inc. Warrants, each exercisable for one share of Class A Common Stock",
            "warrant",
            "Archer Aviation Inc.",
        ),
        ("Some Realty REIT, Inc. Common Stock", "reit", "Some Realty REIT, Inc."),
        ("Adams Diversified Equity Fund, Inc. Common Stock", "fund", "Adams Diversified Equity Fund, Inc."),
        # As the directory wrote them in 2025 and 2026.
        ("British American Tobacco  Industries, p.l.c. Common Stock ADR", "depositary_receipt", None),
        ("Banco Santander - Chile ADS", "depositary_receipt", None),
        (
            "Banco Santander Brasil SA American Depositary Shares, each representing one unit",
            "depositary_receipt",
            "Banco Santander Brasil SA",
        ),
        ("Brookfield Corporation Class A Limited Voting Shares", "equity", "Brookfield Corporation"),
        ("Aegon Ltd. New York Registry Shares", "equity", "Aegon Ltd."),
        ("Alexander & Baldwin, Inc. Common Stock REIT Holding Company", "reit", "Alexander & Baldwin, Inc."),
        ("Saba Capital Income & Opportunities Fund SBI", "fund", None),
        ("Brookfield Finance Inc. 4.50% Perpetual Subordinated Notes", "bond", "Brookfield Finance Inc."),
        ("American Financial Group, Inc. 5.875% Subordinated Debentures due 2059", "bond", None),
        ("Somebody's Bond 2031 Term Fund Common Shares", "fund", None),
        ("AllianceBernstein Holding L.P.  Units", None, None),
        ("American Assets Trust, Inc. Common Stock", None, "American Assets Trust, Inc."),
        ("Ashford Hospitality Trust Inc Common Stock", None, "Ashford Hospitality Trust Inc"),
        ("BlackRock Income Trust Inc. (The)", None, "BlackRock Income Trust Inc."),
        ("Advance Auto Parts Inc.", None, "Advance Auto Parts Inc."),
        ("AT&T Inc. 5.350% Global Notes due 2066", "bond", "AT&T Inc."),
        # A trust with common stock owns buildings or shares: the words do not tell which.
        ("Camden Property Trust Common Shares", None, "Camden Property Trust"),
        ("Gabelli Equity Trust, Inc. (The) Common Stock", None, "Gabelli Equity Trust, Inc."),
        ("Vornado Realty Trust Common Shares of Beneficial Interest", None, "Vornado Realty Trust"),
        (
            "Bright Acquisition Corp. Unit, each consisting of one Class A ordinary share and one warrant",
            None,
            None,
        ),
        ("Bright Acquisition Corp. - Units, each consisting of one share and one right", None, None),
        ("Bright Acquisition Corp. - Rights", None, None),
        (
            "Wells Fargo & Company Depositary Shares, each representing 1/1000th of Preferred Stock",
            None,
            "Wells Fargo & Company",
        ),
        ("iPath Series B S&P 500 VIX Short-Term Futures ETN", None, None),
        ("Quiet Name", None, "Quiet Name"),
        ("", None, ""),
    ],
)
def test_kinds_and_issuers(name: str, kind: str | None, issuer: str | None) -> None:
    assert kind_of(name, is_etf=False) == kind
    if issuer is not None:
        assert issuer_of(name) == issuer


def test_the_flag_of_the_directory_counts_but_for_notes() -> None:
    assert kind_of("SPDR Gold Shares", is_etf=True) == "etf"
    assert kind_of("Invesco QQQ Trust, Series 1", is_etf=True) == "etf"
    assert kind_of("iPath Series B S&P 500 VIX Short-Term Futures ETN", is_etf=True) is None
