"""The tables of trading days, held to the installed exchange-calendars and to what is known better."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from importlib.metadata import version
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newscrawl.refine.calendars import (
    CALENDARS,
    FIRST_DAY,
    FIRST_DAYS,
    calendar,
    calendars_version,
    first_trading,
    read_rows,
)
from newscrawl.refine.sessions import first_sessions
from tests.refine.make_trading_days import (
    FOLDER,
    make_tables,
    their_calendar,
    their_package,
    their_sessions,
)

# The package's warnings about pandas cannot be changed here.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

NAMES = sorted(set(CALENDARS.values()))
TABLES = ("calendars.csv", "trading_days.csv", "session_changes.csv")
PACKAGE_ENDS = {row["calendar"]: date.fromisoformat(row["last_day"]) for row in read_rows("calendars.csv")}

steady = settings(
    derandomize=True, deadline=None, max_examples=250, suppress_health_check=[HealthCheck.too_slow]
)

BEIJING_BEGAN = datetime(2021, 11, 14, 16, tzinfo=UTC)

# Day, opening, begin and end of the break, close. Without a break, there is one of no length at the close.
Times = tuple[date, datetime, datetime, datetime, datetime]


def eve(day: date, lunar: set[date]) -> bool:
    """Whether trading in Singapore ends at noon, if it is a day of trading."""
    return (day.month, day.day) in ((12, 24), (12, 31)) or day + timedelta(days=1) in lunar


# Hours and minutes of trading in UTC on days that a storm changed; None for no trading at all.
STORMS = {
    date(2020, 8, 19): [(5, 30), (8, 0)],
    date(2021, 6, 28): [(5, 30), (8, 0)],
    date(2022, 8, 25): [(5, 0), (8, 0)],
    date(2022, 11, 2): [(1, 30), (4, 0), (5, 0), (5, 55)],
    date(2023, 9, 1): None,
    date(2023, 9, 8): None,
    date(2023, 10, 9): [(6, 0), (8, 0)],
}


def read(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def ours(name: str) -> Iterator[Times]:
    """Every session that the tables tell of, one after another."""
    day = FIRST_DAY
    while (trading := first_trading(name, day)) is not None and trading.day <= PACKAGE_ENDS[name]:
        opens, pauses, resumes, closes = (
            datetime.fromtimestamp(milliseconds / 1000, UTC) for milliseconds in trading[1:5]
        )
        yield trading.day, opens, pauses, resumes, closes
        day = trading.day + timedelta(days=1)


def expected(name: str) -> Iterator[Times]:
    """Every session of the package, with the corrections as code that knows nothing of the tables."""
    lunar = {moment.date() for moment in their_package().lunisolar_holidays.chinese_lunar_new_year_dates}
    for day, opens, pause, resume, close in their_sessions(their_calendar(name, PACKAGE_ENDS[name])):
        if name == "XHKG" and day in STORMS:
            if times := [datetime.combine(day, time(*moment), UTC) for moment in STORMS[day] or ()]:
                first, *rest = times
                yield (day, first, *(rest if len(rest) > 1 else rest * 3))
        elif name == "XSES":
            # 12:00 to 13:00 in Singapore.
            noon, afternoon = (datetime.combine(day, time(hour), UTC) for hour in (4, 5))
            yield (day, opens, noon, noon, noon) if eve(day, lunar) else (day, opens, noon, afternoon, close)
        else:
            yield day, opens, pause or close, resume or close, close


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_session_is_the_packages_with_our_corrections(name: str) -> None:
    found = list(ours(name))
    assert found == list(expected(name))
    assert len(found) > 2_000


@pytest.mark.parametrize("name", NAMES)
def test_each_day_begins_where_the_exchange_is(name: str) -> None:
    known = calendar(name)
    source = their_calendar(name, PACKAGE_ENDS[name])
    assert known.zone == ZoneInfo(str(source.tz))
    midnights = [
        datetime.combine(day, time(), known.zone) for day in (FIRST_DAY, known.last_day + timedelta(days=1))
    ]
    assert [moment.timestamp() * 1000 for moment in midnights] == [known.begins, known.ends]


@pytest.mark.slow
def test_the_tables_are_what_the_installed_package_makes() -> None:
    assert calendars_version() == version("exchange-calendars")
    made = make_tables()
    assert list(made) == list(TABLES[:2])
    for name, text in made.items():
        assert (FOLDER / name).read_bytes() == text.encode(), f"{name}: expected what `make calendars` writes"


# --- Against the package's own answers ------------------------------------------------------------


@pytest.fixture(scope="module")
def package() -> Any:
    return their_package()


@pytest.fixture(scope="module")
def theirs() -> dict[str, Any]:
    # Minutes from the opening, included, to the close, excluded.
    return {name: their_calendar(name, PACKAGE_ENDS[name], side="left") for name in set(CALENDARS.values())}


def test_names_of_calendars_are_those_of_the_package(package: Any) -> None:
    names = package.get_calendar_names(include_aliases=False)
    assert set(CALENDARS.values()) <= set(names)
    # When it knows Shenzhen, Shenzhen should have its own.
    assert "XSHE" not in package.get_calendar_names(include_aliases=True)


@pytest.mark.slow
@steady
@given(
    market=st.sampled_from(sorted(CALENDARS)),
    moment=st.datetimes(datetime(2018, 1, 3), datetime(2026, 11, 30)),  # noqa: DTZ001
)
def test_no_earlier_moment_of_trading(
    market: str, moment: datetime, theirs: dict[str, Any], package: Any
) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=UTC)
    if market in FIRST_DAYS:
        moment += max(timedelta(0), BEIJING_BEGAN - moment)
    (session,), beyond, projected = first_sessions([market], moment)
    assert beyond == projected == []
    tradable = datetime.fromisoformat(session.tradable_at)
    opens = datetime.fromisoformat(session.open)
    assert tradable >= moment
    assert tradable >= opens
    assert (tradable == moment) == (session.phase == "in" or moment == opens)

    exchange = theirs[CALENDARS[market]]
    minute = moment.replace(second=0, microsecond=0)
    lunar = {day.date() for day in package.lunisolar_holidays.chinese_lunar_new_year_dates}

    def trading(at: datetime) -> bool:
        if market == "SG":
            # The package's Singapore has neither break nor half days.
            local = at + timedelta(hours=8)
            if local.hour == 12 or (local.hour > 12 and eve(local.date(), lunar)):
                return False
        if market == "HK" and at.date() in STORMS:
            hours = STORMS[at.date()]
            if hours is None or not hours[0] <= (at.hour, at.minute) < hours[-1]:
                return False
        return bool(exchange.is_open_on_minute(at))

    if trading(minute):
        expected = moment
    else:
        # Whole minutes of the package, one after another, until one trades.
        expected = exchange.next_minute(minute).to_pydatetime()
        while not trading(expected):
            expected = exchange.next_minute(expected).to_pydatetime()
    assert tradable == expected
    its_session = exchange.minute_to_session(expected.replace(second=0, microsecond=0))
    assert session.date == its_session.date().isoformat()
    storm = STORMS.get(its_session.date()) if market == "HK" else None
    if storm is None:
        assert opens == exchange.session_open(its_session).to_pydatetime()
    else:
        assert (opens.hour, opens.minute) == storm[0]


@pytest.mark.parametrize("market", sorted(CALENDARS))
def test_what_a_calendar_does_not_reach_is_told_and_not_guessed(market: str, theirs: dict[str, Any]) -> None:
    name = CALENDARS[market]
    day = calendar(name).last_day
    while (trading := first_trading(name, day)) is None:
        day -= timedelta(days=1)
    last, close = (datetime.fromtimestamp(end / 1000, UTC) for end in (trading.closes - 1, trading.closes))
    found, beyond, _ = first_sessions([market], last)
    assert [session.date for session in found] == [trading.day.isoformat()]
    assert beyond == []
    assert first_sessions([market], close) == ([], [market], [])
    if calendar(name).last_day == PACKAGE_ENDS[name]:
        assert close == theirs[name].closes.iloc[-1].to_pydatetime()


# --- The tables as such ---------------------------------------------------------------------------


@pytest.mark.parametrize("table", TABLES)
def test_rows_are_sorted_and_there_once(table: str) -> None:
    keys = [(row["calendar"], _order(row.get("date", ""))) for row in read(table)]
    assert keys == sorted(set(keys))
    assert {name for name, _ in keys} <= set(NAMES)


def _order(day: str) -> str:
    return "" if day == "regular" else day


@pytest.mark.parametrize("table", TABLES)
def test_hours_are_in_order(table: str) -> None:
    for row in read(table):
        hours = row["hours"]
        assert hours == "closed" or re.fullmatch(r"\d\d:\d\d-\d\d:\d\d( \d\d:\d\d-\d\d:\d\d)?", hours), row
        times = re.findall(r"\d\d:\d\d", hours)
        assert all(a < b for a, b in pairwise(times)), row


def test_every_calendar_is_described_once() -> None:
    assert [row["calendar"] for row in read("calendars.csv")] == NAMES


def test_days_are_within_their_calendar() -> None:
    for row in [*read("trading_days.csv"), *read("session_changes.csv")]:
        if row["date"] != "regular":
            last = calendar(row["calendar"]).last_day
            assert FIRST_DAY <= date.fromisoformat(row["date"]) <= last, row


def test_corrections_correct_something_and_say_why() -> None:
    package: dict[tuple[str, str], Any] = {
        (row["calendar"], row["date"]): row["hours"] for row in read("trading_days.csv")
    }
    regular = {row["calendar"]: row["hours"] for row in read("calendars.csv")}
    for row in read("session_changes.csv"):
        assert row["source"].strip(), row
        assert package.get((row["calendar"], row["date"]), regular[row["calendar"]]) != row["hours"], row
