"""Unknown keys and headings are named in the log, each once."""

from __future__ import annotations

import logging

import pytest

from newscrawl.spiders.unknowns import Unknowns


def test_each_is_logged_once_and_not_without_end(caplog: pytest.LogCaptureFixture) -> None:
    unknowns = Unknowns()
    with caplog.at_level(logging.WARNING):
        for number in range(200):
            unknowns.note("unknown_key", "source", "one page")
            unknowns.note("unknown_heading", f"heading {number}", "another")
    logged = [record.getMessage() for record in caplog.records]
    assert logged[0] == "unknown_key 'source' on one page"
    assert len(logged) == len(set(logged)) == 50
