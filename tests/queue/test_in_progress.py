"""Pages that were worked on when a process ended: they are counted, each by what it did, and set aside."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from newscrawl.codes import Outcome
from newscrawl.database.engine import Engine
from newscrawl.queue import in_progress as module
from newscrawl.queue.commits import FAILURES
from newscrawl.queue.in_progress import MOST_CRASHES, InProgress, count_crashes
from newscrawl.queue.overview import overview, retry_failed
from tests.queue.results import article, page, plan
from tests.queue.workers import NewWorker, Worker, opened


@pytest.fixture
def worker(new_worker: NewWorker) -> Worker:
    return opened(new_worker(), plan(1, 2))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "in-progress"


def die(folder: Path, *numbers: int) -> None:
    """Leave behind what a process leaves that was killed while it worked on some pages."""
    in_progress = InProgress(folder)
    for number in numbers:
        in_progress.begin(page(number).uid)
    # The system closes the files of a process that is killed, and so unlocks them.
    in_progress._file.close()


def crashes(worker: Worker) -> dict[str, int]:
    return dict(worker.rows("SELECT uid, crashes FROM crash"))


def test_a_page_is_named_from_its_first_byte_to_its_commit(folder: Path) -> None:
    in_progress = InProgress(folder)
    (path,) = folder.iterdir()
    assert path.read_bytes() == b""
    in_progress.begin("a:1")
    in_progress.begin("a:1")
    in_progress.begin("a:2")
    assert path.read_text().split() == ["a:1", "a:2"]
    in_progress.end("a:1")
    in_progress.end("a:1")
    in_progress.end("never begun")
    assert path.read_text().split() == ["a:2"]
    in_progress.end("a:2")
    assert path.read_text().split() == []
    in_progress.close()
    assert list(folder.iterdir()) == []


def test_a_page_is_set_aside_after_three_times(worker: Worker, folder: Path) -> None:
    for number in range(1, MOST_CRASHES + 1):
        die(folder, 1)
        assert count_crashes(worker.engine, folder) == [(page(1).uid, number)]
        assert list(folder.iterdir()) == []
        assert crashes(worker) == {page(1).uid: number}
    assert [lease.page for lease in worker.claim(5)] == [page(2)]
    assert worker.count().outcomes == {"crashed": 1}
    text = "the process ended 3 times while it worked on this page"
    assert worker.count().failed_starts == {page(1).uid: text}
    (crawl,) = overview(worker.engine).crawls
    assert (crawl.pages, crawl.failed) == ({"crashed": 1}, [(text, 1)])
    assert retry_failed(worker.engine) == 1
    assert [lease.page for lease in worker.claim(5)] == [page(1)]
    assert crashes(worker) == {}


def test_all_pages_in_progress_are_counted(worker: Worker, folder: Path) -> None:
    die(folder, 1, 2)
    assert sorted(count_crashes(worker.engine, folder)) == [(page(1).uid, 1), (page(2).uid, 1)]
    # From now on each of them is known as one to work on alone.
    assert [lease.crashes for lease in worker.claim(2)] == [1, 1]


def test_a_commit_forgets_the_crashes_of_a_page(worker: Worker, folder: Path) -> None:
    die(folder, 1)
    assert count_crashes(worker.engine, folder) == [(page(1).uid, 1)]
    (lease,) = worker.claim(1)
    assert lease.crashes == 1
    worker.commit((lease, article(lease.page)))
    assert crashes(worker) == {}


def test_crashes_count_over_runs(new_worker: NewWorker, folder: Path) -> None:
    for _ in range(MOST_CRASHES):
        worker = opened(new_worker(), plan(1, fresh="1"))
        die(folder, 1)
        count_crashes(worker.engine, folder)
        worker.engine.close()
    worker = opened(new_worker(), plan(1, fresh="1"))
    assert worker.claim(5) == []
    assert worker.count().outcomes == {"crashed": 1}


def test_a_process_that_lives_is_left_alone(worker: Worker, folder: Path) -> None:
    alive = InProgress(folder)
    alive.begin(page(1).uid)
    die(folder, 2)
    assert count_crashes(worker.engine, folder) == [(page(2).uid, 1)]
    assert [path.name for path in folder.iterdir()] == [alive._path.name]
    assert alive._path.read_text().split() == [page(1).uid]
    alive.close()


def test_a_process_that_lives_in_fact(worker: Worker, folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from newscrawl.queue.in_progress import InProgress\n"
        "own = InProgress(Path(sys.argv[1])); own.begin(sys.argv[2])\n"
        "print('.', flush=True); input()"
    )
    words = [sys.executable, "-c", code, str(folder), page(1).uid]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b".\n"
        assert count_crashes(worker.engine, folder) == []
        process.kill()
        process.wait()
        assert count_crashes(worker.engine, folder) == [(page(1).uid, 1)]


def test_what_says_nothing_is_removed(worker: Worker, folder: Path) -> None:
    die(folder)
    (folder / "1-x").write_bytes(b"")
    (folder / "something else").mkdir()
    assert count_crashes(worker.engine, folder) == []
    assert [path.name for path in folder.iterdir()] == ["something else"]
    assert crashes(worker) == {}


def test_an_empty_folder_and_none(worker: Worker, folder: Path) -> None:
    assert count_crashes(worker.engine, folder) == []
    folder.mkdir()
    assert count_crashes(worker.engine, folder) == []


def test_two_processes_that_begin_together_count_once(
    worker: Worker, new_worker: NewWorker, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = new_worker()
    die(folder, 1)
    count = module._count
    others: list[list[tuple[str, int]]] = []

    def slowly(engine: Engine, uids: list[str]) -> list[tuple[str, int]]:
        if engine is worker.engine:
            # The other one looks while this one has not removed the file yet.
            thread = threading.Thread(target=lambda: others.append(count_crashes(other.engine, folder)))
            thread.start()
            thread.join(30)
        return count(engine, uids)

    monkeypatch.setattr(module, "_count", slowly)
    assert count_crashes(worker.engine, folder) == [(page(1).uid, 1)]
    assert others == [[]]


def test_a_file_that_is_taken_for_abandoned_before_it_is_locked_is_made_anew(
    worker: Worker, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flock = fcntl.flock
    times: list[int] = []

    def late(file: object, how: int) -> None:
        if how == fcntl.LOCK_EX and not times:
            times.append(how)
            assert count_crashes(worker.engine, folder) == []
        flock(file, how)  # type: ignore[arg-type]

    monkeypatch.setattr(fcntl, "flock", late)
    in_progress = InProgress(folder)
    in_progress.begin(page(1).uid)
    assert [path.read_text().split() for path in folder.iterdir()] == [[page(1).uid]]
    in_progress.close()


def test_a_disk_that_is_full_stops_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_progress = InProgress(folder)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    in_progress.begin("a:1")
    in_progress.end("a:1")
    in_progress.close()


def test_the_outcome_is_one_that_retry_knows() -> None:
    assert Outcome.CRASHED in FAILURES
