"""The step in which clocks vote: what it reads from an article and what it leaves alone."""

from __future__ import annotations

import dataclasses
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from newscrawl.archive.records import stamp
from newscrawl.items import Article, HttpInfo, Instrument, Rejection
from newscrawl.pipelines.clocks import ClocksPipeline, check_clocks
from newscrawl.pipelines.dates import set_published
from newscrawl.pipelines.instruments import set_instruments
from newscrawl.refine.dates import format_instant
from newscrawl.sites.longbridge.address import Address
from newscrawl.sites.longbridge.news_ids import Point, read_points
from newscrawl.sites.longbridge.reader import read_article

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
PUBLISHED = "2026-05-08T14:18:31.000Z"


def article(**changes: object) -> Article:
    """The article whose id and second are known, fetched a quarter of an hour later."""
    found = Article(
        story_id="longbridge:285741170",
        published_at=PUBLISHED,
        fetched_at="2026-05-08T14:33:31.000Z",
        http=HttpInfo(200, date="Fri, 08 May 2026 14:33:30 GMT"),
    )
    return dataclasses.replace(found, **changes)  # type: ignore[arg-type]


def moved(**by: float) -> str:
    return format_instant(datetime.fromisoformat(PUBLISHED) + timedelta(**by))


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
def test_what_each_clock_says(changes: dict[str, object], warnings: list[str]) -> None:
    checked = article(**changes)
    check_clocks(checked)
    assert checked.warnings == warnings
    # Nothing but the warnings, and those once.
    check_clocks(checked)
    assert checked == article(**changes, warnings=warnings)


def test_votes_come_behind_the_warnings_that_are_there() -> None:
    checked = article(published_at=moved(days=-60), warnings=["url_missing"])
    assert ClocksPipeline().process_item(checked) is checked
    assert checked.warnings == ["url_missing", "id_date_differs"]


def test_other_outcomes_pass() -> None:
    rejection = Rejection(uid="longbridge:1:en", reason="html_document")
    assert ClocksPipeline().process_item(rejection) is rejection


@pytest.mark.parametrize("point", read_points())
def test_dates_of_the_id_table_agree_and_shifted_ones_do_not(point: Point) -> None:
    for shift, warnings in ((0, []), (60, ["id_date_differs"]), (-60, ["id_date_differs"])):
        shown = format_instant(datetime.fromisoformat(f"{point.day}T12:00:00Z") + timedelta(days=shift))
        checked = Article(story_id=f"longbridge:{point.id}", published_at=shown)
        check_clocks(checked)
        assert checked.warnings == warnings


@pytest.mark.parametrize(
    "path", sorted(SAMPLE.glob("*/news/*.md")), ids=lambda path: str(path.relative_to(SAMPLE))
)
def test_ids_dates_and_wire_times_of_the_sample_agree(path: Path) -> None:
    page = read_article(path.read_bytes(), Address(path.stem, path.parts[-3]))
    set_published(page)
    before = list(page.warnings)
    check_clocks(page)
    assert page.warnings == before
    if page.published_at is None:
        assert "date_without_zone" in before
        return
    # A few days off nearly every one of them is told.
    page.published_at = format_instant(datetime.fromisoformat(page.published_at) + timedelta(days=21))
    check_clocks(page)
    assert set(page.warnings) - set(before) == {"id_date_differs"}


def test_the_samples_wire_time_is_read_in_its_zone() -> None:
    path = SAMPLE / "en" / "news" / "289868449.md"
    text = path.read_text(encoding="utf-8")
    page = read_article(re.sub("2026-06-16T13", "2026-06-16T12", text).encode(), Address(path.stem, "en"))
    set_published(page)
    check_clocks(page)
    assert page.wire_time is not None
    assert page.warnings == ["wire_time_differs"]


@pytest.mark.parametrize(
    ("published_at", "version", "available_at", "rule"),
    [
        # First met within a day: watched.
        ("2026-05-08T14:18:31.000Z", 1, "2026-05-08T15:00:00.000Z", "observed"),
        ("2026-05-07T15:00:00.000Z", 1, "2026-05-08T15:00:00.000Z", "observed"),
        # First met later, by a moment or by months: an hour after its date.
        ("2026-05-07T14:59:59.999Z", 1, "2026-05-07T15:59:59.999Z", "backfill"),
        ("2025-11-02T03:04:05.000Z", 1, "2025-11-02T04:04:05.000Z", "backfill"),
        # A revision is news of the moment it was seen, whatever date it still carries.
        ("2026-05-08T14:18:31.000Z", 2, "2026-05-08T15:00:00.000Z", "observed"),
        ("2025-11-02T03:04:05.000Z", 2, "2026-05-08T15:00:00.000Z", "observed"),
        ("2025-11-02T03:04:05.000Z", 7, "2026-05-08T15:00:00.000Z", "observed"),
        # A date in the future, or none.
        ("2026-05-08T15:00:00.001Z", 1, "2026-05-08T15:00:00.000Z", "observed"),
        ("2027-05-08T14:18:31.000Z", 1, "2026-05-08T15:00:00.000Z", "observed"),
        (None, 1, "2026-05-08T15:00:00.000Z", "observed"),
        (None, 2, "2026-05-08T15:00:00.000Z", "observed"),
    ],
)
def test_when_a_version_could_have_been_known(
    published_at: str | None, version: int, available_at: str, rule: str
) -> None:
    checked = article(published_at=published_at, wire_time="03:00 ET")
    check_clocks(checked)
    stamp(checked, now=datetime.fromisoformat("2026-05-08T15:00:00Z"), version=version)
    # Votes change nothing about it.
    assert (checked.available_at, checked.available_rule) == (available_at, rule)
    assert checked.published_at == published_at


def test_a_wire_time_votes_by_the_markets_that_were_found() -> None:
    checked = article(wire_time="21:15 CST", instruments=[Instrument("02399.HK"), Instrument("XDDX.DE")])
    set_instruments(checked, datetime.fromisoformat(PUBLISHED))
    check_clocks(checked)
    assert checked.warnings == ["unknown_market", "wire_time_differs"]
