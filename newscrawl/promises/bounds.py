"""The setting PROMISES: which values it may have, and what a crawl promises by it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from scrapy.settings import BaseSettings

from newscrawl import settings as project_settings
from newscrawl.exceptions import ArgumentError
from newscrawl.plan import Plan
from newscrawl.promises.assessing import Promises

_RUN = re.compile(r"[0-9]{8}T[0-9]{6}Z-")


def promises_of(plan: Plan, settings: BaseSettings) -> Promises:
    """Return what a crawl promises. Raises ArgumentError for a bound that is none."""
    since = read_since(str(settings["PROMISES_SINCE"] or ""))
    locales = plan.locales if plan.locales is not None else plan.site.locales
    return Promises(read_bounds(settings.getdict("PROMISES")), tuple(locales), since)


def read_bounds(given: Mapping[Any, Any]) -> dict[str, float | None]:
    """Return all bounds: those given, and the defaults of the others. Raises ArgumentError."""
    bounds: dict[str, float | None] = dict(project_settings.declared["PROMISES"])
    for name, value in given.items():
        if name not in bounds:
            known = ", ".join(sorted(bounds))
            raise ArgumentError(f"PROMISES: expected one of {known}, found {str(name)[:60]!r}")
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if value is not None and not (is_number and math.isfinite(value) and value >= 0):
            raise ArgumentError(
                f"PROMISES: expected a number from 0, or null, for {name}, found {value!r:.60}"
            )
        bounds[name] = value
    return bounds


def read_since(text: str) -> str:
    """Return PROMISES_SINCE so that ids of runs can be compared with it. Raises ArgumentError.

    A day (``2026-11-23``) comes before all runs of it.
    """
    text = text.strip()
    if not text or _RUN.match(text):
        return text
    try:
        return f"{date.fromisoformat(text):%Y%m%d}"
    except ValueError:
        raise ArgumentError(
            f"PROMISES_SINCE: expected a day or the id of a run, found {text[:60]!r}"
        ) from None
