"""Committed lines to files: whole, once, and the same again after a crash."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from newscrawl.archive import files as disk
from newscrawl.archive.segments import Segments
from newscrawl.database.statements.lines import LINES_WITHOUT_SEGMENT
from newscrawl.exceptions import OutputError, StateError
from tests.queue.results import article, plan
from tests.queue.workers import NewWorker, Worker, opened


@pytest.fixture
def worker(new_worker: NewWorker) -> Worker:
    worker = opened(new_worker(), plan(1))
    lease = worker.claim_one()
    worker.commit((lease, article(lease.page, 2)))
    return worker


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_file_appears_whole_and_once(worker: Worker, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    segments = Segments(worker.engine, folder, "w1")
    assert segments.publish() == 1
    (segment,) = segments.published(worker.run_id)
    path = folder / segment.path
    day = path.parent.name
    assert segment.path == f"articles/{day}/{worker.run_id}-000001.jsonl"
    assert segment.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert segment.lines == path.read_bytes().count(b"\n") == 1
    before = files(folder)
    assert segments.publish() == 0
    assert files(folder) == before


@pytest.mark.parametrize("step", ["fsync", "replace", "note"])
def test_what_a_crash_left_is_published_the_same(
    worker: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    folder = tmp_path / "data"
    segments = Segments(worker.engine, folder, "w1")

    class Crash(Exception):
        pass

    def crash(*_: object) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        target = {"fsync": (os, "fsync"), "replace": (Path, "replace"), "note": (Segments, "_note")}[step]
        patch.setattr(*target, crash)
        with pytest.raises(Crash):
            segments.publish()
    lease = worker.claim_one()
    worker.commit((lease, article(lease.page)))
    assert Segments(worker.engine, folder, "w1").publish() == 2
    names = sorted(name for name in files(folder) if name.endswith(".jsonl"))
    assert names == [f"{worker.run_id}-000001.jsonl", f"{worker.run_id}-000002.jsonl"]
    assert [files(folder)[name].count(b"\n") for name in names] == [1, 1]


def test_lines_of_another_worker_are_left_to_it(worker: Worker, tmp_path: Path) -> None:
    assert Segments(worker.engine, tmp_path / "other", "w2").publish() == 0
    assert Segments(worker.engine, tmp_path / "taken", "w1").publish() == 1


def test_a_slow_publisher_does_not_shorten_a_file(
    worker: Worker, new_worker: NewWorker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process of the disk publishes the same segment while this one has read half of it."""
    engine = worker.engine
    rows = [("w1", worker.run_id, "articles", "2001-01-01", b"%d\n" % number) for number in range(1200)]
    sql = "INSERT INTO line (worker, run_id, kind, day, content) VALUES (?, ?, ?, ?, ?)"
    engine.transact(lambda: engine.executemany(sql, rows))
    slow, quick = (Segments(which, tmp_path, "w1") for which in (engine, new_worker().engine))
    read, looks = slow._some_lines, []

    def look(*where: Any) -> Any:
        looks.append(where)
        if len(looks) == 2:
            assert quick.publish() == 2
        return read(*where)

    monkeypatch.setattr(slow, "_some_lines", look)
    slow.publish()
    lines = {name: content.count(b"\n") for name, content in files(tmp_path).items() if "jsonl" in name}
    assert sorted(lines.values()) == [1, 1200]
    assert sum(segment.lines for segment in slow.published(worker.run_id)) == 1201


