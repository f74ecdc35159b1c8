"""A dated table of listings: names, types, venues and numbers, from official lists and a user's own.

    >>> from datetime import date
    >>> from newscrawl.reference import listing, names_of
    >>> listing("AAPL.US", date(2026, 6, 2)).mic
    'XNAS'
    >>> names_of("AAPL.US", date(2026, 6, 2))
    ('Apple Inc.',)

One list comes with newscrawl: the US regulator's list of tickers, issuers and exchanges, which is public
domain (``sec.csv``). It was taken between 2026-05-29 and 2026-06-02; what had changed since a list that was
taken after 2026-03-18 is in it, too. ``scrapy reference update`` fetches newer lists into the data folder.
``use`` tells this process which folder that is.

Without Scrapy. What is looked up depends on the files alone, not on a clock.
"""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from pathlib import Path

from newscrawl.exceptions import NewscrawlError
from newscrawl.reference.listing import Listing
from newscrawl.reference.lookup import Conflict, Found, Reference
from newscrawl.reference.table import Table

__all__ = [
    "Conflict",
    "Found",
    "Listing",
    "Reference",
    "current",
    "listing",
    "names_of",
    "open_reference",
    "shipped",
    "use",
    "version",
]

# The list that comes with newscrawl, by its file here and in a folder, where it takes this one's place.
SHIPPED = "sec.csv"

_folder: Path | None = None
_current: Reference | None = None


def use(folder: Path | None) -> None:
    """Look listings up in a folder's lists from now on, in this process; None for those shipped alone.

    The files are read when they are needed first.
    """
    global _folder, _current
    if folder != _folder:
        _folder, _current = folder, None


def current() -> Reference:
    """Return the reference that this process uses. Raises NewscrawlError where a file of it is damaged."""
    global _current  # noqa: PLW0603
    if _current is None:
        _current = open_reference(_folder)
    return _current


def reload() -> None:
    """Read the files again when they are needed next: they changed."""
    global _current  # noqa: PLW0603
    _current = None


def open_reference(folder: Path | None) -> Reference:
    """Return a folder's lists, with the one that is shipped where the folder has no newer one.

    Raises NewscrawlError for a file that is no whole table of listings.
    """
    paths = sorted(folder.glob("*.csv")) if folder is not None else []
    tables = [] if any(path.name == SHIPPED for path in paths) else [shipped()]
    for path in paths:
        try:
            tables.append(Table(path.read_bytes(), str(path)))
        except (OSError, ValueError) as error:
            raise NewscrawlError(
                f"{error}; move {path} away, then `scrapy reference update` or `scrapy reference import`"
            ) from None
    return Reference(tables)


def shipped() -> Table:
    """Return the list that comes with newscrawl."""
    return Table(files("newscrawl.reference").joinpath(SHIPPED).read_bytes(), SHIPPED)


def listing(symbol: str, day: date) -> Listing | None:
    """Return what the lists say of a canonical symbol on a day; None where they say nothing.

    A fact on which two lists differ is None in it.
    """
    found = current().on(symbol, day)
    return None if found is None else found.listing


def names_of(symbol: str, day: date) -> tuple[str, ...]:
    """Return the names that the lists give the holder of a canonical symbol on a day; none where unknown."""
    found = current().on(symbol, day)
    return () if found is None else found.names


def version() -> str:
    """Return the version of all lists in use, 8 hex digits, as in ``refined_with``."""
    return current().version()
