"""What every reader of a list returns: its rows, its day, and how many lines it could not use."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from newscrawl.exceptions import NewscrawlError
from newscrawl.reference.listing import Listing

_SPACE = re.compile(r"\s+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")
_LONGEST_NAME = 200


class ListError(NewscrawlError):
    """A list is not of the form that is expected; the text says what was expected and what was found."""


class Snapshot(NamedTuple):
    """One list as it was on one day."""

    rows: list[Listing]
    """One for each symbol."""
    day: date | None
    """The day that the list itself names; None where it names none."""
    skipped: int
    """Lines that are no listing of a known form: test issues, derivatives, tickers of unknown spelling."""


def snapshot(rows: Iterable[Listing], day: date | None, skipped: int) -> Snapshot:
    """Return a snapshot with one row for each symbol.

    A symbol that stands in a list twice with different facts is left out: nothing tells which ones hold.
    """
    by_symbol: dict[str, Listing] = {}
    doubtful = set()
    for row in rows:
        if by_symbol.setdefault(row.symbol, row) != row:
            doubtful.add(row.symbol)
    kept = [row for row in by_symbol.values() if row.symbol not in doubtful]
    return Snapshot(kept, day, skipped + len(doubtful))


def clean_name(text: str) -> str | None:
    """Return a name on one line, without characters that cannot be seen; None for an empty one."""
    return _SPACE.sub(" ", _CONTROL.sub(" ", text)).strip()[:_LONGEST_NAME] or None


def text_of(content: bytes, where: str) -> str:
    """Return a list's bytes as text. Raises ListError where they are not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ListError(f"expected UTF-8 in {where}, found the byte {content[error.start]:#04x}") from None
