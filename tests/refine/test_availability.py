"""When a version could have been known, at the edges of the rule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newscrawl.items import Article
from newscrawl.refine.availability import AVAILABILITY, availability, availability_step

steady = settings(derandomize=True, deadline=None, max_examples=300)
moments = st.datetimes(
    min_value=datetime(2, 1, 1),  # noqa: DTZ001 - hypothesis adds the zones
    max_value=datetime(9998, 12, 31),  # noqa: DTZ001 - likewise
    timezones=st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)

PUBLISHED = datetime(2026, 5, 8, 14, tzinfo=UTC)
LAST = datetime(9999, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("published", "seen_after", "version", "expected"),
    [
        (PUBLISHED, timedelta(0), 1, ("seen", "observed")),
        (PUBLISHED, timedelta(minutes=5), 1, ("seen", "observed")),
        (PUBLISHED, timedelta(hours=24), 1, ("seen", "observed")),
        (PUBLISHED, timedelta(hours=24, milliseconds=1), 1, ("published + 24 h", "backfill")),
        (PUBLISHED, timedelta(days=400), 1, ("published + 24 h", "backfill")),
        (PUBLISHED, timedelta(days=400), 2, ("seen", "observed")),
        (PUBLISHED, timedelta(days=-1), 1, ("seen", "observed")),
        (None, timedelta(days=400), 1, ("seen", "observed")),
    ],
)
def test_availability(
    published: datetime | None, seen_after: timedelta, version: int, expected: tuple[str, str]
) -> None:
    seen = PUBLISHED + seen_after
    moment = {"seen": seen, "published + 24 h": PUBLISHED + timedelta(hours=24)}[expected[0]]
    assert availability(published, seen, version) == (moment, expected[1])


def test_another_lag() -> None:
    hour = timedelta(hours=1)
    assert availability(PUBLISHED, PUBLISHED + hour, 1, hour) == (PUBLISHED + hour, "observed")
    assert availability(PUBLISHED, PUBLISHED + 2 * hour, 1, hour) == (PUBLISHED + hour, "backfill")
    assert availability(PUBLISHED, PUBLISHED + hour, 1, timedelta(0)) == (PUBLISHED, "backfill")
    steps = [availability_step(hour), AVAILABILITY, availability_step(timedelta(minutes=90))]
    assert [step.version() for step in steps] == ["2+lag-1h", "2+lag-24h", "2+lag-1.5h"]


lags = st.timedeltas(timedelta(0), timedelta(days=3650))


@steady
@given(st.none() | moments, moments, st.timedeltas(timedelta(0)), st.integers(1, 2), lags)
def test_what_is_seen_later_is_never_available_earlier(
    published: datetime | None, seen: datetime, delay: timedelta, version: int, lag: timedelta
) -> None:
    later = seen + min(delay, LAST - seen)
    assert availability(published, seen, version, lag)[0] <= availability(published, later, version, lag)[0]


@steady
@given(st.none() | moments, moments, st.integers(1, 3), lags)
def test_nothing_is_available_after_it_was_seen_or_before_it_was_published(
    published: datetime | None, seen: datetime, version: int, lag: timedelta
) -> None:
    available, rule = availability(published, seen, version, lag)
    assert available <= seen
    if rule == "backfill":
        assert published is not None
        assert available == published + lag < seen
    else:
        assert available == seen


@pytest.mark.parametrize(
    ("published_at", "version", "available_at", "rule"),
    [
        # First seen within a day.
        ("2026-05-08T14:18:31.000Z", 1, "2026-05-08T15:00:00.000Z", "observed"),
        ("2026-05-07T15:00:00.000Z", 1, "2026-05-08T15:00:00.000Z", "observed"),
        # First seen later, by a millisecond or by months: a day after its date.
        ("2026-05-07T14:59:59.999Z", 1, "2026-05-08T14:59:59.999Z", "backfill"),
        ("2025-11-02T03:04:05.000Z", 1, "2025-11-03T03:04:05.000Z", "backfill"),
        # A further version could be known when it was seen, whatever date it still has.
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
    article = Article(
        published_at=published_at,
        version=version,
        first_seen_at="2026-05-08T15:00:00.000Z",
        wire_time="03:00 ET",
        warnings=["date_in_future"],
    )
    for _ in range(2):
        AVAILABILITY(article)
        # A warning about the date changes nothing.
        assert (article.available_at, article.available_rule) == (available_at, rule)
    assert article.published_at == published_at


def test_without_a_commit_nothing_is_known() -> None:
    article = Article(available_at="2026-05-08T15:00:00.000Z", available_rule="observed")
    AVAILABILITY(article)
    assert (article.available_at, article.available_rule) == (None, None)
