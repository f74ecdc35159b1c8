"""Whether the form of a code leaves no doubt, or it could be a word, an amount or the end of a sentence.

These functions are asked only about codes that the story does not tag. Form and place decide where they
can; the lists of words are for the rest.
"""

from __future__ import annotations

import re

from newscrawl.symbols.suffixes import OTHER_SUFFIXES

# Tickers that in brackets are far more often a word. Such a ticker is a mention only with its market in
# brackets, or with its exchange if it is one of `_COMPANY_WORDS`.
_WORDS = (
    "AD ADA ADR ADRS ADS AGI AGM AI AM API AR ARM ATH AUM BNB BOE BOJ BTC CAGR CAPEX CBO CEO CES CFO CIO "
    "CLOSE CMO COMP COO COVID CPC CPI CPU CSRC CTO DAU DC DOGE DOWN DRAM EBIT ECB EPS ERP ESG EST ET ETA "
    "ETF ETFS ETH ETN EU EUR EV EVS FDA FED FELL FLAT FOMC FTC FX FY GAAP GAIN GAINS GBP GDP GMT GMV GPT "
    "GPU HALT HBM HIGH HIGHS HK HKD HKT HR IEA IMF INDEX IOT IP IPO IPOS IR IRA IRS IT JPY LLC LLM LNG "
    "LOSS LOWER LOWS LPR LTC LTD MA MAU ML MOU MSCI NAND NASA NATO NAV NEV NFT NGO NYSE OEM OPEC PBOC PC "
    "PCE PE PHEV PM PMI PPI PR QE QOQ REIT REITS RMB ROA ROE ROI ROSE RSI SAAS SAR SEC SFC SGD SGX SHARE "
    "SOE SOL SPAC SPACS SSE STI STOCK SUV TBD TTM TV UK UN UP UPS US USA USD USDC USDT VAT VC VIE VIX VP "
    "VR WHO WTO XR XRP YOY YTD"
)
_NOT_TICKERS = frozenset(_WORDS.split())
# Those of them that are the ticker of a company in the news; after an exchange (`NYSE: AI`) they count.
_COMPANY_WORDS = (
    "AD AGI AGM AI AM API AR ARM CIO COO CTO DC ET ETN EU HBM HKD HR IOT IP IR IRS IT LNG MA MSCI PM PR "
    "RSI SAR TV UPS USA VC"
)
_COMPANIES = frozenset(_COMPANY_WORDS.split())

# Letters before `.HK` are an index or a domain (`GOV.HK`), before `.US` a share or a domain.
_HK_INDICES = frozenset({"HSI", "HSCEI", "HSTECH"})
_DOMAIN_WORDS = frozenset({"COM", "EDU", "GOV", "NET", "ORG", "WWW"})
# Words in capitals before the pronoun (`JOIN.US`), or at the end of a sentence before the country. Some are
# tickers as well; those count in brackets only.
_WORDS_BEFORE_US = (
    "ABOUT AFTER ASIA ASK CALL CHINA CO CORP EAST EMAIL FOR FROM GIVE GROUP HELP INC INDIA IRAN ITALY "
    "JAPAN JOIN KOREA LET LIKE LOVE OF PLC SHOW SPAIN TELL TEXT THE TO TRUST VISIT WEST WITH WRITE"
)
_BEFORE_US = frozenset(_WORDS_BEFORE_US.split())

_US_CODE = re.compile(r"[A-Z]{1,5}(?:\.[A-Z]{1,2})?|\.[A-Z]{2,6}|[A-Z]{1,6}[0-9]{6}[CP][0-9]{4,8}")
_SG_CODE = re.compile(r"(?![A-Z]+\Z|[0-9]{4})[A-Z0-9]{3,4}")
_SIX_DIGITS = re.compile(r"[0-9]{6}")
_PERIOD = re.compile(r"(?:[QHM]|FY)[0-9]+")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
# `总计(25049)亿元`, `revenue (10000) million`: an amount, whatever the story tags.
_UNIT = re.compile(r" ?(?:[亿億万萬元%％]|(?:million|billion|trillion|mn|bn|yuan|points|GMT|UTC)\b)")
_PAIR = re.compile(r"[A-Z0-9]{2,10}(?:USD|USDT|USDC|HKD)")

# Codes from 10000 up are mostly derivatives', and look like amounts. News is written about these types.
_WRITTEN_ABOUT = frozenset({"depositary_receipt", "equity", "etf", "leveraged", "reit"})

