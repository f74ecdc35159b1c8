"""Recorded pages of every site are read as they were when somebody last looked at them.

A page without an expectation gets one written from what is read today, and fails until somebody has looked at
it and run the tests again.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from newscrawl.codes import RejectionReason, WarningCode
from newscrawl.exceptions import PageError
from tests.sites.recordings import ASKED_KEYS, BELOW, FIELDS, SITES, Recording, recordings_of

RECORDINGS = {f"{site}-{page.name}": page for site in SITES for page in recordings_of(site)}
REFUSED = [name for name, page in RECORDINGS.items() if page.refusal is not None]
READ = [name for name in RECORDINGS if name not in REFUSED]


@cache
def read_once(page: Recording) -> dict[str, Any]:
    return page.record()


@cache
def look_up_expected(page: Recording) -> dict[str, Any]:
    if not page.expected_file.exists():
        page.write_expected(read_once(page))
        pytest.fail(f"{page.expected_file} was missing and has been written: look at it, then test again")
    return page.expected


@pytest.mark.parametrize(
    ("name", "field"), [pytest.param(name, field, id=f"{name}-{field}") for name in READ for field in FIELDS]
)
def test_field_is_as_recorded(name: str, field: str) -> None:
    page = RECORDINGS[name]
    assert read_once(page)[field] == look_up_expected(page)[field]


@pytest.mark.parametrize("name", REFUSED)
def test_page_is_refused_with_the_one_reason(name: str) -> None:
    page = RECORDINGS[name]
    with pytest.raises(PageError) as caught:
        page.article()
    assert caught.value.code == page.refusal
    assert caught.value.detail


@pytest.mark.parametrize("name", RECORDINGS)
def test_folder_is_complete(name: str) -> None:
    page = RECORDINGS[name]
    files = {path.name for path in page.folder.iterdir()}
    pages = {file for file in files if file.startswith("page.")}
    assert len(pages) == 1
    assert len(files & {"expected.json", "error.txt"}) == 1
    assert files <= pages | {"expected.json", "error.txt", "asked.json"}
    # A page in another encoding is no text file, for editors and Git alike.
    assert ("page.bin" in files) == (not _is_utf_8(page.content))
    if (page.folder / "asked.json").exists():
        assert set(page.own_asked) <= ASKED_KEYS
        assert page.own_asked


@pytest.mark.parametrize("name", RECORDINGS)
def test_codes_are_known_ones(name: str) -> None:
    page = RECORDINGS[name]
    if page.refusal is not None:
        assert page.refusal in set(RejectionReason)
    else:
        assert set(look_up_expected(page)) == set(FIELDS)
        assert set(look_up_expected(page)["warnings"]) <= set(WarningCode)


def test_every_folder_of_recorded_pages_belongs_to_a_site() -> None:
    assert {path.parent.name for path in BELOW.glob("*/recorded")} <= set(SITES)


def _is_utf_8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True
