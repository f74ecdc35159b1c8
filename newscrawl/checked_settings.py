"""Which values settings may have: a mistyped one is told before anything is done."""

from __future__ import annotations

import logging
import math
from pathlib import Path
from typing import Any

from scrapy.settings import BaseSettings, default_settings

from newscrawl import settings as project_settings
from newscrawl.exceptions import ArgumentError

# The least that a number may be, where 0 would mean something else than less of it.
_LEAST = {
    "CONCURRENT_ITEMS": 1,
    "CONCURRENT_REQUESTS": 1,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "DOWNLOAD_TIMEOUT": 0.001,
    "LEASE_SECONDS": 0.1,
    "PUBLISH_INTERVAL": 0.01,
}


def check_settings(settings: BaseSettings) -> None:
    """Raise ArgumentError, in one line, for the first setting whose value is none for it.

    A setting is held to the kind of its default: a number, a whole number, or true and false.
    """
    for name, default in _defaults().items():
        value = settings[name]
        if isinstance(default, bool):
            _check_switch(settings, name)
        elif isinstance(default, int | float):
            least = _LEAST.get(name, min(default, 0))
            _check_number(name, value, least, whole=isinstance(default, int))
    for code in settings.getlist("RETRY_HTTP_CODES"):
        _check_number("RETRY_HTTP_CODES", code, 100, whole=True)
    level = settings["LOG_LEVEL"]
    if not isinstance(logging.getLevelName(level), int) and not str(level).isdigit():
        raise ArgumentError(f"LOG_LEVEL: expected a level such as INFO, found {level!r}")
    if not str(settings["DATA_DIR"]).strip():
        raise ArgumentError("DATA_DIR: expected a folder, found none")
    if settings["LOG_FILE"]:
        _check_log(settings["LOG_FILE"])


def _defaults() -> dict[str, Any]:
    theirs = {name: value for name, value in vars(default_settings).items() if name.isupper()}
    return theirs | project_settings.declared


def _check_switch(settings: BaseSettings, name: str) -> None:
    try:
        settings.getbool(name)
    except ValueError:
        raise ArgumentError(f"{name}: expected true or false, found {settings[name]!r}") from None


def _check_number(name: str, value: Any, least: float, *, whole: bool) -> None:
    try:
        number = int(value) if whole else float(value)
    except (TypeError, ValueError):
        number = None
    if number is None or not math.isfinite(number) or number < least:
        noun = "a whole number" if whole else "a number"
        raise ArgumentError(f"{name}: expected {noun} from {least}, found {value!r}")


def _check_log(path: str) -> None:
    try:
        Path(path).open("a").close()
    except OSError as error:
        raise ArgumentError(f"LOG_FILE: expected a file that can be written, found {path}: {error}") from None
