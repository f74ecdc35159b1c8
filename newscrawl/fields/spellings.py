"""Other tools' spellings of a symbol to the canonical one, where only one reading is possible.

Read are this project's own (``2399.HK``), Yahoo Finance's and Reuters' suffixes (``0700.HK``, ``600519.SS``,
``D05.SI``), Yahoo's class shares (``BRK-B``), prefixes with a colon as on quote pages (``HKG:2399``,
``NYSE:BRK.B``), Futu's (``HK.02399``) and Bloomberg's (``2399 HK``, ``BRK/B US Equity``, ``600519 CH``). The
prefixes and suffixes are these tools' own conventions; a spelling that is not in the lists is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date

from newscrawl.exceptions import Refused
from newscrawl.fields.exchange_names import EXCHANGES
from newscrawl.fields.symbol_tables import find_range
from newscrawl.fields.symbols import CRYPTO_VENUES, MARKETS, resolve

# After a dot, where it is not our own; Yahoo's and Reuters'.
_SUFFIXES = {"SS": "SH", "SI": "SG"}
# After a space, Bloomberg's. CH, any exchange of the mainland, is read below.
_COUNTRIES = {"HK": "HK", "US": "US", "SP": "SG", "CG": "SH", "CS": "SZ"}

_PREFIXED = re.compile(r"([A-Z]+): ?(\S+)")
_SPACED = re.compile(r"(\S+) ([A-Z]{2})(?: EQUITY)?")
_FUTU = re.compile(r"(HK|SH|SZ|US)\.(\S+)")
_CLASS = re.compile(r"([A-Z]{1,5})-([ABC])")
_SHOWN = 40


def read_symbol(text: str, on: date) -> str:
    """Return the canonical symbol that a spelling names on a day.

    Raises Refused ``bad_symbol`` for one that is not understood, and for one with two readings; the
    detail then names both.
    """
    words = " ".join(text.upper().split()) if text.isascii() else ""
    readings = sorted(set(_readings(words, on)))
    if not readings:
        # Our own form in a market that is not in the table: kept as it is, and nothing is known of it.
        readings = [found for found in _resolved(words, on) if found.rpartition(".")[2] not in MARKETS]
    if len(readings) == 1 and not words.isdigit():
        return readings[0]
    found = f"found {text[:_SHOWN]!r}"
    if words.isdigit():
        # Other countries number their securities, too: a bare number never has one reading.
        like = f", such as {' or '.join(readings)}" if readings else ""
        raise Refused("bad_symbol", f"expected a number with its market{like}, {found}")
    if readings:
        raise Refused("bad_symbol", f"expected a symbol with one reading, {found}: {' or '.join(readings)}")
    raise Refused("bad_symbol", f"expected CODE.MARKET or another tool's spelling of it, {found}")


def read_vendor(tool: str, text: str, on: date) -> str:
    """Return the canonical symbol of a spelling of which it is known whose it is.

    ``tool`` is yahoo, ric or futu, as in ``vendor`` of the record: what stands there comes back as the
    symbol it stands beside. Raises Refused ``bad_symbol``.
    """
    for market in MARKETS.values():
        part = {"yahoo": market.yahoo, "ric": market.ric, "futu": market.futu}[tool]
        if part is None:
            continue
        if tool == "futu" and text.startswith(part):
            return resolve(f"{text.removeprefix(part)}.{market.name}", on).symbol
        if tool != "futu" and text.endswith(part):
            return resolve(f"{text.removesuffix(part)}.{market.name}", on).symbol
    if tool == "yahoo":
        # Without a suffix it is a listing in the United States, with a hyphen before a share's class.
        return resolve(f"{text.replace('-', '.')}.US", on).symbol
    raise Refused("bad_symbol", f"expected a spelling of {tool}, found {text[:_SHOWN]!r}")


def _readings(text: str, on: date) -> Iterator[str]:
    if text.isdigit():
        yield from _in_any(text, MARKETS, on)
    elif found := _PREFIXED.fullmatch(text):
        yield from _in_market(found[2], EXCHANGES.get(found[1]), on)
    elif found := _SPACED.fullmatch(text):
        code = found[1].replace("/", ".")
        if found[2] == "CH":
            yield from _in_any(code, ("SH", "SZ", "BJ"), on)
        else:
            yield from _in_market(code, _COUNTRIES.get(found[2]), on)
    elif found := _CLASS.fullmatch(text):
        yield f"{found[1]}.{found[2]}.US"
    else:
        if found := _FUTU.fullmatch(text):
            yield from _in_market(found[2], found[1], on)
        code, _, suffix = text.rpartition(".")
        market = _SUFFIXES.get(suffix, suffix)
        if market in MARKETS or market in CRYPTO_VENUES:
            yield from _in_market(code, market, on)
        elif text.startswith("BK/"):
            yield from _resolved(text, on)


def _in_market(code: str, market: str | None, on: date) -> Iterator[str]:
    if market is not None:
        yield from _resolved(f"{code}.{market}", on)


def _in_any(code: str, markets: Iterable[str], on: date) -> Iterator[str]:
    """Yield the readings of a number without its market: in those that have such a code."""
    for market in markets:
        width = MARKETS[market].digits
        if width is None or not code.isdigit() or len(code) > width or (market != "HK" and len(code) < width):
            continue
        if find_range(market, int(code), on) is not None:
            yield from _resolved(f"{code}.{market}", on)


def _resolved(symbol: str, on: date) -> Iterator[str]:
    try:
        yield resolve(symbol, on).symbol
    except Refused:
        return
