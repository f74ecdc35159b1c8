"""A user's own list of listings: a CSV file with a header.

The column ``symbol`` is needed. ``name``, ``type``, ``mic``, ``currency``, ``isin``, ``cik``, ``figi``,
``valid_from`` and ``valid_to`` may be there, in any order; an empty cell is not known. A symbol may have
several rows if they are valid on different days.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable
from datetime import date

from stdnum import figi as figis
from stdnum import isin as isins

from newscrawl.exceptions import Refused
from newscrawl.reference.listing import Listing
from newscrawl.reference.lists.snapshot import ListError, clean_name, text_of
from newscrawl.symbols.resolving import resolve

OWN_COLUMNS = (
    "symbol", "name", "type", "mic", "currency", "isin", "cik", "figi", "valid_from", "valid_to",
)  # fmt: skip
TYPES = frozenset({
    "equity", "etf", "reit", "warrant", "cbbc", "inline_warrant", "leveraged", "depositary_receipt", "bond",
    "fund", "index", "crypto", "option", "industry",
})  # fmt: skip
_CHECKS: dict[str, tuple[Callable[[str], object], str]] = {
    "type": (TYPES.__contains__, "one of the types of data/README.md"),
    "mic": (re.compile(r"[A-Z0-9]{4}").fullmatch, "a market identifier code of ISO 10383"),
    "currency": (re.compile(r"[A-Z]{3}").fullmatch, "a currency of ISO 4217"),
    "isin": (isins.is_valid, "an ISIN with its check digit"),
    "cik": (re.compile(r"[1-9][0-9]{0,9}").fullmatch, "a CIK without leading zeros"),
    "figi": (figis.is_valid, "a FIGI with its check digit"),
}


def read_own(content: bytes, where: str, source: str, day: date) -> list[Listing]:
    """Read a user's own list as of the day of its import. Raises ListError with file and line.

    ``where`` names the file in errors, ``source`` is what the rows say of where they are from.
    """
    reader = csv.DictReader(io.StringIO(text_of(content, where), newline=""), restkey="more")
    columns = reader.fieldnames or []
    unknown = sorted(set(columns) - set(OWN_COLUMNS))
    if "symbol" not in columns or unknown or len(set(columns)) < len(columns):
        raise ListError(
            f"expected the column symbol and any of {', '.join(OWN_COLUMNS[1:])} in {where}:1, "
            f"found {', '.join(columns)[:120] or 'none'}"
        )
    try:
        rows = [_row(cells, f"{where}:{reader.line_num}", source, day) for cells in reader]
    except csv.Error as error:
        raise ListError(f"expected CSV in {where}:{reader.line_num}, found {error}") from None
    if not rows:
        raise ListError(f"expected rows in {where}, found none")
    _refuse_overlaps(rows, where)
    return rows


def _row(cells: dict[str, str], where: str, source: str, day: date) -> Listing:
    if "more" in cells or None in cells.values():
        raise ListError(f"expected as many cells as columns in {where}, found more or fewer")
    values = {name: cell.strip() for name, cell in cells.items() if cell.strip()}
    for name, (fits, what) in _CHECKS.items():
        if name in values and not fits(values[name]):
            raise ListError(f"expected {what} in {where}, found {values[name][:40]!r}")
    first, last = (_day(values.get(name), where) for name in ("valid_from", "valid_to"))
    if first is not None and last is not None and last < first:
        raise ListError(f"expected valid_to not before valid_from in {where}, found {first} and {last}")
    try:
        found = resolve(values.get("symbol", ""), first or day)
    except Refused as refusal:
        raise ListError(f"{refusal.detail} in {where}") from None
    if found.market is None or found.symbol is None:
        raise ListError(f"expected a symbol of a known market in {where}, found {found.raw[:40]!r}")
    return Listing(
        found.symbol,
        clean_name(values.get("name", "")),
        values.get("type"),
        values.get("mic"),
        None,
        values.get("currency"),
        values.get("isin"),
        values.get("cik"),
        values.get("figi"),
        first,
        last,
        first or min(day, last or day),
        last or day,
        source,
    )


def _day(text: str | None, where: str) -> date | None:
    if text is None:
        return None
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ListError(f"expected a day as YYYY-MM-DD in {where}, found {text[:40]!r}")


def _refuse_overlaps(rows: Iterable[Listing], where: str) -> None:
    by_symbol: dict[str, list[Listing]] = {}
    for row in rows:
        for other in by_symbol.setdefault(row.symbol, []):
            before = other.valid_to is not None and other.valid_to < (row.valid_from or date.min)
            after = row.valid_to is not None and row.valid_to < (other.valid_from or date.min)
            if not (before or after):
                raise ListError(
                    f"expected rows for different days in {where}, found {row.symbol} twice on one"
                )
        by_symbol[row.symbol].append(row)
