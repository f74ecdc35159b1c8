"""The first regular trading session after a moment, by dated tables of trading days.

Regular sessions only: no auctions, no trading before or after hours. ``calendars.csv`` (time zone, hours of a
regular day, last day known) and ``trading_days.csv`` (days that differ from a week of five regular days) hold
what the package exchange-calendars says; ``make calendars`` writes them. ``session_changes.csv`` corrects
them. It is kept by hand, and each row has its source.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple
from zoneinfo import ZoneInfo

from newscrawl.codes import WarningCode
from newscrawl.items import Article, Session
from newscrawl.refine.dates import format_instant, read_instant
from newscrawl.refine.step import Step
from newscrawl.sites.base import Site

# The calendar of each market, by its name in exchange-calendars. The package has no XSHE: Shanghai and
# Shenzhen announce the same holidays and the same hours of continuous trading, so one calendar serves both.
# `.US` does not tell the venue; the US venues have the days and regular hours of XNYS. There is no calendar
# for Beijing, and cryptocurrencies have no sessions.
CALENDARS = {"HK": "XHKG", "SH": "XSHG", "SZ": "XSHG", "US": "XNYS", "SG": "XSES"}

# Before the date of any article seen so far, and after the last change of hours in Singapore.
FIRST_DAY = date(2018, 1, 1)

_PACKAGE = "newscrawl.refine"
_CALENDARS, _DAYS, _CHANGES = "calendars.csv", "trading_days.csv", "session_changes.csv"
# In place of a date, for the hours of a day that has no row; in place of hours, for a day without trading.
_REGULAR, _CLOSED = "regular", "closed"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_DAY = timedelta(days=1)
_SATURDAY = 5

_Row = dict[str, str]
# Begin and end of each part of a day of trading, by the exchange's own clocks.
_Hours = tuple[tuple[time, time], ...]


class SessionsStep(Step):
    """``sessions``: for each market among the instruments, when the news could first be traded."""

    name = "sessions"
    tables = ((_PACKAGE, _CALENDARS), (_PACKAGE, _DAYS), (_PACKAGE, _CHANGES))
    warnings = frozenset({WarningCode.SESSION_BEYOND_CALENDAR})
    runs_on_withdrawn = True

    def version(self, site: Site | None = None) -> str:
        """Return the version of code and tables, and of the package that two of the tables are made from:
        ``1+5d0c3b1a+calendars-4.13.2``.
        """
        return f"{super().version(site)}+calendars-{calendars_version()}"

    def apply(self, article: Article, site: Site | None) -> tuple[WarningCode, ...]:
        """Fill ``sessions`` from ``available_at`` and the markets of the instruments, see ``first_sessions``.

        None as long as the article has no ``available_at``.
        """
        available = read_instant(article.available_at)
        if available is None:
            article.sessions = None
            return ()
        markets = [found.market for found in article.instruments if found.market is not None]
        article.sessions, beyond = first_sessions(markets, available)
        return (WarningCode.SESSION_BEYOND_CALENDAR,) if beyond else ()


class _Calendar(NamedTuple):
    """The days of one exchange from FIRST_DAY to the last one known."""

    zone: ZoneInfo
    begins: int
    """Where FIRST_DAY begins, in milliseconds since 1970 in UTC."""
    ends: int
    """Where the day after the last one begins."""
    last_day: date
    regular: _Hours
    days: dict[date, _Hours]
    """The hours of the days that differ from a week of five regular days."""


class _Trading(NamedTuple):
    """One session; times are milliseconds since 1970 in UTC. Where it has no break, there is one of no length
    at its end.
    """

    day: date
    opens: int
    pauses: int
    resumes: int
    closes: int


@lru_cache(maxsize=1)
def calendars_version() -> str:
    """Return the version of exchange-calendars that the tables are made from."""
    (found,) = {row["exchange_calendars"] for row in _rows(_CALENDARS)}
    return found


def first_sessions(markets: Iterable[str], moment: datetime) -> tuple[list[Session], list[str]]:
    """Return the first session of each market that was open at ``moment`` (aware) or opened after it.

    Markets without a calendar are left out. The second list holds the markets whose calendar begins
    after ``moment`` or ends before the next session.
    """
    found: list[Session] = []
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
    for market in markets:
        if market in CALENDARS:
            _calendar(CALENDARS[market])


def _first_session(market: str, moment: datetime) -> Session | None:
    name = CALENDARS[market]
    calendar = _calendar(name)
    now = _milliseconds(moment)
    if not calendar.begins <= now < calendar.ends:
        return None
    today = moment.astimezone(calendar.zone).date()
    trading = _trading(name, today)
    # At the moment of its close a session is over.
    if trading is not None and now >= trading.closes:
        trading = _trading(name, today + _DAY)
    if trading is None:
        return None
    if now < trading.opens:
        phase, tradable = ("before" if trading.day == today else "after"), trading.opens
    elif trading.pauses <= now < trading.resumes:
        phase, tradable = "break", trading.resumes
    else:
        phase, tradable = "in", now
    return Session(market, name, trading.day.isoformat(), _format(trading.opens), _format(tradable), phase)


# Many stories are of the same day, or have the same next opening.
@lru_cache(maxsize=1024)
def _trading(name: str, day: date) -> _Trading | None:
    """Return the first session of a calendar on a day or after it; None where none is known."""
    calendar = _calendar(name)
    while day <= calendar.last_day:
        hours = calendar.days.get(day, () if day.weekday() >= _SATURDAY else calendar.regular)
        if hours:
            times = [_in_utc(day, moment, calendar.zone) for part in hours for moment in part]
            opens, pauses, resumes, closes = times if len(hours) > 1 else (times[0], *times[1:] * 3)
            return _Trading(day, opens, pauses, resumes, closes)
        day += _DAY
    return None


@lru_cache(maxsize=1024)
def _format(milliseconds: int) -> str:
    return format_instant(_EPOCH + milliseconds * _MILLISECOND)


def _milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND


def _in_utc(day: date, moment: time, zone: ZoneInfo) -> int:
    return _milliseconds(datetime.combine(day, moment, zone))


@lru_cache(maxsize=len(CALENDARS))
def _calendar(name: str) -> _Calendar:
    (about,) = _rows(_CALENDARS, name)
    zone, last_day = ZoneInfo(about["zone"]), date.fromisoformat(about["last_day"])
    # What a later table says of a day takes the place of what an earlier one said.
    hours = {_REGULAR: about["hours"]}
    for table in (_DAYS, _CHANGES):
        hours |= {row["date"]: row["hours"] for row in _rows(table, name)}
    regular = _hours(hours.pop(_REGULAR))
    days = {date.fromisoformat(day): _hours(text) for day, text in hours.items()}
    begins, ends = (_in_utc(day, time(), zone) for day in (FIRST_DAY, last_day + _DAY))
    return _Calendar(zone, begins, ends, last_day, regular, days)


def _rows(table: str, name: str | None = None) -> Iterator[_Row]:
    """Yield the rows of a table, of one calendar or of all."""
    with files(_PACKAGE).joinpath(table).open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if name is None or row["calendar"] == name:
                yield row


@lru_cache(maxsize=64)
def _hours(text: str) -> _Hours:
    """Return what ``09:30-12:00 13:00-16:00`` says; a day without trading has no parts."""
    parts = () if text == _CLOSED else tuple(part.split("-") for part in text.split())
    return tuple((time.fromisoformat(begin), time.fromisoformat(end)) for begin, end in parts)


SESSIONS = SessionsStep()
