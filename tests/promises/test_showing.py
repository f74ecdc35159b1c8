"""Promises as lines for a person."""

from __future__ import annotations

from pathlib import Path

import pytest

from newscrawl.promises.promise import Kept
from newscrawl.promises.showing import promise_lines
from tests.crawl.crawl_runs import run


def test_the_broken_come_first_and_then_the_unsure() -> None:
    kept = Kept("a", 0.5, 0.25, 60, False, "pages", (0.2, 0.25), is_share=True)  # noqa: FBT003
    few = Kept("b", 0.5, 0.6, 20, False, "pages", is_share=True)  # noqa: FBT003
    broken = Kept("c", 14.4, 3, 3, True, "pages that were met", since="r1", expects="at least")  # noqa: FBT003
    assert list(promise_lines((kept, few, broken))) == [
        "BROKEN c  at least 14.4, found 3",
        "       c: pages that were met: expected at least 14.4, found 3, since r1",
        "unsure b  at most 50%, found 60% of 20 pages",
        "kept   a  at most 50%, found 25% of 60 pages; before: 20% 25%",
    ]


@pytest.mark.parametrize("days", ["0", "-5", "x", "99999999", "1e3", "٣"])
def test_days_that_are_none(days: str, tmp_path: Path) -> None:
    done = run(("status", f"--coverage={days}"), tmp_path / "data")
    assert done.status == 2
    assert "expected a number of days from 1 to 3650, found" in done.stderr
    assert "Traceback" not in done.stderr
