"""How other tools spell an instrument, only where the rule is certain.

Yahoo Finance and Reuters write Hong Kong's codes with four digits (``0700.HK``) and Shanghai as ``SS``;
Futu writes the market first and then the exchange's own code. Yahoo writes codes of five digits as they are
(``80700.HK``, ``87001.HK``: its own list of Hong Kong has them so) and Singapore as ``SI``. Not spelled are
codes of five digits at Reuters (no source says how), indices and bonds (they have names of their own there),
Beijing, Singapore at Reuters and Futu, and the United States at Reuters (its spelling needs the venue).
"""

from __future__ import annotations

import re

from newscrawl.items import VendorSymbols

_YAHOO_AND_RIC = {"HK": "HK", "SH": "SS", "SZ": "SZ"}
_SPELLED_BY_ALL = frozenset({"equity", "etf", "reit", "fund", "leveraged", "depositary_receipt"})
_SPELLED_BY_FUTU = frozenset({"warrant", "cbbc", "inline_warrant"})
# Hong Kong's codes up to here have four digits once the leading zero is gone.
_LAST_OF_FOUR_DIGITS = 9999

# A plain ticker, or one share class of it. Other endings are left out: U, W and R stand for units,
# warrants and rights, and preferred shares are written in as many ways as there are tools.
_US_TICKER = re.compile(r"([A-Z]{1,5})(?:\.([ABC]))?")
_SG_CODE = re.compile(r"(?![0-9]+\Z)[A-Z0-9]{3,4}")


def spell_numeric(market: str, code: str, kind: str) -> VendorSymbols:
    """Return the spellings of a code of digits, as the exchange writes it (``02399``), by its type."""
    suffix = _YAHOO_AND_RIC.get(market)
    if suffix is None:
        return VendorSymbols()
    if kind in _SPELLED_BY_ALL:
        if market != "HK":
            other = f"{code}.{suffix}"
        elif int(code) <= _LAST_OF_FOUR_DIGITS:
            other = f"{code[1:]}.{suffix}"
        else:
            return VendorSymbols(yahoo=f"{code}.HK", futu=f"HK.{code}")
        return VendorSymbols(other, other, f"{market}.{code}")
    return VendorSymbols(futu=f"{market}.{code}") if kind in _SPELLED_BY_FUTU else VendorSymbols()


def spell_sg(code: str) -> VendorSymbols:
    """Return the spellings of a code in Singapore (``D05``)."""
    return VendorSymbols(yahoo=f"{code}.SI") if _SG_CODE.fullmatch(code) else VendorSymbols()


def spell_us(code: str) -> VendorSymbols:
    """Return the spellings of a US ticker (``AAPL``, ``BRK.B``)."""
    found = _US_TICKER.fullmatch(code)
    if found is None:
        return VendorSymbols()
    ticker, share_class = found.groups()
    return VendorSymbols(yahoo=f"{ticker}-{share_class}" if share_class else ticker, futu=f"US.{code}")
