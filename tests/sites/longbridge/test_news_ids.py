"""Ids and the days on which they were given out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.ids_elsewhere import INVENTED, Dated, read_dated
from newscrawl.sites.longbridge import news_ids
from newscrawl.sites.longbridge.news_ids import SLACK, Point, id_window, read_points

steady = settings(derandomize=True, deadline=None, max_examples=300)

POINTS = read_points()
DAY = timedelta(days=1)
# Seen whole: the one article of which id and second are known.
SEEN = (285741170, datetime(2026, 5, 8, 14, 18, 31, tzinfo=UTC))


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def width(number: int) -> timedelta:
    window = id_window(number)
    assert window.earliest is not None
    return window.latest - window.earliest


# --- The table ------------------------------------------------------------------------------------


def test_days_and_ids_rise_together_and_every_row_has_a_source() -> None:
    assert len(POINTS) >= 6
    for one, other in pairwise(POINTS):
        assert one.day < other.day
        assert one.id < other.id
    assert all(point.source.strip() for point in POINTS)


@pytest.mark.parametrize(("one", "other"), list(pairwise(POINTS)))
def test_every_mean_of_the_table_is_within_the_rates_that_are_allowed(one: Point, other: Point) -> None:
    # Otherwise windows between the two could be empty. A row is known to the day.
    days = (other.day - one.day).days
    assert (other.id - one.id) / (days + 1) > news_ids._SLOWEST
    assert (other.id - one.id) / (days - 1) < news_ids._FASTEST
    assert news_ids._SLOWEST_AFTER < news_ids._SLOWEST < news_ids._FASTEST < news_ids._FASTEST_AFTER


@pytest.mark.parametrize("point", POINTS)
def test_every_row_agrees_with_itself_at_any_time_of_its_day(point: Point) -> None:
    window = id_window(point.id)
    begin = midnight(point.day)
    assert window.holds(begin)
    assert window.holds(begin + DAY - timedelta(milliseconds=1))
    assert not window.holds(begin + DAY + SLACK + timedelta(milliseconds=1))
    assert not window.holds(begin - SLACK - timedelta(milliseconds=1))


# --- Windows --------------------------------------------------------------------------------------


def test_the_article_that_was_seen_whole_agrees() -> None:
    number, published = SEEN
    assert id_window(number).holds(published)


@pytest.mark.parametrize(
    ("number", "day"),
    [
        # Days that public lists of references give beside a page's address: somebody else's word, of the page
        # or of what it tells, and so no rows of the table. They are what the rates inside the year rest on.
        (230402272, date(2025, 3, 4)),
        (255117366, date(2025, 8, 29)),
        (264993752, date(2025, 11, 8)),
    ],
)
def test_days_that_others_gave_agree(number: int, day: date) -> None:
    assert number not in {point.id for point in POINTS}
    window = id_window(number)
    assert window.earliest is not None
    # Without the days of grace, so that no bound was drawn around them.
    assert window.earliest + SLACK <= midnight(day) + DAY / 2 <= window.latest - SLACK


# Two pages seen with their times, the later id the earlier one.
OUT_OF_ORDER = (
    (295367103, datetime(2026, 8, 10, 5, 31, 16, tzinfo=UTC)),
    (295364349, datetime(2026, 8, 10, 5, 59, 52, tzinfo=UTC)),
)


def test_ids_that_are_out_of_order_agree_whichever_time_they_have() -> None:
    (later, early), (earlier, late) = OUT_OF_ORDER
    assert later > earlier
    assert early < late
    for number in (later, earlier):
        window = id_window(number)
        assert window.earliest is not None
        # Each holds the other's time, too, and by far more than the disorder that was seen.
        disorder = (late - early) + timedelta(days=(later - earlier) / news_ids._SLOWEST)
        assert window.earliest + 10 * disorder < early
        assert late < window.latest - 10 * disorder


@pytest.mark.parametrize("row", read_dated(), ids=lambda row: str(row.id))
def test_dates_that_others_gave_lie_in_the_window_and_invented_ones_do_not(row: Dated) -> None:
    assert row.agrees == (row.kind != INVENTED), row.source


@pytest.mark.parametrize("days", [-400, -60, -30, -5, -3, 5, 30, 60, 400])
def test_the_article_that_was_seen_whole_a_few_days_off_does_not(days: int) -> None:
    number, published = SEEN
    assert not id_window(number).holds(published + timedelta(days=days))


@pytest.mark.parametrize(
    ("between", "at_most"),
    [(0, 54), (1, 20), (2, 9), (3, 15), (4, 11)],
)
def test_the_window_halfway_is_as_wide_as_is_written(between: int, at_most: int) -> None:
    one, other = POINTS[between : between + 2]
    begin, end = midnight(one.day), midnight(other.day)
    half = (one.id + other.id) // 2
    assert timedelta(days=at_most - 1) < width(half) <= timedelta(days=at_most)
    # What an even rate would make of it lies inside, and 60 days off it does not.
    even = begin + (end - begin) / 2
    assert id_window(half).holds(even)
    assert not id_window(half).holds(even - timedelta(days=60))
    assert not id_window(half).holds(even + timedelta(days=60))


def test_before_the_table_only_too_late_can_be_told() -> None:
    first = POINTS[0]
    window = id_window(first.id - 1)
    assert window.earliest is None
    assert window.holds(datetime(2019, 1, 1, tzinfo=UTC))
    assert window.holds(midnight(first.day))
    assert not window.holds(midnight(first.day) + timedelta(days=4))
    assert id_window(0) == window


def test_behind_the_table_the_window_grows() -> None:
    last = POINTS[-1]
    widths = [width(last.id + number) for number in (0, 100_000, 1_000_000, 10_000_000, 100_000_000)]
    assert widths == sorted(set(widths))
    assert not id_window(last.id + 1_000_000).holds(midnight(last.day))
    assert not id_window(last.id + 1_000_000).holds(midnight(last.day) + timedelta(days=30))


@pytest.mark.parametrize(("weeks", "days"), [(3, 41), (10, 123)])
def test_behind_the_table_the_window_is_as_wide_as_is_written(weeks: int, days: int) -> None:
    before, last = POINTS[-2:]
    a_day = (last.id - before.id) // (last.day - before.day).days
    assert round(width(last.id + weeks * 7 * a_day) / DAY) == days


@steady
@given(st.integers(POINTS[0].id, 10**18), st.integers(POINTS[0].id, 10**18))
def test_a_later_id_has_no_earlier_window(one: int, other: int) -> None:
    first, second = id_window(min(one, other)), id_window(max(one, other))
    assert first.earliest is not None
    assert second.earliest is not None
    assert first.earliest <= second.earliest
    assert first.latest <= second.latest


@steady
@given(st.integers(POINTS[0].id, POINTS[-1].id))
def test_no_window_inside_the_table_is_empty(number: int) -> None:
    assert width(number) >= DAY + 2 * SLACK - timedelta(milliseconds=1)


@pytest.mark.parametrize("number", [10**12, 10**18 - 1, 10**400])
def test_ids_beyond_the_calendar_have_its_last_moment(number: int) -> None:
    window = id_window(number)
    assert window.latest.year == 9999
    assert not window.holds(datetime(2026, 11, 23, tzinfo=UTC))
