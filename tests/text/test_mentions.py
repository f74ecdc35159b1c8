"""Mentions: every form that counts, and everything that only looks like one."""

from __future__ import annotations

from datetime import date

import pytest

from newscrawl.codes import MentionRule
from newscrawl.symbols.exchanges import EXCHANGES
from newscrawl.text.mention_places import NamesOf
from newscrawl.text.mentions import find_mentions

DAY = date(2026, 5, 8)
LINK = "[Tencent](https://longbridge.com/en/quote/00700.HK.md)"


def told(body: str, *tagged: str, names_of: NamesOf | None = None) -> list[tuple[str, str, str]]:
    found = find_mentions({"body": body}, tagged, DAY, names_of)
    assert all(body[mention.start : mention.end] == mention.text for mention in found)
    return [(mention.symbol, mention.text, mention.rule) for mention in found]


FORMS = [
    ("买入$TENCENT(00700.HK)的人", [], [("700.HK", "$TENCENT(00700.HK)", "cashtag")]),
    ("buy$TENCENT(00700.HK)now", [], [("700.HK", "$TENCENT(00700.HK)", "cashtag")]),
    ("$阿里巴巴-W(09988.HK)$", [], [("9988.HK", "$阿里巴巴-W(09988.HK)", "cashtag")]),
    (
        "$Micron Tech(MU.US)$Sandisk(SNDK.US)",
        [],
        [("MU.US", "$Micron Tech(MU.US)", "cashtag"), ("SNDK.US", "$Sandisk(SNDK.US)", "cashtag")],
    ),
    ("$360 Security(601360.SH)", [], [("601360.SH", "601360.SH", "symbol")]),
    ("$3M(MMM.US)", [], [("MMM.US", "MMM.US", "symbol")]),
    ("$*ST康美(600518.SH)", [], [("600518.SH", "$*ST康美(600518.SH)", "cashtag")]),
    ("$Xtrackers(XDDX.DE)", [], [("XDDX.DE", "$Xtrackers(XDDX.DE)", "cashtag")]),
    ("Index (.DJI.US) fell", [], [(".DJI.US", ".DJI.US", "symbol")]),
    ("the .DJI.US rose", [], [(".DJI.US", ".DJI.US", "symbol")]),
    ("$5 billion of Tencent(00700.HK)", [], [("700.HK", "00700.HK", "symbol")]),
    ("$5亿腾讯(00700.HK)", [], [("700.HK", "00700.HK", "symbol")]),
    ("$500Tencent(00700.HK)", [], [("700.HK", "00700.HK", "symbol")]),
    # Suffixes of other tools; with `.CN` the code tells the exchange, or it does not.
    (
        "names such as 002939.CN, 688318.CN",
        [],
        [("002939.SZ", "002939.CN", "symbol"), ("688318.SH", "688318.CN", "symbol")],
    ),
    ("the bank 000001.CN", [], [("000001.CN", "000001.CN", "symbol")]),
    ("茅台600519.SS涨", [], [("600519.SH", "600519.SS", "symbol")]),
    ("(600519.XSHG)", [], [("600519.SH", "600519.XSHG", "symbol")]),
    ("(000001.SZSE)", [], [("000001.SZ", "000001.SZSE", "symbol")]),
    ("DBS (D05.SI)", [], [("D05.SG", "D05.SI", "symbol")]),
    ("see WWW.GOV.CN or GOV.CN", [], []),
    ("the OPEN.SI and 5.SS", [], []),
    ("$500(AAPL.US)", [], [("AAPL.US", "AAPL.US", "symbol")]),
    ("$-5亿(AAPL.US)", [], [("AAPL.US", "AAPL.US", "symbol")]),
    ("Oracle (NYSE:ORCL) rose", [], [("ORCL.US", "NYSE:ORCL", "exchange_code")]),
    ("Apple (NASDAQ: AAPL)", [], [("AAPL.US", "NASDAQ: AAPL", "exchange_code")]),
    ("Apple (Nasdaq: AAPL)", [], [("AAPL.US", "Nasdaq: AAPL", "exchange_code")]),
    ("X (NYSE American: IMO)", [], [("IMO.US", "NYSE American: IMO", "exchange_code")]),
    ("C3.ai (NYSE: AI)", [], [("AI.US", "NYSE: AI", "exchange_code")]),
    ("Energy (NYSE:ET)", [], [("ET.US", "NYSE:ET", "exchange_code")]),
    ("Cheniere (NYSE: LNG)", [], [("LNG.US", "NYSE: LNG", "exchange_code")]),
    ("A fund (NASDAQ: ETF)", ["ETF.US"], [("ETF.US", "NASDAQ: ETF", "exchange_code")]),
    ("Trust (SGX: REIT)", ["REIT.SG"], [("REIT.SG", "SGX: REIT", "exchange_code")]),
    ("Tai Sin (SGX: 500)", [], [("500.SG", "SGX: 500", "exchange_code")]),
    ("A warrant (HKEX: 25000)", ["25000.HK"], [("25000.HK", "HKEX: 25000", "exchange_code")]),
    ("阿里巴巴 (HKEX: 89988)", [], [("89988.HK", "HKEX: 89988", "exchange_code")]),
    ("Berkshire (NYSE: BRK.B)", [], [("BRK.B.US", "NYSE: BRK.B", "exchange_code")]),
    ("Berkshire (NYSE: BRK-B)", [], [("BRK.B.US", "NYSE: BRK-B", "exchange_code")]),
    ("腾讯（HKEX：700）", [], [("700.HK", "HKEX：700", "exchange_code")]),
    ("DBS (SGX: D05)", [], [("D05.SG", "SGX: D05", "exchange_code")]),
    ("茅台 (SSE: 600519)", [], [("600519.SH", "SSE: 600519", "exchange_code")]),
    ("CATL (SZSE: 300750; HKEX: 3750)", [], [
        ("300750.SZ", "SZSE: 300750", "exchange_code"), ("3750.HK", "HKEX: 3750", "exchange_code"),
    ]),
    ("Alphabet (NASDAQ: GOOG, GOOGL)", ["GOOGL.US"], [
        ("GOOG.US", "NASDAQ: GOOG", "exchange_code"), ("GOOGL.US", "GOOGL", "exchange_code"),
    ]),
    ("Alphabet (NASDAQ: GOOG, GOOGL)", [], [("GOOG.US", "NASDAQ: GOOG", "exchange_code")]),
    ("阿里巴巴（09988.HK）", [], [("9988.HK", "09988.HK", "symbol")]),
    ("腾讯 (00700.HK） （2026）", [], [("700.HK", "00700.HK", "symbol")]),
    ("Tencent (00700.HK)", [], [("700.HK", "00700.HK", "symbol")]),
    ("Li Auto (2015.HK)", [], [("2015.HK", "2015.HK", "symbol")]),
    ("贵州茅台(600519.SH)", [], [("600519.SH", "600519.SH", "symbol")]),
    ("贵州茅台600519.SH上涨", [], [("600519.SH", "600519.SH", "symbol")]),
    ("Both (BABA.US, 9988.HK)", [], [("BABA.US", "BABA.US", "symbol"), ("9988.HK", "9988.HK", "symbol")]),
    ("It holds NVDA.US.", [], [("NVDA.US", "NVDA.US", "symbol")]),
    ("AAPL.US rose 3%", [], [("AAPL.US", "AAPL.US", "symbol")]),
    ("AAPL.US +3%", [], [("AAPL.US", "AAPL.US", "symbol")]),
    ("**AAPL.US** is up", [], [("AAPL.US", "AAPL.US", "symbol")]),
    ("AAPL.US, MSFT.US and C.US", [], [
        ("AAPL.US", "AAPL.US", "symbol"), ("MSFT.US", "MSFT.US", "symbol"), ("C.US", "C.US", "symbol"),
    ]),
    ("| AAPL.US | 3% |", [], [("AAPL.US", "AAPL.US", "symbol")]),
    ("AAPL.US\n\nShares rose", [], [("AAPL.US", "AAPL.US", "symbol")]),
    ("苹果AAPL.US涨", [], [("AAPL.US", "AAPL.US", "symbol")]),
    ("AAPL.US stocks", ["AAPL.US"], [("AAPL.US", "AAPL.US", "symbol")]),
    ("(AI.US) or AI.US stocks", [], [("AI.US", "AI.US", "symbol")]),
    ("Alibaba 9988.HK rose", [], [("9988.HK", "9988.HK", "symbol")]),
    ("Baidu 89888.HK fell", [], [("89888.HK", "89888.HK", "symbol")]),
    ("buy 00700.HK stocks", [], [("700.HK", "00700.HK", "symbol")]),
    ("Tencent 0700.HK rose", [], [("700.HK", "0700.HK", "symbol")]),
    ("腾讯00700.HK涨", [], [("700.HK", "00700.HK", "symbol")]),
    ("阿里巴巴9988.HK涨", [], [("9988.HK", "9988.HK", "symbol")]),
    ("A warrant 25049.HK", ["25049.HK"], [("25049.HK", "25049.HK", "symbol")]),
    ("It holds BRK.B.US, too", [], [("BRK.B.US", "BRK.B.US", "symbol")]),
    ("The Dow (.DJI.US)", [], [(".DJI.US", ".DJI.US", "symbol")]),
    ("The index HSI.HK", [], [("HSI.HK", "HSI.HK", "symbol")]),
    ("Bitcoin (BTCUSD.HAS)", [], [("BTCUSD.HAS", "BTCUSD.HAS", "symbol")]),
    ("DBS D05.SG", [], [("D05.SG", "D05.SG", "symbol")]),
    ("An ETF (XDDX.DE)", ["XDDX.DE"], []),
    ("Alibaba-W (09988)", [], [("9988.HK", "09988", "code")]),
    ("阿里巴巴-W（09988）", [], [("9988.HK", "09988", "code")]),
    ("BIDU-SW(09888)", [], [("9888.HK", "09888", "code")]),
    ("KE Holdings-W (02423)", [], [("2423.HK", "02423", "code")]),
    ("信达生物-B (01801)", ["1801.HK"], [("1801.HK", "01801", "code")]),
    ("Tencent (00700)", ["700.HK"], [("700.HK", "00700", "code")]),
    ("平安(000001)万科", ["000001.SZ"], [("000001.SZ", "000001", "code")]),
    ("茅台(600519)点评", ["600519.SH"], [("600519.SH", "600519", "code")]),
    ("茅台(600519)", ["600519.SH"], [("600519.SH", "600519", "code")]),
    ("Nvidia (NVDA)", ["NVDA.US"], [("NVDA.US", "NVDA", "ticker")]),
    ("Nvidia (NVDA) is NVDA.US", [], [("NVDA.US", "NVDA", "ticker"), ("NVDA.US", "NVDA.US", "symbol")]),
    ("(NASDAQ:NVDA), then (NVDA)", [], [
        ("NVDA.US", "NASDAQ:NVDA", "exchange_code"), ("NVDA.US", "NVDA", "ticker"),
    ]),
    ("$Nvidia(NVDA.US) or （NVDA）", [], [
        ("NVDA.US", "$Nvidia(NVDA.US)", "cashtag"), ("NVDA.US", "NVDA", "ticker"),
    ]),
    ("DBS (D05)", ["D05.SG"], [("D05.SG", "D05", "ticker")]),
    (f"See {LINK}.", [], [("700.HK", LINK, "quote_link")]),
    ("[a](https://example.com)$T(00700.HK)", [], [("700.HK", "$T(00700.HK)", "cashtag")]),
    ("https://example.com（00700.HK）", [], [("700.HK", "00700.HK", "symbol")]),
    ("[$T(00700.HK)](https://longbridge.com/quote/700.HK)", [], [
        ("700.HK", "[$T(00700.HK)](https://longbridge.com/quote/700.HK)", "quote_link"),
    ]),
    # Two symbols of one company, with a stroke between them.
    ("中国平安601318.SH/02318.HK涨", [], [
        ("601318.SH", "601318.SH", "symbol"), ("2318.HK", "02318.HK", "symbol"),
    ]),
    ("both BABA.US/9988.HK rose", [], [("BABA.US", "BABA.US", "symbol"), ("9988.HK", "9988.HK", "symbol")]),
    ("快手 -W(01024)", [], [("1024.HK", "01024", "code")]),
    ("JD.com-SW (09618)", [], [("9618.HK", "09618", "code")]),
    ("Nvidia (NASDAQ:NVDA – Get Free Report)", [], [("NVDA.US", "NASDAQ:NVDA", "exchange_code")]),
    ("51Talk (NYSE:COE - Get Rating)", [], [("COE.US", "NYSE:COE", "exchange_code")]),
    ("A fund (NYSE: MJ ) fell", [], [("MJ.US", "NYSE: MJ", "exchange_code")]),
    ("Berkshire (NYSE: BRK/B)", [], [("BRK.B.US", "NYSE: BRK/B", "exchange_code")]),
    ("Alibaba (NYSE: BABA and HKEX: 9988 (HKD counter))", [], [
        ("BABA.US", "NYSE: BABA", "exchange_code"), ("9988.HK", "HKEX: 9988", "exchange_code"),
    ]),
    ("[st]ST/US/NVDA#英伟达.US[/st]涨", [], [("NVDA.US", "[st]ST/US/NVDA#英伟达.US[/st]", "stock_tag")]),
    ("[ST]ST/HK/00700#腾讯.HK[/st]", [], [("700.HK", "[ST]ST/HK/00700#腾讯.HK[/st]", "stock_tag")]),
]  # fmt: skip


