"""Committed lines to files: whole, once, and the same again after a crash."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from newscrawl.exceptions import OutputError
from newscrawl.frontier import segments as module
from newscrawl.frontier.segments import Segments, write_whole
from newscrawl.frontier.store import Store
from tests.frontier.outcomes import article, plan

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


def test_a_worker_that_holds_pages_is_alive(store: Store, tmp_path: Path) -> None:
    segments = Segments(store.engine, tmp_path, "w1")
    assert not segments.worker_is_alive()
    store.claim(1)
    assert segments.worker_is_alive()


def test_a_disk_that_fails_keeps_the_lines(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    segments = Segments(store.engine, tmp_path, "w1")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(module.os, "fsync", full)  # type: ignore[attr-defined]
        with pytest.raises(OutputError, match="No space left"):
            segments.publish()
    assert [name for name in files(tmp_path) if name.endswith((".part", ".jsonl"))] == []
    assert segments.publish() == 1


def test_write_whole_replaces_nothing_by_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a" / "b.json"
    write_whole(path, [b"first"])

    def fail(*_: object) -> None:
        raise PermissionError("no")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(PermissionError):
        write_whole(path, [b"second"])
    assert path.read_bytes() == b"first"
    assert [found.name for found in path.parent.iterdir()] == ["b.json"]
