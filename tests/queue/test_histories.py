"""Random histories of a small site: what is seen later is never available earlier.

A history is a list of fetches, each at one of some moments. At each moment the store's clock shows some
time, which may be set back or jump ahead. A page holds a text at each moment, perhaps a revised one, or is
withdrawn. Each history is committed by the code of a crawl.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from newscrawl.database.connect import connect
from newscrawl.database.schema import prepare
from newscrawl.plan import Plan
from newscrawl.refine.dates import format_instant
from newscrawl.sites.base import Page
from newscrawl.sites.longbridge import LONGBRIDGE
from tests.queue.results import article, gone, page
from tests.queue.workers import Worker, opened

PAGES = (page(1), page(1, "zh-CN"), page(2))
MOMENTS = 8
START = datetime(2026, 5, 8, 12, tzinfo=UTC)

steady = settings(derandomize=True, deadline=None, max_examples=120)


class Fetch(NamedTuple):
    moment: int
    page: int


class History(NamedTuple):
    clock: list[int]
    """What the store's clock shows at each moment, in minutes."""
    texts: list[list[str | None]]
    """What each page holds at each moment; None where it is withdrawn."""
    published: list[int | None]
    """The date of each page, in minutes; None where it prints none."""
    fetches: list[Fetch]


Line = dict[str, Any]

minutes = st.integers(-10_000, 10_000)
histories = st.builds(
    History,
    st.lists(minutes, min_size=MOMENTS, max_size=MOMENTS),
    st.lists(
        st.lists(st.sampled_from(["a", "b", "c", None]), min_size=MOMENTS, max_size=MOMENTS),
        min_size=len(PAGES),
        max_size=len(PAGES),
    ),
    st.lists(st.none() | minutes, min_size=len(PAGES), max_size=len(PAGES)),
    st.lists(
        st.builds(Fetch, st.integers(0, MOMENTS - 1), st.integers(0, len(PAGES) - 1)), min_size=1, max_size=8
    ),
)


def instant(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def play(history: History, *, is_steady: bool) -> list[Line | None]:
    """The line that each fetch wrote, in the order of ``history.fetches``; None where it wrote none.

    ``is_steady`` commits something else at each moment, as a crawl does that goes on.
    """
    engine = connect("sqlite://")
    prepare(engine, "longbridge", "longbridge.com")
    url = ",".join(known.url for known in PAGES)
    worker = opened(Worker(engine), Plan.from_arguments(LONGBRIDGE, {"url": url, "depth": "0"}))
    engine.execute("UPDATE page SET state = 2")
    lines: list[Line | None] = [None] * len(history.fetches)
    for moment in range(MOMENTS):
        engine.now = lambda moment=moment: instant(history.clock[moment])  # type: ignore[method-assign,misc]
        if is_steady:
            worker.commit()
        for number, fetch in enumerate(history.fetches):
            if fetch.moment == moment:
                before = len(worker.lines())
                _fetch(worker, PAGES[fetch.page], history, fetch)
                lines[number] = next(iter(worker.lines()[before:]), None)
    worker.close()
    return lines


def _fetch(worker: Worker, of: Page, history: History, fetch: Fetch) -> None:
    worker.engine.execute("UPDATE page SET state = 0 WHERE uid = ?", (of.uid,))
    lease = worker.claim_one()
    text = history.texts[fetch.page][fetch.moment]
    printed = history.published[fetch.page]
    published = None if printed is None else format_instant(instant(printed))
    result = gone(of) if text is None else article(of, text=text, published_at=published)
    worker.commit((lease, result))


def by_commit(history: History, lines: Sequence[Line | None]) -> list[Line]:
    """The lines in the order in which they were committed."""
    order = sorted(range(len(lines)), key=lambda number: history.fetches[number].moment)
    return [line for number in order if (line := lines[number]) is not None]


@steady
@given(histories)
def test_versions_never_run_backwards(history: History) -> None:
    lines = by_commit(history, play(history, is_steady=False))
    for of in PAGES:
        versions = [line for line in lines if line["uid"] == of.uid]
        assert [line["version"] for line in versions] == list(range(1, len(versions) + 1))
        for name in ("first_seen_at", "available_at"):
            times = [line[name] for line in versions]
            assert times == sorted(times), name


@steady
@given(histories, minutes)
def test_what_was_observed_by_a_time_is_what_was_stamped_by_it(history: History, until: int) -> None:
    lines = by_commit(history, play(history, is_steady=False))
    stamps = [line["first_seen_at"] for line in lines]
    time = format_instant(instant(until))
    # What was stamped by then is what was committed up to some moment.
    count = sum(stamp <= time for stamp in stamps)
    assert stamps == sorted(stamps)
    observed = [
        line for line in lines if line["available_rule"] == "observed" and line["available_at"] <= time
    ]
    assert observed == [line for line in lines[:count] if line["available_rule"] == "observed"]
    # No estimate is later than what was seen.
    assert all(line["available_at"] <= line["first_seen_at"] for line in lines)


def _hold_after_a_delay(history: History, which: int, by: int, *, is_steady: bool) -> None:
    """Delay one fetch. No line of any fetch becomes available earlier.

    One case is left out: a text that was a later version, and is the first one seen of its page now. It
    cannot be told then that it was revised; it is an estimate (``backfill``).
    """
    which %= len(history.fetches)
    fetch = history.fetches[which]
    assume(fetch.moment + by < MOMENTS)
    delayed = [*history.fetches]
    delayed[which] = fetch._replace(moment=fetch.moment + by)
    before = play(history, is_steady=is_steady)
    after = play(history._replace(fetches=delayed), is_steady=is_steady)
    for one, other in zip(before, after, strict=True):
        if one is not None and other is not None and not other["version"] == 1 < one["version"]:
            assert one["available_at"] <= other["available_at"]
    for of in PAGES:
        firsts = [
            line["available_at"]
            for lines in (before, after)
            for line in lines
            if line is not None and line["uid"] == of.uid and line["version"] == 1
        ]
        assert firsts == sorted(firsts)


@steady
@given(histories, st.integers(0, 7), st.integers(1, MOMENTS - 1))
def test_delaying_a_fetch_lowers_nothing_whatever_the_clock_does(
    history: History, which: int, by: int
) -> None:
    # A clock is remembered by what was committed: a jump that nothing was committed in is forgotten.
    _hold_after_a_delay(history, which, by, is_steady=True)


@steady
@given(histories, st.integers(0, 7), st.integers(1, MOMENTS - 1))
def test_delaying_a_fetch_lowers_nothing_by_a_clock_that_goes_on(
    history: History, which: int, by: int
) -> None:
    _hold_after_a_delay(history._replace(clock=sorted(history.clock)), which, by, is_steady=False)
