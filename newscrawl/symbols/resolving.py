"""From a symbol as printed to the instrument, by its form, a dated table of code ranges, and the reference.

The knowledge is in the csv files of ``tables`` and in the lists of ``newscrawl.reference``; the code only
looks things up. A code about which they say nothing on the day in question keeps its spelling and is
``unknown``. Other tools' spellings are read by ``parsing``, not here, but for the suffixes that stand on
pages (``suffixes``).
"""

from __future__ import annotations

import re
from datetime import date

from newscrawl.codes import WarningCode
from newscrawl.exceptions import Refused
from newscrawl.items import Instrument, VendorSymbols
from newscrawl.symbols.listed import Facts, with_listing
from newscrawl.symbols.suffixes import MAINLAND, exchange_of, own_suffix
from newscrawl.symbols.tables import Range, find_counter, find_named, find_range, find_renamed
from newscrawl.symbols.vendor import spell_numeric, spell_sg, spell_us

# Width of an exchange's numeric codes.
WIDTHS = {"HK": 5, "SH": 6, "SZ": 6, "BJ": 6}
# Suffixes without ranges: what is known is the venue, or that the venue is not told.
_MICS = {"SG": "XSES", "US": None}
# All venues of the United States quote in dollars. In Singapore counters trade in several currencies.
_CURRENCIES = {"US": "USD"}
CRYPTO = frozenset({"HAS", "BKKT", "OSL"})
MARKETS = frozenset({*WIDTHS, *_MICS})

# Dots and dashes stand between letters and digits: `AAPL..US` is broken.
_SYMBOL = re.compile(r"(?=.{1,37}\Z)\.?[A-Z0-9]++(?:[.\-][A-Z0-9]++)*\.(?:[A-Z]{2,4}|[NO])")
_OPTION = re.compile(r"[A-Z.]{1,7}[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[CP][0-9]{1,8}")
_INDUSTRY = re.compile(r"IN[0-9]{5}")
_INDUSTRY_PATH = re.compile(r"BK/([A-Z]{2})/(IN[0-9]{5})")


def resolve(raw: str, on: date) -> Instrument:
    """Return what a printed symbol stands for on a day, which is the day of the article.

    A new record each time, with the symbol as passed in ``raw``; ``symbol`` and ``code`` are always set.
    Raises Refused ``bad_symbol`` for an empty or broken symbol; nothing is padded or guessed into shape.
    """
    code, market = locate(raw, on)
    width = WIDTHS.get(market)
    if width is not None and code.isdigit():
        return _numeric(raw, code, market, width, on)
    return _lettered(raw, code, market, on)


def locate(raw: str, on: date) -> tuple[str, str]:
    """Return code and market of a symbol on a day: as ``split_symbol``, and the exchange of a ``.CN`` code.

    Raises Refused ``bad_symbol``.
    """
    code, market = split_symbol(raw)
    if market == MAINLAND:
        market = exchange_of(code, on) or market
    return code, market


def split_symbol(raw: str) -> tuple[str, str]:
    """Return code and suffix of a symbol, cut at its last dot; an industry's path becomes one, too.

    Other tools' suffixes become this project's. Raises Refused ``bad_symbol`` where it has no such form.
    """
    # Upper-casing makes two ASCII letters of some that are not (ß).
    text = raw.strip().upper() if raw.isascii() else ""
    if industry := _INDUSTRY_PATH.fullmatch(text):
        return industry[2], industry[1]
    if not _SYMBOL.fullmatch(text):
        raise Refused(WarningCode.BAD_SYMBOL, f"expected CODE.MARKET, found {raw[:40]!r}")
    code, _, suffix = text.rpartition(".")
    market = own_suffix(code, suffix)
    inner = code.rpartition(".")[2] if "." in code[1:] else ""
    # `0700.HK.US` has two markets, and only US codes have parts. No market has a name of one letter.
    if inner in MARKETS or (inner and market in WIDTHS) or len(market) == 1:
        raise Refused(WarningCode.BAD_SYMBOL, f"expected one CODE.MARKET, found {raw[:40]!r}")
    printed = raw.strip()[: len(code)]
    # A small letter among capitals has a meaning (`BACpL`, a preferred share): folded it is another ticker.
    mixed = market == "US" and not printed.isupper() and not printed.islower()
    return printed if mixed else code, market


def is_uncovered(found: Instrument) -> bool:
    """Tell whether a code of a market that has a table is in no range with a known type."""
    return found.type == "unknown" and found.market in WIDTHS