@pytest.mark.parametrize(("body", "tagged", "expected"), FORMS)
def test_forms_that_count(body: str, tagged: list[str], expected: list[tuple[str, str, str]]) -> None:
    assert told(body, *tagged) == expected


def test_every_rule_and_every_exchange_is_shown() -> None:
    shown = {rule for _, _, expected in FORMS for _, _, rule in expected}
    # What no form shows here needs more than its form, see test_mentions_in_doubt.
    assert set(MentionRule) - shown == {"dollar_ticker", "labelled_code", "vendor_symbol"}
    codes = {"US": "ORCL", "HK": "700", "SG": "D05", "SH": "600519", "SZ": "300750"}
    for exchange, market in EXCHANGES.items():
        assert told(f"X ({exchange}: {codes[market]})") == [
            (f"{codes[market]}.{market}", f"{exchange}: {codes[market]}", "exchange_code")
        ]


@pytest.mark.parametrize(
    ("body", "tagged"),
    [
        ("Artificial intelligence (AI)", ["AI.US"]),
        ("A fund (ETF) and a chief (CEO), 15:43 ET (ET)", ["ET.US", "ETF.US", "CEO.US"]),
        ("A quarter (Q3), a half (H1), a year (FY25)", ["Q3.US", "H1.US", "FY25.US"]),
        ("Copyright (C), Class (A)", ["C.US", "A.US"]),
        ("Nvidia (NVDA)", []),
        ("Nvidia (NVDA)", ["AMD.US"]),
        ("Two (CRM)", ["CRM.US", "CRM.SG"]),
        ("In (2026), 12 (12,500), down (4.5), (12500), (100000)", ["2026.HK", "12500.HK", "100000.SZ"]),
        ("Tencent (700)", ["700.HK"]),
        ("Li Auto (2015)", ["2015.HK"]),
        ("Tencent (00700)", []),
        ("Sold 12 (00700)", ["700.HK"]),
        ("A warrant-W (12345)", []),
        ("vitamin-B (01200), Model-S (00100), 乙肝-B（01801）, an energy-W (00700), 60-W (00100)", []),
        ("营收(10000)亿, 总计(25049)亿元, revenue (25049) million", ["10000.HK", "25049.HK"]),
        ("Alibaba-W (00000)", []),
        ("茅台(600519)", []),
        ("茅台(600519)", ["300750.SZ"]),
        ("平安(000001)", ["000001.SH", "000001.SZ"]),
        ("Broken (0.HK) (123456.HK) (00000.HK) (60051.SH) (.US) (HK)", []),
        ("Broken $X(000000.HK) $ Y (BAD) $Z()", []),
        ("Paid in US$(700) and HK$(00700)", []),
        ("Others (LSE: VOD) (TSX: RY) (BSE: 500325) (OTC: TCEHY)", []),
        ("(HKEX: ABC) (SSE: 60051) (NYSE: 123) (NASDAQ: TOOLONG) (SGX: UP)", []),
        ("(NYSE: closed early) (HKEX: 700 points)", []),
        ("(SGX: REIT) (SGX: STI) (SGX:DBS) (SGX: FY25) (SGX: 2026)", []),
        ("(NASDAQ: ETF) (NYSE: IPO) (NYSE: CEO) (NASDAQ: DOWN) (NYSE: GAINS)", []),
        ("(HKEX: 25000) (HKEX: 38000)", []),
        ("NYSE: ORCL without brackets", []),
        ("Stocks fell in 2026.HK shares gained", []),
        ("It gained 5.HK rose; 1,234.HK", []),
        ("according to the FED.US stocks rose", []),
        ("the FED.US\nstocks rose", []),
        ("bet on AI.US stocks, China's GDP.US Treasuries, the UK.US futures", []),
        ("by 10:00 ET.US equities, at 4 PM.US stocks, at 4 P.M.US stocks, the U.K.US fell", []),
        ("the EU.US", []),
        ("SEC.US", []),
        ("CEO.US。", []),
        ("JOIN.US now, TELL.US about it", []),
        ("ABOUT.US", []),
        ("TESLA INC.US rose", []),
        ("SOLD IN JAPAN.US STOCKS, SOLD IN JAPAN.US rose", []),
        ("by KPMG.US officials, by KPMG.US 10-year yields, by KPMG.US President X", []),
        ("by KPMG.US-China, by KPMG.US, China, by KPMG.US: a, by KPMG.US's, by KPMG.US “soft”", []),
        ("AAPL.US shares rose", []),
        ("Hang Seng Index closed at 25049.HK stocks fell", []),
        ("恒生指数收报25049.HK", []),
        ("恒生指数收报9049.HK", []),
        ("raised 12000.HK firms, rose 1800.HK stocks, Nikkei 38000.HK", []),
        ("fiscal 2100.HK", []),
        ("by 0930.HK stocks rose, at 0930.HK", []),
        ("Alibaba 9988.HK stocks, HK$9988.HK", []),
        ("in Q3A.SG stocks, in 2026.SG, in FY25.SG", []),
        ("WWW.GOV.HK, GOV.HK, COM.SG, mail@A.US, a/B.US, x_C.US, example.US", []),
        ("NVDA.USA, NVDA.US.COM, 0700.HK$5", []),
        ("An ETF (XDDX.DE)", []),
        ("An industry (IN00446.US)", ["IN00446.US"]),
        ("`NVDA.US` and ``$T(00700.HK)``", []),
        ("```\n$T(00700.HK)\n```", []),
        ("~~~\n$T(00700.HK)", []),
        ("https://example.com/NVDA.US?q=(00700.HK)", []),
        ("Go to www.example.com/(00700.HK)", []),
        ("[a](https://example.com/(00700.HK))", []),
        ('[a](https://example.com "Tencent (00700.HK)")', []),
        ('<a title="(00700.HK)">text</a>', []),
        ("![chart](https://longbridge.com/en/quote/00700.HK.md)", []),
        ("[T](https://example.com/en/quote/00700.HK.md)", []),
        ("[T](https://longbridge.com/en/quote/00700.HK/news/1.md)", []),
        ("[AMD.US](https://longbridge.com/en/quote/NVDA.US.md)", []),
        ("`[T](https://longbridge.com/en/quote/00700.HK.md)`", []),
        # A full stop without a space, or the dot of an index: nothing tells which.
        ("上涨.AAPL.US 下跌", []),
        ("(see above).TSLA.US rose", []),
        ("指数.DJI.US 下跌", []),
        # Reuters' spelling, and a ticker that is an exchange elsewhere.
        ("Apple (Nasdaq: AAPL.O)", []),
        ("IBM (NYSE: IBM.N)", []),
        ("British American Tobacco (BATS:LSE)", []),
        ("the Composite (NASDAQ: COMP)", []),
        ("a listing (NASDAQ: TBD)", []),
        ("bitcoin (BTC) rose", ["BTC.US"]),
        ("ether (ETH) rose", ["ETH.US"]),
        ("１0700.HK", []),
        ("（１0700.HK）", []),
        ("$Foo (ASP.NET)", []),
        ("Revenue (10000) grew", ["10000.HK"]),
        ("邮编（10007）", ["10007.HK"]),
        ("", ["700.HK"]),
        ("(OTC: TCEHY) (OTCMKTS: ) (美股：09:30-16:00 EST)", ["0930.HK"]),
        ("flight (1810), revenue (9618) million", ["1810.HK", "9618.HK"]),
        ("Tencent (0700 GMT)", []),
        ("US$C, HK$NVDA, $US, $HKD, $A", ["C.US", "NVDA.US", "US.US", "HKD.US", "A.US"]),
        ("$NVDA.B, $NVDAX, $NVDA_X", ["NVDA.US"]),
        ("code 1810, post code: 1810, stock code: 1810.5, 1810%", ["1810.HK"]),
        ("股份代號：1810％", ["1810.HK"]),
        ("行动代号：1, 代号700, 代码：700", ["1.HK", "700.HK"]),
        ("(MADE IN US) (IN US)", ["NVDA.US"]),
        ("(HK.0700) (US.700)", ["700.HK"]),
        ("(NVDA.A)", ["NVDA.US"]),
        ("[st]ST/DE/XDDX[/st] [st]NVDA[/st] [st]ST/US/BAD..X[/st]", ["XDDX.DE"]),
        ("`[st]ST/US/NVDA[/st]` and `$NVDA`", ["NVDA.US"]),
        ("path/02318.HK, a/BABA.US", []),
        ("(NASDAQ: TBD – Get Free Report)", []),
    ],
)
def test_what_only_looks_like_a_mention(body: str, tagged: list[str]) -> None:
    assert told(body, *tagged) == []


def test_code_ends_with_its_paragraph() -> None:
    assert told("a ` stray\n\n(00700.HK)\n\nand ` another") == [("700.HK", "00700.HK", "symbol")]
    assert told("```\ncode (MU.US)\n```\n(00700.HK)") == [("700.HK", "00700.HK", "symbol")]
