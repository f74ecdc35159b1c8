"""What is counted of pages, kept, and added."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newscrawl.promises.facts import FIELDS, Facts, decode, encode, facts_of
from newscrawl.promises.profile import Profile
from newscrawl.sites.longbridge import LONGBRIDGE
from tests.promises.living_site import LivingSite
from tests.queue.results import article, page
from tests.sites.longbridge.test_reader import read

_DIGESTS = st.integers(0, 2**32 - 1)
FACTS = st.builds(
    Facts,
    locale=st.sampled_from(["en", "zh-CN"]),
    filled=st.integers(0, 127),
    title_length=st.integers(0, 300),
    description_length=st.integers(0, 2_000),
    body_length=st.integers(0, 1_000_000),
    instruments=st.integers(0, 20),
    related=st.integers(0, 20),
    warned=st.integers(0, 31),
    published_minute=st.none() | st.integers(0, 40_000_000),
    lag=st.none() | st.integers(-5_000, 5_000_000),
    title=_DIGESTS,
    title_head=_DIGESTS,
    title_tail=_DIGESTS,
    body=_DIGESTS,
    head=_DIGESTS,
    tail=_DIGESTS,
    date_hash=_DIGESTS,
    instruments_hash=_DIGESTS,
    alternates_hash=_DIGESTS,
    related_hash=_DIGESTS,
    text_hash=_DIGESTS,
    reader=st.just("longbridge-markdown/1"),
    is_known=st.booleans(),
    changed=st.integers(0, 31),
)


@given(FACTS)
def test_facts_are_kept(facts: Facts) -> None:
    assert decode(encode(facts)) == facts


@given(st.lists(FACTS, max_size=30))
def test_a_profile_is_kept(facts: list[Facts]) -> None:
    profile = Profile()
    profile.count(facts, _ids(facts))
    kept = Profile.decode(profile.encode())
    # Of each digest only the commonest are.
    for name, found in profile.repeated.items():
        for locale, counter in found.items():
            kept_counter = kept.repeated[name][locale]
            assert len(kept_counter) <= 5
            assert kept_counter.most_common(1)[0][1] == counter.most_common(1)[0][1]
    kept.repeated = profile.repeated
    assert kept == profile


@given(st.lists(FACTS, max_size=20), st.lists(FACTS, max_size=20))
def test_profiles_add_up(one: list[Facts], other: list[Facts]) -> None:
    both, first, second = Profile(), Profile(), Profile()
    for part, facts in ((first, one), (second, other)):
        part.count(facts, _ids(facts))
        for single in facts:
            both.count([single], _ids([single]))
    first.add_part(second)
    assert first == both


def _ids(facts: list[Facts]) -> list[int | None]:
    return [facts.body_length % 30 or None for facts in facts]


@given(st.lists(st.integers(1, 100_000), min_size=1, max_size=50))
def test_the_median_length_is_near_the_true_one(lengths: list[int]) -> None:
    profile = Profile()
    for length in lengths:
        facts = decode(encode(_BLANK._replace(body_length=length)))
        assert facts is not None
        profile.count([facts])
    true = sorted(lengths)[(len(lengths) - 1) // 2]
    found = profile.median_length("body")
    assert found is not None
    assert true / 1.13 <= found <= true * 1.13


_BLANK = facts_of(article(page(1), text=""), "")


def test_what_a_page_shows() -> None:
    story = LivingSite().stories()[0]
    found = read(story.page(), LONGBRIDGE.page(story.path) or page(1))
    facts = facts_of(found, "")
    assert facts.locale == "en"
    assert facts.title_length == len(story.title)
    assert facts.related == len(story.related)
    assert not facts.is_known


def test_what_changed_since_a_page_was_last_read() -> None:
    before = encode(facts_of(article(page(1), 2, symbols=("700.HK",)), ""))
    same = facts_of(article(page(1), 2, symbols=("700.HK",)), before)
    assert (same.is_known, same.changed) == (True, 0)
    other = facts_of(article(page(1), 3, text="another", published_at=None), before)
    # text, date, instruments and related, not alternates
    assert (other.is_known, other.changed) == (True, 0b10111)


def test_facts_of_another_version_are_none() -> None:
    assert decode('["en",3]') is None
    facts = facts_of(article(page(1), text="text"), '["en",3]')
    assert (facts.is_known, facts.changed) == (False, 0)


@pytest.mark.parametrize(
    ("text", "is_readable"),
    [
        ("Shipments rose by 12 percent over the year, said the company. (A – B)", True),
        ("公司在公告中表示，全年出货量增长百分之12。", True),
        ("??????????????????12?", False),
        ("公司在公告中表示，全年出货量增长。".encode().decode("latin-1") * 4, False),
        ("| 12.5 | 13.1 |\n" * 10 + "Two lines of text stand below the table.", True),
    ],
)
def test_a_text_of_letters(text: str, is_readable: bool) -> None:  # noqa: FBT001
    filled = facts_of(article(page(1), text=text), "").filled
    assert bool(filled >> FIELDS.index("letters") & 1) is is_readable


def test_another_reader_is_no_change() -> None:
    before = encode(facts_of(article(page(1), text="text"), "")._replace(reader="longbridge-markdown/0"))
    after = facts_of(article(page(1), text="another"), before)
    assert (after.is_known, after.changed) == (False, 0)
