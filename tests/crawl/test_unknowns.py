"""Unknown keys and headings are named in the log, each once."""

from __future__ import annotations

import logging

import pytest

from newscrawl.spiders.unknowns import Oddities


def test_each_is_told_once_and_not_without_end(caplog: pytest.LogCaptureFixture) -> None:
    oddities = Oddities()
    with caplog.at_level(logging.WARNING):
        for number in range(200):
            oddities.note("unknown_key", "source", "one page")
            oddities.note("unknown_heading", f"heading {number}", "another")
    told = [record.getMessage() for record in caplog.records]
    assert told[0] == "unknown_key 'source', never seen before, on one page"
    assert len(told) == len(set(told)) == 50
