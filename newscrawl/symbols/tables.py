"""The tables of codes, ``ranges.csv`` and ``links.csv``, read once and looked up.

``ranges.csv`` has one row per range of codes: what the exchange assigns them to, from when to when, and the
source. ``links.csv`` has the codes that stand for another one: a counter in a second currency
(``counter``), and a code that was replaced on a day (``renamed``).
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

_PACKAGE = "newscrawl.symbols"
_RANGES, _LINKS = "ranges.csv", "links.csv"
# As (package, file name), for the version of what is made with them.
TABLES = ((_PACKAGE, _RANGES), (_PACKAGE, _LINKS))


class Range(NamedTuple):
    """One row of ``ranges.csv``: the codes ``first`` to ``last``, while the row is valid.

    Codes are text as the exchange writes them, both ends and both days included. ``currency`` (ISO 4217)
    and ``mic`` (ISO 10383) are None where the row does not tell them.
    """

    market: str
    first: str
    last: str
    type: str
    board: str
    currency: str | None
    mic: str | None
    valid_from: date
    valid_to: date
    source: str

    def is_valid(self, on: date) -> bool:
        """Tell whether the row says something about a day."""
        return self.valid_from <= on <= self.valid_to


class Link(NamedTuple):
    """One row of ``links.csv``: the codes from ``first`` lead to those from ``target``, in order.

    ``kind`` is ``counter`` or ``renamed``; ``since`` is the first day on which it holds.
    """

    kind: str
    market: str
    first: str
    last: str
    target: str
    since: date
    source: str

    def leads_to(self, number: int) -> int:
        """Return the code, as a number, to which one of the link's own leads."""
        return number - int(self.first) + int(self.target)


class _Stretch(NamedTuple):
    # Neighbouring codes with the same rows on all days.
    rows: tuple[Range, ...]
    counter: Link | None


_NOTHING = _Stretch((), None)


def find_range(market: str, number: int, on: date) -> Range | None:
    """Return the row for a numeric code on a day, or None where the table says nothing."""
    for row in _stretch(market, number).rows:
        if row.valid_from <= on <= row.valid_to:
            return row
    return None


def find_named(market: str, code: str, on: date) -> Range | None:
    """Return the row for a code with letters in it on a day, or None; such a row is for one code."""
    row = _named().get((market, code))
    return row if row is not None and row.is_valid(on) else None


def find_counter(market: str, number: int) -> Link | None:
    """Return the link from a counter in a second currency to its primary counter, or None."""
    return _stretch(market, number).counter


def find_renamed(market: str, number: int, on: date) -> Link | None:
    """Return the link from a replaced code to the one in its place, or None on earlier days."""
    link = _renamed().get((market, number))
    return link if link is not None and link.since <= on else None


def read_table() -> list[Range]:
    """Return the rows of ``ranges.csv`` in file order; an empty date is without end."""
    return [
        Range(
            row["market"],
            row["from"],
            row["to"],
            row["type"],
            row["board"],
            row["currency"] or None,
            row["mic"] or None,
            _day(row["valid_from"], date.min),
            _day(row["valid_to"], date.max),
            row["source"],
        )
        for row in _lines(_RANGES)
    ]


def read_links() -> list[Link]:
    """Return the rows of ``links.csv`` in file order; an empty date is without beginning."""
    return [
        Link(
            row["kind"],
            row["market"],
            row["from"],
            row["to"],
            row["target"],
            _day(row["since"], date.min),
            row["source"],
        )
        for row in _lines(_LINKS)
    ]


def _lines(name: str) -> Iterator[dict[str, str]]:
    with files(_PACKAGE).joinpath(name).open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _day(text: str, otherwise: date) -> date:
    return date.fromisoformat(text) if text else otherwise


def _stretch(market: str, number: int) -> _Stretch:
    starts, stretches = _stretches()[market]
    return stretches[bisect_right(starts, number)]


@lru_cache(maxsize=1)
def _stretches() -> dict[str, tuple[list[int], list[_Stretch]]]:
    """Cut each market's codes wherever a row or a link begins or ends; rows may share codes on other days."""
    rows = [row for row in read_table() if row.first.isdigit()]
    links = [link for link in read_links() if link.kind == "counter"]
    table = {}
    for market in {row.market for row in rows}:
        own = [row for row in rows if row.market == market]
        own_links = [link for link in links if link.market == market]
        parts: list[Range | Link] = [*own, *own_links]
        starts = sorted({cut for part in parts for cut in (int(part.first), int(part.last) + 1)})
        stretches = [
            _Stretch(
                tuple(row for row in own if int(row.first) <= start <= int(row.last)),
                next((link for link in own_links if int(link.first) <= start <= int(link.last)), None),
            )
            for start in starts
        ]
        # Nothing stands before the first start, so that what bisection returns is an index.
        table[market] = (starts, [_NOTHING, *stretches])
    return table


@lru_cache(maxsize=1)
def _named() -> dict[tuple[str, str], Range]:
    return {(row.market, row.first): row for row in read_table() if not row.first.isdigit()}


@lru_cache(maxsize=1)
def _renamed() -> dict[tuple[str, int], Link]:
    return {(link.market, int(link.first)): link for link in read_links() if link.kind == "renamed"}
