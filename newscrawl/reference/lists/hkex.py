"""Hong Kong's list of securities: a workbook, or the same table as CSV or tab-separated text."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from stdnum import isin as isins

from newscrawl.reference.listing import Listing
from newscrawl.reference.lists.snapshot import ListError, Snapshot, clean_name, snapshot, text_of

_NEEDED = ("Stock Code", "Name of Securities", "Category", "Sub-Category", "ISIN", "Trading Currency")
_UPDATED = re.compile(r"Updated as at ([0-9]{2}/[0-9]{2}/[0-9]{4})")
_CODE = re.compile(r"[0-9]{1,5}")
# The header stands below a title and the day.
_HEADER_WITHIN = 12
# A workbook is a zip archive: what it unpacks to is bounded, too. The real one has 10 MB.
_LARGEST_UNPACKED = 200 * 1024 * 1024

# By category, and by sub-category where that tells more. Warrants and bull/bear contracts come and go by the
# thousand, and their codes already tell what they are.
_CATEGORIES = {
    "Equity": None,
    "Real Estate Investment Trusts": "reit",
    "Exchange Traded Products": None,
    "Debt Securities": "bond",
}
_SUB_CATEGORIES = {
    "Equity Securities (Main Board)": "equity",
    "Equity Securities (GEM)": "equity",
    "Investment Companies": "equity",
    "Depositary Receipts": "depositary_receipt",
    "Exchange Traded Funds": "etf",
    "Leveraged and Inverse Products": "leveraged",
    "Leveraged and Inverse": "leveraged",
}
_CURRENCIES = {"RMB": "CNY"}


def read_hkex(content: bytes) -> Snapshot:
    """Read ``ListOfSecurities.xlsx``, or its first sheet as CSV or tab-separated text. Raises ListError."""
    table = _workbook(content) if content.startswith(b"PK") else _text(content)
    day: date | None = None
    columns: dict[str, int] = {}
    rows, skipped = [], 0
    for number, cells in enumerate(table):
        if not columns:
            day = day or _updated(cells)
            names = [" ".join(cell.split()) for cell in cells]
            if set(_NEEDED) <= set(names):
                columns = {name: names.index(name) for name in _NEEDED}
            elif number >= _HEADER_WITHIN:
                break
            continue
        values = {name: cells[place] if place < len(cells) else "" for name, place in columns.items()}
        row = _row(values)
        if row is not None:
            rows.append(row)
        elif any(cells):
            skipped += 1
    if not columns:
        raise ListError(f"expected a header with {', '.join(_NEEDED)} in Hong Kong's list, found none")
    if day is None:
        raise ListError(
            "expected 'Updated as at DD/MM/YYYY' above the header of Hong Kong's list, found none"
        )
    return snapshot(rows, day, skipped)


def _row(values: dict[str, str]) -> Listing | None:
    category, code = values["Category"], values["Stock Code"]
    if category not in _CATEGORIES or not _CODE.fullmatch(code) or not code.strip("0"):
        return None
    currency = values["Trading Currency"]
    gem = values["Sub-Category"] == "Equity Securities (GEM)"
    return Listing(
        f"{int(code)}.HK",
        clean_name(values["Name of Securities"]),
        _SUB_CATEGORIES.get(values["Sub-Category"], _CATEGORIES[category]),
        "XGEM" if gem else "XHKG",
        currency=_CURRENCIES.get(currency, currency) or None,
        isin=values["ISIN"] if isins.is_valid(values["ISIN"]) else None,
        source="hkex",
    )


def _updated(cells: Iterable[str]) -> date | None:
    for cell in cells:
        if found := _UPDATED.search(cell):
            try:
                return datetime.strptime(found[1], "%d/%m/%Y").date()  # noqa: DTZ007 - a day
            except ValueError:
                raise ListError(f"expected a day in Hong Kong's list, found {cell[:60]!r}") from None
    return None


def _text(content: bytes) -> Iterator[list[str]]:
    text = text_of(content, "Hong Kong's list")
    dialect = "excel-tab" if "\t" in text[:2000] else "excel"
    try:
        for cells in csv.reader(io.StringIO(text), dialect):
            yield [cell.strip() for cell in cells]
    except csv.Error as error:
        raise ListError(f"expected CSV in Hong Kong's list, found {error}") from None


def _workbook(content: bytes) -> Iterator[list[str]]:
    try:
        from openpyxl import load_workbook  # noqa: PLC0415 - an extra, and slow to load
    except ImportError:
        raise ListError(
            "expected the package openpyxl for Hong Kong's workbook, found none: install newscrawl[reference]"
        ) from None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > _LARGEST_UNPACKED:
            raise ListError(
                f"expected at most {_LARGEST_UNPACKED} bytes in Hong Kong's workbook, found {size}"
            )
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet: Any = book.worksheets[0]
        # The size that the file claims is wrong in some versions of it, and then rows are missing.
        sheet.reset_dimensions()
        for cells in sheet.iter_rows(values_only=True):
            yield ["" if cell is None else str(cell).strip() for cell in cells]
    except (zipfile.BadZipFile, KeyError, IndexError, ValueError, OSError, SyntaxError) as error:
        raise ListError(
            f"expected a workbook from Hong Kong, found {type(error).__name__}: {error}"
        ) from None
