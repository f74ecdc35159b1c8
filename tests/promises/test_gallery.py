"""A changed site is noticed by the first run that meets it: on known data, and on a first crawl."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.crawl.crawl_runs import FAST, crawl
from tests.crawl.faulty_site import FaultySite
from tests.promises.living_site import LivingSite, Story, pages
from tests.promises.more_redesigns import MORE
from tests.promises.redesigns import REDESIGNS as FIRST_REDESIGNS

pytestmark = pytest.mark.slow

REDESIGNS = {**FIRST_REDESIGNS, **MORE}


@pytest.fixture(scope="module")
def stories() -> list[Story]:
    return LivingSite().stories()


@pytest.mark.parametrize("name", REDESIGNS)
def test_on_known_data(name: str, stories: list[Story], tmp_path: Path) -> None:
    site = FaultySite(pages=pages(stories))
    with site.serving():
        url = site.origin + stories[0].path
        for _ in range(2):
            healthy = crawl(
                url,
                tmp_path / "data",
                *FAST,
                "-s",
                "RETRY_AFTER_MAX=2",
                "-a",
                "depth=30",
                "-a",
                "recheck=9999d",
            )
            assert healthy.status == 0, healthy.stderr
        site.pages.clear()
        site.pages.update(REDESIGNS[name].change(stories))
        run = crawl(
            url, tmp_path / "data", *FAST, "-s", "RETRY_AFTER_MAX=2", "-a", "depth=30", "-a", "recheck=9999d"
        )
    assert run.status in (1, 4), run.stderr
    if run.status == 4:
        assert "broken promise" in run.stderr or "withdrawn" in run.told


def test_no_false_alarm_on_a_site_that_lives(tmp_path: Path) -> None:
    living = LivingSite(size=30)
    site = FaultySite(pages=pages(living.stories()))
    with site.serving():
        url = site.origin + living.start
        for day in range(50):
            run = crawl(url, tmp_path / "data", *FAST, "-a", "depth=60", "-a", "recheck=9999d")
            assert run.status == 0, f"day {day}: {run.told}"
            living.step()
            site.pages.clear()
            site.pages.update(pages(living.stories()))


def test_no_false_alarm_where_the_start_alone_is_read_again(tmp_path: Path) -> None:
    """Old stories are not asked for again; days without news, and one with very many."""
    living = LivingSite(size=40, seed=3)
    site = FaultySite(pages=pages(living.stories()))
    with site.serving():
        url = site.origin + living.start
        for day in range(30):
            run = crawl(url, tmp_path / "data", *FAST, "-a", "depth=150")
            assert run.status == 0, f"day {day}: {run.told}"
            if day % 7 < 5:
                living.step()
            if day == 20:
                living.add(60)
            site.pages.clear()
            site.pages.update(pages(living.stories()))


def test_no_false_alarm_on_news_of_the_last_hour(tmp_path: Path) -> None:
    living = LivingSite(size=40, now=datetime.now(UTC) - timedelta(days=20))
    site = FaultySite(pages=pages(living.stories()))
    with site.serving():
        url = site.origin + living.start
        for number in range(6):
            run = crawl(url, tmp_path / "data", *FAST, "-a", "depth=150")
            assert run.status == 0, f"run {number}: {run.told}"
            living.add(25, now=datetime.now(UTC))
            site.pages.clear()
            site.pages.update(pages(living.stories()))


def test_a_run_with_another_name_has_the_same_history(stories: list[Story], tmp_path: Path) -> None:
    site = FaultySite(pages=pages(stories))
    with site.serving():
        url = site.origin + stories[0].path
        for name in ("monday", "tuesday"):
            words = (*FAST, "-a", "depth=30", "-a", "recheck=9999d", "-a", f"run={name}")
            run = crawl(url, tmp_path / "data", *words)
            site.pages.clear()
            site.pages.update(REDESIGNS["teasers"].change(stories))
    assert run.status == 4
    assert "without_body/rise: " in run.stderr


def test_headings_that_are_new_are_no_fault(tmp_path: Path) -> None:
    living = LivingSite(size=20)
    site = FaultySite(pages=pages(living.stories()))
    with site.serving():
        url = site.origin + living.start
        for number in range(3):
            run = crawl(url, tmp_path / "data", *FAST, "-a", "depth=60", "-a", "recheck=9999d")
            assert run.status == 0, f"run {number}: {run.told}"
            changed = {
                path: page.replace(b"### ", b"### Our ").replace(b"## ", b"## More ")
                for path, page in site.pages.items()
            }
            site.pages.update(changed)


def test_a_crawl_of_one_article_is_never_degraded(tmp_path: Path) -> None:
    story = LivingSite(size=5).stories()[0]
    # No list, no other locale, no description, and a body of two words.
    bare = replace(story, description="", paragraphs=("Two words.",), locales=(), stocks=(), related=())
    site = FaultySite(pages=pages([bare]))
    with site.serving():
        for number in range(4):
            words = ("-a", "recheck=9999d", "-a", "depth=0")
            run = crawl(site.origin + story.path, tmp_path / "data", *FAST, *words)
            assert run.status == 0, f"run {number}: {run.told}"
            site.pages.update(pages([replace(bare, title=f"Title {number}")]))


@pytest.mark.parametrize("name", [name for name, one in REDESIGNS.items() if one.is_known_at_first])
def test_on_a_first_crawl(name: str, tmp_path: Path) -> None:
    stories = LivingSite(size=60).stories()
    site = FaultySite(pages=REDESIGNS[name].change(stories))
    with site.serving():
        # Links may be gone: each story is a start.
        starts = ",".join(site.origin + story.path for story in stories if story.locale == "en")
        run = crawl(starts, tmp_path / "data", *FAST, "-s", "RETRY_AFTER_MAX=2", "-a", "depth=1")
    assert run.status in (1, 4), run.stderr
