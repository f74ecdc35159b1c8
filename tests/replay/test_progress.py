"""The progress bar: on a terminal only, and on standard error."""

from __future__ import annotations

import pytest

from newscrawl.replay.progress import Progress


def test_it_tells_how_far_the_bytes_are_done(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress("replay", 100, is_shown=True) as progress:
        progress.advance(records=1_200, size=50)
        assert progress.done == (1_200, 0.5)
        progress.advance(records=300, size=50)
        assert progress.done == (1_500, 1.0)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "1,500 records" in shown.err
    assert "a second" in shown.err
    assert "left" in shown.err


def test_nothing_is_shown_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress("replay", 100) as progress:
        progress.advance(records=1, size=100)
        assert progress.done == (1, 1.0)
    assert capsys.readouterr() == ("", "")
