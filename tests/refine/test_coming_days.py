"""The days after the end of the package's calendars: announced ones, and projected ones that are told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from newscrawl.archive.records import encode, stamp
from newscrawl.archive.refining import refine_again
from newscrawl.items import Article, Instrument
from newscrawl.refine import calendars
from newscrawl.refine.calendars import calendar, first_trading, read_rows
from newscrawl.refine.sessions import SESSIONS, first_sessions
from tests.refine.make_trading_days import their_package

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

ROWS = list(read_rows("coming_days.csv"))
NAMES = sorted({row["calendar"] for row in ROWS})


def day(text: str) -> date:
    return date.fromisoformat(text)


def closed(name: str) -> set[date]:
    """The weekdays of 2027 without trading."""
    days = (date(2027, 1, 1) + timedelta(days=number) for number in range(365))
    return {day for day in days if day.weekday() < 5 and not calendar(name).hours(day)}


def test_every_row_has_a_status_and_a_source() -> None:
    assert {row["status"] for row in ROWS} == {"announced", "projected"}
    assert all(row["source"].strip() for row in ROWS)
    assert all(row["hours"] in ("closed", "regular", "09:00-12:00") for row in ROWS)


@pytest.mark.parametrize("name", NAMES)
def test_rows_go_on_where_the_package_ends_and_a_row_for_all_days_is_first(name: str) -> None:
    (about,) = read_rows("calendars.csv", name)
    rows = [row for row in ROWS if row["calendar"] == name]
    whole, *others = rows
    assert whole["hours"] == "regular"
    assert day(whole["first"]) == day(about["last_day"]) + timedelta(days=1)
    for one, other in pairwise(others):
        assert day(one["first"]) <= day(one["last"]) < day(other["first"])
    assert all(
        day(whole["first"]) <= day(row["first"]) <= day(row["last"]) <= day(whole["last"]) for row in rows
    )
    assert calendar(name).last_day == day(whole["last"])


def festival(name: str) -> date:
    """A day of 2027 by the package's tables of the lunar calendar."""
    dates = getattr(their_package().lunisolar_holidays, f"{name}_dates")
    (found,) = (moment.date() for moment in dates if moment.year == 2027)
    assert isinstance(found, date)
    return found


def test_the_days_of_2027_on_the_mainland_by_the_rules() -> None:
    boats, moon = festival("dragon_boat_festival"), festival("mid_autumn_festival")
    starts = {
        date(2027, 1, 1): 1,
        festival("chinese_lunar_new_year") - timedelta(days=1): 8,
        festival("qingming_festival"): 1,
        date(2027, 5, 1): 5,
        boats: 1,
        moon: 1,
        date(2027, 10, 1): 7,
    }
    expected = {start + timedelta(days=number) for start, count in starts.items() for number in range(count)}
    assert closed("XSHG") == {found for found in expected if found.weekday() < 5}
    # In the middle of a week; a festival beside a weekend would be joined with it.
    assert (boats.weekday(), moon.weekday()) == (2, 2)


def test_the_days_of_2027_in_singapore() -> None:
    assert sorted(f"{found:%m-%d}" for found in closed("XSES")) == [
        "01-01", "02-08", "03-10", "03-26", "05-17", "05-20", "08-09", "10-28"
    ]  # fmt: skip


# Market, moment; day of the session, whether it rests on a projected row.
PROJECTED = """
SH 2026-12-31T02:00:00Z 2026-12-31 no
SH 2026-12-31T06:59:59Z 2026-12-31 no
SH 2026-12-31T07:00:00Z 2027-01-04 yes
SH 2027-01-04T02:00:00Z 2027-01-04 yes
BJ 2027-02-04T07:00:00Z 2027-02-15 yes
SZ 2027-12-31T06:59:59Z 2027-12-31 yes
SG 2026-12-31T05:00:00Z 2027-01-04 no
SG 2027-02-04T09:00:00Z 2027-02-05 yes
SG 2027-02-05T02:00:00Z 2027-02-05 yes
SG 2027-02-05T05:00:00Z 2027-02-09 yes
SG 2027-02-07T05:00:00Z 2027-02-09 no
SG 2027-12-23T09:00:00Z 2027-12-24 yes
HK 2027-02-05T05:00:00Z 2027-02-10 no
US 2027-12-23T22:00:00Z 2027-12-27 no
"""


