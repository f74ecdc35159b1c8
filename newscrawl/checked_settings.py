"""Which values settings may have: a mistyped one is told before anything is done."""

from __future__ import annotations

import copy
import logging
import math
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.request import getproxies

from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings, default_settings
from scrapy.utils.misc import load_object

from newscrawl import settings as project_settings
from newscrawl.database.connect import wrong_address
from newscrawl.exceptions import ArgumentError
from newscrawl.promises.bounds import read_bounds, read_since
from newscrawl.proxies import wrong_proxy
from newscrawl.shown import shorten, show_address, without_login

# The least that a number may be, where 0 would mean something else than less of it.
_LEAST = {
    "CONCURRENT_ITEMS": 1,
    "CONCURRENT_REQUESTS": 1,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "DOWNLOAD_TIMEOUT": 0.001,
    "LEASE_SECONDS": 0.1,
    "PUBLISH_INTERVAL": 0.01,
}

# The most that a number may be, where more has no meaning: for BACKFILL_LAG ten years.
_MOST = {"BACKFILL_LAG": 87_600}

# Settings that name classes, with the place of each.
_COMPONENTS = ("ADDONS", "DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES", "ITEM_PIPELINES", "EXTENSIONS")
# Settings that name one class each.
_CLASSES = (
    "DOWNLOADER",
    "DUPEFILTER_CLASS",
    "ITEM_PROCESSOR",
    "LOG_FORMATTER",
    "REQUEST_FINGERPRINTER_CLASS",
    "SCHEDULER",
    "STATS_CLASS",
)


def check_settings(settings: BaseSettings) -> None:
    """Raise ArgumentError, in one line, for the first setting whose value is none for it."""
    for _, text in find_problems(settings):
        raise ArgumentError(text)


def find_problems(settings: BaseSettings) -> Iterator[tuple[str, str]]:
    """Yield each setting whose value is none for it: its name, and what is wrong in one line.

    A setting is held to the kind of its default: a number, a whole number, or true and false. A component
    must be one that can be imported.
    """
    for name, check in _checks(settings):
        try:
            check()
        except ArgumentError as error:
            yield name, str(error)


def use_default(settings: BaseSettings, name: str) -> None:
    """Give a setting its default, so that Scrapy can set up, and close, a crawl that is refused."""
    priority = max(settings.getpriority(name) or 0, SETTINGS_PRIORITIES["project"])
    settings.set(name, copy.deepcopy(_defaults()[name]), priority=priority)


def backfill_lag(settings: BaseSettings) -> timedelta:
    """Return BACKFILL_LAG, which is in hours; its default where another project has none. May raise
    ArgumentError.
    """
    value = settings.get("BACKFILL_LAG", project_settings.declared["BACKFILL_LAG"])
    _check_number("BACKFILL_LAG", value, 0, whole=False)
    return timedelta(hours=float(value))


def log_level(settings: BaseSettings) -> int:
    """Return LOG_LEVEL as a number; DEBUG's where it is no level."""
    level = str(settings["LOG_LEVEL"])
    found = int(level) if level.isdigit() else logging.getLevelName(level)
    return found if isinstance(found, int) else logging.DEBUG


def _checks(settings: BaseSettings) -> Iterator[tuple[str, Callable[[], object]]]:
    for name, default in _defaults().items():
        if name not in settings:
            # In another project: the add-on gives it its default.
            continue
        if isinstance(default, bool):
            yield name, partial(_check_switch, settings, name)
        elif isinstance(default, int | float):
            whole = isinstance(default, int)
            # A priority or an indent may be below its default.
            is_free = "PRIORITY" in name or "INDENT" in name
            least = _LEAST.get(name, -math.inf if is_free else min(default, 0))
            yield name, partial(_check_number, name, settings[name], least, whole=whole)
    for name in _COMPONENTS:
        yield name, partial(_check_components, settings, name)
    yield "FEEDS", partial(_check_feeds, settings)
    for name in _CLASSES:
        yield name, partial(_check_component, name, settings[name])
    yield from _promise_checks(settings)
    for code in settings.getlist("RETRY_HTTP_CODES"):
        yield "RETRY_HTTP_CODES", partial(_check_number, "RETRY_HTTP_CODES", code, 100, whole=True)
    yield "LOG_LEVEL", partial(_check_level, settings["LOG_LEVEL"])
    if "DATA_DIR" in settings:
        yield "DATA_DIR", partial(_check_folder, settings["DATA_DIR"])
    if "STATE_URL" in settings:
        yield "STATE_URL", partial(_check_state, settings["STATE_URL"])
    yield "HTTPPROXY_ENABLED", partial(_check_proxies, settings)
    if settings["LOG_FILE"]:
        yield "LOG_FILE", partial(_check_log, settings["LOG_FILE"])


