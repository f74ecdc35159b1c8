"""A new snapshot of a list joins what was known: rows that vanished or changed end, new ones begin."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from newscrawl.reference.listing import Listing


class Joined(NamedTuple):
    """The rows of a list with its history, and what a snapshot changed."""

    rows: list[Listing]
    new: int
    changed: int
    gone: int


def join(
    known: Iterable[Listing], snapshot: Iterable[Listing], day: date, last: date | None = None
) -> Joined:
    """Return all rows of one list after a snapshot of ``day``.

    A row that says the same as before stays open. One that says something else ends on the last day on which
    it was seen, and the new one begins on ``day``: what held in between, nobody saw. The rows of the first
    snapshot have no beginning.

    A row that is missing has ended, too, if the snapshot of the day ``last`` had it. Of an older one that is
    true only if the new snapshot has at least half as many rows as are open: a part of a list proves nothing
    about the rest.
    """
    known = list(known)
    rows = [row for row in known if row.valid_to is not None]
    open_rows = {row.symbol: row for row in known if row.valid_to is None}
    found = {row.symbol: row for row in snapshot}
    whole = 2 * len(found) >= len(open_rows)
    new = changed = gone = 0
    for symbol, row in found.items():
        before = open_rows.pop(symbol, None)
        if before is not None and before.says() == row.says():
            rows.append(before._replace(as_of=day))
            continue
        new += before is None
        changed += before is not None
        begins = day if known else None
        if before is not None:
            rows += _ended(before, day)
            # A second look on one day corrects the first.
            begins = before.valid_from if before.seen_from == day else day
        rows.append(row._replace(valid_from=begins, valid_to=None, seen_from=day, as_of=day))
    for row in open_rows.values():
        if whole or (last is not None and row.as_of == last):
            rows += _ended(row, day)
            gone += 1
        else:
            rows.append(row)
    return Joined(rows, new, changed, gone)


def _ended(row: Listing, day: date) -> list[Listing]:
    if row.seen_from == day:
        return []
    last = min(row.as_of, day - timedelta(1))
    return [row._replace(valid_to=last, as_of=last)]
