"""A reader that reads better makes no false news."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.crawl.crawl_runs import FAST
from tests.second_site.crawls import AGAIN, HarbourSite, crawl
from tests.second_site.pages import START, Key

WORDS = ("-a", "depth=0", *AGAIN, *FAST)
LATER = ("-s", "SPIDER_MODULES=tests.second_site.later")
ALONE = ("-s", "SPIDER_MODULES=tests.second_site.later_alone")
GERMAN, FRENCH = Key("cranes", "de"), Key("cranes", "fr")
CAPTION = "<figure><figcaption>The northern quay</figcaption></figure></article>"


def redeploy(site: HarbourSite) -> None:
    """Change all pages around their texts, and so their ETags: they are sent again."""
    for path in site.pages:
        site.edit(path, "<footer>", "<footer>2026 ")


def readers(folder: Path) -> dict[str, str]:
    """With which reader the state knows each page."""
    with sqlite3.connect(folder / "state" / "newscrawl.db") as connection:
        return dict(connection.execute("SELECT uid, reader FROM known"))


@pytest.mark.parametrize("spiders", [LATER, ALONE], ids=["old reader kept", "old reader gone"])
def test_a_text_that_only_another_reader_changed(tmp_path: Path, spiders: tuple[str, ...]) -> None:
    with HarbourSite().serving() as site:
        for path in (START.path, GERMAN.path):
            site.edit(path, "</article>", CAPTION)
        crawl(site.start, tmp_path, *WORDS)
        # Nothing is sent again as long as the site says that nothing changed.
        unchanged = crawl(site.start, tmp_path, *WORDS, spiders=spiders)
        redeploy(site)
        site.edit(GERMAN.path, "im Oktober", "im November")
        later = crawl(site.start, tmp_path, *WORDS, spiders=spiders)
        known = readers(tmp_path)
        lines = len(later.lines())
        # What changes from now on is news.
        redeploy(site)
        site.edit(FRENCH.path, "en octobre", "en novembre")
        again = crawl(site.start, tmp_path, *WORDS, spiders=spiders)
    assert [run.status for run in (unchanged, later, again)] == [0, 0, 0]
    assert unchanged.told == "done: nothing new"
    assert lines == 5
    second = {line["uid"]: line for line in again.lines() if line["version"] == 2}
    # Without the old reader nobody can tell whether the German page changed as well.
    german = [] if spiders == LATER else ["reader_changed"]
    assert {uid: line["warnings"] for uid, line in second.items()} == {
        START.uid: ["reader_changed"],
        GERMAN.uid: german,
        FRENCH.uid: [],
    }
    assert {line["parser"] for line in second.values()} == {"harbour-html/2"}
    assert second[START.uid]["body"].endswith("\n\nThe northern quay")
    # The French text was the same with either reader: no line, and from then on it was the new reader's.
    assert known == dict.fromkeys((START.uid, GERMAN.uid, FRENCH.uid), "harbour-html/2")
    assert len(again.lines()) == lines + 1
