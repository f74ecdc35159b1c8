"""The tables of trading days, made from exchange-calendars: ``python -m tests.refine.make_trading_days``.

Writes ``calendars.csv`` and ``trading_days.csv`` in ``newscrawl/refine`` as the installed package has them.
Nothing of ours is in these: ``session_changes.csv``, kept by hand, corrects them. No clock is read, so the
same package always makes the same tables.
"""

from __future__ import annotations

import csv
import importlib
import io
import warnings
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from newscrawl.refine import calendars
from newscrawl.refine.calendars import CALENDARS, FIRST_DAY

FOLDER = Path(calendars.__file__).parent

# The package goes on with these by rule, far beyond what is announced. The tables do not: each ends with the
# last year that is. Hong Kong's government announces a year in the one before, the NYSE three years at once
# (on 2025-12-23: "NYSE Group Announces 2026, 2027 and 2028 Holiday and Early Closings Calendar").
ANNOUNCED = {"XHKG": date(2027, 12, 31), "XNYS": date(2028, 12, 31)}

CLOSED = "closed"
_SATURDAY = 5
_DAY = timedelta(days=1)


def main() -> None:
    """Write the tables."""
    for name, text in make_tables().items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="")


def make_tables() -> dict[str, str]:
    """Return the texts of the two files by their names."""
    calendars = [("calendar", "zone", "hours", "last_day", "exchange_calendars")]
    days = [("calendar", "date", "hours")]
    for name in sorted(set(CALENDARS.values())):
        last = _last_day(name)
        source = their_calendar(name, last)
        zone = ZoneInfo(str(source.tz))
        hours = {day: _hours(moments, zone) for day, *moments in their_sessions(source)}
        ((regular, _),) = Counter(hours.values()).most_common(1)
        calendars.append((name, zone.key, regular, last.isoformat(), version("exchange-calendars")))
        for number in range((last - FIRST_DAY).days + 1):
            day = FIRST_DAY + number * _DAY
            found = hours.get(day, CLOSED)
            if found != (regular if day.weekday() < _SATURDAY else CLOSED):
                days.append((name, day.isoformat(), found))
    return {"calendars.csv": _csv(calendars), "trading_days.csv": _csv(days)}


def their_calendar(name: str, last: date, **options: str) -> Any:
    """Return a calendar of the package from FIRST_DAY to a last day."""
    with _unwarned():
        return their_package().get_calendar(
            name, start=FIRST_DAY.isoformat(), end=last.isoformat(), **options
        )


def their_package() -> Any:
    """Return the package, which types nothing and warns of how it uses pandas."""
    with _unwarned():
        return importlib.import_module("exchange_calendars")


def their_sessions(calendar: Any) -> list[tuple[Any, ...]]:
    """Return each session as its day, then opening, begin and end of the break or None, and close."""
    rows = calendar.schedule[["open", "break_start", "break_end", "close"]].itertuples(name=None)
    # A break that is missing is NaT, the one time that is not equal to itself.
    return [
        (row[0].date(), *(moment.to_pydatetime() if moment == moment else None for moment in row[1:]))
        for row in rows
    ]


def _last_day(name: str) -> date:
    with _unwarned():
        bound = type(their_package().get_calendar(name)).bound_max()
    announced = ANNOUNCED.get(name)
    return min(day for day in (bound and bound.date(), announced) if day is not None)


def _hours(moments: Iterable[datetime | None], zone: ZoneInfo) -> str:
    opens, pause, resume, close = (
        moment and f"{moment.astimezone(zone).replace(tzinfo=None):%H:%M}" for moment in moments
    )
    return f"{opens}-{close}" if pause is None else f"{opens}-{pause} {resume}-{close}"


def _csv(rows: Iterable[Iterable[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _unwarned() -> warnings.catch_warnings[None]:
    return warnings.catch_warnings(action="ignore")


if __name__ == "__main__":
    main()
