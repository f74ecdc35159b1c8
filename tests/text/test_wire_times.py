"""Clock times of wire services against dates."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newscrawl.text import cleaning as texts
from newscrawl.text.cleaning import split_wire_time
from newscrawl.text.wire_times import _ZONES, wire_distance

steady = settings(derandomize=True, deadline=None, max_examples=300)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("wire_time", "moment"),
    [
        # Eastern time, with its summer time.
        ("15:43 ET", "2026-05-08T19:43:00Z"),
        ("15:43 ET", "2026-01-08T20:43:00Z"),
        ("15:43 EDT", "2026-05-08T19:43:00Z"),
        ("15:43 EST", "2026-01-08T20:43:00Z"),
        # The names of standard and summer time are what they say at any time of the year.
        ("15:43 EDT", "2026-01-08T19:43:00Z"),
        ("15:43 EST", "2026-05-08T20:43:00Z"),
        # The days on which clocks are changed: 8 March and 1 November 2026, at 2 in the morning.
        ("01:59 ET", "2026-03-08T06:59:00Z"),
        ("03:00 ET", "2026-03-08T07:00:00Z"),
        ("00:30 ET", "2026-11-01T04:30:00Z"),
        # This hour comes twice; either is the time that was meant.
        ("01:30 ET", "2026-11-01T05:30:00Z"),
        ("01:30 ET", "2026-11-01T06:30:00Z"),
        ("02:30 ET", "2026-11-01T07:30:00Z"),
        ("15:43 GMT", "2026-05-08T15:43:00Z"),
        ("15:43 UTC", "2026-05-08T15:43:00Z"),
        ("15:43 BST", "2026-05-08T14:43:00Z"),
        ("15:43 CET", "2026-01-08T14:43:00Z"),
        # In summer CET is written for both.
        ("15:43 CET", "2026-05-08T14:43:00Z"),
        ("15:43 CET", "2026-05-08T13:43:00Z"),
        ("15:43 CEST", "2026-05-08T13:43:00Z"),
        # The other zones of North America, with and without summer time.
        ("15:43 CT", "2026-05-08T20:43:00Z"),
        ("15:43 CT", "2026-01-08T21:43:00Z"),
        ("15:43 CDT", "2026-01-08T20:43:00Z"),
        ("15:43 MT", "2026-05-08T21:43:00Z"),
        ("15:43 MT", "2026-01-08T22:43:00Z"),
        ("15:43 MST", "2026-05-08T22:43:00Z"),
        ("15:43 PT", "2026-05-08T22:43:00Z"),
        ("15:43 PT", "2026-01-08T23:43:00Z"),
        ("15:43 PDT", "2026-05-08T22:43:00Z"),
        ("15:43 PST", "2026-05-08T23:43:00Z"),
        # India, Ireland and Israel.
        ("15:43 IST", "2026-05-08T10:13:00Z"),
        ("15:43 IST", "2026-05-08T14:43:00Z"),
        ("15:43 IST", "2026-05-08T13:43:00Z"),
        ("15:43 AEST", "2026-05-08T05:43:00Z"),
        ("15:43 HKT", "2026-05-08T07:43:00Z"),
        ("15:43 SGT", "2026-05-08T07:43:00Z"),
        ("15:43 JST", "2026-05-08T06:43:00Z"),
        # Morning and afternoon.
        ("3:43 PM ET", "2026-05-08T19:43:00Z"),
        ("3:43 pm ET", "2026-05-08T19:43:00Z"),
        ("03:43PM ET", "2026-05-08T19:43:00Z"),
        ("3:43 AM ET", "2026-05-08T07:43:00Z"),
        ("12:05 AM ET", "2026-05-08T04:05:00Z"),
        ("12:05 PM ET", "2026-05-08T16:05:00Z"),
        ("9:30 ET", "2026-05-08T13:30:00Z"),
        # The day over there is not the day in UTC.
        ("23:50 ET", "2026-05-09T03:50:00Z"),
        ("00:10 HKT", "2026-05-08T16:10:00Z"),
        ("00:10 JST", "2025-12-31T15:10:00Z"),
    ],
)
def test_the_moment_itself_is_no_distance_away(wire_time: str, moment: str) -> None:
    assert wire_distance(wire_time, at(moment)) == timedelta(0)


@pytest.mark.parametrize(
    ("moment", "hours"),
    [
        ("2026-05-08T19:48:00Z", 5 / 60),
        ("2026-05-08T19:38:00Z", -5 / 60),
        ("2026-05-08T20:43:00Z", 1),
        ("2026-05-08T18:43:00Z", -1),
        ("2026-05-08T15:43:00Z", -4),
        ("2026-05-08T23:43:00Z", 4),
        ("2026-05-09T03:43:00Z", 8),
        ("2026-05-09T05:43:00Z", 10),
        ("2026-05-09T07:42:00Z", 12 - 1 / 60),
        ("2026-05-09T07:44:00Z", -12 + 1 / 60),
        # The nearest one, whatever the day.
        ("2026-05-18T19:48:00Z", 5 / 60),
    ],
)
def test_distance_from_the_nearest_occurrence(moment: str, hours: float) -> None:
    assert wire_distance("15:43 ET", at(moment)) == timedelta(hours=hours)


def test_a_date_in_another_zone_is_the_same_date() -> None:
    assert wire_distance("15:43 ET", at("2026-05-09T03:43:00+08:00")) == timedelta(0)


@pytest.mark.parametrize(
    ("markets", "is_told"),
    [
        (["HK"], True),
        (["SH", "SZ", "BJ", "HK"], True),
        (["HK", None], True),
        ([], False),
        ([None], False),
        (["US"], False),
        (["HK", "US"], False),
        (["SG"], False),
    ],
)
def test_cst_is_chinas_time_only_where_every_known_market_is_chinese(
    markets: list[str | None], *, is_told: bool
) -> None:
    expected = timedelta(minutes=2) if is_told else None
    assert wire_distance("15:43 CST", at("2026-05-08T07:45:00Z"), markets) == expected


@pytest.mark.parametrize(
    "wire_time",
    [
        "",
        "15:43",
        "ET",
        "24:00 ET",
        "15:60 ET",
        "13:00 AM ET",
        "13:00 PM ET",
        "0:30 PM ET",
        "15:43 MDT",
        "15:43 XX",
    ],
)
def test_what_is_no_time_of_day_tells_nothing(wire_time: str) -> None:
    assert wire_distance(wire_time, at("2026-05-08T19:43:00Z")) is None


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_at_the_ends_of_the_calendar_nothing_is_told(moment: str) -> None:
    assert wire_distance("15:43 ET", at(moment)) is None


def test_every_zone_that_is_cut_from_titles_has_a_clock() -> None:
    alternatives = re.search(r"\(\?:(EST\|.*\|JST)\)", texts._WIRE_TIME.pattern)
    assert alternatives is not None
    names = [name.partition("(")[0] for name in alternatives[1].split("|")]
    assert set(names) == {*_ZONES, "CST"}
    for name in names:
        wire_time, title = split_wire_time(f"15:43 {name} Owls sail")
        assert (wire_time, title) == (f"15:43 {name}", "Owls sail")
        assert wire_distance(f"15:43 {name}", at("2026-05-08T19:43:00Z"), ["HK"]) is not None


@steady
@given(
    st.integers(0, 23),
    st.integers(0, 59),
    st.sampled_from([*_ZONES, "CST"]),
    st.datetimes(min_value=datetime(2, 1, 1), timezones=st.just(UTC)).filter(lambda m: m.year < 9999),  # noqa: DTZ001
)
def test_no_occurrence_is_further_than_half_a_day_and_a_changed_clock(
    hour: int, minute: int, name: str, moment: datetime
) -> None:
    distance = wire_distance(f"{hour:02}:{minute:02} {name}", moment, ["HK"])
    assert distance is not None
    assert abs(distance) <= timedelta(hours=13)


@steady
@given(st.text(max_size=20) | st.from_regex(r"[0-9]{1,2}:[0-9]{2} ?([AP]M)? [A-Z]{2,4}"))
def test_any_text_is_a_time_of_day_or_tells_nothing(text: str) -> None:
    distance = wire_distance(text, at("2026-05-08T19:43:00Z"), ["HK"])
    assert distance is None or abs(distance) <= timedelta(hours=13)