def _promise_checks(settings: BaseSettings) -> Iterator[tuple[str, Callable[[], object]]]:
    if "PROMISES" in settings:
        yield "PROMISES", lambda: read_bounds(_check_dict(settings, "PROMISES"))
    if "PROMISES_SINCE" in settings:
        yield "PROMISES_SINCE", lambda: read_since(str(settings["PROMISES_SINCE"] or ""))


def _defaults() -> dict[str, Any]:
    theirs = {name: value for name, value in vars(default_settings).items() if name.isupper()}
    return theirs | project_settings.declared


def _check_switch(settings: BaseSettings, name: str) -> None:
    try:
        settings.getbool(name)
    except ValueError:
        raise ArgumentError(f"{name}: expected true or false, found {shorten(settings[name])}") from None


def _check_number(name: str, value: Any, least: float, *, whole: bool) -> None:
    try:
        number = int(value) if whole else float(value)
    except (TypeError, ValueError):
        number = None
    most = _MOST.get(name, math.inf)
    if number is None or not math.isfinite(number) or not least <= number <= most:
        noun = "a whole number" if whole else "a number"
        until = f" to {most}" if name in _MOST else ""
        raise ArgumentError(f"{name}: expected {noun} from {least}{until}, found {shorten(value)}")


def _check_level(level: Any) -> None:
    if not isinstance(logging.getLevelName(level), int) and not str(level).isdigit():
        raise ArgumentError(f"LOG_LEVEL: expected a level such as INFO, found {shorten(level)}")


def _check_folder(folder: Any) -> None:
    if not str(folder).strip():
        raise ArgumentError("DATA_DIR: expected a folder, found none")


def _check_state(url: Any) -> None:
    if (text := wrong_address(str(url))) is not None:
        raise ArgumentError(text)


def _check_proxies(settings: BaseSettings) -> None:
    try:
        is_used = settings.getbool("HTTPPROXY_ENABLED")
    except ValueError:
        # Told above.
        return
    if is_used and (text := wrong_proxy(getproxies())) is not None:
        raise ArgumentError(text)


def _check_dict(settings: BaseSettings, name: str) -> dict[Any, Any]:
    try:
        return settings.getdict(name)
    except (TypeError, ValueError):
        # FEEDS may have passwords in addresses.
        found = shorten(without_login(str(settings[name])))
        raise ArgumentError(f"{name}: expected a dict, or JSON of one, found {found}") from None


def _check_feeds(settings: BaseSettings) -> None:
    for feed, options in _check_dict(settings, "FEEDS").items():
        if not isinstance(options, Mapping):
            shown = show_address(str(feed))
            raise ArgumentError(f"FEEDS: expected the options of {shown} as a dict, found {shorten(options)}")


def _check_components(settings: BaseSettings, name: str) -> None:
    for component, place in _check_dict(settings, name).items():
        if place is not None:
            _check_component(name, component)
            _check_number(name, place, -math.inf, whole=True)


def _check_component(name: str, component: Any) -> None:
    try:
        load_object(component)
    except Exception as error:  # noqa: BLE001  # a module may fail in any way while it is imported
        text = (str(error).splitlines() or [""])[0]
        raise ArgumentError(
            f"{name}: expected a class that can be imported, found {component}: {text}"
        ) from None


def _check_log(path: str) -> None:
    try:
        Path(path).open("a").close()
    except OSError as error:
        raise ArgumentError(f"LOG_FILE: expected a file that can be written, found {path}: {error}") from None
