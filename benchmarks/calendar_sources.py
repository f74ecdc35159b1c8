"""Trading days as other people's packages have them, for ``benchmarks.sessions_elsewhere``.

None of them was used for the tables of this project. Each source says of a weekday what it knows: hours of
trading, that there was some, when it ended early, or that there was none.
"""

from __future__ import annotations

import importlib
import json
import warnings
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

FIRST_YEAR, LAST_YEAR = 2018, 2027
CLOSED, OPEN = "closed", "open"
MAINLAND = ("SH", "SZ", "BJ")
INSTALL = (
    "pip install holidays==0.109 pandas-market-calendars==5.5.0 cn-stock-holidays==2.1.6 tj-calendar==0.1.0 "
    "a-trade-calendar==2028.4.14 chinese-calendar==1.11.0 exchange-calendars==4.13.2"
)

Days = dict[date, str]
"""By weekday: ``closed``, ``open``, ``until 12:00``, or hours such as ``09:30-12:00 13:00-16:00``."""


class Source(NamedTuple):
    """A package, and how its days of a market are read: None where it knows nothing of that market."""

    name: str
    package: str
    read: Callable[[str], Days | None]


def weekdays(first: date, last: date) -> Iterator[date]:
    """Yield the days from Monday to Friday from a day to another, both included."""
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if day.weekday() < 5:
            yield day


def all_weekdays(last_year: int = LAST_YEAR) -> Iterator[date]:
    """Yield all weekdays that are compared."""
    return weekdays(date(FIRST_YEAR, 1, 1), date(last_year, 12, 31))


def _load(package: str) -> Any:
    with warnings.catch_warnings(action="ignore"):
        return importlib.import_module(package)


def _holidays(market: str) -> Days | None:
    """The financial calendars of the package holidays, half days included."""
    code = {"US": "XNYS", "HK": "XHKG", "SH": "XSHG", "SZ": "XSHE", "SG": "XSES"}.get(market)
    if code is None:
        return None
    package = _load("holidays")
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    closed = package.financial_holidays(code, years=years)
    halves: Any = {}
    if "half_day" in type(closed).supported_categories:
        halves = package.financial_holidays(code, years=years, categories=("half_day",))
    noon = "until 13:00" if market == "US" else "until 12:00"
    return {day: CLOSED if day in closed else noon if day in halves else OPEN for day in all_weekdays()}


def _market_calendars(market: str) -> Days | None:
    """The package's own calendars; those that it takes from exchange-calendars would be no second opinion."""
    name = {"US": "NYSE", "HK": "HKEX", "SH": "SSE", "SZ": "SSE"}.get(market)
    if name is None:
        return None
    # The package is sure of the mainland's days only so far.
    last_year = 2026 if name == "SSE" else LAST_YEAR
    with warnings.catch_warnings(action="ignore"):
        calendar = _load("pandas_market_calendars").get_calendar(name)
        schedule = calendar.schedule(f"{FIRST_YEAR}-01-01", f"{last_year}-12-31", tz=calendar.tz.key)
    days = dict.fromkeys(all_weekdays(last_year), CLOSED)
    for row in schedule.itertuples():
        opens, closes = f"{row.market_open:%H:%M}", f"{row.market_close:%H:%M}"
        pause, resume = getattr(row, "break_start", None), getattr(row, "break_end", None)
        has_break = pause is not None and pause == pause and pause < row.market_close
        days[row.Index.date()] = (
            f"{opens}-{pause:%H:%M} {resume:%H:%M}-{closes}" if has_break else f"{opens}-{closes}"
        )
    return days


def extended_hours() -> dict[date, tuple[datetime, datetime]]:
    """Begin of trading before and end of trading after regular hours in New York, by market calendars."""
    with warnings.catch_warnings(action="ignore"):
        calendar = _load("pandas_market_calendars").get_calendar("NYSE")
        schedule = calendar.schedule(f"{FIRST_YEAR}-01-01", f"{LAST_YEAR}-12-31", market_times="all")
    return {
        row.Index.date(): (row.pre.to_pydatetime(), row.post.to_pydatetime()) for row in schedule.itertuples()
    }


def _cn_stock_holidays(market: str) -> Days | None:
    """Days without trading in Shanghai and Shenzhen.

    Its list for Hong Kong is that of Stock Connect, which is closed on the mainland's holidays, too.
    """
    if market not in ("SH", "SZ"):
        return None
    text = _file("cn_stock_holidays", "data.txt").read_text(encoding="utf-8")
    closed = {date.fromisoformat(line) for line in text.split()}
    return {day: CLOSED if day in closed else OPEN for day in all_weekdays(max(closed).year)}


def _tj_calendar(market: str) -> Days | None:
    """Days of trading on the mainland; by its own word those before 2019 are weekdays only."""
    code = {"SH": "SSE", "SZ": "SZSE", "BJ": "BSE"}.get(market)
    if code is None:
        return None
    text = _file("tj_calendar", "data/calendar-bundle.json").read_text(encoding="utf-8")
    about = json.loads(text)["markets"][code]
    first = max(date(2019, 1, 1), date.fromisoformat(about["coverage_start"]))
    trading = {str(number) for numbers in about["years"].values() for number in numbers}
    return {
        day: OPEN if f"{day:%Y%m%d}" in trading else CLOSED
        for day in weekdays(first, date(LAST_YEAR, 12, 31))
    }


def _a_trade_calendar(market: str) -> Days | None:
    """Days of trading on the mainland, to some day of January 2027."""
    if market not in ("SH", "SZ"):
        return None
    text = _file("a_trade_calendar", "a_trade_calendar.csv").read_text(encoding="utf-8")
    trading = {date.fromisoformat(line) for line in text.split()[1:]}
    return {day: OPEN if day in trading else CLOSED for day in weekdays(date(FIRST_YEAR, 1, 1), max(trading))}


def _chinese_calendar(market: str) -> Days | None:
    """The State Council's holidays, on which the mainland's exchanges are closed."""
    if market not in MAINLAND:
        return None
    package = _load("chinese_calendar")
    last = max(package.constants.holidays).year
    return {day: CLOSED if package.is_holiday(day) else OPEN for day in all_weekdays(last)}


def _file(package: str, name: str) -> Path:
    spec = find_spec(package)
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(next(iter(spec.submodule_search_locations)), name)


SOURCES = (
    Source("holidays", "holidays", _holidays),
    Source("pandas-market-calendars", "pandas_market_calendars", _market_calendars),
    Source("cn-stock-holidays", "cn_stock_holidays", _cn_stock_holidays),
    Source("tj-calendar", "tj_calendar", _tj_calendar),
    Source("a-trade-calendar", "a_trade_calendar", _a_trade_calendar),
    Source("chinese-calendar", "chinese_calendar", _chinese_calendar),
)
