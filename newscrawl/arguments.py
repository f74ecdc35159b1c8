"""Arguments of a crawl in their natural types, spelled as on a command line."""

from __future__ import annotations

import os
from datetime import date, timedelta

from newscrawl.exceptions import ArgumentError

_UNITS = {"w": timedelta(weeks=1), "d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}


def spell(name: str, value: object) -> str:
    """Return an argument as it would be written on a command line. Raises ArgumentError."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) and name == "fresh":
        return str(int(value))
    if isinstance(value, date):
        # A datetime is one, too.
        return value.isoformat()
    if isinstance(value, timedelta):
        return _spell_age(name, value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, os.PathLike):
        # Where a crawl starts can be in a file.
        return f"@{os.fspath(value)}"
    if isinstance(value, (list, tuple)) and all(isinstance(part, str) for part in value):
        return ",".join(value)
    raise ArgumentError(
        f"{name}: expected a text, a number or another value of its kind, found {value!r:.60}"
    )


def _spell_age(name: str, age: timedelta) -> str:
    if not age:
        return "never"
    for letter, unit in _UNITS.items():
        number, rest = divmod(age, unit)
        if number > 0 and not rest:
            return f"{number}{letter}"
    raise ArgumentError(f"{name}: expected a whole number of minutes, found {age}")
