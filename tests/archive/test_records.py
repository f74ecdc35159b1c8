"""The stamp that a line gets at the moment of commit."""

from __future__ import annotations

from datetime import UTC, datetime

from newscrawl.archive.records import stamp
from newscrawl.items import Article, Instrument, Session

NOW = datetime(2026, 5, 8, 14, 18, 31, tzinfo=UTC)


def article(*markets: str | None, published_at: str | None = None) -> Article:
    return Article(
        published_at=published_at, instruments=[Instrument("x", market=market) for market in markets]
    )


def test_sessions_follow_the_time_of_availability() -> None:
    observed = article("HK", None, "BJ", "HK", published_at="2026-05-08T02:00:00.000Z")
    stamp(observed, now=NOW, version=1)
    assert observed.available_at == "2026-05-08T14:18:31.000Z"
    opening = "2026-05-11T01:30:00.000Z"
    assert observed.sessions == [Session("HK", "XHKG", "2026-05-11", opening, opening, "after")]
    # An hour after publication, in the midday break of 4 May.
    backfilled = article("HK", published_at="2026-05-04T03:30:00.000Z")
    stamp(backfilled, now=NOW, version=1)
    assert backfilled.available_rule == "backfill"
    assert backfilled.sessions == [
        Session("HK", "XHKG", "2026-05-04", "2026-05-04T01:30:00.000Z", "2026-05-04T05:00:00.000Z", "break")
    ]


def test_without_instruments_there_are_no_sessions() -> None:
    withdrawn = article()
    stamp(withdrawn, now=NOW, version=2)
    assert (withdrawn.sessions, withdrawn.warnings) == ([], [])


def test_a_time_that_no_calendar_reaches_is_a_warning_told_once() -> None:
    old = article("US", "HK", published_at="0001-01-01T00:00:00.000Z")
    old.warnings = ["duplicate_key", "unknown_key"]
    for _ in range(2):
        stamp(old, now=NOW, version=1)
        assert old.sessions == []
        assert old.warnings == ["duplicate_key", "session_beyond_calendar", "unknown_key"]


def test_a_second_stamp_leaves_nothing_of_the_first() -> None:
    again = article("US")
    stamp(again, now=datetime(2017, 1, 1, tzinfo=UTC), version=1)
    stamp(again, now=NOW, version=1)
    assert again.sessions is not None
    assert len(again.sessions) == 1
    assert again.warnings == []
