"""A share is beyond its bound only where chance does not explain it."""

from __future__ import annotations

from collections import Counter
from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newscrawl.exceptions import ArgumentError
from newscrawl.promises.absolute import hold_absolute
from newscrawl.promises.bounds import read_bounds, read_since
from newscrawl.promises.facts import FIELDS
from newscrawl.promises.profile import Profile
from newscrawl.promises.promise import Kept, differs, exceeds
from newscrawl.promises.relative import hold_pages, hold_relative

BOUNDS = read_bounds({})


@pytest.mark.parametrize(
    ("count", "total", "bound", "broken"),
    [
        (0, 0, 0.1, False),
        (5, 50, 0.1, False),
        # Twice the bound, of few pages, is chance.
        (2, 10, 0.1, False),
        (10, 50, 0.1, False),
        (20, 50, 0.1, True),
        (200, 1_000, 0.1, True),
        (50, 50, 0.9, False),
        (100, 100, 0.9, True),
        (1_000, 1_000, 1.0, False),
    ],
)
def test_more_than_a_bound(count: int, total: int, bound: float, broken: bool) -> None:  # noqa: FBT001
    assert exceeds(count, total, bound) is broken


@given(st.integers(0, 500), st.integers(0, 500), st.floats(0, 1))
def test_a_share_within_its_bound_is_never_broken(count: int, more: int, bound: float) -> None:
    total = count + more
    if total and count / total <= bound:
        assert not exceeds(count, total, bound)


@given(st.integers(1, 1_000), st.floats(0, 1))
def test_equal_shares_do_not_differ(total: int, share: float) -> None:
    assert not differs(share, total, share, 5 * total)


def _profile(articles: int = 100, **filled: float) -> Profile:
    profile = Profile(articles=articles)
    profile.outcomes["read"] = articles
    profile.locales["en"] = articles
    for name in FIELDS:
        profile.filled[name] = round(filled.get(name, 1.0) * articles)
        profile.filled_in[name] = Counter(en=profile.filled[name])
    profile.totals["instruments"], profile.totals["related"] = 2 * articles, 5 * articles
    return profile


def _broken(kept: list[Kept]) -> list[str]:
    return [one.name for one in kept if one.is_broken]


def _absolute(profile: Profile) -> list[str]:
    return _broken(list(hold_absolute(profile, BOUNDS, ("en",), int(sum(profile.outcomes.values())))))


def test_a_field_that_is_empty() -> None:
    assert _absolute(_profile()) == []
    assert _absolute(_profile(published_at=0.0)) == ["without_published_at"]
    assert _absolute(_profile(49, published_at=0.0)) == []


def test_a_bound_can_be_moved_or_taken_off() -> None:
    profile = _profile(published_at=0.0)
    for bound in (1.0, None):
        kept = hold_absolute(profile, {**BOUNDS, "without_published_at": bound}, ("en",), 100)
        assert _broken(list(kept)) == []


def test_pages_that_did_not_come() -> None:
    profile = _profile(3)
    profile.outcomes["missing"] = 15
    assert _absolute(profile) == ["missing"]
    profile.outcomes["missing"] = 6
    assert _absolute(profile) == []


def test_a_locale_that_is_missing() -> None:
    profile = _profile()
    kept = list(hold_absolute(profile, BOUNDS, ("en", "zh-CN"), 100))
    assert _broken(kept) == ["locale"]
    assert "zh-CN" in next(one.sentence for one in kept if one.name == "locale")


def test_the_same_title_in_one_locale_only() -> None:
    profile = _profile()
    profile.locales.update({"en": -70, "zh-CN": 70})
    profile.repeated["title"] = {"en": Counter({1: 30}), "zh-CN": Counter({2: 1})}
    assert _absolute(profile) == ["equal_title"]


@pytest.mark.parametrize("part", ["title_head", "title_tail", "tail", "date", "instruments", "related"])
def test_a_part_that_may_be_the_same_everywhere_is_told_by_earlier_runs(part: str) -> None:
    profile, history = _profile(), [_profile()]
    history[0].repeated[part] = {"en": Counter({1: 3, 2: 2})}
    profile.repeated[part] = {"en": Counter({1: 100})}
    assert _absolute(profile) == []
    assert _broken(list(hold_relative(profile, history, BOUNDS))) == [
        f"equal_{part}/rise",
        f"equal_{part}/rise_since_first",
    ]


@pytest.mark.parametrize("part", ["head"])
def test_a_part_that_is_the_same_everywhere(part: str) -> None:
    profile = _profile()
    profile.repeated[part] = {"en": Counter({1: 40, 2: 10})}
    assert _absolute(profile) == []
    profile.repeated[part] = {"en": Counter({1: 95, 2: 2})}
    assert _absolute(profile) == [f"equal_{part}"]


def test_dates_that_are_all_of_the_fetch_or_of_one_moment() -> None:
    profile = _profile(60)
    # News of a busy hour.
    profile.minutes.update({str(1_000 + minute): 1 for minute in range(60)})
    profile.dated_now = 3
    assert _absolute(profile) == []
    profile.minutes = Counter({"1000": 25, "1001": 34, "1030": 1})
    assert _absolute(profile) == ["dated_now"]
    profile.minutes, profile.dated_now = Counter({str(1_000 + minute): 1 for minute in range(60)}), 60
    assert _absolute(profile) == ["dated_now"]


