"""Dates in HTTP headers, in the three forms of RFC 9110 and in no other."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newscrawl.refine.http_dates import parse_http_date

steady = settings(derandomize=True, deadline=None, max_examples=300)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        # The three examples of RFC 9110, section 5.6.7.
        ("Sun, 06 Nov 1994 08:49:37 GMT", datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)),
        ("Sunday, 06-Nov-94 08:49:37 GMT", datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)),
        ("Sun Nov  6 08:49:37 1994", datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)),
        ("Fri, 08 May 2026 14:18:31 GMT", datetime(2026, 5, 8, 14, 18, 31, tzinfo=UTC)),
        ("Friday, 08-May-26 14:18:31 GMT", datetime(2026, 5, 8, 14, 18, 31, tzinfo=UTC)),
        ("Fri May 08 14:18:31 2026", datetime(2026, 5, 8, 14, 18, 31, tzinfo=UTC)),
        (" Thu, 29 Feb 2024 00:00:00 GMT ", datetime(2024, 2, 29, tzinfo=UTC)),
        # What day of the week it says does not change which day it was.
        ("Mon, 08 May 2026 14:18:31 GMT", datetime(2026, 5, 8, 14, 18, 31, tzinfo=UTC)),
    ],
)
def test_known_forms(text: str, moment: datetime) -> None:
    found = parse_http_date(text)
    assert found == moment
    assert found is not None
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "yesterday",
        "Fri, 08 May 2026 14:18:31 +0800",
        "Fri, 08 May 2026 14:18:31 EST",
        "Fri, 08 May 2026 14:18:31",
        "08 May 2026 14:18:31 GMT",
        "Fri, 8 May 2026 14:18:31 GMT",
        "Fri, 08 May 26 14:18:31 GMT",
        "Fri, 08 Mai 2026 14:18:31 GMT",
        "Fri, 31 Jun 2026 14:18:31 GMT",
        "Friday, 31-Jun-26 14:18:31 GMT",
        "Fri Jun 31 14:18:31 2026",
        "Fri, 00 May 2026 14:18:31 GMT",
        "Fri, 08 May 0000 14:18:31 GMT",
        "Fri, 08 May 2026 24:00:00 GMT",
        "Fri, 08 May 2026 23:59:60 GMT",
        "2026-05-08T14:18:31Z",
        "Fri, ０8 May 2026 14:18:31 GMT",
        "Fri, 08 May 2026 14:18:31 GMT, Fri, 08 May 2026 14:18:31 GMT",
    ],
)
def test_what_is_in_no_known_form_is_none(text: str) -> None:
    assert parse_http_date(text) is None


@steady
@given(st.datetimes(timezones=st.just(UTC)))
def test_what_is_sent_is_read(moment: datetime) -> None:
    assert parse_http_date(format_datetime(moment, usegmt=True)) == moment.replace(microsecond=0)


@steady
@given(
    st.text(max_size=40)
    | st.from_regex(r"[A-Z][a-z]{2,8},? [0-9 ]{2}[ -][A-Z][a-z]{2}[ -][0-9]{2,4} [0-9:]{8}( GMT)?")
)
def test_any_text_is_a_time_or_none(text: str) -> None:
    found = parse_http_date(text)
    assert found is None or found.tzinfo is UTC
