"""The first regular trading session after a moment, by the calendars of ``exchange-calendars``.

That package is optional and needs pandas, so nothing of it is loaded before the first lookup. Regular
sessions only: no auctions, no trading before or after hours. Closures and late openings of past days that
the package does not have are in ``session_changes.csv``.
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

# Singapore has a break from 12:00 to 13:00 (since 2017-11-13), and on the eves of Christmas, New Year and
# Chinese New Year trading ends at 12:00 (SGX-ST trading hours). The package's XSES has neither.
_SG_NOON, _SG_AFTERNOON = time(12), time(13)
_SG_EVES = ((12, 24), (12, 31))

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_DAY = timedelta(days=1)


_PACKAGE = "newscrawl.refine"
_CHANGES = "session_changes.csv"


class SessionsStep(Step):
    """``sessions``: for each market among the instruments, when the news could first be traded."""

    name = "sessions"
    tables = ((_PACKAGE, _CHANGES),)
    warnings = frozenset({WarningCode.SESSION_BEYOND_CALENDAR})
    runs_on_withdrawn = True

    def version(self, site: Site | None = None) -> str:
        """Return the version of code, table and calendars: ``1+5d0c3b1a+calendars-4.13.2``, or
        ``1+5d0c3b1a+calendars-none`` where exchange-calendars is not installed.
        """
        return f"{super().version(site)}+calendars-{calendars_version() or 'none'}"

    def apply(self, article: Article, site: Site | None) -> tuple[WarningCode, ...]:
        """Fill ``sessions`` from ``available_at`` and the markets of the instruments, see ``first_sessions``.

        None without calendars, and as long as the article has no ``available_at``.
        """
        available = read_instant(article.available_at)
        if available is None:
            article.sessions = None
            return ()
        markets = [found.market for found in article.instruments if found.market is not None]
        article.sessions, beyond = first_sessions(markets, available)
        return (WarningCode.SESSION_BEYOND_CALENDAR,) if beyond else ()


class _Calendar(NamedTuple):
    """The sessions of one exchange, in order; times are milliseconds since 1970 in UTC.

    ``begins`` is the first moment that the calendar covers, ``midnights`` when each session's day begins in
    the exchange's time zone. A session without a break has one of no length at its end.
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


def first_sessions(markets: Iterable[str], moment: datetime) -> tuple[list[Session] | None, list[str]]:
    """Return the first session of each market that was open at ``moment`` (aware) or opened after it.

    Markets without a calendar are left out. The second list holds the markets whose calendar begins
    after ``moment`` or ends before the next session. Where the package is not installed, the first
    is None and the second empty.
    """
    if calendars_version() is None:
        return None, []
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
    if calendars_version() is not None:
        for market in markets:
            if market in CALENDARS:
                _calendar(CALENDARS[market])


def _first_session(market: str, moment: datetime) -> Session | None:
    name = CALENDARS[market]
    calendar = _calendar(name)
    now = _milliseconds(moment)
    # The first session that is not over; at the moment of its close it is over.
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
    return Session(market, name, calendar.days[at], _format(opens), _format(tradable), phase)


def _milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND


# Many stories have the same next opening.
@lru_cache(maxsize=1024)
def _format(milliseconds: int) -> str:
    return format_instant(_EPOCH + milliseconds * _MILLISECOND)


@lru_cache(maxsize=len(CALENDARS))
def _calendar(name: str) -> _Calendar:
    """Return a calendar from FIRST_DAY to the package's own end.

    That end is a year from today, or the last day for which the exchange's holidays were known when
    the package was released. No answer depends on it: nothing is available later than now.
    """
    with warnings.catch_warnings():
        # How the package uses pandas cannot be changed here.
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
    # The loaded packages hold hundreds of thousands of objects until the process ends. Visiting them in each
    # collection cost a crawl a tenth of its speed, so the garbage collector is told to ignore them.
    gc.collect()
    gc.freeze()
    # Extension modules that count their objects at exit would report the frozen ones as leaks.
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
    with files(_PACKAGE).joinpath(_CHANGES).open(encoding="utf-8") as file:
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


SESSIONS = SessionsStep()
