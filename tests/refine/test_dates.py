"""Points in time. These tests run alone, too, on the oldest python-dateutil in bounds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newscrawl.codes import WarningCode
from newscrawl.exceptions import Refused
from newscrawl.items import Article
from newscrawl.refine.dates import DATES, format_instant, parse_instant, read_instant

steady = settings(
    derandomize=True, deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow]
)


@pytest.mark.parametrize(
    ("raw", "utc"),
    [
        ("2026-05-08T14:18:31.000Z", "2026-05-08T14:18:31.000Z"),
        ("2026-05-08T14:18:31.999Z", "2026-05-08T14:18:31.999Z"),
        ("2026-05-08T14:18:31.999999Z", "2026-05-08T14:18:31.999Z"),
        ("2026-05-08T14:18:31.9999999Z", "2026-05-08T14:18:31.999Z"),
        ("2026-05-08T14:18:31.999999999Z", "2026-05-08T14:18:31.999Z"),
        ("2026-05-08T14:18:31.5Z", "2026-05-08T14:18:31.500Z"),
        ("2026-05-08T14:18:31Z", "2026-05-08T14:18:31.000Z"),
        ("2026-05-08T14:18Z", "2026-05-08T14:18:00.000Z"),
        ("2026-05-08 14:18:31Z", "2026-05-08T14:18:31.000Z"),
        ("  2026-05-08T14:18:31Z\n", "2026-05-08T14:18:31.000Z"),
        ("2026-05-08T22:18:31+08:00", "2026-05-08T14:18:31.000Z"),
        ("2026-05-08T22:18:31+0800", "2026-05-08T14:18:31.000Z"),
        ("2026-05-08T09:18:31-05:00", "2026-05-08T14:18:31.000Z"),
        ("2026-05-08T19:48:31+05:30", "2026-05-08T14:18:31.000Z"),
        ("2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00.000Z"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"),
        ("2026-05-08T14:18:31-00:00", "2026-05-08T14:18:31.000Z"),
    ],
)
def test_known_shapes(raw: str, utc: str) -> None:
    moment = parse_instant(raw)
    assert moment.utcoffset() == timedelta(0)
    assert format_instant(moment) == utc


@pytest.mark.parametrize(
    "raw",
    ["2026-05-08T14:18:31.000", "2026-05-08T14:18:31", "2026-05-08 14:18", "9999-12-31T23:59:59"],
)
def test_without_a_zone_nothing_is_assumed(raw: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_instant(raw)
    assert caught.value.code == "date_without_zone"


@pytest.mark.parametrize(
    "raw",
    [
        "",
        " ",
        "March",
        "10",
        "2026",
        "2026-05",
        "2026-05-08",
        "2026-05-08Z",
        "2026-05-08T24:00:00Z",
        "20260508T141831Z",
        "2026-W19-5T14:18:31Z",
        "2026-128T14:18:31Z",
        "2026-05-08T14Z",
        "2026-05-08T14:18:31,5Z",
        "2026-05-08T14:18:31.Z",
        "2026-05-08T14:18:31.0000000001Z",
        "2026-05-08T14:18:31 Z",
        "2026-05-08T14:18:31z",
        "2026-05-08T14:18:31 UTC",
        "2026-05-08T14:18:31 ET",
        "2026-05-08T14:18:31+8",
        "2026-05-08T14:18:31+99:00",
        "2026-05-08T14:18:31+08:60",
        "2026-13-08T14:18:31Z",
        "2026-02-29T14:18:31Z",
        "2026-05-08T24:18:31Z",
        "2026-05-08T14:60:31Z",
        "2026-05-08T14:18:61Z",
        "0000-05-08T14:18:31Z",
        "-2026-05-08T14:18:31Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "２０２６-05-08T14:18:31Z",
        "2026-05-08T14:18:31Z and more",
        "2026-05-08T14:18:31Z\x00",
        "8 May 2026 14:18 GMT",
        "1778249911",
        "2026-05-08T14:18:31Z" * 50,
    ],
)
def test_what_is_no_date_and_time_is_refused_not_guessed(raw: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_instant(raw)
    assert caught.value.code == "date_unreadable"
    assert len(caught.value.detail) < 200


moments = st.datetimes(
    min_value=datetime(2, 1, 1),  # noqa: DTZ001 - hypothesis adds the zones
    max_value=datetime(9998, 12, 31),  # noqa: DTZ001 - likewise
    timezones=st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)


@steady
@given(moments)
def test_an_instant_survives_being_written_and_read(moment: datetime) -> None:
    text = format_instant(moment)
    back = parse_instant(text)
    assert timedelta(0) <= moment - back < timedelta(milliseconds=1)
    assert format_instant(back) == text
    assert datetime.fromisoformat(text) == back


@steady
@given(moments, moments)
def test_text_order_is_time_order(one: datetime, other: datetime) -> None:
    first, second = sorted([one, other])
    assert format_instant(first) <= format_instant(second)


@steady
@given(moments)
def test_any_zone_of_one_instant_is_written_alike(moment: datetime) -> None:
    printed = moment.isoformat(timespec="milliseconds")
    assert format_instant(parse_instant(printed)) == format_instant(moment)


@steady
@given(st.one_of(st.text(max_size=40), st.text(alphabet="0123456789-:.TZ+ ", max_size=30)))
def test_any_text_is_an_instant_or_refused(text: str) -> None:
    try:
        moment = parse_instant(text)
    except Refused as refusal:
        assert refusal.code in ("date_unreadable", "date_without_zone")  # noqa: PT017 - being read is right, too
    else:
        assert moment.tzinfo is UTC


def test_a_naive_time_is_never_written() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        format_instant(datetime(2026, 5, 8))  # noqa: DTZ001 - the point of the test


@steady
@given(moments)
def test_a_field_of_a_record_is_read_as_it_was_written(moment: datetime) -> None:
    text = format_instant(moment)
    assert read_instant(text) == parse_instant(text)
    assert read_instant(None) is None


@pytest.mark.parametrize(
    ("raw", "published", "warnings"),
    [
        ("2026-05-08T14:18:31.000Z", "2026-05-08T14:18:31.000Z", []),
        ("2026-05-08T22:18:31+08:00", "2026-05-08T14:18:31.000Z", []),
        ("2026-05-08T14:18:31", None, ["date_without_zone"]),
        ("yesterday", None, ["date_unreadable"]),
        ("", None, ["date_unreadable"]),
        (None, None, ["date_missing"]),
    ],
)
def test_the_printed_date_becomes_a_time_or_a_warning(
    raw: str | None, published: str | None, warnings: list[str]
) -> None:
    article = Article(published_raw=raw)
    for _ in range(2):
        assert DATES(article) is article
        assert (article.published_at, article.published_raw, article.warnings) == (published, raw, warnings)
    assert set(warnings) <= set(WarningCode)


def test_what_was_concluded_before_is_forgotten() -> None:
    article = Article(
        published_raw="soon", published_at="2026-05-08T14:18:31.000Z", warnings=["date_missing"]
    )
    DATES(article)
    assert (article.published_at, article.warnings) == (None, ["date_unreadable"])
