"""The short part of ``make fuzz``: each page that was found once, and some that Hypothesis makes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.fuzz.hypothesis_pages import any_page
from tests.fuzz.pages import FOUND, check_any, seeds

FOUND_PAGES = sorted(FOUND.glob("*.page"))


@pytest.mark.parametrize("path", FOUND_PAGES, ids=lambda path: path.stem)
def test_a_page_that_was_found(path: Path) -> None:
    check_any(path.read_bytes())


def test_the_pages_that_a_search_begins_with_are_read_or_refused() -> None:
    read = [check_any(content) for content in seeds()]
    assert sum(read) > 30


def test_what_was_found_stays_small() -> None:
    assert FOUND_PAGES
    assert sum(path.stat().st_size for path in FOUND.iterdir()) < 100_000


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(any_page)
def test_pages_that_nobody_wrote(content: bytes) -> None:
    check_any(content)
