"""The setting STATE_TIMEOUT on its way to the engine."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from scrapy.settings import Settings

from newscrawl import settings as project_settings
from newscrawl.checked_settings import find_problems
from newscrawl.exceptions import StateError
from newscrawl.queue.opening import open_engine, open_existing
from newscrawl.sites.base import read_start
from newscrawl.sites.longbridge import LONGBRIDGE


def _settings(folder: Path, timeout: object) -> Settings:
    values = {
        **project_settings.declared,
        # Nobody listens there.
        "STATE_URL": "postgresql://user:secret@127.0.0.1:1/state",
        "DATA_DIR": str(folder),
        "STATE_TIMEOUT": timeout,
    }
    return Settings(values, priority="project")


def test_two_minutes_by_default() -> None:
    assert project_settings.declared["STATE_TIMEOUT"] == 120.0


@pytest.mark.parametrize("timeout", [0, "0.2"])
def test_it_ends_the_wait_for_a_state(tmp_path: Path, timeout: object) -> None:
    settings = _settings(tmp_path, timeout)
    origin, _ = read_start(LONGBRIDGE, "https://longbridge.com/en/news/1.md")
    for open_it in (open_existing, partial(open_engine, origin)):
        with pytest.raises(StateError, match=r"given up after 0 seconds: .*refused") as error:
            open_it(settings)
        assert "secret" not in str(error.value)


@pytest.mark.parametrize("timeout", [-1, "soon", "nan"])
def test_it_is_a_number_of_seconds(tmp_path: Path, timeout: object) -> None:
    found = dict(find_problems(_settings(tmp_path, timeout)))
    assert found["STATE_TIMEOUT"] == f"STATE_TIMEOUT: expected a number from 0, found {timeout!r}"
