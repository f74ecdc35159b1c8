"""Healthy made-up sites keep all fixed promises, also simple ones whose ids and dates mean nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from benchmarks.generated_site import pages as generated_pages
from tests.crawl.crawl_runs import FAST, crawl
from tests.crawl.faulty_site import FaultySite
from tests.promises.judging import broken_at_first
from tests.promises.living_site import LOCALES, LivingSite, pages
from tests.promises.more_redesigns import MORE
from tests.promises.redesigns import REDESIGNS as FIRST_REDESIGNS

REDESIGNS = {**FIRST_REDESIGNS, **MORE}

_FIRST = datetime(2026, 2, 20, tzinfo=UTC)
_DATES: dict[str, Callable[[int], datetime]] = {
    "one": lambda _: datetime(2026, 5, 8, 14, 18, 31, tzinfo=UTC),
    "minutes": lambda number: _FIRST + timedelta(minutes=number),
    "hours": lambda number: _FIRST + timedelta(hours=number),
    "days back": lambda number: _FIRST - timedelta(days=number),
}
_TEXT = {
    "en": "This is story {n}. " + "It has some words more, so that it is as long as a text. " * 4,
    "zh-CN": "这是第{n}条新闻。" + "这里还有一些文字，使它和一篇文章一样长。" * 8,
    "zh-HK": "這是第{n}條新聞。" + "這裡還有一些文字，使它和一篇文章一樣長。" * 8,
}


def simple_site(first: int, stories: int, date_of: Callable[[int], datetime]) -> dict[str, bytes]:
    """Return pages that differ by a number only; each leads to the next five."""
    found = {}
    for number in range(stories):
        for locale in LOCALES:
            root = f"https://longbridge.com/{locale}"
            alternates = "".join(
                f"  - [{other}](https://longbridge.com/{other}/news/{first + number}.md)\n"
                for other in LOCALES
            )
            others = (first + (number + more) % stories for more in range(1, 6))
            related = "".join(f"- [Story {other}]({root}/news/{other}.md)\n" for other in others)
            found[f"/{locale}/news/{first + number}.md"] = (
                f'---\ntitle: "Story number {number}"\ntype: "News"\nlocale: "{locale}"\n'
                f'url: "{root}/news/{first + number}.md"\ndescription: "A text about {number}"\n'
                f'datetime: "{date_of(number):%Y-%m-%dT%H:%M:%S.000}Z"\nlocales:\n{alternates}---\n\n'
                f"# Story number {number}\n\n{_TEXT[locale].format(n=number)}\n\n"
                f"### Related Stocks\n\n- [00700.HK]({root}/quote/00700.HK.md)\n\n"
                f"## Related News & Research\n\n{related}"
            ).encode()
    return found


@pytest.mark.parametrize("dates", _DATES)
@pytest.mark.parametrize("first", [1, 100_000_001, 285_000_000, 285_741_170, 999_999_000])
@pytest.mark.parametrize("stories", [17, 50, 300])
def test_a_simple_site_is_healthy(first: int, stories: int, dates: str) -> None:
    assert broken_at_first(simple_site(first, stories, _DATES[dates])) == []


@pytest.mark.parametrize("stories", [17, 66, 150, 500, 3_000])
def test_a_generated_site_is_healthy(stories: int) -> None:
    assert broken_at_first(generated_pages(stories)) == []


@pytest.mark.parametrize("size", [20, 60, 200])
def test_a_living_site_is_healthy(size: int) -> None:
    assert broken_at_first(pages(LivingSite(size=size).stories())) == []


def test_the_news_of_a_busy_hour_are_healthy() -> None:
    now = datetime.now(UTC)
    living = LivingSite(size=0)
    living.add(40, now=now)
    assert broken_at_first(pages(living.stories()), now) == []


@pytest.mark.parametrize("name", REDESIGNS)
def test_which_redesigns_a_first_crawl_can_know(name: str) -> None:
    one = REDESIGNS[name]
    broken = broken_at_first(one.change(LivingSite(size=60).stories()))
    assert bool(broken) is one.is_known_at_first, broken


@pytest.mark.slow
@pytest.mark.parametrize("first", [100_000_001, 285_000_000])
def test_a_simple_site_is_crawled(first: int, tmp_path: Path) -> None:
    site = FaultySite(pages=simple_site(first, 100, _DATES["minutes"]))
    with site.serving():
        for number in range(2):
            words = (*FAST, "-a", "depth=100", "-a", "recheck=9999d")
            run = crawl(f"{site.origin}/en/news/{first}.md", tmp_path / "data", *words)
            assert run.status == 0, f"run {number}: {run.told}"
