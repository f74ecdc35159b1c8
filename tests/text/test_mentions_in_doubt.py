"""Mentions in forms that could be something else: what the story tags or names confirms them, or a name."""

from __future__ import annotations

from datetime import date

import pytest

from newscrawl.symbols.exchanges import MARKET_WORDS
from newscrawl.text.mentions import find_mentions
from tests.text.test_mentions import DAY, told

# What counts only for an instrument that the story knows, each with that instrument.
CONFIRMED = [
    ("Tencent (OTC: TCEHY)", "TCEHY.US", "OTC: TCEHY", "exchange_code"),
    ("Tencent (OTCMKTS:TCEHY – Get Free Report)", "TCEHY.US", "OTCMKTS:TCEHY", "exchange_code"),
    ("苹果（美：AAPL）", "AAPL.US", "美：AAPL", "exchange_code"),
    ("百度(纳斯达克:BIDU)", "BIDU.US", "纳斯达克:BIDU", "exchange_code"),
    ("贵州茅台（A股：600519）", "600519.SH", "A股：600519", "exchange_code"),
    ("Tencent (0700)", "700.HK", "0700", "code"),
    ("腾讯（0700）", "700.HK", "0700", "code"),
    ("JD.com (9618) rose", "9618.HK", "9618", "code"),
    ("山东黄金（600547 / 01787）", "600547.SH", "600547", "code"),
    ("JD.com (9618 HK)", "9618.HK", "9618 HK", "vendor_symbol"),
    ("Moutai (600519 CH Equity)", "600519.SH", "600519 CH Equity", "vendor_symbol"),
    ("DBS (D05 SP)", "D05.SG", "D05 SP", "vendor_symbol"),
    ("Nvidia (US.NVDA)", "NVDA.US", "US.NVDA", "vendor_symbol"),
    ("腾讯（HK.00700）", "700.HK", "HK.00700", "vendor_symbol"),
    ("Nvidia (NVDA.O)", "NVDA.US", "NVDA.O", "vendor_symbol"),
    ("Xiaomi (“Xiaomi”, stock code: 1810)", "1810.HK", "1810", "labelled_code"),
    ("小米（股份代號：1810）", "1810.HK", "1810", "labelled_code"),
    ("長和（股份代號︰1）", "1.HK", "1", "labelled_code"),
    ("小米（代码：1810）", "1810.HK", "1810", "labelled_code"),
    ("Moutai, stock code 600519, rose", "600519.SH", "600519", "labelled_code"),
    ("up on $NVDA news", "NVDA.US", "$NVDA", "dollar_ticker"),
    ("买入$NVDA，", "NVDA.US", "$NVDA", "dollar_ticker"),
    ("NVIDIA's (NVDA) chips", "NVDA.US", "NVDA", "ticker"),
    ("Chips (AMD, NVDA)", "NVDA.US", "NVDA", "ticker"),
]


@pytest.mark.parametrize(("text", "symbol", "match", "rule"), CONFIRMED)
def test_forms_in_doubt_count_only_for_known_instruments(
    text: str, symbol: str, match: str, rule: str
) -> None:
    assert told(text) == []
    assert told(text, "AMZN.US", "2318.HK") == []
    assert told(text, symbol) == [(symbol, match, rule)]
    # Named without doubt in another text of the story.
    found = find_mentions({"title": text, "body": f"({symbol})"}, (), DAY)
    assert [(mention.symbol, mention.text, mention.field) for mention in found] == [
        (symbol, match, "title"),
        (symbol, symbol, "body"),
    ]


# A stand-in for a reference of listings.
NAMES = {
    "A.US": ("AGILENT TECHNOLOGIES, INC.",),
    "BAC.US": ("BANK OF AMERICA CORP /DE/",),
    "BIDU.US": ("Baidu, Inc.",),
    "ET.US": ("Energy Transfer LP",),
    "GE.US": ("GENERAL ELECTRIC CO",),
    "MNTR.US": ("MENTOR CAPITAL INC",),
    "NVDA.US": ("NVIDIA CORP",),
    "T.US": ("AT&T INC.",),
    "TCEHY.US": ("Tencent Holdings Ltd",),
    "700.HK": ("TENCENT", "騰訊控股", "腾讯控股"),
    "1772.HK": ("GANFENGLITHIUM",),
    "1810.HK": ("XIAOMI-W",),
    "2015.HK": ("LI AUTO-W",),
    "600519.SH": ("贵州茅台",),
}


def listed(symbol: str, day: date) -> tuple[str, ...]:
    assert day == DAY
    return NAMES.get(symbol, ())


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("Tencent (OTC: TCEHY)", "TCEHY.US"),
        ("Shares of Tencent Holdings Ltd. (0700) rose", "700.HK"),
        ("Tencent's (700 HK) chief", "700.HK"),
        ("腾讯控股（0700）", "700.HK"),
        ("騰訊（00700）", "700.HK"),
        ("贵州茅台（600519）", "600519.SH"),
        ("NVIDIA's (NVDA)", "NVDA.US"),
        ("Nvidia stock (NVDA)", "NVDA.US"),
        ("**Nvidia** (NVDA)", "NVDA.US"),
        ("buy Nvidia $NVDA", "NVDA.US"),
        ("Baidu Inc (BIDU)", "BIDU.US"),
        ("Ganfeng Lithium (01772)", "1772.HK"),
        ("Bank of America (BAC)", "BAC.US"),
        ("General Electric Co. (GE)", "GE.US"),
        ("AT&T (T)", "T.US"),
        ("Agilent Technologies (A)", "A.US"),
        # A word that is a ticker, and a code that is a year, behind the company's name.
        ("Energy Transfer (ET)", "ET.US"),
        ("Li Auto (2015)", "2015.HK"),
        ("Xiaomi Corporation (“Xiaomi” or the “Group”; stock code: 1810)", "1810.HK"),
    ],
)
def test_a_name_before_the_code_confirms_it(text: str, symbol: str) -> None:
    assert told(text) == []
    assert [found[0] for found in told(text, names_of=listed)] == [symbol]


@pytest.mark.parametrize(
    "text",
    [
        "artificial (NVDA)",
        "A report (NVDA)",
        "Nvidia and others (NVDA)",
        "Nvidia rose. (NVDA)",
        "Nvidia (chips) (NVDA)",
        "the nvidia way of doing it (NVDA)",
        "Bank (BAC)",
        "General (GE)",
        "America (BAC)",
        "Bank of (BAC)",
        "15:43 ET (ET)",
        "energy transfer (ET)",
        "a whole name: Mentor Corp (MNTR.O)",
        "Class (A)",
        "in May (2015)",
        "控股（0700）",
        "茅台镇（600519）",
    ],
)
def test_other_words_before_the_code_do_not(text: str) -> None:
    assert told(text, names_of=listed) == []


def test_the_market_that_is_told_counts_for_words_of_markets() -> None:
    for word, markets in MARKET_WORDS.items():
        for market in markets:
            code = {"US": "ORCL", "HK": "700", "SG": "D05", "SH": "600519", "SZ": "300750", "BJ": "920819"}[
                market
            ]
            assert told(f"X ({word}: {code})", f"{code}.{market}") == [
                (f"{code}.{market}", f"{word}: {code}", "exchange_code")
            ]
        assert told(f"X ({word}: XYZ, {word}: 999)", "XYZ.DE") == []
