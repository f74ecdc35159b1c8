"""How far a wire service's time of day (``15:43 ET``) is from a date, at least."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import MAXYEAR, MINYEAR, UTC, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

_SHAPE = re.compile(r"([0-9]{1,2}):([0-9]{2})(?: ?([AaPp])[Mm])? ([A-Z]{2,4})")


def _fixed(hours: float) -> tuple[tzinfo, ...]:
    return (timezone(timedelta(hours=hours)),)


# The names that `cleaning.py` cuts from titles. ET, CT, MT and PT follow summer time; names of standard and
# of summer time do not, except CET: Europe's companies write it the whole year, so in summer both meanings
# are tried. So are the three of IST: India's, Ireland's and Israel's. BST is Britain's; AEST is
# Brisbane's time the whole year. Loaded at import, so that a machine without a zone database fails at the
# start.
_ZONES: dict[str, tuple[tzinfo, ...]] = {
    "ET": (ZoneInfo("America/New_York"),),
    "EST": _fixed(-5),
    "EDT": _fixed(-4),
    "CT": (ZoneInfo("America/Chicago"),),
    "CDT": _fixed(-5),
    "MT": (ZoneInfo("America/Denver"),),
    "MST": _fixed(-7),
    "PT": (ZoneInfo("America/Los_Angeles"),),
    "PST": _fixed(-8),
    "PDT": _fixed(-7),
    "GMT": _fixed(0),
    "UTC": _fixed(0),
    "BST": _fixed(1),
    "CET": (*_fixed(1), ZoneInfo("Europe/Paris")),
    "CEST": _fixed(2),
    "IST": (*_fixed(5.5), *_fixed(1), *_fixed(2)),
    "HKT": _fixed(8),
    "SGT": _fixed(8),
    "AEST": _fixed(10),
    "JST": _fixed(9),
}
# CST is China's time or that of Chicago; China has had no summer time since 1991.
_CHINA = _fixed(8)
_CHINESE_MARKETS = frozenset({"HK", "SH", "SZ", "BJ"})

# A time of day recurs every day, so the nearest one is on one of these days.
_NEAR = [timedelta(days=days) for days in (-1, 0, 1)]


def wire_distance(wire_time: str, moment: datetime, markets: Iterable[str | None] = ()) -> timedelta | None:
    """Return how long after the nearest occurrence of a wire time (``15:43 ET``) an aware time is.

    Between -12 and +12 hours (a little more on days on which clocks are changed); negative where
    ``moment`` is before it. None where nothing can be told: the text is no time of day (``15:43 AM``), it
    is in ``CST`` while ``markets`` (of the article's instruments; None is unknown) are not all Chinese, or
    the calendar has no day before or after ``moment``.
    """
    found = _SHAPE.fullmatch(wire_time)
    if found is None or not MINYEAR < moment.year < MAXYEAR:
        return None
    clock = _time_of_day(int(found[1]), int(found[2]), found[3])
    zones = _zones(found[4], markets)
    if clock is None or not zones:
        return None
    distances = [moment - occurrence for zone in zones for occurrence in _occurrences(clock, zone, moment)]
    return min(distances, key=abs)


def _time_of_day(hour: int, minute: int, half: str | None) -> time | None:
    if half is not None:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half in "Pp" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _zones(name: str, markets: Iterable[str | None]) -> tuple[tzinfo, ...]:
    if name == "CST":
        known = {market for market in markets if market is not None}
        return _CHINA if known and known <= _CHINESE_MARKETS else ()
    return _ZONES.get(name, ())


def _occurrences(clock: time, zone: tzinfo, moment: datetime) -> Iterable[datetime]:
    today = datetime.combine(moment.astimezone(zone).date(), clock)
    for days in _NEAR:
        for fold in (0, 1):  # both hours of the same name when summer time ends
            yield (today + days).replace(tzinfo=zone, fold=fold).astimezone(UTC)
