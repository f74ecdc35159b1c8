"""Committed lines to files: whole, once, and the same again after a crash."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from newscrawl.archive import files as disk
from newscrawl.archive.segments import Segments
from newscrawl.exceptions import OutputError, StateError
from newscrawl.queue.runs import Store
from tests.queue.outcomes import article, plan

NewStore = Callable[..., Store]


@pytest.fixture
def store(new_store: NewStore) -> Store:
    store = new_store()
    store.open_run(plan(1), "longbridge")
    (lease,) = store.claim(1)
    store.commit([(lease, article(lease.address, 2))])
    return store


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_file_appears_whole_and_once(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    segments = Segments(store.engine, folder, "w1")
    assert segments.publish() == 1
    (segment,) = segments.published(store.run_id)
    path = folder / segment.path
    day = path.parent.name
    assert segment.path == f"articles/{day}/{store.run_id}-000001.jsonl"
    assert segment.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert segment.lines == path.read_bytes().count(b"\n") == 1
    before = files(folder)
    assert segments.publish() == 0
    assert files(folder) == before


@pytest.mark.parametrize("step", ["fsync", "replace", "note"])
def test_what_a_crash_left_is_published_the_same(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    folder = tmp_path / "data"
    segments = Segments(store.engine, folder, "w1")

    class Crash(Exception):
        pass

    def crash(*_: object) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        target = {"fsync": (os, "fsync"), "replace": (Path, "replace"), "note": (Segments, "_note")}[step]
        patch.setattr(*target, crash)
        with pytest.raises(Crash):
            segments.publish()
    (lease,) = store.claim(1)
    store.commit([(lease, article(lease.address))])
    assert Segments(store.engine, folder, "w1").publish() == 2
    names = sorted(name for name in files(folder) if name.endswith(".jsonl"))
    assert names == [f"{store.run_id}-000001.jsonl", f"{store.run_id}-000002.jsonl"]
    assert [files(folder)[name].count(b"\n") for name in names] == [1, 1]


def test_lines_of_another_worker_are_left_to_it(store: Store, tmp_path: Path) -> None:
    assert Segments(store.engine, tmp_path / "other", "w2").publish() == 0
    assert Segments(store.engine, tmp_path / "taken", "w1").publish() == 1


def test_a_slow_publisher_does_not_shorten_a_file(
    store: Store, new_store: NewStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process of the disk publishes the same segment while this one has read half of it."""
    engine = store.engine
    rows = [("w1", store.run_id, "articles", "2001-01-01", b"%d\n" % number) for number in range(1200)]
    sql = "INSERT INTO line (worker, run_id, kind, day, content) VALUES (?, ?, ?, ?, ?)"
    engine.transact(lambda: engine.executemany(sql, rows))
    slow, quick = (Segments(which, tmp_path, "w1") for which in (engine, new_store().engine))
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
    assert sum(segment.lines for segment in slow.published(store.run_id)) == 1201


def test_two_that_choose_at_once_leave_no_empty_segment(
    store: Store, new_store: NewStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if store.engine.lock_rows == "":
        pytest.skip("SQLite's transactions stand in a row")
    slow, quick = (Segments(which, tmp_path, "w1") for which in (store.engine, new_store().engine))
    execute = store.engine.execute
    told: list[int] = []

    def ask(sql: str, values: Any = ()) -> Any:
        found = execute(sql, values)
        if sql.startswith("SELECT DISTINCT run_id, kind") and not told:
            told.append(quick.publish())
        return found

    monkeypatch.setattr(store.engine, "execute", ask)
    assert slow.publish() == 0
    assert told == [1]
    assert execute("SELECT number, published FROM segment") == [(1, 1)]


def test_only_a_lost_disk_is_taken_over(store: Store, new_store: NewStore, tmp_path: Path) -> None:
    own, sibling = (Segments(engine, tmp_path, "w1") for engine in (store.engine, new_store().engine))
    assert own.hold_disk()
    assert sibling.hold_disk()
    other = Segments(new_store("w2").engine, tmp_path, "w1")
    assert not other.hold_disk(as_another=True)
    own.engine.close()
    sibling.engine.close()
    assert other.hold_disk(as_another=True)
    assert not Segments(new_store().engine, tmp_path, "w1").hold_disk()


def test_a_disk_that_fails_keeps_the_lines(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    segments = Segments(store.engine, tmp_path, "w1")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(disk.os, "fsync", full)  # type: ignore[attr-defined]
        with pytest.raises(OutputError, match="No space left"):
            segments.publish()
    assert [name for name in files(tmp_path) if name.endswith((".part", ".jsonl"))] == []
    assert segments.publish() == 1


def test_a_published_file_is_not_replaced_by_another(store: Store, tmp_path: Path) -> None:
    segments = Segments(store.engine, tmp_path, "w1")
    segments.publish()
    (name,) = [name for name in files(tmp_path) if name.endswith(".jsonl")]
    path = next(tmp_path.rglob(name))
    before = path.read_bytes()
    # As in a state that was restored from an older copy: its next file has the name of a newer one.
    path.write_bytes(before + before)
    store.engine.transact(lambda: store.engine.execute("UPDATE segment SET published = 0"))
    store.engine.transact(
        lambda: store.engine.execute(
            "INSERT INTO line (worker, run_id, kind, day, segment, content) "
            "SELECT worker, run_id, kind, day, number, ? FROM segment",
            (before,),
        )
    )
    with pytest.raises(StateError, match="the state is older than the lines"):
        segments.publish()
    assert path.read_bytes() == before + before
