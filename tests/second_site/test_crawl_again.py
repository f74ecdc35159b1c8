"""The same command typed again on the second site: resumed, killed, changed, rebuilt."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path
from random import Random

import pytest

from newscrawl.sample_site import serve
from tests.chaos.crawls import Crawl
from tests.chaos.report import NO_DAMAGE, compare
from tests.crawl.crawl_runs import FAST, SINGLE, Run, comparable, run
from tests.postgres import database
from tests.second_site.crawls import AGAIN, HERE, WHOLE, HarbourSite, crawl, crawling
from tests.second_site.pages import KEYS, START, Key, reachable

ENGLISH, GERMAN, FRENCH = START, Key("cranes", "de"), Key("cranes", "fr")
KILLS = 4
_numbers = count(1)

States = Callable[[], tuple[str, ...]]


@pytest.fixture(params=["sqlite", "postgres"])
def state(request: pytest.FixtureRequest) -> States:
    """Gives the words that name a new state: none for SQLite in the data folder."""
    if request.param == "sqlite":
        return lambda: ()
    url = request.getfixturevalue("postgres_url")
    return lambda: ("-s", f"STATE_URL={database(url, f'harbour_{next(_numbers)}')}")


# --- Stopped and killed ---------------------------------------------------------------------------


def test_a_stopped_crawl_is_resumed(tmp_path: Path) -> None:
    # One page at a time: while this one is not answered, others wait.
    path, later = Key("rail", "en").path, Key("solar", "en").path
    words = ("-a", "depth=9", *SINGLE)
    with HarbourSite().serving() as site:
        with site.holding(path), crawling(site.start, tmp_path, *words) as running:
            running.until(lambda: path in site.paths)
            running.process.kill()
            killed = running.end()
        with site.holding(later) as answer, crawling(site.start, tmp_path, *words) as running:
            running.until(lambda: later in site.paths)
            running.process.send_signal(signal.SIGTERM)
            running.until(lambda: b"Received SIGTERM" in running.log.read_bytes())
            answer.set()
            stopped = running.end()
            kept = set(stopped.uids)
        ended = crawl(site.start, tmp_path, *words)
    assert [killed.status, stopped.status, ended.status] == [-signal.SIGKILL, 143, 0]
    assert kept < set(ended.uids)
    assert ended.uids == sorted(reachable(depth=9)[0])
    # It was not begun anew: each page was asked for once, but for the one whose answer nobody heard.
    assert Counter(site.paths) - Counter(set(site.paths)) == {path: 1}
    assert len(list((tmp_path / "runs").iterdir())) == 1


class HarbourCrawl(Crawl):
    """``tests.chaos`` starts and kills the second site's crawl, too."""

    def __init__(self, url: str, folder: Path, state: tuple[str, ...]) -> None:
        super().__init__(url, folder)
        self.words[1] = "harbour"
        self.words += [*HERE, *state]


