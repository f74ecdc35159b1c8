"""The list of steps: their order, what they own, and that they can be run again."""

from __future__ import annotations

import dataclasses
import hashlib
from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newscrawl import refine as package
from newscrawl.archive.records import stamp
from newscrawl.codes import WarningCode
from newscrawl.http_info import HttpInfo
from newscrawl.items import Article, Instrument, RefinedWith
from newscrawl.refine import PAGE_STEPS, commit_steps, refine
from newscrawl.refine.dates import parse_instant
from newscrawl.refine.step import Step, digest, tables_of
from newscrawl.sites.base import Site
from newscrawl.sites.longbridge import LONGBRIDGE

STEPS = (*PAGE_STEPS, *commit_steps())
NOW = parse_instant("2026-11-23T00:00:00Z")


def test_names_and_order() -> None:
    assert [step.name for step in PAGE_STEPS] == [
        "dates",
        "instruments",
        "mentions",
        "checks",
        "language",
        "hash",
    ]
    assert [step.name for step in commit_steps()] == ["availability", "sessions"]


def test_every_step_is_in_a_file_of_its_name() -> None:
    folder = Path(package.__file__).parent
    assert [step.name for step in STEPS if not (folder / f"{step.name}.py").exists()] == []
    assert [step.name for step in STEPS if type(step).__module__ != f"newscrawl.refine.{step.name}"] == []


def test_no_warning_has_two_owners() -> None:
    owned = [code for step in STEPS for code in step.warnings]
    assert len(owned) == len(set(owned))
    assert set(owned) <= set(WarningCode)


def test_a_digest_is_that_of_the_file() -> None:
    (table,) = tables_of(type(LONGBRIDGE))
    assert table == ("newscrawl.sites.longbridge", "news_ids.csv")
    content = (Path(package.__file__).parents[1] / "sites/longbridge/news_ids.csv").read_bytes()
    assert digest((table,)) == hashlib.sha256(content).hexdigest()[:8]


class _Told(Step):
    name = "dates"
    warnings = frozenset({WarningCode.UNREADABLE_ITEM, WarningCode.DATE_MISSING})

    def apply(self, article: Article, site: Site | None) -> list[str]:
        return [WarningCode.UNREADABLE_ITEM, WarningCode.UNREADABLE_ITEM]


def test_a_step_sets_its_own_warnings_anew_and_leaves_the_others() -> None:
    article = Article(warnings=["unknown_key", "date_missing", "bad_symbol"])
    step = _Told()
    for _ in range(2):
        assert step(article) is article
        assert article.warnings == ["bad_symbol", "unknown_key", "unreadable_item"]
    assert article.refined_with == RefinedWith(dates="1")


def test_a_step_that_does_not_run_on_withdrawn_lines_leaves_them_alone() -> None:
    article = Article(status="withdrawn")
    _Told()(article)
    assert article == Article(status="withdrawn")


def test_a_withdrawn_line_keeps_its_hash_and_gets_dates_language_and_availability() -> None:
    article = Article(
        status="withdrawn",
        story_id="longbridge:285741170",
        locale="zh-HK",
        published_raw="2026-05-08T14:18:31.000Z",
        fetched_at="2026-11-22T00:00:00.000Z",
        content_hash="kept",
        http=HttpInfo(410, date="Mon, 05 Jan 1970 00:00:00 GMT"),
    )
    refine(article, LONGBRIDGE)
    stamp(article, now=NOW, version=2)
    noted = [name for name, version in dataclasses.asdict(article.refined_with).items() if version]
    assert noted == ["dates", "language", "availability", "sessions"]
    assert (article.language, article.script, article.region) == ("zh", "Hant", "HK")
    assert article.published_at == "2026-05-08T14:18:31.000Z"
    assert (article.available_at, article.available_rule) == ("2026-11-23T00:00:00.000Z", "observed")
    assert (article.content_hash, article.sessions, article.warnings) == ("kept", [], [])


def test_a_withdrawn_line_gets_no_warnings() -> None:
    article = Article(status="withdrawn", locale="en")
    refine(article, LONGBRIDGE)
    assert (article.published_at, article.warnings) == (None, [])


def test_every_step_notes_its_version() -> None:
    article = Article(story_id="longbridge:285741170")
    refine(article, LONGBRIDGE)
    stamp(article, now=NOW, version=1)
    versions = {step.name: step.version(LONGBRIDGE) for step in STEPS}
    assert dataclasses.asdict(article.refined_with) == versions
    assert list(versions) == [field.name for field in dataclasses.fields(RefinedWith)]


texts = st.text(max_size=30) | st.lists(
    st.sampled_from(["$A(A.US)", "(00700.HK)", "腾讯", " ", "NVDA", "(NVDA)", "說", "说"]), max_size=8
).map("".join)
dates = st.none() | st.text(max_size=20) | st.datetimes().map(lambda moment: f"{moment.isoformat()}Z")
times = st.datetimes().map(lambda moment: f"{moment.isoformat(timespec='milliseconds')}Z")
articles = st.builds(
    Article,
    story_id=st.integers(1, 400_000_000).map("longbridge:{}".format),
    status=st.sampled_from(["usable", "withdrawn"]),
    locale=st.sampled_from(["en", "zh-CN", "zh-HK", "ja", "?"]),
    title=st.none() | texts,
    description=st.none() | texts,
    body=texts,
    wire_time=st.none() | st.sampled_from(["15:43 ET", "9:30 CST", "?"]),
    published_raw=dates,
    fetched_at=st.none() | times,
    instruments=st.lists(
        st.builds(
            Instrument,
            st.sampled_from(["700.HK", "00700.HK", "", "x", "XDDX.DE", "30000.HK", "833819.BJ", "NVDA.US"]),
        ),
        max_size=4,
    ),
    http=st.none()
    | st.builds(HttpInfo, st.just(200), date=st.none() | st.just("Fri, 08 May 2026 14:33:30 GMT")),
    warnings=st.lists(st.sampled_from(sorted(WarningCode)), max_size=3),
)


def whole(article: Article) -> Article:
    refine(article, LONGBRIDGE)
    stamp(article, now=NOW, version=1)
    return article


@settings(derandomize=True, deadline=None, max_examples=300)
@given(articles)
def test_refining_twice_is_refining_once(article: Article) -> None:
    once = deepcopy(whole(article))
    assert whole(article) == once
    assert once.warnings == sorted(set(once.warnings))


@settings(derandomize=True, deadline=None, max_examples=100)
@given(articles)
def test_raw_values_stay(article: Article) -> None:
    before = deepcopy(article)
    whole(article)
    for field in (
        "title",
        "description",
        "body",
        "wire_time",
        "published_raw",
        "fetched_at",
        "http",
        "locale",
    ):
        assert getattr(article, field) == getattr(before, field)
    raws = [instrument.raw for instrument in before.instruments]
    assert all(instrument.raw in raws for instrument in article.instruments)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_a_step_alone_can_be_run_again(step: Step) -> None:
    article = Article(
        story_id="longbridge:285741170",
        locale="en",
        body="Tencent (00700.HK)",
        published_raw="soon",
        instruments=[Instrument("700.HK"), Instrument("broken")],
    )
    once = dataclasses.replace(step(article, LONGBRIDGE))
    assert step(article, LONGBRIDGE) == once
