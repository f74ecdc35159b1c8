"""A symbol as printed to what it is, by its form and by dated tables.

The knowledge is in the tables of ``symbol_tables.py``; the code only looks things up. A code that no row
covers on the article's day keeps its spelling and is ``unknown``.
"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from newscrawl.exceptions import Refused
from newscrawl.fields.symbol_tables import Market, Range, find_counter, find_range, read_markets

MARKETS = read_markets()
CRYPTO_VENUES = frozenset({"HAS", "BKKT", "OSL"})

_SYMBOL = re.compile(r"\.?[A-Z0-9][A-Z0-9.\-]{0,30}\.[A-Z]{2,4}")
_OPTION = re.compile(r"[A-Z.]{1,7}[0-9]{6}[CP][0-9]{1,8}")
_INDUSTRY = re.compile(r"IN[0-9]{5}")
_INDUSTRY_PATH = re.compile(r"BK/([A-Z]{2})/(IN[0-9]{5})")
# Class letters that share their spelling with nothing else: other ends (U, R, W, PR.A) are units, rights,
# warrants and preferred shares, which each tool writes in its own way.
_YAHOO_US = re.compile(r"[A-Z]{1,5}(?:\.[ABC])?")

# What other tools list under the plain code. Bonds and indices have names of their own there.
_LISTED_ALIKE = frozenset(
    {"equity", "etf", "reit", "fund", "leveraged", "depositary_receipt", "warrant", "cbbc", "inline_warrant"}
)


class Resolved(NamedTuple):
    """What a symbol is; the fields as in the record, None is not known."""

    symbol: str
    code: str
    market: str | None
    mic: str | None
    type: str
    type_source: str
    currency: str | None = None
    primary_symbol: str | None = None
    yahoo: str | None = None
    ric: str | None = None
    futu: str | None = None


def resolve(raw: str, on: date) -> Resolved:
    """Return what a printed symbol was on a day (the day of the article).

    Raises Refused ``bad_symbol`` for an empty or broken one; nothing is padded or guessed into shape.
    """
    # Upper-casing makes two ASCII letters of some that are not (ß).
    text = raw.strip().upper() if raw.isascii() else ""
    if text.startswith("BK/") and (industry := _INDUSTRY_PATH.fullmatch(text)):
        text = f"{industry[2]}.{industry[1]}"
    if not _SYMBOL.fullmatch(text):
        raise Refused("bad_symbol", f"expected CODE.MARKET, found {raw[:40]!r}")
    code, _, suffix = text.rpartition(".")
    market = MARKETS.get(suffix)
    if market is not None and market.digits is not None and code.isdigit():
        return _numeric(raw, code, market, market.digits, on)
    return _lettered(text, code, suffix, market)


def _numeric(raw: str, code: str, market: Market, width: int, on: date) -> Resolved:
    # Shanghai and Shenzhen print all six digits; only Hong Kong drops or adds leading zeros.
    name = market.name
    number = int(code)
    if len(code) > width or (name != "HK" and len(code) != width) or number == 0:
        raise Refused("bad_symbol", f"expected a code of {width} digits, found {raw[:40]!r}")
    primary = None
    leads = find_counter(name, number, on)
    if leads is not None:
        target = leads.target + number - leads.first
        if leads.relation == "successor":
            number = target
        else:
            primary = _canonical(target, name, width)
    symbol = _canonical(number, name, width)
    exchange_code = str(number).zfill(width)
    row = find_range(name, number, on)
    if row is None:
        return Resolved(symbol, exchange_code, name, None, "unknown", "none")
    source = "none" if row.type == "unknown" else "code_range"
    spelt = _spellings(number, exchange_code, market, row)
    return Resolved(symbol, exchange_code, name, row.mic, row.type, source, row.currency, primary, *spelt)


def _canonical(number: int, market: str, width: int) -> str:
    return f"{number}.HK" if market == "HK" else f"{number:0{width}}.{market}"


def _spellings(number: int, code: str, market: Market, row: Range) -> tuple[str | None, ...]:
    if row.type not in _LISTED_ALIKE:
        return (None, None, None)
    # Yahoo and Reuters write at least four digits of a Hong Kong code; of Reuters' five nothing is known.
    short = f"{number:04}" if market.name == "HK" else code
    yahoo = None if market.yahoo is None else f"{short}{market.yahoo}"
    ric = None if market.ric is None or (market.name == "HK" and number > 9_999) else f"{short}{market.ric}"
    return yahoo, ric, None if market.futu is None else f"{market.futu}{code}"


def _lettered(text: str, code: str, suffix: str, market: Market | None) -> Resolved:
    if suffix in CRYPTO_VENUES:
        return Resolved(text, code, suffix, None, "crypto", "form")
    known = None if market is None else suffix
    if _INDUSTRY.fullmatch(code):
        return Resolved(text, code, known, None, "industry", "form")
    if market is None:
        return Resolved(text, code, None, None, "unknown", "none")
    if code.startswith(".") or suffix == "HK":
        # `.DJI.US`; letters in Hong Kong (`HSI.HK`) are indices, which no venue lists.
        return Resolved(text, code.lstrip("."), suffix, None, "index", "form")
    if suffix == "US" and _OPTION.fullmatch(code):
        return Resolved(text, code, suffix, None, "option", "form", market.currency)
    if market.digits is not None:
        # Letters where the exchange has digits only: no code of it, so nothing of it holds.
        return Resolved(text, code, suffix, None, "unknown", "none")
    yahoo = code.replace(".", "-") if suffix == "US" and _YAHOO_US.fullmatch(code) else None
    futu = None if market.futu is None else f"{market.futu}{code}"
    return Resolved(
        text, code, suffix, market.mic, "unknown", "none", market.currency, None, yahoo, None, futu
    )


def explain(raw: str, on: date) -> tuple[Resolved, list[str]]:
    """Return what a symbol is, and in a few short lines why. Raises Refused like :func:`resolve`."""
    found = resolve(raw, on)
    market = MARKETS.get(found.market or "")
    if found.market in CRYPTO_VENUES:
        return found, [f"the suffix {found.market} is a venue for cryptocurrencies"]
    if market is None:
        return found, ["the market is not in the table"]
    if market.digits is None or not found.code.isdigit():
        reason = {
            "index": "by its form an index",
            "option": "by its form an option: root, expiry yymmdd, C or P, strike times 1000",
            "industry": "by its form the id of an industry, no instrument",
        }.get(found.type, "the form of the symbol does not tell what kind of instrument it is")
        return found, [reason]
    return found, _why(raw, found, market.name, on)


def _why(raw: str, found: Resolved, market: str, on: date) -> list[str]:
    reasons = []
    printed, number = int(raw.strip().rpartition(".")[0]), int(found.code)
    leads = find_counter(market, printed, on)
    if leads is not None and leads.relation == "successor":
        reasons.append(f"{printed}.{market} is {found.symbol} since {leads.valid_from} ({leads.source})")
    row = find_range(market, number, on)
    if row is None:
        reasons.append(f"no range of {market} holds {found.code} on {on}")
    else:
        days = f", from {row.valid_from}" * (row.valid_from > date.min)
        days += f", until {row.valid_to}" * (row.valid_to < date.max)
        codes = f"{row.first} to {row.last}" if row.last > row.first else str(row.first)
        reasons.append(f"{market} {codes}: {row.type}, {row.board}{days} ({row.source})")
    if leads is not None and leads.relation == "counter":
        reasons.append(f"the {found.currency} counter of {found.primary_symbol} ({leads.source})")
    return reasons
