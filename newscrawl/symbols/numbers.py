"""ISINs and FIGIs that people type: their symbol, where the reference has them."""

from __future__ import annotations

import re
from datetime import date

from newscrawl.codes import WarningCode
from newscrawl.exceptions import Refused
from newscrawl.reference import current
from newscrawl.symbols.parsing import ParsedSymbol, parse

_TWELVE = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")


def parse_any(text: str, on: date) -> ParsedSymbol:
    """Return what a symbol in any known spelling means, or an ISIN or a FIGI that the reference has on a day.

    Raises Refused ``bad_symbol``: as ``parse``, for a wrong check digit, and for a number that no list has or
    that several symbols have.
    """
    number = text.strip().upper() if text.isascii() else ""
    if not _TWELVE.fullmatch(number):
        return parse(text)
    # Slow to load, and few need them.
    from stdnum import figi as figis  # noqa: PLC0415
    from stdnum import isin as isins  # noqa: PLC0415

    # Both have twelve characters, and the ISINs of Cayman companies (KYG…) have the form of a FIGI as well.
    kinds = [kind for kind, module in (("isin", isins), ("figi", figis)) if module.is_valid(number)]
    if not kinds:
        raise Refused(
            WarningCode.BAD_SYMBOL,
            f"expected an ISIN or a FIGI with its check digit, found {text.strip()[:40]!r}",
        )
    symbols = {
        row.symbol: kind for kind in kinds for row in current().identified(kind, number) if row.reaches(on)
    }
    if len(symbols) == 1:
        ((symbol, kind),) = symbols.items()
        return ParsedSymbol(symbol, f"the listing with this {kind.upper()}")
    # One security in two currencies has one ISIN and two symbols.
    found = f"{number}: {' or '.join(sorted(symbols))}" if symbols else f"{number}, which no list has on {on}"
    expected = "an ISIN" if "isin" in kinds else "a FIGI"
    raise Refused(WarningCode.BAD_SYMBOL, f"expected {expected} of one listing, found {found}")
