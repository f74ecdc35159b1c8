"""Votes on a date, one clock at a time and at the edge of each tolerance."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from newscrawl.codes import WarningCode
from newscrawl.refine.checks import Clocks, disagreements

PUBLISHED = datetime(2026, 5, 8, 14, 18, 31, tzinfo=UTC)
FETCHED = datetime(2026, 5, 8, 15, 0, tzinfo=UTC)
SENT = "Fri, 08 May 2026 15:00:00 GMT"
MS = timedelta(milliseconds=1)
MINUTES = timedelta(minutes=5)

IN_ORDER = Clocks(
    published=PUBLISHED, number=285741170, wire_time=None, markets=("HK",), server=SENT, fetched=FETCHED
)


def votes(**changes: Any) -> list[str]:
    found = list(disagreements(IN_ORDER._replace(**changes)))
    assert set(found) <= set(WarningCode)
    assert len(found) == len(set(found))
    return found


def test_clocks_in_order_have_nothing_to_say() -> None:
    assert votes() == []
    assert votes(server=None, fetched=None) == []


@pytest.mark.parametrize(
    ("after_server", "expected"),
    [
        (timedelta(0), []),
        (MINUTES, []),
        (timedelta(hours=24), []),
        (timedelta(hours=24) + MS, ["clock_differs"]),
        (timedelta(days=-1), ["clock_differs"]),
        (-MINUTES, []),
        (-MINUTES - MS, ["clock_differs"]),
    ],
)
def test_our_clock_against_the_servers(after_server: timedelta, expected: list[str]) -> None:
    moment = datetime(2026, 5, 10, 15, tzinfo=UTC)
    server = "Sun, 10 May 2026 15:00:00 GMT"
    assert votes(published=None, server=server, fetched=moment + after_server) == expected
    # A page without a date has no date to vote on, but our clock is voted on.
    assert votes(server=server, fetched=moment + after_server) == expected


@pytest.mark.parametrize(
    "server", ["", "now", "Fri, 08 May 2026 01:00:00 +0800", "Fri, 31 Jun 2020 01:00:00 GMT"]
)
def test_a_clock_that_cannot_be_read_has_no_vote(server: str) -> None:
    assert votes(server=server) == []


@pytest.mark.parametrize(
    ("later", "expected"),
    [(timedelta(0), []), (MINUTES, []), (MINUTES + MS, ["date_after_server"])],
)
def test_a_date_after_the_servers_clock(later: timedelta, expected: list[str]) -> None:
    published = datetime(2026, 5, 8, 15, tzinfo=UTC) + later
    assert votes(published=published, fetched=FETCHED + timedelta(hours=1)) == expected


@pytest.mark.parametrize(
    ("later", "expected"),
    [(timedelta(0), []), (MINUTES, []), (MINUTES + MS, ["date_in_future"])],
)
def test_a_date_in_the_future_of_our_clock(later: timedelta, expected: list[str]) -> None:
    assert votes(published=FETCHED + later, server=None) == expected


def test_a_date_in_the_future_of_both() -> None:
    assert votes(published=FETCHED + timedelta(hours=8)) == ["date_after_server", "date_in_future"]


def test_a_date_before_the_source() -> None:
    # An id of that time, which has no earliest day.
    began = datetime(2019, 1, 1, tzinfo=UTC)
    assert votes(published=began, number=1_000, server=None) == []
    assert votes(published=began - MS, number=1_000, server=None) == ["date_before_source"]
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    assert votes(published=epoch, server=None) == ["date_before_source", "id_date_differs"]
    first = datetime(1, 1, 1, tzinfo=UTC)
    assert votes(published=first, wire_time="15:43 ET") == ["date_before_source", "id_date_differs"]


def test_a_date_that_the_id_does_not_have() -> None:
    assert votes(published=PUBLISHED - timedelta(days=60), server=None) == ["id_date_differs"]
    assert votes(published=PUBLISHED - timedelta(days=3), server=None) == ["id_date_differs"]
    assert votes(published=PUBLISHED - timedelta(days=2)) == []
    # Day and month changed places.
    assert votes(published=PUBLISHED.replace(month=8, day=5), server=None, fetched=None) == [
        "id_date_differs"
    ]


@pytest.mark.parametrize(
    ("wire_time", "expected"),
    [
        ("10:18 ET", []),
        ("9:49 ET", []),
        ("10:48 ET", []),
        ("9:48 ET", ["wire_time_differs"]),
        ("10:49 ET", ["wire_time_differs"]),
        # Summer time forgotten, a time zone forgotten, noon and midnight.
        ("10:18 EST", ["wire_time_differs"]),
        ("14:18 ET", ["wire_time_differs"]),
        ("22:18 ET", ["wire_time_differs"]),
        ("22:18 CST", []),
        ("not a time", []),
    ],
)
def test_a_wire_time_that_is_another(wire_time: str, expected: list[str]) -> None:
    assert votes(wire_time=wire_time) == expected


def test_without_a_date_only_our_own_clock_is_voted_on() -> None:
    late = FETCHED + timedelta(days=30)
    assert votes(published=None, number=10**15, wire_time="15:43 ET", fetched=late) == ["clock_differs"]
    assert votes(published=None, number=10**15, wire_time="15:43 ET") == []
