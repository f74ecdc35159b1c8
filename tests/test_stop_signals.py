"""Which signals count as having stopped a crawl."""

from __future__ import annotations

import signal

import pytest

from newscrawl.lifecycle.stop_signals import StopSignals, _Noting


def test_a_signal_that_came_before_a_crawl_was_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Noting, "noted", (0, None))
    handler = _Noting(lambda signum, frame: None)
    first = StopSignals()
    told = [first.last]
    handler(signal.SIGINT, None)
    second = StopSignals()
    told += [first.last, second.last]
    handler(signal.SIGTERM, None)
    told += [first.last, second.last]
    assert told == [None, signal.SIGINT, None, signal.SIGTERM, signal.SIGTERM]
