"""Runs that read nothing, or hardly anything, are no fault, and do not spoil what later runs are held to."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from newscrawl.promises.explaining import confirmed
from newscrawl.promises.promise import Kept
from tests.crawl.crawl_runs import FAST, crawl
from tests.crawl.faulty_site import FaultySite
from tests.promises.living_site import LivingSite, pages
from tests.promises.redesigns import REDESIGNS


def _kept(name: str, value: float, *, is_broken: bool) -> Kept:
    return Kept(name, 0.5, value, 50, is_broken, "pages", is_share=True)


@pytest.mark.parametrize(
    ("name", "own", "is_broken"),
    [
        ("without_body", 1.0, True),
        # Earlier pages broke it.
        ("without_body", 0.4, False),
        ("without_body/rise", 0.4, False),
        # A few pages alone cannot tell.
        ("equal_title", 0.0, True),
        ("id_date_differs", 0.0, True),
        ("hours", 0.0, True),
    ],
)
def test_what_pages_of_earlier_runs_broke(name: str, own: float, is_broken: bool) -> None:  # noqa: FBT001
    (found,) = confirmed([_kept(name, 0.9, is_broken=True)], [_kept(name, own, is_broken=False)])
    assert found.is_broken is is_broken


@pytest.mark.slow
def test_runs_that_read_nothing(tmp_path: Path) -> None:
    stories = LivingSite(size=30).stories()
    site = FaultySite(pages=pages(stories))
    folder = tmp_path / "data"
    words = (*FAST, "-a", "depth=60")
    with site.serving():
        url = site.origin + stories[0].path
        assert crawl(url, folder, *words, "-a", "recheck=0").status == 0
        for number in range(4):
            # All but the start are known, and are not asked for again.
            quiet = crawl(url, folder, *words, "-a", "recheck=0")
            assert quiet.status == 0, f"run {number}: {quiet.told}"
        # The start leads to new stories, which are teasers.
        more = [story for story in LivingSite(size=60, seed=5).stories() if story.number != stories[0].number]
        site.pages.update(REDESIGNS["teasers"].change(more))
        links = "".join(f"- [A story]({story.url})\n" for story in more if story.locale == "en")
        site.pages[stories[0].path] += links.encode()
        changed = crawl(url, folder, *words, "-a", "recheck=0")
        assert changed.status == 4, changed.told
        assert "without_body: " in changed.stderr
        site.pages.clear()
        site.pages.update(pages(stories))
        # The site is as it was. Hardly a page is read, and none of the changed ones is there any more.
        for number in range(2):
            quiet = crawl(url, folder, *words, "-a", "recheck=0")
            assert quiet.status == 0, f"run {number}: {quiet.told}"


@pytest.mark.slow
def test_many_runs_that_read_nothing_do_not_hide_the_history(tmp_path: Path) -> None:
    stories = LivingSite(size=30).stories()
    site = FaultySite(pages=pages(stories))
    folder = tmp_path / "data"
    words = (*FAST, "-a", "depth=60")
    with site.serving():
        url = site.origin + stories[0].path
        for _ in range(2):
            assert crawl(url, folder, *words, "-a", "recheck=0").status == 0
        with closing(sqlite3.connect(folder / "state" / "newscrawl.db")) as state, state:
            copied = state.execute(
                "INSERT INTO report SELECT r.run_id || value, r.arguments_key, r.number, r.reader, "
                "r.is_healthy, r.profile, r.fresh, r.promises FROM report r, json_each(?) WHERE r.fresh = ''",
                (str(list(range(150))),),
            )
            assert copied.rowcount == 150
        site.pages.update(REDESIGNS["teasers"].change(stories))
        changed = crawl(url, folder, *words, "-a", "recheck=9999d")
    assert changed.status == 4, changed.told
    assert "without_body/rise: " in changed.stderr
    assert "fewer_pages: " not in changed.stderr