@pytest.mark.parametrize(("hours", "broken"), [(1, []), (4, []), (20, ["id_date_differs"])])
def test_dates_that_do_not_agree_with_ids(hours: int, broken: list[str]) -> None:
    profile = _profile()
    profile.warned["id_date_differs"] = 100
    assert _absolute(profile) == []
    profile.ids = Counter({str(place): 100 // hours for place in range(hours)})
    profile.ids_at_odds = 100
    assert _absolute(profile) == broken


def test_what_falls_below_earlier_runs() -> None:
    history = [_profile() for _ in range(3)]
    assert _broken(list(hold_relative(_profile(instruments=0.9), history, BOUNDS))) == []
    assert "without_instruments/rise" in _broken(
        list(hold_relative(_profile(instruments=0.5), history, BOUNDS))
    )
    gone = _profile()
    gone.totals["related"] = 0
    assert "number_related/ratio" in _broken(list(hold_relative(gone, history, BOUNDS)))


def test_slow_decay_is_told_from_the_first_runs() -> None:
    shares = [1.0, 1.0, 1.0, 0.9, 0.8, 0.72, 0.64, 0.56]
    history = [_profile(related=share) for share in shares]
    broken = _broken(list(hold_relative(_profile(related=0.5), history, BOUNDS)))
    assert broken == ["without_related/rise_since_first"]


@pytest.mark.parametrize("shift", range(24))
def test_hours_that_are_all_shifted(shift: int) -> None:
    def dated(pages: int, by: int) -> Profile:
        profile = _profile(pages)
        for hour, weight in ((1, 4), (2, 6), (3, 5), (4, 3), (8, 6), (9, 5), (13, 2)):
            profile.hours[str((hour + by) % 24)] += pages * weight // 31
        profile.days.update({str(day): pages // 4 for day in range(4)})
        return profile

    kept = list(hold_relative(dated(100, shift), [dated(300, 0)], BOUNDS))
    assert ("hours" in _broken(kept)) == (shift != 0)


def test_the_news_of_one_hour_are_no_shift() -> None:
    usual, now = _profile(300), _profile(100)
    usual.hours.update({"1": 150, "2": 100, "20": 50})
    usual.days.update({str(day): 60 for day in range(5)})
    now.hours["20"] = now.days["9"] = 100
    assert "hours" not in [one.name for one in hold_relative(now, [usual], BOUNDS)]


def test_a_field_that_is_gone_in_one_locale() -> None:
    profile = _profile(180, body=2 / 3)
    profile.locales = Counter({"en": 60, "zh-CN": 60, "zh-HK": 60})
    for name in FIELDS:
        profile.filled_in[name] = Counter({"en": 60, "zh-CN": 60, "zh-HK": 0 if name == "body" else 60})
    kept = list(hold_absolute(profile, BOUNDS, ("en", "zh-CN", "zh-HK"), 180))
    assert _broken(kept) == ["without_body/zh-HK"]


def test_dates_that_were_waiting_for_a_crawl_are_not_late() -> None:
    def aged(minutes: int) -> Profile:
        profile = _profile()
        profile.lengths["lag"] = Counter({str(round(8 * log2(minutes))): 100})
        return profile

    def late(minutes: int) -> bool:
        return "lag" in _broken(list(hold_relative(aged(minutes), [aged(10)], BOUNDS)))

    assert not late(7 * 1_440)
    assert late(365 * 1_440)


def test_a_sentence() -> None:
    kept = Kept(
        "without_body",
        0.5,
        0.72,
        50,
        True,  # noqa: FBT003
        "pages without a body",
        since="20261127T164620Z-longbridge-bce8",
        examples=("https://one.example/1", "https://one.example/2"),
        is_share=True,
    )
    assert kept.sentence == (
        "without_body: pages without a body: expected at most 50%, found 72% of 50 pages, "
        "since 20261127T164620Z-longbridge-bce8; for example https://one.example/1 https://one.example/2"
    )


@given(st.lists(st.integers(10, 60), min_size=1, max_size=8), st.integers(5, 200))
def test_a_number_of_pages_near_that_of_earlier_runs_is_kept(history: list[int], pages: int) -> None:
    kept = list(hold_pages(pages, history, BOUNDS))
    if pages * 5 >= max(history):
        assert _broken(kept) == []


def test_a_crawl_that_ends_early() -> None:
    assert _broken(list(hold_pages(3, [72, 70], BOUNDS))) == ["fewer_pages"]
    assert _broken(list(hold_pages(1, [3, 3], BOUNDS))) == []


@pytest.mark.parametrize("value", ["0.1", True, -0.1, float("nan"), [1]])
def test_a_bound_that_is_none(value: object) -> None:
    with pytest.raises(ArgumentError, match=r"PROMISES: expected a number from 0, or null, for missing"):
        read_bounds({"missing": value})


def test_an_unknown_promise() -> None:
    with pytest.raises(ArgumentError, match=r"PROMISES: expected one of changed_alternates.*found 'misses'"):
        read_bounds({"misses": 0.1})


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("", ""),
        ("2026-11-23", "20261123"),
        ("20261123T011500Z-longbridge-3f2a", "20261123T011500Z-longbridge-3f2a"),
    ],
)
def test_since_when_runs_are_history(text: str, since: str) -> None:
    assert read_since(text) == since


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "20261123T"])
def test_since_no_day(text: str) -> None:
    with pytest.raises(ArgumentError, match=r"PROMISES_SINCE: expected a day or the id of a run, found"):
        read_since(text)
