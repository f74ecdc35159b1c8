"""How long a site asks to wait, and how long a repetition waits by itself."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scrapy.http import Response

from newscrawl.middlewares.retry import backoff, retry_after

NOW = datetime(2026, 11, 23, 1, 15, tzinfo=UTC)


def _asked(value: bytes | str | None) -> float | None:
    headers = {} if value is None else {"Retry-After": value}
    return retry_after(Response("http://127.0.0.1/", status=503, headers=headers), NOW)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("007", 7.0),
        ("9" * 400, math.inf),
        ("Mon, 23 Nov 2026 01:15:30 GMT", 30.0),
        # The two older forms of RFC 9110, section 5.6.7.
        ("Monday, 23-Nov-26 01:16:00 GMT", 60.0),
        ("Mon Nov 23 01:17:00 2026", 120.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("", None),
        (None, None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("1e3", None),
        ("１２", None),
        ("2026-11-23", None),
        ("Mon, 32 Nov 2026 01:15:30 GMT", None),
        # HTTP dates are in GMT; this one is a mail's.
        ("Mon, 23 Nov 2026 02:15:30 +0100", None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert _asked(value) == seconds


@given(st.datetimes(datetime(2026, 11, 24), datetime(9998, 1, 1)))  # noqa: DTZ001  # made aware below
def test_dates_agree_with_the_standard_library(moment: datetime) -> None:
    aware = moment.replace(tzinfo=UTC, microsecond=0)
    assert _asked(format_datetime(aware, usegmt=True)) == (aware - NOW).total_seconds()


@given(st.one_of(st.binary(max_size=60), st.text(alphabet="0123456789:, +-GMTNovMon", max_size=60)))
@example("Mon, 01 Jan 99999999999999999999 00:00:00 GMT")
@example("Mon, 01 Jan 2026 00:00:00 +99999999999999999999")
def test_nonsense_is_no_error(value: bytes | str) -> None:
    asked = _asked(value)
    assert asked is None or asked >= 0


def test_backoff() -> None:
    assert [backoff(1.0, attempt) for attempt in (1, 2, 3, 4)] == [1.0, 2.0, 4.0, 8.0]
    assert backoff(1.0, 50) == backoff(100.0, 1) == 60.0
    assert backoff(0.0, 3) == 0.0


def test_a_past_date_asks_for_nothing() -> None:
    assert _asked(format_datetime(NOW - timedelta(seconds=1), usegmt=True)) == 0.0
