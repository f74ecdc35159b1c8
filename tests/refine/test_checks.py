"""What contradicts a page's date, one time after another and at the edge of each tolerance."""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from newscrawl.http_info import HttpInfo
from newscrawl.items import Article, Instrument, RefinedWith, RelatedLink
from newscrawl.refine.checks import CHECKS, date_warnings
from newscrawl.refine.dates import DATES, format_instant
from newscrawl.refine.instruments import INSTRUMENTS
from newscrawl.sites.base import DateWindow, Source
from newscrawl.sites.longbridge import LONGBRIDGE
from newscrawl.sites.longbridge.news_ids import Point, id_window, read_points

PUBLISHED = datetime(2026, 5, 8, 14, 18, 31, tzinfo=UTC)
FETCHED = datetime(2026, 5, 8, 15, 0, tzinfo=UTC)
SENT = "Fri, 08 May 2026 15:00:00 GMT"
MS = timedelta(milliseconds=1)
MINUTES = timedelta(minutes=5)

IN_ORDER: dict[str, Any] = {
    "published": PUBLISHED,
    "fetched": FETCHED,
    "server": SENT,
    "began": LONGBRIDGE.began,
    "window": id_window(285741170),
    "wire_time": None,
    "markets": ("HK",),
}


def warnings_with(**changes: Any) -> list[str]:
    given = {**IN_ORDER, **changes}
    found = list(date_warnings(given.pop("published"), **given))
    assert set(found) <= CHECKS.warnings
    assert len(found) == len(set(found))
    return list(found)


def test_times_that_agree_give_no_warning() -> None:
    assert warnings_with() == []
    assert warnings_with(server=None, fetched=None) == []


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
    assert warnings_with(published=None, server=server, fetched=moment + after_server) == expected
    # The page's date has no part in it.
    assert warnings_with(server=server, fetched=moment + after_server) == expected


@pytest.mark.parametrize(
    "server", ["", "now", "Fri, 08 May 2026 01:00:00 +0800", "Fri, 31 Jun 2020 01:00:00 GMT"]
)
def test_a_server_time_that_cannot_be_read_is_left_out(server: str) -> None:
    assert warnings_with(server=server) == []


@pytest.mark.parametrize(
    ("later", "expected"),
    [(timedelta(0), []), (MINUTES, []), (MINUTES + MS, ["date_after_server"])],
)
def test_a_date_after_the_servers_clock(later: timedelta, expected: list[str]) -> None:
    published = datetime(2026, 5, 8, 15, tzinfo=UTC) + later
    assert warnings_with(published=published, fetched=FETCHED + timedelta(hours=1)) == expected


@pytest.mark.parametrize(
    ("later", "expected"),
    [(timedelta(0), []), (MINUTES, []), (MINUTES + MS, ["date_in_future"])],
)
def test_a_date_in_the_future_of_our_clock(later: timedelta, expected: list[str]) -> None:
    assert warnings_with(published=FETCHED + later, server=None) == expected


def test_a_date_in_the_future_of_both() -> None:
    assert warnings_with(published=FETCHED + timedelta(hours=8)) == ["date_after_server", "date_in_future"]


def test_a_date_before_the_source() -> None:
    # An id of that time, which has no earliest day.
    began = datetime(2019, 1, 1, tzinfo=UTC)
    assert warnings_with(published=began, window=id_window(1_000), server=None) == []
    assert warnings_with(published=began - MS, window=id_window(1_000), server=None) == ["date_before_source"]
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    assert warnings_with(published=epoch, server=None) == ["date_before_source", "id_date_differs"]
    first = datetime(1, 1, 1, tzinfo=UTC)
    assert warnings_with(published=first, wire_time="15:43 ET") == ["date_before_source", "id_date_differs"]


