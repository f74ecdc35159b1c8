"""The days and hours of trading of each exchange, from dated tables.

``calendars.csv`` (time zone, hours of a regular day, last day known) and ``trading_days.csv`` (days that
differ from a week of five regular days) hold what the package exchange-calendars says; ``make calendars``
writes them. The other two are kept by hand, and each row has its source: ``session_changes.csv`` corrects
the package; ``coming_days.csv`` goes on where it ends, and says of each row whether it was announced or is
projected by rule.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple
from zoneinfo import ZoneInfo

# The calendar of each market, by its name in exchange-calendars. The package has no XSHE and no Beijing:
# Shanghai, Shenzhen and Beijing announce the same holidays and the same hours of continuous trading, so one
# calendar serves all three. `.US` does not tell the venue; the US venues have the days and regular hours of
# XNYS. Cryptocurrencies have no sessions.
CALENDARS = {"HK": "XHKG", "SH": "XSHG", "SZ": "XSHG", "BJ": "XSHG", "US": "XNYS", "SG": "XSES"}

# Before the date of any article seen so far, and after the last change of hours in Singapore.
FIRST_DAY = date(2018, 1, 1)
# The first day of trading of an exchange that began later: bse.cn, 15 November 2021.
FIRST_DAYS = {"BJ": date(2021, 11, 15)}

PACKAGE = "newscrawl.refine"
CALENDAR_TABLE, DAY_TABLE = "calendars.csv", "trading_days.csv"
CHANGE_TABLE, COMING_TABLE = "session_changes.csv", "coming_days.csv"
TABLES = tuple((PACKAGE, name) for name in (CALENDAR_TABLE, DAY_TABLE, CHANGE_TABLE, COMING_TABLE))

# In place of a date, for the hours of a day that has no row; in place of hours, for such a day, or for one
# without trading.
_REGULAR, _CLOSED = "regular", "closed"
_PROJECTED = "projected"

# Trading before and after regular hours, on days of trading: when it begins, by the exchange's own clocks,
# and how long it lasts after the close. The hours of NYSE Arca and Nasdaq: 04:00 to 20:00 in New York, to
# 17:00 where regular trading ends at 13:00.
_EXTENDED = {"XNYS": (time(4), timedelta(hours=4))}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_DAY = timedelta(days=1)
_SATURDAY = 5

# Begin and end of each part of a day of trading, by the exchange's own clocks.
Hours = tuple[tuple[time, time], ...]


class Calendar(NamedTuple):
    """The days of one exchange from FIRST_DAY to the last one known."""

    zone: ZoneInfo
    begins: int
    """Where FIRST_DAY begins, in milliseconds since 1970 in UTC."""
    ends: int
    """Where the day after the last one begins."""
    last_day: date
    regular: Hours
    days: dict[date, Hours]
    """The hours of the days that differ from a week of five regular days."""
    projected: frozenset[date]
    """The days of which nothing was announced."""

    def hours(self, day: date) -> Hours:
        """Return the parts of a day's trading; none where there is no trading."""
        return self.days.get(day, () if day.weekday() >= _SATURDAY else self.regular)


class Trading(NamedTuple):
    """One session; times are milliseconds since 1970 in UTC. Where it has no break, there is one of no length
    at its end.
    """

    day: date
    opens: int
    pauses: int
    resumes: int
    closes: int
    extended: tuple[int, int] | None
    """Where trading before regular hours begins and where that after them ends; None where there is none."""
    is_projected: bool
    """Whether one of the days from the one asked for to this one is projected."""


@lru_cache(maxsize=1)
def calendars_version() -> str:
    """Return the version of exchange-calendars that the tables are made from."""
    (found,) = {row["exchange_calendars"] for row in read_rows(CALENDAR_TABLE)}
    return found


# Many stories are of the same day, or have the same next opening.
@lru_cache(maxsize=1024)
def first_trading(name: str, day: date) -> Trading | None:
    """Return the first session of a calendar on a day or after it; None where none is known."""
    found = calendar(name)
    is_projected = False
    while day <= found.last_day:
        is_projected = is_projected or day in found.projected
        if hours := found.hours(day):
            times = [_in_utc(day, moment, found.zone) for part in hours for moment in part]
            opens, pauses, resumes, closes = times if len(hours) > 1 else (times[0], *times[1:] * 3)
            extended = _extended(name, day, closes, found.zone)
            return Trading(day, opens, pauses, resumes, closes, extended, is_projected)
        day += _DAY
    return None


def _extended(name: str, day: date, closes: int, zone: ZoneInfo) -> tuple[int, int] | None:
    if name not in _EXTENDED:
        return None
    begins, lasts = _EXTENDED[name]
    return _in_utc(day, begins, zone), closes + lasts // _MILLISECOND


@lru_cache(maxsize=len(CALENDARS))
def calendar(name: str) -> Calendar:
    """Return a calendar by its name."""
    (about,) = read_rows(CALENDAR_TABLE, name)
    zone, last_day = ZoneInfo(about["zone"]), date.fromisoformat(about["last_day"])
    # What a later row says of a day takes the place of what an earlier one said.
    hours = {_REGULAR: about["hours"]}
    for table in (DAY_TABLE, CHANGE_TABLE):
        hours |= {row["date"]: row["hours"] for row in read_rows(table, name)}
    regular = _hours(hours.pop(_REGULAR))
    days = {date.fromisoformat(day): _hours(text) for day, text in hours.items()}
    projected: set[date] = set()
    for row in read_rows(COMING_TABLE, name):
        for day in _days_of(row):
            _set_hours(days, day, row["hours"])
            (projected.add if row["status"] == _PROJECTED else projected.discard)(day)
            last_day = max(last_day, day)
    begins, ends = (_in_utc(day, time(), zone) for day in (FIRST_DAY, last_day + _DAY))
    return Calendar(zone, begins, ends, last_day, regular, days, frozenset(projected))


def _set_hours(days: dict[date, Hours], day: date, text: str) -> None:
    if text == _REGULAR:
        # As any weekday, or weekend.
        days.pop(day, None)
    else:
        days[day] = _hours(text)


def _days_of(row: dict[str, str]) -> Iterator[date]:
    day, last = date.fromisoformat(row["first"]), date.fromisoformat(row["last"])
    while day <= last:
        yield day
        day += _DAY


def load_calendars(markets: Iterable[str]) -> None:
    """Load the calendars of these markets, where there are any, ahead of their first use."""
    for market in markets:
        if market in CALENDARS:
            calendar(CALENDARS[market])


def read_rows(table: str, name: str | None = None) -> Iterator[dict[str, str]]:
    """Yield the rows of a table, of one calendar or of all."""
    with files(PACKAGE).joinpath(table).open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if name is None or row["calendar"] == name:
                yield row


@lru_cache(maxsize=64)
def _hours(text: str) -> Hours:
    """Return what ``09:30-12:00 13:00-16:00`` says; a day without trading has no parts."""
    parts = () if text == _CLOSED else tuple(part.split("-") for part in text.split())
    return tuple((time.fromisoformat(begin), time.fromisoformat(end)) for begin, end in parts)


def to_milliseconds(moment: datetime) -> int:
    """Return an aware time as milliseconds since 1970, cut."""
    return (moment - _EPOCH) // _MILLISECOND


def from_milliseconds(milliseconds: int) -> datetime:
    """Return the time of so many milliseconds since 1970, in UTC."""
    return _EPOCH + milliseconds * _MILLISECOND


def _in_utc(day: date, moment: time, zone: ZoneInfo) -> int:
    return to_milliseconds(datetime.combine(day, moment, zone))
