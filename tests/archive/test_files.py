"""Files on a disk: whole or not at all, each process its own part, and nothing published is replaced."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from newscrawl.archive import files as disk
from newscrawl.archive.files import Different, write_whole
from newscrawl.archive.rebuild import set_aside


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


def test_two_with_one_process_number_do_not_share_a_part(tmp_path: Path) -> None:
    # As in two containers on one folder; here one process is both.
    path = tmp_path / "a.jsonl"

    def lines() -> Iterator[bytes]:
        yield b"one\n"
        write_whole(path, [b"one\n", b"two\n"], once=True)
        assert path.read_bytes() == b"one\ntwo\n"
        yield b"two\n"

    write_whole(path, lines(), once=True)
    assert path.read_bytes() == b"one\ntwo\n"
    assert [found.name for found in tmp_path.iterdir()] == ["a.jsonl"]


def test_what_is_written_once_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write_whole(path, [b"one\n"], once=True)
    write_whole(path, [b"one\n"], once=True)
    with pytest.raises(Different):
        write_whole(path, [b"two\n"], once=True)
    assert path.read_bytes() == b"one\n"
    assert [found.name for found in tmp_path.iterdir()] == ["a.jsonl"]


def test_new_folders_are_synced_into_the_ones_above(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    fsync = os.fsync

    def note(number: int) -> None:
        synced.append(os.path.relpath(Path(f"/proc/self/fd/{number}").readlink(), tmp_path))
        fsync(number)

    monkeypatch.setattr(disk.os, "fsync", note)  # type: ignore[attr-defined]
    write_whole(tmp_path / "articles" / "dt=2026-11-23" / "a.jsonl", [b"one\n"])
    assert {".", "articles", "articles/dt=2026-11-23"} <= set(synced)


def test_a_file_is_synced_before_it_has_its_name_and_its_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def note_sync(number: int) -> None:
        place = Path(f"/proc/self/fd/{number}").readlink()
        done.append(f"sync {'file' if place.suffix == '.part' else place.name}")
        fsync(number)

    def note_name(aside: Path, target: Path) -> Path:
        done.append(f"name {target.name}")
        # All of it must be on its way to the disk, not in a buffer of this process.
        assert aside.read_bytes() == b"one\ntwo\n"
        return replace(aside, target)

    monkeypatch.setattr(disk.os, "fsync", note_sync)  # type: ignore[attr-defined]
    monkeypatch.setattr(Path, "replace", note_name)
    write_whole(tmp_path / "a.jsonl", [b"one\n", b"two\n"])
    assert done == ["sync file", "name a.jsonl", f"sync {tmp_path.name}"]


@pytest.mark.slow
def test_what_a_killed_process_left_half_written_is_removed(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    folder = tmp_path / "articles" / "dt=2026-11-23"
    folder.mkdir(parents=True)
    (tmp_path / "state").mkdir()
    old, new, alive = (
        folder / f"{name}-0a1b2c3d.part" for name in (f"a.{dead.pid}", f"b.{dead.pid}", f"c.{os.getpid()}")
    )
    probe, name = tmp_path / ".writable-0a1b2c3d", tmp_path / "state" / "worker.0a1b2c3d"
    for part in (old, new, alive, probe, name):
        part.touch()
    for part in (old, alive, probe, name):
        os.utime(part, (0, 0))
    disk.sweep(tmp_path)
    assert sorted(folder.iterdir()) == sorted([new, alive])
    assert not probe.exists()
    assert not name.exists()


def test_the_first_to_write_a_name_wins(tmp_path: Path) -> None:
    path = tmp_path / "state" / "worker"
    assert disk.write_once(path, b"one") == b"one"
    assert disk.write_once(path, b"two") == b"one"
    assert [found.name for found in path.parent.iterdir()] == ["worker"]


def test_a_state_is_set_aside_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "newscrawl.db"
    parts = [path, Path(f"{path}-wal"), Path(f"{path}-shm")]
    for part in parts:
        part.write_text(part.name)
    rename = Path.rename
    with monkeypatch.context() as patch:

        def killed(self: Path, target: Path) -> Path:
            rename(self, target)
            raise KeyboardInterrupt

        patch.setattr(Path, "rename", killed)
        with pytest.raises(KeyboardInterrupt):
            set_aside(path)
    # Without its companions the file would be an older state, and could pass for a whole one.
    assert not path.exists()
    assert set_aside(path) is None
    assert not any(part.exists() for part in parts)
    path.write_text("a")
    Path(f"{path}-wal").write_text("b")
    aside = set_aside(path)
    assert aside is not None
    assert Path(f"{aside}-wal").read_text() == "b"
