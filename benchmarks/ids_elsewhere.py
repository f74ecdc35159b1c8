"""Dates that other people gave for news of the site, against its ids: ``python -m benchmarks.ids_elsewhere``.

``ids_elsewhere.csv`` has ids for which a page, a test or a document of somebody else's names the day or the
time. None was used for the table of ids, but one of them is a row of it, known by its day. Prints on how
many the window of the id agrees, on how many it says nothing, and on how many not; and how far an even rate
between the rows of the table is from what was told. Rows that are ``invented`` must not agree.
"""

from __future__ import annotations

import csv
import statistics
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from newscrawl.sites.longbridge.news_ids import id_window, read_points

_TABLE = Path(__file__).with_suffix(".csv")
_DAY = timedelta(days=1)
INVENTED = "invented"


class Dated(NamedTuple):
    """An id, and between which times somebody else says that it was published."""

    id: int
    first: datetime
    last: datetime
    kind: str
    """``time`` or ``day`` for a page that was seen, ``invented`` for a made-up one."""
    source: str

    @property
    def agrees(self) -> bool:
        """Whether the window of the id holds all of that span."""
        window = id_window(self.id)
        return window.holds(self.first) and window.holds(self.last)


def read_dated() -> list[Dated]:
    """Return the rows of ``ids_elsewhere.csv``; a day ends with its last millisecond."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return [
            Dated(
                int(row["id"]),
                _instant(row["first"]),
                _instant(row["last"])
                + (timedelta(0) if "T" in row["last"] else _DAY - timedelta(milliseconds=1)),
                row["kind"],
                row["source"],
            )
            for row in csv.DictReader(file)
        ]


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def main() -> None:
    """Print the comparison."""
    rows = read_dated()
    told = [row for row in rows if row.kind != INVENTED]
    wrong = [row for row in told if not row.agrees]
    silent = sum(id_window(row.id).earliest is None for row in told)
    print(f"{len(told)} ids: agree {len(told) - len(wrong)}, of these without a beginning {silent}, ", end="")
    print(f"disagree {len(wrong)}")
    for row in wrong:
        print(f"  {row.id} {row.first:%Y-%m-%d %H:%M}: {row.source}")
    errors = [error for row in told if (error := _error(row)) is not None]
    print(
        f"an even rate between rows of the table is off by {statistics.median(errors):.1f} days (median), "
        f"{max(errors):.1f} at most, for {len(errors)} of them"
    )
    missed = [row for row in rows if row.kind == INVENTED and row.agrees]
    for row in rows:
        if row.kind == INVENTED:
            found = "NOT TOLD" if row.agrees else "told"
            print(f"invented: {row.id} {row.first:%Y-%m-%d}, {found}: {row.source}")
    sys.exit(1 if wrong or missed else 0)


def _error(row: Dated) -> float | None:
    """Return by how many days the day that an even rate gives lies outside of what was told."""
    for one, other in pairwise(read_points()):
        if one.id <= row.id <= other.id:
            begin = datetime(one.day.year, one.day.month, one.day.day, 12, tzinfo=UTC)
            days = (other.day - one.day).days * (row.id - one.id) / (other.id - one.id)
            estimate = begin + timedelta(days=days)
            outside = max(row.first - estimate, estimate - row.last, timedelta(0))
            return outside / _DAY
    return None


if __name__ == "__main__":
    main()
