"""A changed site is noticed by the first run that meets it: on known data, and on a first crawl."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.crawl.crawl_runs import FAST, Run, crawl
from tests.crawl.faulty_site import FaultySite
from tests.promises.living_site import LivingSite, Story, pages
from tests.promises.redesigns import REDESIGNS

pytestmark = pytest.mark.slow


def _crawl(site_pages: Mapping[str, bytes], start: str, folder: Path, port: int = 0) -> Run:
    raise NotImplementedError


class Served:
    """A site whose pages can be exchanged between two crawls; its address stays the same."""

    def __init__(self, site: FaultySite) -> None:
        self.site = site

    def show(self, found: Mapping[str, bytes]) -> None:
        self.site.pages.clear()
        self.site.pages.update(found)


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


@pytest.mark.parametrize("name", [name for name, one in REDESIGNS.items() if one.is_known_at_first])
def test_on_a_first_crawl(name: str, tmp_path: Path) -> None:
    stories = LivingSite(size=60).stories()
    site = FaultySite(pages=REDESIGNS[name].change(stories))
    with site.serving():
        # Links may be gone: each story is a start.
        starts = ",".join(site.origin + story.path for story in stories if story.locale == "en")
        run = crawl(starts, tmp_path / "data", *FAST, "-s", "RETRY_AFTER_MAX=2", "-a", "depth=1")
    assert run.status in (1, 4), run.stderr