def test_a_date_that_the_id_does_not_have() -> None:
    assert warnings_with(published=PUBLISHED - timedelta(days=60), server=None) == ["id_date_differs"]
    assert warnings_with(published=PUBLISHED - timedelta(days=3), server=None) == ["id_date_differs"]
    assert warnings_with(published=PUBLISHED - timedelta(days=2)) == []
    # Day and month changed places.
    assert warnings_with(published=PUBLISHED.replace(month=8, day=5), server=None, fetched=None) == [
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
    assert warnings_with(wire_time=wire_time) == expected


def test_without_a_date_only_our_own_clock_is_checked() -> None:
    late = FETCHED + timedelta(days=30)
    assert warnings_with(published=None, window=id_window(10**15), wire_time="15:43 ET", fetched=late) == [
        "clock_differs"
    ]
    assert warnings_with(published=None, window=id_window(10**15), wire_time="15:43 ET") == []


def test_a_site_whose_ids_tell_nothing_gives_no_window() -> None:
    assert warnings_with(window=None, published=PUBLISHED - timedelta(days=60), server=None) == []
    assert warnings_with(window=DateWindow(None, PUBLISHED)) == []
    assert warnings_with(window=DateWindow(PUBLISHED + MS, FETCHED)) == ["id_date_differs"]


# --- The step -----------------------------------------------------------------------------------

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
SHOWN = "2026-05-08T14:18:31.000Z"


def article(**changes: object) -> Article:
    """The article whose id and second are known, fetched a quarter of an hour later."""
    found = Article(
        story_id="longbridge:285741170",
        published_at=SHOWN,
        fetched_at="2026-05-08T14:33:31.000Z",
        http=HttpInfo(200, date="Fri, 08 May 2026 14:33:30 GMT"),
    )
    return dataclasses.replace(found, **changes)  # type: ignore[arg-type]


def page_of(content: bytes, path: Path) -> Article:
    asked = LONGBRIDGE.page(f"/{path.relative_to(SAMPLE).as_posix()}")
    assert asked is not None
    return LONGBRIDGE.read(Source(content, asked, LONGBRIDGE.home))


def moved(**by: float) -> str:
    return format_instant(PUBLISHED + timedelta(**by))


@pytest.mark.parametrize(
    ("changes", "warnings"),
    [
        ({}, []),
        ({"published_at": moved(days=-60)}, ["id_date_differs"]),
        ({"published_at": moved(hours=8)}, ["date_after_server", "date_in_future"]),
        ({"published_at": moved(hours=8), "http": None}, ["date_in_future"]),
        ({"published_at": moved(hours=8), "fetched_at": None}, ["date_after_server"]),
        ({"published_at": moved(days=-4000)}, ["date_before_source", "id_date_differs"]),
        ({"fetched_at": moved(hours=-1)}, ["clock_differs", "date_in_future"]),
        (
            {"http": HttpInfo(200, date="Tue, 05 May 2026 14:33:30 GMT")},
            ["clock_differs", "date_after_server"],
        ),
        ({"http": HttpInfo(200, date="garbage")}, []),
        ({"wire_time": "10:15 ET"}, []),
        ({"wire_time": "11:15 ET"}, ["wire_time_differs"]),
        ({"wire_time": "22:15 CST", "instruments": [Instrument("1.HK", market="HK")]}, []),
        ({"wire_time": "21:15 CST", "instruments": [Instrument("1.HK", market="HK")]}, ["wire_time_differs"]),
        ({"wire_time": "21:15 CST", "instruments": [Instrument("A.US", market="US")]}, []),
        ({"wire_time": "21:15 CST"}, []),
        ({"published_at": None, "fetched_at": moved(days=99)}, ["clock_differs"]),
        ({"published_at": None, "http": None, "story_id": "longbridge:1"}, []),
    ],
)
def test_what_each_time_says(changes: dict[str, object], warnings: list[str]) -> None:
    checked = article(**changes)
    CHECKS(checked, LONGBRIDGE)
    assert checked.warnings == warnings
    # Nothing but the warnings, and those once.
    CHECKS(checked, LONGBRIDGE)
    versions = RefinedWith(checks=CHECKS.version(LONGBRIDGE))
    assert checked == article(**changes, warnings=warnings, refined_with=versions)


def test_other_steps_warnings_stay() -> None:
    checked = article(published_at=moved(days=-60), warnings=["date_in_future", "unreadable_item"])
    CHECKS(checked, LONGBRIDGE)
    assert checked.warnings == ["id_date_differs", "unreadable_item"]


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "Up \x9b2J"},
        {"description": "Up \x7f"},
        {"body": "Up\n\u2028down"},
        {"published_raw": "2026-05-08T14:18:31.000Z\u202e"},
        {"related": [RelatedLink("s", "u", "\u2066Up", None, 1, "")]},
        {"instruments": [Instrument("A\x1b.US")]},
        {"instruments": [Instrument("A.US", label="A\u202e (A.US)")]},
    ],
)
def test_control_characters_in_what_the_page_says_are_told(changed: dict[str, Any]) -> None:
    checked = article(**{"title": "Up", "body": "Up\n\n\tand down\u200f", **changed})
    CHECKS(checked)
    assert checked.warnings == ["control_characters"]
    CHECKS(article(title="Up", body="Up\n\n\tand down\u200f"))
    again = article(title="Up", warnings=["control_characters"])
    CHECKS(again)
    assert again.warnings == []


