"""This project's trading days against other people's: ``python -m benchmarks.sessions_elsewhere``.

Compares every weekday of each market with calendars that were made without this project's tables
(``calendar_sources.py`` names them). Prints for each source, market and year on how many days they agree, on
how many one of them says nothing, and on how many they do not agree; then each disagreement with the
explanation from ``sessions_elsewhere.csv``. At the end, the hours of US trading before and after regular
hours.

Ends with exit status 1 where a disagreement has no explanation, or where one is not needed any more.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from benchmarks.calendar_sources import (
    CLOSED,
    INSTALL,
    OPEN,
    SOURCES,
    Days,
    Source,
    all_weekdays,
    extended_hours,
)
from newscrawl.refine.calendars import CALENDARS, FIRST_DAYS, calendar, first_trading, from_milliseconds

_EXPLAINED = Path(__file__).with_suffix(".csv")


class Difference(NamedTuple):
    """One day of which a source and this project's tables say different things."""

    day: date
    elsewhere: str
    here: str


class Explanation(NamedTuple):
    """Why a source says something else of some days."""

    source: str
    market: str
    first: date
    last: date
    why: str

    def holds(self, source: str, market: str, day: date) -> bool:
        return (source, market) == (self.source, self.market) and self.first <= day <= self.last


def main() -> None:
    """Run the comparisons and print them."""
    explained = _read_explanations()
    sources = [source for source in SOURCES if find_spec(source.package)]
    if not sources:
        sys.exit(f"expected a calendar to compare with, found none: {INSTALL}, in an environment of its own")
    for source in SOURCES:
        if source not in sources:
            print(f"{source.name}: not installed, left out")
    needed: set[Explanation] = set()
    open_ends = 0
    for source in sources:
        for market in CALENDARS:
            if (days := source.read(market)) is not None:
                open_ends += _compare(source, market, days, explained, needed)
    names = {source.name for source in sources}
    for row in explained:
        if row.source in names and row not in needed:
            print(f"gone: {row.source} {row.market} {row.first}: {row.why}")
            open_ends += 1
    if find_spec("pandas_market_calendars"):
        open_ends += _compare_extended()
    print(f"{open_ends} not explained, or explained and gone")
    sys.exit(1 if open_ends else 0)


def _compare(
    source: Source, market: str, days: Days, explained: list[Explanation], needed: set[Explanation]
) -> int:
    """Print one source's days of a market; return how many differences have no explanation."""
    years: dict[int, Counter[str]] = {}
    differences: list[Difference] = []
    for day in all_weekdays():
        count = years.setdefault(day.year, Counter())
        here, elsewhere = _here(market, day), days.get(day)
        if here is None or elsewhere is None:
            count["abstain"] += 1
        elif _agree(here, elsewhere):
            count["agree"] += 1
        else:
            count["disagree"] += 1
            differences.append(Difference(day, elsewhere, here))
    print(f"{source.name} {version(source.name)}, {market}")
    for year, count in years.items():
        print(f"  {year}", *(f" {name} {count[name]:4}" for name in ("agree", "abstain", "disagree")))
    without = 0
    for found in differences:
        whys = [row for row in explained if row.holds(source.name, market, found.day)]
        needed.update(whys[:1])
        without += not whys
        why = whys[0].why if whys else "NOT EXPLAINED"
        print(f"  {found.day} {found.elsewhere}, here {found.here}: {why}")
    return without


def _here(market: str, day: date) -> str | None:
    """Return what this project says of a weekday; None where its calendar does not reach it."""
    known = calendar(CALENDARS[market])
    if day > known.last_day or day < FIRST_DAYS.get(market, day):
        return None
    hours = known.hours(day)
    return " ".join(f"{begin:%H:%M}-{end:%H:%M}" for begin, end in hours) if hours else CLOSED


def _agree(here: str, elsewhere: str) -> bool:
    if here == CLOSED or elsewhere == CLOSED:
        return here == elsewhere
    if elsewhere.startswith("until "):
        return here.endswith(elsewhere.removeprefix("until "))
    # A source without hours: a shorter day is no closed one.
    return elsewhere in (OPEN, here)


def _compare_extended() -> int:
    """Print how many days have the same trading before and after regular hours; return how many have not."""
    wrong = [day for day, ends in _extended_days() if ends]
    total = sum(1 for _ in _extended_days())
    print(f"US trading before and after regular hours: {total} days, {len(wrong)} disagree {wrong[:5]}")
    return len(wrong)


def _extended_days() -> Iterator[tuple[date, bool]]:
    for day, ends in extended_hours().items():
        trading = first_trading(CALENDARS["US"], day)
        found = trading.extended if trading is not None and trading.day == day else None
        yield day, found is None or tuple(map(from_milliseconds, found)) != ends


def _read_explanations() -> list[Explanation]:
    with _EXPLAINED.open(encoding="utf-8", newline="") as file:
        return [
            Explanation(
                row["source"],
                row["market"],
                date.fromisoformat(row["first"]),
                date.fromisoformat(row["last"]),
                row["why"],
            )
            for row in csv.DictReader(file)
        ]


if __name__ == "__main__":
    main()
