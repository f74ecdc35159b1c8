"""Data folders and states that do not belong together, by the commands that people type."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from tests.crawl.crawl_runs import FAST, SINGLE, START, Run, crawl, crawling, run
from tests.crawl.faulty_site import FaultySite, page
from tests.postgres import database

FIRST = page("en", START)
WHOLE = ("-a", "depth=4", *FAST)
FEW = ("-a", "depth=0", *FAST)


@pytest.fixture
def site() -> FaultySite:
    return FaultySite()


def repeated(*folders: Path) -> int:
    """How many lines of these folders stand there once more."""
    lines = [line for folder in folders for line in Run(folder, 0, "", "").lines()]
    return sum(count - 1 for count in Counter((line["uid"], line["version"]) for line in lines).values())


def refused(found: Run, *parts: str) -> None:
    """Hold a refusal to one line with exit status 1 that has all of these parts."""
    assert found.status == 1, found.stderr
    assert found.told.startswith("failed: ")
    for part in parts:
        assert part in found.told


def test_one_folder_on_two_states(site: FaultySite, tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    elsewhere = ("-s", f"STATE_URL=sqlite:///{tmp_path}/elsewhere.db")
    with site.serving():
        url = site.origin + FIRST
        crawl(url, a, *FEW)
        before = crawl(url, a, *FEW).lines()
        # Empty, and then another folder's.
        refused(crawl(url, a, *FEW, *elsewhere), "holds lines, but the state", "scrapy rebuild")
        assert crawl(url, b, *FEW, *elsewhere).status == 0
        found = crawl(url, a, *FEW, *elsewhere)
        refused(found, f"{a} belongs to", f"at {tmp_path}/elsewhere.db", "DATA_DIR or STATE_URL")
        assert found.lines() == before
        assert crawl(url, a, *FEW).status == 0
        # The whole folder state/ of the other one.
        shutil.rmtree(a / "state")
        crawl(url, tmp_path / "c", *FEW)
        shutil.copytree(tmp_path / "c" / "state", a / "state")
        # Each of its runs left a file of the archive; one left lines.
        unknown = "does not know 4 of them"
        found = crawl(url, a, *WHOLE)
        refused(found, f"{unknown}, such as archive/", "move that state away and `scrapy rebuild`")
        assert found.lines() == before
        told = run(("publish",), a)
        assert (told.status, unknown in told.stderr) == (1, True)
        # The remedy.
        assert "move it away first" in run(("rebuild",), a).stderr
        (a / "state" / "newscrawl.db").unlink()
        assert run(("rebuild",), a).status == 0
        assert crawl(url, a, *WHOLE).status == 0
    assert repeated(a) == 0


def test_a_copied_folder_with_the_state_of_the_first_one(site: FaultySite, tmp_path: Path) -> None:
    folder, copied = tmp_path / "data", tmp_path / "copied"
    state = f"STATE_URL=sqlite:///{folder}/state/newscrawl.db"
    with site.serving():
        url = site.origin + FIRST
        assert crawl(url, folder, *FEW).status == 0
        shutil.copytree(folder, copied)
        refused(crawl(url, copied, *WHOLE, "-s", state), "another one or a copy", "choose a new DATA_DIR")
        assert crawl(url, folder, *WHOLE).status == 0
        # A new folder is another worker's, on the same state.
        assert crawl(url, tmp_path / "new", *WHOLE, "-s", state).status == 0
    assert repeated(folder, tmp_path / "new") == 0


def test_an_older_copy_of_a_state(site: FaultySite, tmp_path: Path) -> None:
    folder, old = tmp_path / "data", tmp_path / "old.db"
    state = folder / "state" / "newscrawl.db"
    with site.serving():
        url = site.origin + FIRST
        crawl(url, folder, *FEW)
        shutil.copy(state, old)
        newest = crawl(url, folder, *WHOLE)
        shutil.copy(state, tmp_path / "new.db")
        shutil.copy(old, state)
        found = crawl(url, folder, *WHOLE)
        refused(found, "knows 4 published files", "that knows 2: it is an older copy", "scrapy rebuild")
        assert found.lines() == newest.lines()
        shutil.copy(tmp_path / "new.db", state)
        assert crawl(url, folder, *WHOLE).status == 0
    assert repeated(folder) == 0


@pytest.fixture
def shared(postgres_url: str, request: pytest.FixtureRequest) -> tuple[str, str]:
    name = request.node.name.removeprefix("test_")[:40]
    return "-s", f"STATE_URL={database(postgres_url, f'identity_{name}')}"


def test_one_worker_on_two_disks(site: FaultySite, tmp_path: Path, shared: tuple[str, str]) -> None:
    a, b, c = tmp_path / "a", tmp_path / "b", tmp_path / "c"
    named = ("-a", "run=all", "-s", "WORKER=w", *shared, "-a", "depth=4", *SINGLE)
    # One at a time, it takes over a minute unless the site gets faster.
    site.slow = 1.0
    with site.serving():
        url = site.origin + FIRST
        with crawling(url, a, *named) as running:
            running.until(lambda: len(site.paths) > 1)
            # By hand, as a copy of the folder that is in use, and with the name alone.
            refused(
                crawl(url, b, *named), "expected the worker w on the disk that it publishes to, found it in"
            )
            shutil.copytree(a, c)
            refused(crawl(url, c, *named), f"found it in {c}, which is another one or a copy")
            assert [*b.glob("articles/*/*"), *c.glob("articles/*/*")] == []
            site.slow = 0.01
            # On the same disk a second process takes part in the run.
            beside = crawl(url, a, *named)
            assert running.end().status == 0
        assert beside.status == 0
    assert repeated(a) == 0
    assert len(Run(a, 0, "", "").uids) == 89


def test_a_copied_name(site: FaultySite, tmp_path: Path, shared: tuple[str, str]) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    with site.serving():
        url = site.origin + FIRST
        crawl(url, a, *FEW, *shared)
        (b / "state").mkdir(parents=True)
        shutil.copy(a / "state" / "worker", b / "state")
        refused(crawl(url, b, *WHOLE, *shared), "`scrapy publish --worker ")
        assert run(("publish", *shared), b).status == 1
        # Without it, b is a worker of its own.
        (b / "state" / "worker").unlink()
        assert crawl(url, b, *WHOLE, *shared).status == 0
    assert repeated(a, b) == 0
    assert len(Run(a, 0, "", "").lines()) + len(Run(b, 0, "", "").lines()) == 89


def test_a_moved_disk_and_a_lost_one(site: FaultySite, tmp_path: Path, shared: tuple[str, str]) -> None:
    a, moved, other = tmp_path / "a", tmp_path / "moved", tmp_path / "other"
    with site.serving():
        url = site.origin + FIRST
        crawl(url, a, *FEW, *shared)
        # What this one commits is in no file yet when it is killed.
        site.slow = 0.02
        with crawling(url, a, *SINGLE, *shared) as running:
            running.until(lambda: len(site.answered) > 9)
            running.process.kill()
            running.end()
        site.slow = 0.0
        worker = (a / "state" / "worker").read_text().strip()
        # A copy has another inode for certain only while the first one is there.
        shutil.copytree(a, moved)
        shutil.rmtree(a)
        refused(crawl(url, moved, *SINGLE, *shared), f"`scrapy publish --worker {worker}`")
        told = run(("publish", "--worker", worker, *shared), moved)
        assert (told.status, told.stdout) == (0, f"2 files published for {worker}\n")
        before = len(Run(moved, 0, "", "").lines())
        assert before > 3
        # Lost after all: another disk takes over what it had committed, and then the run.
        site.slow = 0.02
        with crawling(url, moved, "-a", "depth=2", *SINGLE, *shared) as running:
            asked = len(site.answered)
            running.until(lambda: len(site.answered) > asked + 9)
            running.process.kill()
            running.end()
        site.slow = 0.0
        told = run(("publish", "--worker", worker, *shared), other)
        assert (told.status, told.stdout) == (0, f"2 files published for {worker}\n")
        assert crawl(url, other, "-a", "depth=2", *SINGLE, *shared).status == 0
        # It was not: what it has is its own, and it goes on.
        assert crawl(url, moved, *WHOLE, *shared).status == 0
    assert repeated(moved, other) == 0
    assert len(Run(moved, 0, "", "").lines()) + len(Run(other, 0, "", "").lines()) == 89


def test_articles_that_are_deleted_while_a_run_goes_on(site: FaultySite, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    # One at a time, it takes over a minute unless the site gets faster.
    site.slow = 1.0
    with site.serving():
        url = site.origin + FIRST
        with crawling(url, folder, "-a", "depth=4", *SINGLE) as running:
            running.until(lambda: len(site.answered) > 2)
            # By another process, so that this one writes nothing while its files are deleted.
            assert run(("publish",), folder).status == 0
            shutil.rmtree(folder / "articles")
            site.slow = 0.0
            found = running.end()
        refused(
            found, "expected articles/dt=", "where this run published it, found it gone; put it back, or move"
        )
        assert found.manifest["verdict"]["status"] == 1
        # It is not forgotten.
        asked = len(site.paths)
        refused(crawl(url, folder, "-a", "depth=4", *FAST), "where this run published it, found it gone")
        assert len(site.paths) == asked
        # The remedy: what is missing is fetched again.
        (folder / "state" / "newscrawl.db").unlink()
        run(("rebuild",), folder)
        again = crawl(url, folder, "-a", "depth=4", *FAST)
    assert again.status == 0
    assert len(again.lines()) == len(set(again.uids)) == 89
