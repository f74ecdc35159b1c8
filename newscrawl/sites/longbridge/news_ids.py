"""A news id to the days on which it can have been given out, by a dated table of ids.

The site's ids grow with time, though not strictly: 295367103 was published at 05:31:16Z on 2026-08-10,
295364349 at 05:59:52Z. So an id tells about a day, never an hour, and of two ids of one day not which
was first. The knowledge is in ``news_ids.csv``: ids of which the day is known.
Between two of them nothing is known but that so many ids were given out in so many days, so the answer
is a window and not a date; how wide it is follows from the bounds below.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from newscrawl.sites.base import DateWindow

# Ids a day, as a mean over weeks. Between neighbours of the table the mean was 130,126 (a year from
# February 2025), 120,983, 107,865, 101,074 and 106,032 (summer 2026). By days that others gave for single
# pages (benchmarks/ids_elsewhere.csv) it went from 139,000 down to 94,000 over some weeks, and up to 150,000
# have been spoken of. A little less than the slowest, and that most, are what a stretch is allowed.
_SLOWEST, _FASTEST = 90_000, 150_000
# Behind the last row nothing is measured, and the rate fell in most stretches: half the slowest mean between
# rows, twice the fastest.
_SLOWEST_AFTER, _FASTEST_AFTER = 50_500, 260_000

# What a mean over weeks does not say of single days: at a weekend hardly an id is given out, so that any
# stretch may be two days off. This also covers a publisher's date that is older than the site's id, and ids
# that are out of order: by over an hour for the two above, which lie 2,754 ids, or 38 minutes, one way and
# 29 minutes the other.
SLACK = timedelta(days=2)
# A row is known to the day.
_DAY = timedelta(days=1)

_END_OF_TIME = datetime.max.replace(tzinfo=UTC)


class Point(NamedTuple):
    """One row of the table: an id that was given out on a day (UTC)."""

    day: date
    id: int
    source: str


def id_window(number: int) -> DateWindow:
    """Return when the news with an id (not negative) can have been given out.

    Between two rows it is what the rates allow from both sides. Behind the last row it grows with the
    distance; before the first one ids were rarer by an amount nobody measured, so there is no earliest
    time.
    """
    ids, midnights = _table()
    at = bisect_right(ids, number)
    if at == 0:
        return DateWindow(None, midnights[0] + _DAY + SLACK)
    since, begin = number - ids[at - 1], midnights[at - 1]
    if at == len(ids):
        return DateWindow(
            _later(begin - SLACK, since, _FASTEST_AFTER),
            _later(begin + _DAY + SLACK, since, _SLOWEST_AFTER),
        )
    until, end = ids[at] - number, midnights[at]
    earliest = max(begin + timedelta(since / _FASTEST), end - timedelta(until / _SLOWEST))
    latest = min(begin + timedelta(since / _SLOWEST), end - timedelta(until / _FASTEST))
    return DateWindow(earliest - SLACK, latest + _DAY + SLACK)


def ids_on(day: date) -> int | None:
    """Return about how many ids are given out on a day, a mean over weeks; None before the first row.

    Behind the last row it is the mean of the last stretch. At weekends there are far fewer.
    """
    points = read_points()
    days = [point.day for point in points]
    at = bisect_right(days, day)
    if at == 0:
        return None
    one, other = (points[at - 1], points[at]) if at < len(points) else points[-2:]
    return round((other.id - one.id) / (other.day - one.day).days)


def _later(moment: datetime, ids: int, rate: int) -> datetime:
    # An address may hold a number that no calendar reaches.
    reached = ids < (_END_OF_TIME - moment).days * rate
    return moment + timedelta(ids / rate) if reached else _END_OF_TIME


@lru_cache(maxsize=1)
def _table() -> tuple[list[int], list[datetime]]:
    points = read_points()
    midnights = [datetime(point.day.year, point.day.month, point.day.day, tzinfo=UTC) for point in points]
    return [point.id for point in points], midnights


def read_points() -> list[Point]:
    """Return the rows of ``news_ids.csv``, oldest first."""
    with files("newscrawl.sites.longbridge").joinpath("news_ids.csv").open(encoding="utf-8") as file:
        rows = [
            Point(date.fromisoformat(row["date"]), int(row["id"]), row["source"])
            for row in csv.DictReader(file)
        ]
    return sorted(rows)
