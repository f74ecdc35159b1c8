"""From a symbol as other tools write it to the spelling of this project.

``HKG:2399`` (Google), ``2399 HK`` (Bloomberg), ``HK.02399`` (Futu), ``600519.SS`` and ``BRK-B`` (Yahoo),
``NYSE:BRK.B``. For people who type symbols; pages are read without it. Each spelling is tried. A text that
fits none, or that means two symbols, is refused with the possible meanings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from newscrawl.codes import WarningCode
from newscrawl.exceptions import Refused
from newscrawl.symbols.exchanges import EXCHANGES
from newscrawl.symbols.resolving import CRYPTO, MARKETS, WIDTHS, split_symbol
from newscrawl.symbols.suffixes import MAINLAND, own_suffix

_WITH_COLON = re.compile(r"([A-Z]+): ?([A-Z0-9.\-]+)")
_WITH_SPACE = re.compile(r"([A-Z0-9./\-]+) (HK|US|CH)(?: EQUITY)?")
_FUTU = re.compile(r"(HK|SH|SZ|US)\.([A-Z0-9.\-]+)")
_SHANGHAI = re.compile(r"([0-9]{6})\.SS")
_US_TICKER = re.compile(r"[A-Z]{1,5}(?:\.[A-Z])?")
_US_CLASS = re.compile(r"([A-Z]{1,5})-([ABC])")
_LAST_OF_FOUR_DIGITS = 9999
_ONE_LETTER = re.compile(r"([A-Z0-9]{1,6})\.([A-Z])")
_DIGITS = re.compile(r"[0-9]{1,6}")
_TICKER = re.compile(r"[A-Z]{1,6}")


_OTHERS = {
    "SS": "as Yahoo and Reuters write it",
    "SI": "as Yahoo writes it",
    "O": "as Reuters writes it",
    "N": "as Reuters writes it",
    "XSHG": "with the exchange's code in ISO 10383",
    "XSHE": "with the exchange's code in ISO 10383",
    "SSE": "with the exchange's short name",
    "SZSE": "with the exchange's short name",
}


class ParsedSymbol(NamedTuple):
    """What a text means in one spelling."""

    symbol: str
    """What ``resolve`` takes: ``2399.HK``."""
    spelling: str
    """Whose spelling the text is in, in words: ``as Yahoo writes it``."""


def parse(text: str) -> ParsedSymbol:
    """Return what a symbol in any known spelling means.

    Raises Refused ``bad_symbol`` where the text is in no known spelling, or means more than one symbol; the
    detail says what was expected and names the symbols.
    """
    upper = " ".join(text.upper().split()) if text.isascii() else ""
    meanings: dict[str, ParsedSymbol] = {}
    for spelled in (_own, _colon, _space, _futu, _yahoo):
        for parsed in spelled(upper):
            meanings.setdefault(parsed.symbol, parsed)
    if len(meanings) == 1:
        return next(iter(meanings.values()))
    if meanings:
        named = " or ".join(f"{parsed.symbol} ({parsed.spelling})" for parsed in meanings.values())
        raise Refused(WarningCode.BAD_SYMBOL, f"expected one meaning, found {text[:40]!r}: {named}")
    doubts = _without_market(upper)
    if doubts:
        raise Refused(
            WarningCode.BAD_SYMBOL, f"expected a symbol with its market, found {text[:40]!r}: {doubts}"
        )
    raise Refused(
        WarningCode.BAD_SYMBOL,
        f"expected CODE.MARKET or a spelling of Yahoo, Futu, Google or Bloomberg, found {text[:40]!r}",
    )


def from_yahoo(text: str) -> str:
    """Return the symbol that Yahoo Finance spells so: the inverse of ``vendor.yahoo``.

    Raises Refused ``bad_symbol`` for a spelling whose rule is not certain.
    """
    if found := _US_CLASS.fullmatch(text):
        return f"{found[1]}.{found[2]}.US"
    if "." not in text and _US_TICKER.fullmatch(text):
        return f"{text}.US"
    code, _, market = text.rpartition(".")
    if market == "HK" and code.isdigit() and len(code) == WIDTHS["HK"] and int(code) > _LAST_OF_FOUR_DIGITS:
        return text
    if market == "SI" and own_suffix(code, market) == "SG":
        return f"{code}.SG"
    return from_ric(text)


def from_ric(text: str) -> str:
    """Return the symbol that Reuters spells so: the inverse of ``vendor.ric``.

    Raises Refused ``bad_symbol`` for a spelling whose rule is not certain.
    """
    if found := _SHANGHAI.fullmatch(text):
        return f"{found[1]}.SH"
    code, _, market = text.rpartition(".")
    if code.isdigit() and ((market == "HK" and len(code) == 4) or (market == "SZ" and len(code) == 6)):
        return f"{code.lstrip('0')}.HK" if market == "HK" else text
    raise Refused(WarningCode.BAD_SYMBOL, f"expected 0700.HK, 600519.SS or 300750.SZ, found {text[:40]!r}")


def from_futu(text: str) -> str:
    """Return the symbol that Futu spells so: the inverse of ``vendor.futu``.

    Raises Refused ``bad_symbol`` for anything else.
    """
    for parsed in _futu(text):
        return parsed.symbol
    raise Refused(
        WarningCode.BAD_SYMBOL, f"expected HK.00700, SH.600519, SZ.300750 or US.AAPL, found {text[:40]!r}"
    )


def _own(text: str) -> Iterator[ParsedSymbol]:
    try:
        code, market = split_symbol(text)
    except Refused:
        return
    known = market in MARKETS | CRYPTO
    # Pages may name any market. Here `US.AAPL` would then be in a market AAPL.
    if _FUTU.fullmatch(text) and not known:
        return
    suffix = text.rpartition(".")[2]
    if suffix != market and "/" not in text:
        yield ParsedSymbol(f"{code}.{market}", _OTHERS[suffix])
    elif market == MAINLAND:
        yield ParsedSymbol(f"{code}.{market}", "with the suffix of the mainland; the code tells the exchange")
    else:
        yield ParsedSymbol(
            f"{code}.{market}", "as the site writes it" if known else "in the site's form, of no known market"
        )


def _colon(text: str) -> Iterator[ParsedSymbol]:
    found = _WITH_COLON.fullmatch(text)
    if found is not None and (market := EXCHANGES.get(found[1])) is not None:
        # `NYSE:BRK-B` has Yahoo's dash after the exchange, and means the same.
        code = found[2].replace("-", ".") if _US_CLASS.fullmatch(found[2]) else found[2]
        yield from _in_market(code, market, "exchange and colon, as Google writes it")


def _space(text: str) -> Iterator[ParsedSymbol]:
    found = _WITH_SPACE.fullmatch(text)
    if found is None:
        return
    code = found[1].replace("/", ".")
    # CH is China: the venue is not told, and the same digits mean something else on another exchange.
    for market in ("SH", "SZ", "BJ") if found[2] == "CH" else (found[2],):
        yield from _in_market(code, market, "code and country, as Bloomberg writes it")


def _futu(text: str) -> Iterator[ParsedSymbol]:
    found = _FUTU.fullmatch(text)
    if found is not None and (found[1] != "HK" or len(found[2]) == WIDTHS["HK"]):
        yield from _in_market(found[2], found[1], "as Futu writes it")


def _yahoo(text: str) -> Iterator[ParsedSymbol]:
    # Only what no other tool writes; `AAPL` alone could be a code in another market.
    if _US_CLASS.fullmatch(text):
        yield ParsedSymbol(from_yahoo(text), "as Yahoo writes it")


def _in_market(code: str, market: str, spelling: str) -> Iterator[ParsedSymbol]:
    width = WIDTHS.get(market)
    if width is not None:
        # Only Hong Kong's codes lose their leading zeros.
        shortest = 1 if market == "HK" else width
        fits = code.isdigit() and shortest <= len(code) <= width
    elif market == "US":
        fits = _US_TICKER.fullmatch(code) is not None
    else:
        fits = code.isalnum()
    if fits and code.strip("0"):
        yield ParsedSymbol(f"{code.lstrip('0') if market == 'HK' else code}.{market}", spelling)


def _without_market(text: str) -> str:
    """Return what a code without its market could be, in words; empty where the text is no code."""
    if found := _ONE_LETTER.fullmatch(text):
        return f"{text}.US (share class {found[2]}), or {found[1]} on the venue that Reuters calls {found[2]}"
    if _TICKER.fullmatch(text):
        return f"{text}.US, {text}.SG, or the index {text}.HK or .{text}.US"
    if not _DIGITS.fullmatch(text) or not text.strip("0"):
        return ""
    if len(text) < WIDTHS["SH"]:
        return f"{text.lstrip('0')}.HK, or a code of another market with so few digits"
    return " or ".join(f"{text}.{market}" for market, width in WIDTHS.items() if width == len(text))
