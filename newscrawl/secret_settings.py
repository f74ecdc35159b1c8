"""Settings that hold a password are not shown where all settings are: Scrapy logs those that were set."""

from __future__ import annotations

import re
from typing import Any

from scrapy.settings import BaseSettings

from newscrawl.database.connect import wrong_address
from newscrawl.shown import Concealed

_SECRET_NAME = re.compile(r"PASS(WORD|WD)?$|PASSWORD|SECRET|TOKEN$|API_?KEY|ACCESS_KEY|CREDENTIAL")
# What stands before the @ of an address may be a password, or a key as in those of Sentry.
_LOGIN = re.compile(r"://\S*@")


def conceal(settings: BaseSettings) -> None:
    """Conceal, where it stands, each text that holds a secret; STATE_URL unless it names an SQLite file."""
    for name in tuple(settings):
        value = settings[name]
        if is_secret(name, value):
            settings.set(name, Concealed(value), priority=settings.getpriority(name) or 0)


def is_secret(name: Any, value: Any) -> bool:
    """Tell whether a setting holds what must not be shown."""
    if not isinstance(value, str) or not value:
        return False
    if name == "STATE_URL":
        return not value.startswith("sqlite://") or wrong_address(value) is not None
    return _SECRET_NAME.search(str(name)) is not None or _LOGIN.search(value) is not None
