"""The first regular trading session after a moment, by the calendars of ``exchange-calendars``.

That package is optional and brings pandas along, so nothing of it is loaded before the first lookup.
Regular sessions only: no auctions before or after, no trading outside hours. What the package does not
know of days gone by is in ``session_changes.csv``.
"""

from __future__ import annotations

import atexit
import csv
import gc
import importlib
import warnings
from bisect import bisect_right
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from importlib.util import find_spec
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from newscrawl.refine.dates import format_instant

# The calendar of each market, by its name in exchange-calendars. That has no XSHE: Shanghai and
# Shenzhen announce the same holidays and the same hours of continuous trading, so one serves both.
# `.US` does not tell the venue; the US venues keep the days and regular hours of XNYS. No calendar
# is known for Beijing, and cryptocurrencies have no sessions.
CALENDARS = {"HK": "XHKG", "SH": "XSHG", "SZ": "XSHG", "US": "XNYS", "SG": "XSES"}

# Earlier than any article of the source that was seen, and after the last change of hours in Singapore.
FIRST_DAY = date(2018, 1, 1)

# Singapore stops from 12:00 to 13:00 (since 2017-11-13), and on the eves of Christmas, New Year and
# Chinese New Year for good at 12:00 (SGX-ST trading hours). The package's XSES knows neither.
_SG_NOON, _SG_AFTERNOON = time(12), time(13)
_SG_EVES = ((12, 24), (12, 31))

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_DAY = timedelta(days=1)


class Tradable(NamedTuple):
    """One session, as in the record; times are text in UTC."""

    market: str
    calendar: str
    date: str
    open: str
    tradable_at: str
    phase: str


class _Calendar(NamedTuple):
    """The sessions of one exchange, in order; times are milliseconds since 1970 in UTC.

    ``midnights`` is when the session's day begins in the exchange's zone. A session without a break
    has one of no length at its end. ``begins`` is the first moment of which the calendar can speak.
    """

    begins: int
    days: tuple[str, ...]
    midnights: tuple[int, ...]
    opens: tuple[int, ...]
    breaks: tuple[int, ...]
    resumes: tuple[int, ...]
    closes: tuple[int, ...]


@lru_cache(maxsize=1)
def calendars_version() -> str | None:
    """Return the version of exchange-calendars, or None where it is not installed."""
    # Looked up without importing it.
    return version("exchange-calendars") if find_spec("exchange_calendars") is not None else None


def first_sessions(markets: Iterable[str], moment: datetime) -> tuple[list[Tradable] | None, list[str]]:
    """Return the first session of each market in which ``moment`` (aware) could be acted on.

    Markets without a calendar are passed over. The second list holds those whose calendar begins
    after ``moment`` or ends before the next session. Where the package is not installed, the first
    is None and the second empty.
    """
    if calendars_version() is None:
        return None, []
    found: list[Tradable] = []
    beyond: list[str] = []
    for market in dict.fromkeys(markets):
        if market in CALENDARS:
            session = _first_session(market, moment)
            if session is None:
                beyond.append(market)
            else:
                found.append(session)
    return found, beyond


def load_calendars(markets: Iterable[str]) -> None:
    """Load the calendars of these markets, where there are any, ahead of their first use."""
    if calendars_version() is not None:
        for market in markets:
            if market in CALENDARS:
                _calendar(CALENDARS[market])


def _first_session(market: str, moment: datetime) -> Tradable | None:
    name = CALENDARS[market]
    calendar = _calendar(name)
    now = _milliseconds(moment)
    # The first session that is not over: at its close it is.
    at = bisect_right(calendar.closes, now)
    if now < calendar.begins or at == len(calendar.closes):
        return None
    opens = calendar.opens[at]
    if now < opens:
        phase, tradable = ("before" if now >= calendar.midnights[at] else "after"), opens
    elif calendar.breaks[at] <= now < calendar.resumes[at]:
        phase, tradable = "break", calendar.resumes[at]
    else:
        phase, tradable = "in", now
    return Tradable(market, name, calendar.days[at], _format(opens), _format(tradable), phase)


def _milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND


# Story after story waits for the same opening.
@lru_cache(maxsize=1024)
def _format(milliseconds: int) -> str:
    return format_instant(_EPOCH + milliseconds * _MILLISECOND)


@lru_cache(maxsize=len(CALENDARS))
def _calendar(name: str) -> _Calendar:
    """Return a calendar from FIRST_DAY to the package's own end.

    That end is a year from today, or the last day for which the exchange's holidays were known when
    the package was made. It is far enough: nothing is available later than now.
    """
    with warnings.catch_warnings():
        # What that package asks of pandas, and pandas says of it, is not this project's to mend.
        for kind in (DeprecationWarning, PendingDeprecationWarning, FutureWarning):
            warnings.simplefilter("ignore", kind)
        package: Any = importlib.import_module("exchange_calendars")
        source = package.get_calendar(name, start=FIRST_DAY.isoformat())
        rows = source.schedule[["open", "break_start", "break_end", "close"]].itertuples(name=None)
        zone = ZoneInfo(str(source.tz))
        eves = _singapore_eves(package) if name == "XSES" else frozenset()
        # A break that is missing is NaT, the one time that is not equal to itself.
        sessions = [
            (row[0].date(), *(moment.to_pydatetime() if moment == moment else None for moment in row[1:]))
            for row in rows
        ]
    # What came along lives until the end, hundreds of thousands of objects; the garbage collector would
    # walk them again and again, which cost a crawl a tenth of its speed.
    gc.collect()
    gc.freeze()
    # Extensions that count their objects at the end would take what is frozen for a leak.
    atexit.register(gc.unfreeze)
    columns: list[tuple[Any, ...]] = []
    changes = _changes(name)
    for day, opens, pause, resume, close in sessions:
        if day in changes:
            late = changes[day]
            if late is not None:
                begin = datetime.combine(day, late, zone)
                moments = [datetime.combine(day, time(), zone), begin, close, close, close]
                columns.append((day.isoformat(), *map(_milliseconds, moments)))
            continue
        moments = [datetime.combine(day, time(), zone), opens, pause or close, resume or close, close]
        if name == "XSES":
            noon = datetime.combine(day, _SG_NOON, zone)
            afternoon = datetime.combine(day, _SG_AFTERNOON, zone)
            moments[2:] = [noon] * 3 if day in eves else [noon, afternoon, close]
        columns.append((day.isoformat(), *map(_milliseconds, moments)))
    begins = _milliseconds(datetime.combine(FIRST_DAY, time(), zone))
    return _Calendar(begins, *zip(*columns, strict=True))


def _changes(name: str) -> dict[date, time | None]:
    """Return the days on which trading began late, and those without any (None)."""
    with files("newscrawl.refine").joinpath("session_changes.csv").open(encoding="utf-8") as file:
        return {
            date.fromisoformat(row["date"]): time.fromisoformat(row["opens"]) if row["opens"] else None
            for row in csv.DictReader(file)
            if row["calendar"] == name
        }


def _singapore_eves(package: Any) -> frozenset[date]:
    lunar = importlib.import_module(f"{package.__name__}.lunisolar_holidays")
    new_years = [moment.date() for moment in lunar.chinese_lunar_new_year_dates]
    fixed = {date(day.year, *eve) for day in new_years for eve in _SG_EVES}
    return frozenset(fixed | {day - _DAY for day in new_years})
