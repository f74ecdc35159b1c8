"""Other tools' spellings of an instrument, only where the rule is certain.

Yahoo Finance and Reuters write Hong Kong's codes with four digits (``0700.HK``) and Shanghai as ``SS``;
Futu puts the market first and the exchange's own code behind it. What is not spelled: codes of five
digits at Yahoo and Reuters (no source says how), indices and bonds (they have names of their own there),
Beijing, Singapore, Reuters for the United States (its spelling needs the venue).
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Spellings(NamedTuple):
    """Yahoo Finance, Reuters (RIC) and Futu OpenAPI; None is not certain."""

    yahoo: str | None = None
    ric: str | None = None
    futu: str | None = None


NOWHERE = Spellings()

_YAHOO_AND_RIC = {"HK": "HK", "SH": "SS", "SZ": "SZ"}
_ON_THE_LIST = frozenset({"equity", "etf", "reit", "fund", "leveraged", "depositary_receipt"})
_DERIVED = frozenset({"warrant", "cbbc", "inline_warrant"})
# Hong Kong's codes up to here have four digits once the leading zero is gone.
_FOUR_DIGITS = 9999

# A plain ticker, or one share class of it. Other endings are kept out: U, W and R stand for units,
# warrants and rights, and preferred shares are written in as many ways as there are tools.
_US_TICKER = re.compile(r"([A-Z]{1,5})(?:\.([ABC]))?")


def spell_numeric(market: str, code: str, kind: str) -> Spellings:
    """Return the spellings of a code of digits (``02399``) in a market, by its type."""
    suffix = _YAHOO_AND_RIC.get(market)
    if suffix is None:
        return NOWHERE
    if kind in _ON_THE_LIST:
        if market != "HK":
            other = f"{code}.{suffix}"
        elif int(code) <= _FOUR_DIGITS:
            other = f"{code[1:]}.{suffix}"
        else:
            return Spellings(futu=f"HK.{code}")
        return Spellings(other, other, f"{market}.{code}")
    return Spellings(futu=f"{market}.{code}") if kind in _DERIVED else NOWHERE


def spell_us(code: str) -> Spellings:
    """Return the spellings of a US ticker (``AAPL``, ``BRK.B``)."""
    found = _US_TICKER.fullmatch(code)
    if found is None:
        return NOWHERE
    ticker, share_class = found.groups()
    return Spellings(yahoo=f"{ticker}-{share_class}" if share_class else ticker, futu=f"US.{code}")
