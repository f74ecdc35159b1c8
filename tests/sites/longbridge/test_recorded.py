"""Recorded pages, one folder each: ``page.md`` (``page.bin`` where it is not UTF-8, ``page.txt`` in the
one-line form) with its ``expected.json``, or with the code of its refusal in ``error.txt``.
``asked.json`` says what was asked for where that is not the usual address.

A page without an expectation gets one written from what the reader says, and fails until somebody has
looked at it and run the tests again.
"""

from __future__ import annotations

import dataclasses
import json
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from newscrawl.codes import RejectionReason, WarningCode
from newscrawl.exceptions import PageError
from newscrawl.pipelines.content import ContentPipeline
from newscrawl.pipelines.dates import set_published
from newscrawl.pipelines.instruments import set_instruments
from newscrawl.sites.longbridge.address import Address
from newscrawl.sites.longbridge.reader import read_article

RECORDED = Path(__file__).parent / "recorded"
FIELDS = (
    "uid",
    "story_id",
    "url",
    "locale",
    "alternates",
    "title",
    "description",
    "body",
    "wire_time",
    "published_at",
    "published_raw",
    "instruments",
    "related",
    "content_hash",
    "parser",
    "warnings",
)
FOLDERS = sorted(path.name for path in RECORDED.iterdir() if path.is_dir())
REFUSED = [name for name in FOLDERS if (RECORDED / name / "error.txt").exists()]
READ = [name for name in FOLDERS if name not in REFUSED]
# On one line nothing tells this page's H1 from its text: the header's title is another.
UNTOLD = "heading_differs"
WITH_LINE_BREAKS = [
    name for name in FOLDERS if name != UNTOLD and not (RECORDED / name / "page.txt").exists()
]


def page_of(name: str) -> bytes:
    [page] = (RECORDED / name).glob("page.*")
    return page.read_bytes()


def read(name: str, content: bytes) -> dict[str, Any]:
    asked_file = RECORDED / name / "asked.json"
    asked = json.loads(asked_file.read_text(encoding="utf-8")) if asked_file.exists() else {}
    address = Address(asked.get("id", "291000001"), asked.get("locale", "en"))
    article = read_article(content, address, charset=asked.get("charset"))
    set_published(article)
    set_instruments(article, now=datetime(2026, 11, 23, tzinfo=UTC))
    ContentPipeline().process_item(article)
    record = dataclasses.asdict(article)
    return {field: record[field] for field in FIELDS}


@cache
def record_of(name: str) -> dict[str, Any]:
    return read(name, page_of(name))


@cache
def expected_of(name: str) -> dict[str, Any]:
    file = RECORDED / name / "expected.json"
    if not file.exists():
        text = json.dumps(record_of(name), ensure_ascii=False, indent=2)
        file.write_text(text + "\n", encoding="utf-8")
        pytest.fail(f"{file} was missing and has been written: look at it, then run the tests again")
    expected: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return expected


@pytest.mark.parametrize(
    ("name", "field"), [pytest.param(name, field, id=f"{name}-{field}") for name in READ for field in FIELDS]
)
def test_field_is_as_recorded(name: str, field: str) -> None:
    assert record_of(name)[field] == expected_of(name)[field]


@pytest.mark.parametrize("name", REFUSED)
def test_page_is_refused_with_the_one_reason(name: str) -> None:
    expected = (RECORDED / name / "error.txt").read_text(encoding="utf-8").strip()
    with pytest.raises(PageError) as caught:
        read(name, page_of(name))
    assert caught.value.code == expected
    assert caught.value.detail


def _spaced(page: bytes) -> bytes:
    return re.sub(rb"\r\n|\r|\n", b" ", page)


def _collapsed(page: bytes) -> bytes:
    # The one real answer of this kind has lost the indents and blank lines too.
    return re.sub(rb"[\r\n]+ *", b" ", page).rstrip(b" ")


@pytest.mark.parametrize("flatten", [_spaced, _collapsed])
@pytest.mark.parametrize("name", WITH_LINE_BREAKS)
def test_flattened_page_gives_the_same_record(name: str, flatten: Any) -> None:
    flat = flatten(page_of(name))
    if name in REFUSED:
        with pytest.raises(PageError) as caught:
            read(name, flat)
        assert caught.value.code == (RECORDED / name / "error.txt").read_text(encoding="utf-8").strip()
        return
    with_breaks, on_one_line = dict(record_of(name)), read(name, flat)
    bodies = with_breaks.pop("body"), on_one_line.pop("body")
    assert on_one_line == with_breaks
    assert bodies[1].split() == bodies[0].split()


def test_untold_heading_of_a_flattened_page_stays_in_the_body_and_is_reported() -> None:
    record = read(UNTOLD, _spaced(page_of(UNTOLD)))
    assert record["title"] == "Tallow Street Ferries adds a night crossing"
    assert record["body"].split()[:7] == ["Night", "boats", "for", "Tallow", "Street", "The", "last"]
    assert record["warnings"] == ["heading_differs"]


def test_every_folder_is_complete_and_every_code_is_a_known_one() -> None:
    for name in FOLDERS:
        files = {path.name for path in (RECORDED / name).iterdir()}
        assert len(files & {"page.md", "page.bin", "page.txt"}) == 1, name
        assert len(files & {"expected.json", "error.txt"}) == 1, name
        assert files <= {"page.md", "page.bin", "page.txt", "expected.json", "error.txt", "asked.json"}, name
    refusals = {(RECORDED / name / "error.txt").read_text(encoding="utf-8").strip() for name in REFUSED}
    # The size cap is the downloader's; every other reason is shown by a page.
    assert refusals == set(RejectionReason) - {"too_large"}
    for name in READ:
        assert set(expected_of(name)["warnings"]) <= set(WarningCode), name


# They hang on more than the page; tests/pipelines/ shows each of them.
OF_LATER_STEPS = {
    "locale_dates_differ",
    "reader_changed",
    "clock_differs",
    "date_after_server",
    "date_before_source",
    "date_in_future",
    "id_date_differs",
    "locale_mismatch",
    "session_beyond_calendar",
    "unknown_code",
    "wire_time_differs",
}


def test_every_warning_of_the_reader_is_shown_by_a_page() -> None:
    shown = {warning for name in READ for warning in expected_of(name)["warnings"]}
    assert set(WarningCode) - shown == OF_LATER_STEPS
