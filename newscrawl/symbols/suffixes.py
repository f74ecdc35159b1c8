"""Suffixes of other tools that stand on pages, too: ``600519.SS``, ``000001.XSHE``, ``D05.SI``, ``NVDA.O``.

And ``.CN``, with which the code has to tell the exchange: ``002939.CN`` is Shenzhen's. Each is read only with
a code of the form that its market has.
"""

from __future__ import annotations

import re
from datetime import date

from newscrawl.symbols.tables import find_range, find_renamed

MAINLAND = "CN"
_SIX_DIGITS = re.compile(r"[0-9]{6}")
_SG_CODE = re.compile(r"(?![0-9]+\Z)[A-Z0-9]{3,4}")
_TICKER = re.compile(r"[A-Z]{1,5}(?:\.[A-Z])?")
# Yahoo and Reuters, ISO 10383, the exchanges' short names, Reuters' venues of the United States.
_OTHERS = {
    "SS": ("SH", _SIX_DIGITS),
    "XSHG": ("SH", _SIX_DIGITS),
    "SSE": ("SH", _SIX_DIGITS),
    "XSHE": ("SZ", _SIX_DIGITS),
    "SZSE": ("SZ", _SIX_DIGITS),
    "SI": ("SG", _SG_CODE),
    "O": ("US", _TICKER),
    "N": ("US", _TICKER),
}
OTHER_SUFFIXES = frozenset({*_OTHERS, MAINLAND})
# A code that one exchange gives to a security of these kinds and no other exchange to anything is that
# exchange's. Bonds of both exchanges share blocks.
_TELLING = frozenset({"equity", "depositary_receipt", "etf", "reit", "fund", "index"})


def own_suffix(code: str, suffix: str) -> str:
    """Return this project's suffix for one of other tools; the suffix itself where the code has another form.

    ``.CN`` stays: only the day tells more, see ``exchange_of``.
    """
    market, form = _OTHERS.get(suffix, (suffix, None))
    return market if form is not None and form.fullmatch(code) else suffix


def exchange_of(code: str, on: date) -> str | None:
    """Return the exchange of a mainland code on a day, ``SH``, ``SZ`` or ``BJ``; None where that is in doubt.

    000xxx is an index in Shanghai and a share in Shenzhen, so it is in doubt.
    """
    if not _SIX_DIGITS.fullmatch(code):
        return None
    number = int(code)
    known = [
        (market, row) for market in ("SH", "SZ", "BJ") if (row := find_range(market, number, on)) is not None
    ]
    if len(known) == 1 and known[0][1].type in _TELLING:
        return known[0][0]
    return "BJ" if not known and find_renamed("BJ", number, on) is not None else None