# `the FED.US stocks rose`: where a space is missing, the suffix is the first word of a sentence. Whatever can
# follow a country's name suggests that; only verbs for the move of a price and another symbol do not. Verbs
# that fit a country as well (`opened`, `added`, `declined`) are left out.
_SYMBOL = r"(?:and |or )?[A-Z0-9.]{1,9}\.(?:US|HK|SH|SZ|SG)(?![A-Za-z0-9])"
_MOVES = (
    r"(?:rose|rises|fell|falls|jump(?:ed|s)|surge[ds]|climb(?:ed|s)|slid|slides|slip(?:ped|s)|plunge[ds]|"
    r"soar(?:ed|s)|tumble[ds]|slump(?:ed|s)|rallied)(?![A-Za-z\-])"
)
_GOES_ON = re.compile(
    r"[\-–—/:&]|['’][A-Za-z]"
    rf"|,[ \t\n]{{0,3}}(?!{_SYMBOL})[A-Z]"
    rf"|[ \t\u00a0]{{0,3}}[ \t\u00a0\n][ \t]{{0,3}}(?!{_MOVES}|{_SYMBOL})[\"“‘'*\[]{{0,3}}[A-Za-z0-9À-ɏ]"
)
# `closed at 9049.HK`, `收报9049.HK`: before a code stands a name, before an amount a word in small letters, a
# Chinese verb or a currency.
_COUNTED = re.compile(
    r"(?:(?<![^\W_])[a-zß-ÿ][^\W_]*[,:]?[ \t\n]{1,3}|[$€£¥]|[報报收于於至約约近破涨漲升跌] ?)\Z"
)
_LONGEST_WORD = 24


def is_certain_symbol(body: str, start: int, end: int, kind: str, *, framed: bool) -> bool:
    """Tell whether ``body[start:end]``, a code with its market, is a symbol by its form and its place.

    ``kind`` is the type of the instrument that it would be, ``framed`` says that it touches a bracket.
    """
    code, _, market = body[start:end].rpartition(".")
    if market == "US":
        if _US_CODE.fullmatch(code) is None or code in _DOMAIN_WORDS:
            return False
        # `U.K` is a word as `UK` is.
        is_word = code.replace(".", "") in _NOT_TICKERS or code in _BEFORE_US
        return framed or not (is_word or _GOES_ON.match(body, end))
    if market == "HK" and code.isdigit():
        return framed or _is_code_in_a_sentence(body, start, end, kind)
    if market == "HK":
        return code in _HK_INDICES
    if market in ("SG", "SI"):
        return _is_sg_code(code) and (framed or not _GOES_ON.match(body, end))
    if market in OTHER_SUFFIXES:
        # Of the mainland. `GOV.CN` is a domain.
        return _SIX_DIGITS.fullmatch(code) is not None
    return code.isdigit() or _PAIR.fullmatch(code) is not None


def is_certain_code(code: str, market: str, kind: str) -> bool:
    """Tell whether a code that follows the name of its exchange is no word, period or amount."""
    if market == "US":
        # `NASDAQ: AAPL.O` is Reuters' spelling: a share class is A, B or C.
        is_class = len(code) < 3 or code[-2] not in ".-" or code[-1] in "ABC"
        return is_class and (code not in _NOT_TICKERS or code in _COMPANIES)
    if market == "SG":
        return _is_sg_code(code)
    # Hong Kong: `(HKEX: 25000)` may be a level of its index.
    return market != "HK" or len(code.lstrip("0")) < 5 or kind in _WRITTEN_ABOUT


def is_word_or_period(code: str) -> bool:
    """Tell whether letters alone in brackets are a word (``ETF``) or a period (``Q3``), not a ticker."""
    return code in _NOT_TICKERS or _PERIOD.fullmatch(code) is not None


def is_amount(text: str, end: int) -> bool:
    """Tell whether a unit follows at ``end``, so that the number before it is an amount."""
    return _UNIT.match(text, end) is not None


def is_year(code: str) -> bool:
    """Tell whether four digits could be a year of the news."""
    return _YEAR.fullmatch(code) is not None


def _is_sg_code(code: str) -> bool:
    """Tell whether a code has the digit by which Singapore's differ from words, and is no period or year."""
    return _SG_CODE.fullmatch(code) is not None and not _PERIOD.fullmatch(code)


def _is_code_in_a_sentence(body: str, start: int, end: int, kind: str) -> bool:
    digits = body[start : end - len(".HK")]
    # `in 2026.HK stocks` and `rose 5.HK` are ends of sentences.
    if len(digits) < 4 or _YEAR.fullmatch(digits):
        return False
    # No amount has a leading zero, and with five digits it is no time of day (`by 0930.HK stocks`) either.
    if len(digits) == 5 and digits[0] == "0":
        return True
    return (
        kind in _WRITTEN_ABOUT
        and not _GOES_ON.match(body, end)
        and not _COUNTED.search(body[max(0, start - _LONGEST_WORD) : start])
    )
