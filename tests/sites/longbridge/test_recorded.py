"""What is Longbridge's own about its recorded pages: both forms give one record, and every code is shown.

``page.txt`` is a page in the one-line form. ``tests/sites/test_recorded.py`` compares each page with its
expectation.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from newscrawl.codes import RejectionReason, WarningCode
from newscrawl.exceptions import PageError
from tests.sites.recordings import recordings_of

PAGES = {page.name: page for page in recordings_of("longbridge")}
# On one line nothing tells this page's H1 from its text: the header's title is another.
UNTOLD = "heading_differs"
# Where blank lines are dropped as well, nothing tells the summary below an H1 from the text.
WITH_SUMMARY = (
    "older_header",
    "older_header_chinese",
    "older_header_summary_alone",
    "older_header_cut_in_an_entity",
)
WITH_LINE_BREAKS = [
    name for name, page in PAGES.items() if name != UNTOLD and not (page.folder / "page.txt").exists()
]


def _spaced(page: bytes) -> bytes:
    return re.sub(rb"\r\n|\r|\n", b" ", page)


def _collapsed(page: bytes) -> bytes:
    # The one real answer of this kind has lost the indents and blank lines too.
    return re.sub(rb"[\r\n]+ *", b" ", page).rstrip(b" ")


@pytest.mark.parametrize(
    ("name", "flatten"),
    [
        (name, flatten)
        for name in WITH_LINE_BREAKS
        for flatten in (_spaced, _collapsed)
        if flatten is _spaced or name not in WITH_SUMMARY
    ],
)
def test_flattened_page_gives_the_same_record(name: str, flatten: Callable[[bytes], bytes]) -> None:
    page = PAGES[name]
    flat = flatten(page.content)
    if page.refusal is not None:
        with pytest.raises(PageError) as caught:
            page.article(flat)
        assert caught.value.code == page.refusal
        return
    with_breaks, on_one_line = page.record(), page.record(flat)
    bodies = with_breaks.pop("body"), on_one_line.pop("body")
    for instrument in (*with_breaks["instruments"], *on_one_line["instruments"]):
        # A text on one line is one paragraph.
        if instrument["relevance"]["place"] == "first_paragraph":
            instrument["relevance"]["place"] = "later"
    assert on_one_line == with_breaks
    assert bodies[1].split() == bodies[0].split()


def test_untold_heading_of_a_flattened_page_stays_in_the_body_and_is_reported() -> None:
    page = PAGES[UNTOLD]
    article = page.article(_spaced(page.content))
    assert article.title == "Tallow Street Ferries adds a night crossing"
    assert article.body.split()[:7] == ["Night", "boats", "for", "Tallow", "Street", "The", "last"]
    assert article.warnings == ["heading_differs"]


@pytest.mark.parametrize("name", WITH_SUMMARY)
def test_untold_summary_of_a_flattened_page_stays_in_the_body_and_is_reported(name: str) -> None:
    page = PAGES[name]
    whole, flat = page.article(), page.article(_collapsed(page.content))
    assert "description_maybe_cut" in flat.warnings
    assert "description_maybe_cut" not in whole.warnings
    assert flat.body.startswith(">")
    assert flat.body.split()[-1:] == (whole.body or whole.description or "").split()[-1:]
    assert (flat.instruments, flat.related) == (whole.instruments, whole.related)


def test_pages_are_there_in_every_form() -> None:
    assert {path.suffix for page in PAGES.values() for path in page.folder.glob("page.*")} == {
        ".md",
        ".txt",
        ".bin",
    }


def test_every_reason_of_the_reader_is_shown_by_a_page() -> None:
    refusals = {page.refusal for page in PAGES.values()} - {None}
    # The size cap is the downloader's.
    assert refusals == set(RejectionReason) - {"too_large"}


# They are not the reader's and most need more than the page; tests/refine/ and tests/crawl/ show them.
OF_LATER_STEPS = {
    "alternates_cut",
    "control_characters",
    "instruments_cut",
    "mentions_cut",
    "related_cut",
    "locale_dates_differ",
    "reader_changed",
    "maybe_truncated",
    "clock_behind",
    "clock_differs",
    "date_after_server",
    "date_before_source",
    "date_in_future",
    "id_date_differs",
    "locale_mismatch",
    "session_beyond_calendar",
    "session_projected",
    "unknown_code",
    "wire_time_differs",
}


def test_every_warning_of_the_reader_is_shown_by_a_page() -> None:
    shown = {
        warning for page in PAGES.values() if page.refusal is None for warning in page.expected["warnings"]
    }
    assert set(WarningCode) - shown <= OF_LATER_STEPS
    assert set(WarningCode) >= OF_LATER_STEPS