def test_without_a_site_the_id_tells_nothing() -> None:
    checked = article(published_at=moved(days=-60))
    CHECKS(checked)
    assert (checked.warnings, checked.refined_with) == ([], RefinedWith(checks="2"))


def test_the_version_holds_the_sites_tables() -> None:
    assert re.fullmatch(r"2\+[0-9a-f]{8}", CHECKS.version(LONGBRIDGE))


@pytest.mark.parametrize("point", read_points())
def test_dates_of_the_id_table_agree_and_shifted_ones_do_not(point: Point) -> None:
    for shift, warnings in ((0, []), (60, ["id_date_differs"]), (-60, ["id_date_differs"])):
        shown = format_instant(datetime.fromisoformat(f"{point.day}T12:00:00Z") + timedelta(days=shift))
        checked = Article(story_id=f"longbridge:{point.id}", published_at=shown)
        CHECKS(checked, LONGBRIDGE)
        assert checked.warnings == warnings


@pytest.mark.parametrize(
    "path", sorted(SAMPLE.glob("*/news/*.md")), ids=lambda path: str(path.relative_to(SAMPLE))
)
def test_ids_dates_and_wire_times_of_the_sample_agree(path: Path) -> None:
    page = page_of(path.read_bytes(), path)
    DATES(page)
    before = list(page.warnings)
    CHECKS(page, LONGBRIDGE)
    assert page.warnings == before
    if page.published_at is None:
        assert "date_without_zone" in before
        return
    # Three weeks off every one of them is told.
    page.published_at = format_instant(datetime.fromisoformat(page.published_at) + timedelta(days=21))
    CHECKS(page, LONGBRIDGE)
    assert set(page.warnings) - set(before) == {"id_date_differs"}


def test_the_samples_wire_time_is_read_in_its_zone() -> None:
    path = SAMPLE / "en" / "news" / "289868449.md"
    text = path.read_text(encoding="utf-8")
    page = page_of(re.sub("2026-06-16T13", "2026-06-16T12", text).encode(), path)
    DATES(page)
    CHECKS(page, LONGBRIDGE)
    assert page.wire_time is not None
    assert page.warnings == ["wire_time_differs"]


def test_a_wire_time_is_read_by_the_markets_that_were_found() -> None:
    checked = article(wire_time="21:15 CST", instruments=[Instrument("02399.HK"), Instrument("XDDX.DE")])
    INSTRUMENTS(checked)
    CHECKS(checked, LONGBRIDGE)
    assert checked.warnings == ["unknown_market", "wire_time_differs"]