@pytest.mark.parametrize(("market", "moment", "expected", "is_projected"), [
    line.split() for line in PROJECTED.strip().splitlines()
])  # fmt: skip
def test_a_session_that_rests_on_a_projected_day_is_told(
    market: str, moment: str, expected: str, is_projected: str
) -> None:
    found = first_sessions([market], datetime.fromisoformat(moment))
    assert [session.date for session in found.sessions] == [expected]
    assert found.projected == ([market] if is_projected == "yes" else [])
    assert found.beyond == []


@pytest.mark.parametrize("market", ["SH", "SG"])
def test_beyond_the_rows_there_is_no_session(market: str) -> None:
    for moment in (datetime(2027, 12, 31, 10, tzinfo=UTC), datetime(2028, 1, 3, 2, tzinfo=UTC)):
        assert first_sessions([market], moment) == ([], [market], [])


def test_the_warning_stands_on_the_line_and_in_its_order() -> None:
    line = article("SH", "US")
    assert (line.warnings, [session.market for session in line.sessions or []]) == (
        ["session_projected", "url_missing"], ["SH", "US"]
    )  # fmt: skip


def article(*markets: str) -> Article:
    made = Article(
        uid="longbridge:1:en",
        instruments=[Instrument(f"x.{market}", market=market) for market in markets],
        warnings=["url_missing"],
        fetched_at="2027-02-04T08:00:00.000Z",
    )
    stamp(made, now=datetime(2027, 2, 4, 8, tzinfo=UTC), version=1)
    return made


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Rows of coming days as a test says."""
    told: dict[str, Any] = {"rows": ROWS}

    def read(table: str, name: str | None = None) -> Iterator[dict[str, str]]:
        if table != "coming_days.csv":
            yield from read_rows(table, name)
        else:
            yield from (row for row in told["rows"] if row["calendar"] == name)

    monkeypatch.setattr(calendars, "read_rows", read)
    _forget()
    yield told
    monkeypatch.undo()
    _forget()


def _forget() -> None:
    calendar.cache_clear()
    first_trading.cache_clear()


def test_refinement_fills_in_what_a_line_could_not_know(tables: dict[str, Any]) -> None:
    tables["rows"] = []
    _forget()
    line = article("SH")
    assert line.sessions == []
    assert line.warnings == ["session_beyond_calendar", "url_missing"]
    stored = _as_stored(line)
    # A newer newscrawl has projected rows, and one after that the exchange's announcement, of seven days.
    tables["rows"] = ROWS
    _forget()
    later = refine_again(stored, None)
    assert [session["date"] for session in later["sessions"]] == ["2027-02-15"]
    assert "session_projected" in later["warnings"]
    assert "session_beyond_calendar" not in later["warnings"]
    tables["rows"] = [
        {**row, "status": "announced", "last": row["last"].replace("2027-02-12", "2027-02-11")}
        for row in ROWS
    ]
    _forget()
    last = refine_again(later, None)
    assert [session["date"] for session in last["sessions"]] == ["2027-02-12"]
    assert {code for code in last["warnings"] if code.startswith("session")} == set()


def _as_stored(line: Article) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(encode(line))
    found["instruments"] = [{**instrument, "raw": "600519.SH"} for instrument in found["instruments"]]
    return found


def test_what_a_session_rests_on_is_part_of_the_version() -> None:
    assert ("newscrawl.refine", "coming_days.csv") in SESSIONS.tables
