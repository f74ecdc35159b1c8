"""Ticker symbols to instruments, by dated tables of code ranges. A library of its own, without Scrapy.

    >>> from datetime import date
    >>> from newscrawl.symbols import explain, parse, resolve
    >>> parse("HKG:2399").symbol
    '2399.HK'
    >>> resolve("02399.HK", date(2026, 5, 8)).type
    'equity'
    >>> explain("80700.HK", date(2026, 5, 8))[0]
    'code range: HK 80000-82799, RMB counters; source: ...'

``resolve`` takes a symbol as the site prints it, ``parse`` any spelling that people type. Both raise
``newscrawl.exceptions.Refused`` for what they do not know.
"""

from __future__ import annotations

from newscrawl.items import Instrument, VendorSymbols
from newscrawl.symbols.explaining import explain
from newscrawl.symbols.parsing import ParsedSymbol, from_futu, from_ric, from_yahoo, parse
from newscrawl.symbols.resolving import is_uncovered, resolve
from newscrawl.symbols.tables import TABLES

__all__ = [
    "TABLES",
    "Instrument",
    "ParsedSymbol",
    "VendorSymbols",
    "explain",
    "from_futu",
    "from_ric",
    "from_yahoo",
    "is_uncovered",
    "parse",
    "resolve",
]