def test_killed_again_and_again(tmp_path: Path, state: States) -> None:
    # At critical points by number, not by the clock: `tests.chaos` does both, and more of them.
    random = Random(20_261)
    kills = 2 if state() else KILLS
    killed = ended = 0
    with serve(HarbourSite()._answer) as origin:
        url = origin + START.path
        calm = HarbourCrawl(url, tmp_path / "calm", state())
        points = int(calm.run()[1].split()[-1])
        wild = HarbourCrawl(url, tmp_path / "wild 0", state())
        while killed < kills or not ended:
            status, _ = wild.run(random.randint(1, points // 2) if killed < kills else 0)
            killed += status == -signal.SIGKILL
            if status == 0:
                assert compare([calm.folder], [wild.folder]) == NO_DAMAGE
                assert Run(wild.folder, 0, "", "").uids == sorted(key.uid for key in KEYS)
                ended += 1
                wild = HarbourCrawl(url, tmp_path / f"wild {ended}", state())


# --- Changed --------------------------------------------------------------------------------------


def versions(run: Run) -> dict[str, list[tuple[int, str]]]:
    found: dict[str, list[tuple[int, str]]] = {}
    for line in sorted(run.lines(), key=lambda line: int(line["version"])):
        found.setdefault(line["uid"], []).append((line["version"], line["status"]))
    return found


def test_revisions(tmp_path: Path, state: States) -> None:
    words = ("-a", "depth=0", *AGAIN, *FAST, *state())
    with HarbourSite().serving() as site:
        crawl(site.start, tmp_path, *words)
        site.edit(ENGLISH.path, "six electric cranes", "seven electric cranes")
        lost = site.pages.pop(FRENCH.path)
        changed = crawl(site.start, tmp_path, *words)
        site.pages[FRENCH.path] = lost
        back = crawl(site.start, tmp_path, *words)
    first = (1, "usable")
    assert [run.status for run in (changed, back)] == [0, 0]
    assert versions(back) == {
        ENGLISH.uid: [first, (2, "usable")],
        GERMAN.uid: [first],
        FRENCH.uid: [first, (2, "withdrawn"), (3, "usable")],
    }
    lines = back.lines()
    assert {line["story_id"] for line in lines} == {START.story_id}
    assert {line["url"] for line in lines} == {ENGLISH.url, GERMAN.url, FRENCH.url}
    (gone,) = [line for line in lines if line["status"] == "withdrawn"]
    assert (gone["parser"], gone["language"], gone["published_at"]) == (
        "harbour-html/1",
        "fr",
        "2026-03-02T09:30:00.000Z",
    )


def test_a_second_crawl_asks_for_the_start_and_what_was_never_read(tmp_path: Path) -> None:
    with HarbourSite().serving() as site:
        first = crawl(site.start, tmp_path, *WHOLE)
        asked = len(site.paths)
        second = crawl(site.start, tmp_path, *WHOLE, "-a", "recheck=never")
    assert (second.status, second.uids) == (0, first.uids)
    assert sorted(site.paths[asked:]) == sorted(
        [START.path, *(Key("lost", locale).path for locale in ("de", "en", "fr"))]
    )
    assert second.told == "done: nothing new"


def test_limit_counts_stories_nearest_first_once_they_are_known(tmp_path: Path) -> None:
    with HarbourSite().serving() as site:
        crawl(site.start, tmp_path, *WHOLE)
        asked = len(site.paths)
        run = crawl(site.start, tmp_path, "-a", "depth=9", "-a", "limit=5", *AGAIN, *SINGLE)
    assert run.status == 0
    # One hop: two stories, and one more from the German page. Two hops: the first.
    nearest = ("cranes", "ferry", "tidal", "grain", "rail")
    assert sorted(site.paths[asked:]) == sorted(key.path for key in KEYS if key.story in nearest)


def test_a_rebuilt_state_knows_every_line(tmp_path: Path) -> None:
    words = ("-a", "depth=9", *AGAIN, *FAST)
    with HarbourSite().serving() as site:
        crawl(site.start, tmp_path, *words)
        site.edit(GERMAN.path, "Der Preis", "Der genaue Preis")
        site.edit(FRENCH.path, ">Le ferry reprend après quatre ans<", ">Le ferry reprend<")
        lost = site.pages.pop(Key("solar", "en").path)
        before = crawl(site.start, tmp_path, *words).lines()
        for path in (tmp_path / "state").glob("newscrawl.db*"):
            path.unlink()
        told = run(("rebuild", *HERE), tmp_path)
        again = crawl(site.start, tmp_path, *words)
        after = again.lines()
        site.pages[Key("solar", "en").path] = lost
        back = crawl(site.start, tmp_path, *words)
    assert len(before) == len(KEYS) + 2
    assert (told.status, told.stderr) == (0, "")
    assert f"{len(KEYS) + 2} lines" in told.stdout
    assert again.status == 0
    assert again.told == "done: nothing new"
    assert comparable(after) == comparable(before)
    assert [line["uid"] for line in back.lines("observations")] == [FRENCH.uid]
    assert versions(back)[Key("solar", "en").uid] == [(1, "usable"), (2, "withdrawn"), (3, "usable")]
