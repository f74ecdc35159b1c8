"""A symbol as printed to what it is, by its form and by a dated table of code ranges.

The knowledge is in ``symbol_ranges.csv``; the code only looks things up. A code that no row covers
on the article's day keeps its spelling and is ``unknown``.
"""

from __future__ import annotations

import csv
import re
from bisect import bisect_right
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from newscrawl.exceptions import Refused

# Width of an exchange's numeric codes.
_DIGITS = {"HK": 5, "SH": 6, "SZ": 6, "BJ": 6}
# Suffixes without ranges: what is known is the venue, or that the venue is not told.
_MICS = {"SG": "XSES", "US": None}
_CRYPTO = frozenset({"HAS", "BKKT", "OSL"})

_SYMBOL = re.compile(r"\.?[A-Z0-9][A-Z0-9.\-]{0,30}\.[A-Z]{2,4}")
_OPTION = re.compile(r"[A-Z.]{1,7}[0-9]{6}[CP][0-9]{1,8}")
_INDUSTRY = re.compile(r"IN[0-9]{5}")
_INDUSTRY_PATH = re.compile(r"BK/([A-Z]{2})/(IN[0-9]{5})")


class Resolved(NamedTuple):
    """What a symbol is. ``type`` and ``type_source`` as in the record; None is not known."""

    symbol: str
    code: str
    market: str | None
    mic: str | None
    type: str
    type_source: str


class Range(NamedTuple):
    """One row of the table: the codes ``first`` to ``last`` of a market, while the row is valid."""

    market: str
    first: int
    last: int
    type: str
    board: str
    mic: str
    valid_from: date
    valid_to: date
    source: str


def resolve(raw: str, on: date) -> Resolved:
    """Return what a printed symbol was on a day (the day of the article).

    Raises Refused ``bad_symbol`` for an empty or broken one; nothing is padded or guessed into shape.
    """
    # Upper-casing makes two ASCII letters of some that are not (ß).
    text = raw.strip().upper() if raw.isascii() else ""
    if industry := _INDUSTRY_PATH.fullmatch(text):
        text = f"{industry[2]}.{industry[1]}"
    if not _SYMBOL.fullmatch(text):
        raise Refused("bad_symbol", f"expected CODE.MARKET, found {raw[:40]!r}")
    code, _, market = text.rpartition(".")
    width = _DIGITS.get(market)
    if width is not None and code.isdigit():
        return _numeric(raw, code, market, width, on)
    if market in _CRYPTO:
        return Resolved(text, code, market, None, "crypto", "form")
    known = market if width is not None or market in _MICS else None
    if _INDUSTRY.fullmatch(code):
        return Resolved(text, code, known, None, "industry", "form")
    if known is None:
        return Resolved(text, code, None, None, "unknown", "none")
    if code.startswith(".") or market == "HK":
        # `.DJI.US`; letters in Hong Kong (`HSI.HK`) are indices, which no venue lists.
        return Resolved(text, code.lstrip("."), market, None, "index", "form")
    if market == "US" and _OPTION.fullmatch(code):
        return Resolved(text, code, market, None, "option", "form")
    return Resolved(text, code, market, _MICS.get(market), "unknown", "none")


def _numeric(raw: str, code: str, market: str, width: int, on: date) -> Resolved:
    # Shanghai and Shenzhen print all six digits; only Hong Kong drops or adds leading zeros.
    if len(code) > width or (market != "HK" and len(code) != width) or int(code) == 0:
        raise Refused("bad_symbol", f"expected a code of {width} digits, found {raw[:40]!r}")
    number = int(code)
    exchange_code = code.zfill(width)
    symbol = f"{number}.HK" if market == "HK" else f"{exchange_code}.{market}"
    row = _find(market, number, on)
    if row is None:
        return Resolved(symbol, exchange_code, market, None, "unknown", "none")
    source = "none" if row.type == "unknown" else "code_range"
    return Resolved(symbol, exchange_code, market, row.mic, row.type, source)


def _find(market: str, number: int, on: date) -> Range | None:
    firsts, rows = _table()[market]
    at = bisect_right(firsts, number) - 1
    if at < 0:
        return None
    row = rows[at]
    return row if number <= row.last and row.valid_from <= on <= row.valid_to else None


@lru_cache(maxsize=1)
def _table() -> dict[str, tuple[list[int], list[Range]]]:
    by_market: dict[str, list[Range]] = {}
    for row in read_table():
        by_market.setdefault(row.market, []).append(row)
    table = {}
    for market, rows in by_market.items():
        rows.sort(key=lambda row: row.first)
        table[market] = ([row.first for row in rows], rows)
    return table


def read_table() -> list[Range]:
    """Return the rows of ``symbol_ranges.csv`` in file order; an empty date is without end."""
    with files("newscrawl.fields").joinpath("symbol_ranges.csv").open(encoding="utf-8") as file:
        return [
            Range(
                row["market"],
                int(row["first"]),
                int(row["last"]),
                row["type"],
                row["board"],
                row["mic"],
                date.fromisoformat(row["valid_from"] or "0001-01-01"),
                date.fromisoformat(row["valid_to"] or "9999-12-31"),
                row["source"],
            )
            for row in csv.DictReader(file)
        ]