def test_two_that_choose_at_once_leave_no_empty_segment(
    worker: Worker, new_worker: NewWorker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if worker.engine.statements.lock_run is None:
        pytest.skip("SQLite runs one transaction at a time")
    slow, quick = (Segments(which, tmp_path, "w1") for which in (worker.engine, new_worker().engine))
    execute = worker.engine.execute
    told: list[int] = []

    def ask(sql: str, values: Any = ()) -> Any:
        found = execute(sql, values)
        if sql == LINES_WITHOUT_SEGMENT and not told:
            told.append(quick.publish())
        return found

    monkeypatch.setattr(worker.engine, "execute", ask)
    assert slow.publish() == 0
    assert told == [1]
    assert execute("SELECT number, published FROM segment") == [(1, 1)]


def test_only_a_lost_disk_is_taken_over(worker: Worker, new_worker: NewWorker, tmp_path: Path) -> None:
    own, sibling = (Segments(engine, tmp_path, "w1") for engine in (worker.engine, new_worker().engine))
    assert own.lock_disk()
    assert sibling.lock_disk()
    other = Segments(new_worker("w2").engine, tmp_path, "w1")
    assert not other.lock_disk("w1")
    own.engine.close()
    sibling.engine.close()
    assert other.lock_disk("w1")
    assert not Segments(new_worker().engine, tmp_path, "w1").lock_disk()


def test_a_disk_that_fails_keeps_the_lines(
    worker: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    segments = Segments(worker.engine, tmp_path, "w1")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(disk.os, "fsync", full)  # type: ignore[attr-defined]
        with pytest.raises(OutputError, match="No space left"):
            segments.publish()
    assert [name for name in files(tmp_path) if name.endswith((".part", ".jsonl"))] == []
    assert segments.publish() == 1


def test_a_published_file_is_not_replaced_by_another(worker: Worker, tmp_path: Path) -> None:
    segments = Segments(worker.engine, tmp_path, "w1")
    segments.publish()
    (name,) = [name for name in files(tmp_path) if name.endswith(".jsonl")]
    path = next(tmp_path.rglob(name))
    before = path.read_bytes()
    # As in a state that was restored from an older copy: its next file has the name of a newer one.
    path.write_bytes(before + before)
    worker.engine.transact(lambda: worker.engine.execute("UPDATE segment SET published = 0"))
    worker.engine.transact(
        lambda: worker.engine.execute(
            "INSERT INTO line (worker, run_id, kind, day, segment, content) "
            "SELECT worker, run_id, kind, day, number, ? FROM segment",
            (before,),
        )
    )
    with pytest.raises(StateError, match="the state is older than the lines"):
        segments.publish()
    assert path.read_bytes() == before + before


def test_files_of_a_run_must_stay(worker: Worker, tmp_path: Path) -> None:
    segments = Segments(worker.engine, tmp_path, "w1")
    segments.publish()
    segments.run_id = worker.run_id
    assert segments.publish() == 0
    (gone,) = segments.published(worker.run_id)
    (tmp_path / gone.path).unlink()
    lease = worker.claim_one()
    worker.commit((lease, article(lease.page)))
    expected = (
        f"expected {gone.path} in {tmp_path}, where this run published it, found it gone; put it back, or"
    )
    with pytest.raises(OutputError, match=expected):
        segments.publish()
    # What had been committed is in a file all the same.
    assert segments.unpublished(worker.run_id) == 0
    shutil.rmtree(tmp_path / "articles")
    with pytest.raises(OutputError, match=f"expected {gone.path} and 1 more in "):
        segments.publish()
    # The files of another worker, and of another run, are not looked for here.
    Segments(worker.engine, tmp_path, "w2").check_files(worker.run_id)
    segments.check_files("another")


def test_lines_that_are_taken_over_are_this_workers(worker: Worker, tmp_path: Path) -> None:
    segments = Segments(worker.engine, tmp_path / "lost", "w1")
    segments.publish()
    lease = worker.claim_one()
    worker.commit((lease, article(lease.page)))
    # Chosen, and not yet in a file, when its disk was lost.
    worker.engine.transact(segments._choose)
    other = Segments(worker.engine, tmp_path / "other", "w2")
    assert other.knows_worker("w1")
    assert not other.knows_worker("w9")
    other.take_over("w1")
    assert segments.publish() == 0
    assert other.publish() == 1
    sql = "SELECT number, worker, published FROM segment ORDER BY number"
    assert worker.rows(sql) == [(1, "w1", 1), (2, "w2", 1)]
