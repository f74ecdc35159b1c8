"""What is known of markets, code ranges and counters: three dated tables beside this file.

``symbol_markets.csv`` says how a market's codes look and how other tools write them,
``symbol_ranges.csv`` what a range of codes is, ``symbol_counters.csv`` which code a code leads to: the main
counter of the same company, or the code that took its place. Each row names its source.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple


class Market(NamedTuple):
    """How one market writes its codes; None is not known, or not the same for all."""

    name: str
    digits: int | None
    """Width of its numeric codes; None where codes are letters."""
    mic: str | None
    """Of all its codes, where the ranges do not say."""
    currency: str | None
    """Likewise."""
    yahoo: str | None
    """What Yahoo Finance appends."""
    ric: str | None
    """What a Reuters Instrument Code ends in."""
    futu: str | None
    """What Futu OpenAPI puts before."""
    source: str


class Range(NamedTuple):
    """The codes ``first`` to ``last`` of a market, on the days ``valid_from`` to ``valid_to``."""

    market: str
    first: int
    last: int
    type: str
    board: str
    currency: str | None
    mic: str | None
    valid_from: date
    valid_to: date
    source: str


class Counter(NamedTuple):
    """The codes ``first`` to ``last`` lead, one to one, to those from ``target`` on.

    ``relation`` is ``counter`` (another currency of the same security) or ``successor`` (its code now).
    """

    market: str
    first: int
    last: int
    target: int
    relation: str
    valid_from: date
    valid_to: date
    source: str


def read_markets() -> dict[str, Market]:
    """Return the rows of ``symbol_markets.csv`` by market."""
    return {
        row["market"]: Market(
            row["market"],
            int(row["digits"]) if row["digits"] else None,
            row["mic"] or None,
            row["currency"] or None,
            row["yahoo"] or None,
            row["ric"] or None,
            row["futu"] or None,
            row["source"],
        )
        for row in _rows("symbol_markets.csv")
    }


def read_ranges() -> list[Range]:
    """Return the rows of ``symbol_ranges.csv`` in file order."""
    return [
        Range(
            row["market"],
            int(row["from"]),
            int(row["to"]),
            row["type"],
            row["board"],
            row["currency"] or None,
            row["mic"] or None,
            *_days(row),
            row["source"],
        )
        for row in _rows("symbol_ranges.csv")
    ]


def read_counters() -> list[Counter]:
    """Return the rows of ``symbol_counters.csv`` in file order."""
    return [
        Counter(
            row["market"],
            int(row["from"]),
            int(row["to"]),
            int(row["target"]),
            row["relation"],
            *_days(row),
            row["source"],
        )
        for row in _rows("symbol_counters.csv")
    ]


def _rows(name: str) -> Iterator[dict[str, str]]:
    with files("newscrawl.fields").joinpath(name).open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _days(row: dict[str, str]) -> tuple[date, date]:
    # An empty day is without end.
    return date.fromisoformat(row["valid_from"] or "0001-01-01"), date.fromisoformat(
        row["valid_to"] or "9999-12-31"
    )


def find_range(market: str, number: int, on: date) -> Range | None:
    """Return the row that covers a code on a day; None where there is none."""
    firsts, rows = _ranges().get(market, ((), ()))
    for at in range(bisect_right(firsts, number) - 1, -1, -1):
        row = rows[at]
        if number > row.last:
            return None
        if row.valid_from <= on <= row.valid_to:
            return row
    return None


def find_counter(market: str, number: int, on: date) -> Counter | None:
    """Return the row that leads on from a code on a day; None where there is none."""
    for row in _counters().get(market, ()):
        if row.first <= number <= row.last and row.valid_from <= on <= row.valid_to:
            return row
    return None


@lru_cache(maxsize=1)
def _ranges() -> dict[str, tuple[list[int], list[Range]]]:
    by_market: dict[str, list[Range]] = {}
    for row in sorted(read_ranges()):
        by_market.setdefault(row.market, []).append(row)
    return {market: ([row.first for row in rows], rows) for market, rows in by_market.items()}


@lru_cache(maxsize=1)
def _counters() -> dict[str, list[Counter]]:
    by_market: dict[str, list[Counter]] = {}
    for row in read_counters():
        by_market.setdefault(row.market, []).append(row)
    return by_market
