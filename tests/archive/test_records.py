"""A record's line, and what it gets at the moment of commit."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from newscrawl.archive.records import decode_article, encode, stamp
from newscrawl.http_info import HttpInfo
from newscrawl.items import Alternate, Article, Instrument, RefinedWith, RelatedLink, Session
from newscrawl.named_in_text import Mention

NOW = datetime(2026, 5, 8, 14, 18, 31, tzinfo=UTC)


def article(*markets: str | None, published_at: str | None = None) -> Article:
    return Article(
        published_at=published_at, instruments=[Instrument("x", market=market) for market in markets]
    )


# --- Stamp --------------------------------------------------------------------------------------


def test_sessions_follow_the_time_of_availability() -> None:
    observed = article("HK", None, "HAS", "HK", published_at="2026-05-08T02:00:00.000Z")
    stamp(observed, now=NOW, version=1)
    assert observed.available_at == "2026-05-08T14:18:31.000Z"
    opening = "2026-05-11T01:30:00.000Z"
    assert observed.sessions == [Session("HK", "XHKG", "2026-05-11", opening, opening, "after")]
    # A day after publication, in the midday break of 4 May. With a lag of an hour it is a Sunday.
    backfilled = article("HK", published_at="2026-05-03T04:30:00.000Z")
    stamp(backfilled, now=NOW, version=1)
    assert backfilled.available_rule == "backfill"
    assert backfilled.sessions == [
        Session("HK", "XHKG", "2026-05-04", "2026-05-04T01:30:00.000Z", "2026-05-04T05:00:00.000Z", "break")
    ]
    stamp(backfilled, now=NOW, version=1, lag=timedelta(hours=1))
    assert backfilled.sessions == [
        Session("HK", "XHKG", "2026-05-04", "2026-05-04T01:30:00.000Z", "2026-05-04T01:30:00.000Z", "after")
    ]


def test_a_clock_that_is_behind_is_warned_of_and_only_then() -> None:
    late = article("HK")
    late.warnings = ["url_missing"]
    stamp(late, now=NOW, version=1, is_clock_behind=True)
    assert late.warnings == ["clock_behind", "url_missing"]
    stamp(late, now=NOW, version=1)
    assert late.warnings == ["url_missing"]
    withdrawn = Article(status="withdrawn")
    stamp(withdrawn, now=NOW, version=2, is_clock_behind=True)
    assert withdrawn.warnings == []


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


def test_the_stamp_notes_its_steps() -> None:
    stamped = article()
    stamp(stamped, now=NOW, version=1)
    noted = {name for name, version in asdict(stamped.refined_with).items() if version}
    assert noted == {"availability", "sessions"}


# --- Lines --------------------------------------------------------------------------------------

WHOLE = Article(
    uid="longbridge:7:en",
    story_id="longbridge:7",
    url="https://longbridge.com/en/news/7.md",
    locale="en",
    alternates=[Alternate("en", "https://longbridge.com/en/news/7.md")],
    title="猫头鹰",
    body="At night.\n",
    first_seen_at="2026-05-08T14:18:31.000Z",
    fetched_at="2026-05-08T14:18:30.000Z",
    instruments=[Instrument("x"), Instrument("700.HK", "700.HK")],
    related=[RelatedLink("longbridge:8", "u", None, None, 1, "2026-05-08T14:18:30.000Z")],
    http=HttpInfo(200),
    warnings=["bad_symbol"],
    mentions=[Mention("700.HK", "00700.HK", 1, 9, "symbol")],
    sessions=[Session("HK", "XHKG", "2026-05-11", "o", "t", "after")],
    refined_with=RefinedWith(dates="1"),
)


@pytest.mark.parametrize(
    "record", [WHOLE, Article(first_seen_at=WHOLE.fetched_at, fetched_at=WHOLE.fetched_at)]
)
def test_a_line_is_read_as_it_was_written(record: Article) -> None:
    content = encode(record)
    assert content.endswith(b"\n")
    assert content.count(b"\n") == 1
    line = json.loads(content)
    assert decode_article(line) == record
    # A parsed line is written back as it was.
    assert encode(line) == content


def test_fields_that_were_added_later_may_be_missing() -> None:
    line = json.loads(encode(WHOLE))
    del line["refined_with"]
    assert decode_article(line).refined_with == RefinedWith()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"schema": "newscrawl.article/2"}, "newscrawl.article/2"),
        ({"schema": None}, "schema"),
        ({"version": "1"}, "version"),
        ({"version": True}, "version"),
        ({"title": 1}, "title"),
        ({"body": None}, "body"),
        ({"warnings": "bad_symbol"}, "warnings"),
        ({"warnings": [1]}, "warnings"),
        ({"instruments": ["700.HK"]}, "instruments"),
        ({"instruments": [{}]}, "Instrument"),
        ({"instruments": [{"raw": "x", "owl": 1}]}, "owl"),
        ({"instruments": [{"raw": None}]}, "raw"),
        ({"http": []}, "http"),
        ({"refined_with": {"dates": 1}}, "dates"),
        ({"refined_with": {"owls": "1"}}, "owls"),
        ({"refined_with": None}, "refined_with"),
        ({"first_seen_at": None}, "first_seen_at"),
        ({"first_seen_at": "2026-05-08"}, "first_seen_at"),
        ({"fetched_at": "2026-05-08T14:18:31"}, "fetched_at"),
        ({"owl": "at night"}, "owl"),
    ],
)
def test_anything_else_is_refused_in_one_line(changes: dict[str, Any], told: str) -> None:
    line = {**json.loads(encode(WHOLE)), **changes}
    with pytest.raises(ValueError, match="expected") as caught:
        decode_article(line)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("name", ["uid", "title", "sessions", "first_seen_at"])
def test_a_missing_field_is_refused(name: str) -> None:
    line = json.loads(encode(WHOLE))
    del line[name]
    with pytest.raises(ValueError, match=f"expected the field {name}, found none"):
        decode_article(line)