def _lettered(raw: str, code: str, market: str, on: date) -> Instrument:
    symbol = f"{code}.{market}"
    if market in CRYPTO:
        return Instrument(raw, symbol, code, market, None, "crypto", "form")
    known = market if market in MARKETS else None
    if _INDUSTRY.fullmatch(code):
        return Instrument(raw, symbol, code, known, None, "industry", "form")
    if known is None:
        return Instrument(raw, symbol, code)
    # `.DJI.US`, `HSI.HK`: no venue lists an index.
    if market == "US" and code.startswith("."):
        return Instrument(raw, symbol, code[1:], market, None, "index", "form")
    if market == "HK" and code.isalpha():
        return Instrument(raw, symbol, code, market, None, "index", "form")
    if market == "US" and _OPTION.fullmatch(code):
        return Instrument(raw, symbol, code, market, None, "option", "form", _CURRENCIES[market])
    row = find_named(market, code, on)
    if row is not None:
        facts = Facts(row.type, "code_range", row.mic, row.currency)
    else:
        # `.US` tells neither the venue nor a fund from a share; how others spell it is known all the same.
        facts = Facts(mic=_MICS.get(market), currency=_CURRENCIES.get(market))
    facts = with_listing(symbol, on, facts)
    vendor = spell_us(code) if market == "US" else spell_sg(code) if market == "SG" else VendorSymbols()
    return Instrument(
        raw, symbol, code, market, facts.mic, facts.type, facts.type_source, facts.currency, vendor=vendor
    )


def _numeric(raw: str, code: str, market: str, width: int, on: date) -> Instrument:
    # Shanghai and Shenzhen print all six digits; only Hong Kong drops or adds leading zeros.
    if len(code) > width or (market != "HK" and len(code) != width) or int(code) == 0:
        raise Refused(WarningCode.BAD_SYMBOL, f"expected a code of {width} digits, found {raw[:40]!r}")
    number = int(code)
    row = find_range(market, number, on)
    if row is None and (renamed := find_renamed(market, number, on)) is not None:
        number = renamed.leads_to(number)
        row = find_range(market, number, on)
    exchange_code = str(number).zfill(width)
    symbol = f"{number}.HK" if market == "HK" else f"{exchange_code}.{market}"
    known, primary = _facts_of_row(row, market, number, on)
    facts = with_listing(symbol, on, known)
    if facts.type != known.type:
        primary = _primary_of(market, number, facts.type, on)
    return Instrument(
        raw,
        symbol,
        exchange_code,
        market,
        facts.mic,
        facts.type,
        facts.type_source,
        facts.currency,
        primary,
        spell_numeric(market, exchange_code, facts.type),
    )


def range_facts(symbol: str, on: date) -> Facts:
    """Return what the tables of codes alone tell of a canonical symbol on a day. Raises Refused."""
    code, market = split_symbol(symbol)
    if market not in WIDTHS or not code.isdigit():
        row = find_named(market, code, on)
        return Facts() if row is None else Facts(row.type, "code_range", row.mic, row.currency)
    return _facts_of_row(find_range(market, int(code), on), market, int(code), on)[0]


def _facts_of_row(row: Range | None, market: str, number: int, on: date) -> tuple[Facts, str | None]:
    """Return what a row tells of a code, and its primary counter."""
    if row is None:
        return Facts(), None
    kind, primary = _type_and_primary(row, market, number, on)
    return Facts(kind, "none" if kind == "unknown" else "code_range", row.mic, row.currency), primary


def _primary_of(market: str, number: int, kind: str, on: date) -> str | None:
    """Return the primary counter of a code whose type a list tells, where that is of the same type."""
    link = find_counter(market, number)
    if link is None or kind == "unknown":
        return None
    primary = f"{link.leads_to(number)}.{market}"
    return primary if resolve(primary, on).type == kind else None


def _type_and_primary(row: Range, market: str, number: int, on: date) -> tuple[str, str | None]:
    """Return the type of a code and, where it is a counter in a second currency, its primary counter."""
    link = find_counter(market, number)
    if link is None:
        return row.type, None
    primary = link.leads_to(number)
    found = find_range(market, primary, on)
    # Two counters of one security are of one type. Where the table says otherwise (83400 beside the ETFs
    # from 03400, 80823 beside a REIT) one of its rows does not hold for this code, and nothing tells which.
    if found is None or found.type != row.type or row.type == "unknown":
        return "unknown", None
    return row.type, f"{primary}.{market}"
