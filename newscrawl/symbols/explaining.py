"""Why a symbol is what it is, in words for a person: which row of the tables and its source, or which form.

No line of the data holds these reasons; ``scrapy symbol`` prints them.
"""

from __future__ import annotations

from datetime import date

from newscrawl.items import Instrument
from newscrawl.reference import Conflict, current
from newscrawl.symbols.resolving import WIDTHS, locate, resolve
from newscrawl.symbols.suffixes import MAINLAND
from newscrawl.symbols.tables import Range, find_counter, find_named, find_range, find_renamed

_FORMS = {
    "crypto": "form: the suffix {market} is one of cryptocurrency pairs",
    "industry": "form: IN and five digits name an industry, no instrument",
    "option": "form: root, date, C or P and strike make a US option",
}


def explain(raw: str, on: date) -> list[str]:
    """Return the reasons for what ``resolve`` says of a symbol on a day: at least one, each on a line.

    Raises Refused ``bad_symbol`` where ``resolve`` does.
    """
    found = resolve(raw, on)
    code, market = locate(raw, on)
    listed = _listed(str(found.symbol), on)
    if found.market in WIDTHS and code.isdigit():
        return [*_numeric(found, market, int(code), on), *listed]
    row = find_named(market, code, on)
    reason = _row(row) if row is not None else _form(found, market)
    return [reason, *listed]


def explain_conflict(conflict: Conflict) -> str:
    """Return in words on what lists differ: ``mic: XNAS in nasdaq, NYSE in sec``."""
    said = ", ".join(f"{value} in {source}" for source, value in conflict.said)
    return f"{conflict.field}: {said}"


def _listed(symbol: str, on: date) -> list[str]:
    """Return the reasons from the reference: who lists the symbol, and on what the lists differ."""
    found = current().on(symbol, on)
    if found is None:
        return []
    listing = found.listing
    days = f"since {listing.valid_from}" if listing.valid_from else f"looked at from {listing.seen_from}"
    end = f" until {listing.valid_to}" if listing.valid_to else f" to {listing.as_of}"
    name = " / ".join(found.names) or "no name"
    numbers = [
        f"{label} {number}"
        for label, number in (("CIK", listing.cik), ("ISIN", listing.isin), ("FIGI", listing.figi))
        if number is not None
    ]
    facts = "; ".join([name, *numbers])
    return [
        f"listing: {facts}; {days}{end}; source: {', '.join(found.sources)}",
        *(f"the lists differ, so it is not known: {explain_conflict(one)}" for one in found.conflicts),
    ]


def _numeric(found: Instrument, market: str, number: int, on: date) -> list[str]:
    lines = []
    row = find_range(market, number, on)
    if row is None and (renamed := find_renamed(market, number, on)) is not None:
        lines.append(f"renamed: {found.symbol} since {renamed.since}; source: {renamed.source}")
        number = renamed.leads_to(number)
        row = find_range(market, number, on)
    if row is None:
        return [*lines, f"no row of the table covers {found.code} in {market} on {on}"]
    lines.append(_row(row))
    link = find_counter(market, number)
    if link is not None and found.primary_symbol is not None:
        lines.append(
            f"counter: {link.first}-{link.last} beside those from {link.target}; source: {link.source}"
        )
    elif link is not None:
        primary = find_range(market, link.leads_to(number), on)
        other = "nothing" if primary is None else primary.type
        lines.append(
            f"counter: beside {str(link.leads_to(number)).zfill(WIDTHS[market])}, which is {other} in the "
            "table; two counters of one security are of one type, so neither type nor primary one is known"
        )
    return lines


def _row(row: Range) -> str:
    codes = row.first if row.first == row.last else f"{row.first}-{row.last}"
    days = "".join(
        f", {word} {day}"
        for word, day, end in (("from", row.valid_from, date.min), ("until", row.valid_to, date.max))
        if day != end
    )
    unknown = ", of no one type" if row.type == "unknown" else ""
    return f"code range: {row.market} {codes}, {row.board}{unknown}{days}; source: {row.source}"


def _form(found: Instrument, market: str) -> str:
    if found.type in _FORMS:
        return _FORMS[found.type].format(market=market)
    if found.type == "index":
        how = "a dot before a US ticker marks" if market == "US" else "letters as a code in HK mark"
        return f"form: {how} an index"
    if market == MAINLAND:
        return "the code does not tell one exchange of the mainland: two may have it, or none"
    if found.market is None:
        return f"the market {market} is not in the table; the symbol is kept as it is"
    if found.market == "US":
        return "by itself a US ticker tells neither its venue nor whether it is a share or a fund"
    if found.market in WIDTHS:
        return f"expected digits for a code in {market}, found {found.code}; it is kept as it is"
    return f"a code in {market} does not tell its type"
