"""Folder and state belong together, and a worker's name to one disk; what does not is refused."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from newscrawl.archive.files import note_published, read_published
from newscrawl.archive.rebuild import rebuild
from newscrawl.archive.segments import Segments
from newscrawl.database.connect import connect
from newscrawl.database.engine import Engine, pairs
from newscrawl.database.schema import prepare, read_identity
from newscrawl.exceptions import OutputError, StateError
from newscrawl.queue import identity
from newscrawl.queue.identity import Home, read_disk, refuse_other_state, settle
from newscrawl.sites.longbridge import LONGBRIDGE
from tests.queue.results import article, plan
from tests.queue.workers import Worker, opened

Connected = Callable[[], Engine]
_starts = count(1)
FILE = "articles/dt=2026-01-01/20260101T000000Z-longbridge-aaaa-000001.jsonl"


def home(engine: Engine, folder: Path, *, is_inside: bool = False) -> Home:
    return Home(engine, folder, "the state's place", is_inside)


def another_state(tmp_path: Path) -> Engine:
    engine = connect(f"sqlite:///{tmp_path}/another.db")
    prepare(engine, "longbridge", "longbridge.com")
    return engine


def touch(folder: Path, path: str = FILE) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).touch()


def write(engine: Engine, folder: Path, worker: str = "w1") -> Segments:
    """Publish one line, as a run does."""
    settle(home(engine, folder), worker)
    # A crawl of its own, since others may be running.
    run = opened(Worker(engine, worker), plan(next(_starts)))
    lease = run.claim_one()
    run.commit((lease, article(lease.page)))
    segments = Segments(engine, folder, worker)
    assert segments.publish() == 1
    return segments


def bound(engine: Engine) -> dict[str, str]:
    return pairs(engine.execute("SELECT worker, disk FROM worker"))


def test_folder_and_state_get_one_identity_and_keep_it(connected: Connected, tmp_path: Path) -> None:
    engine, folder = connected(), tmp_path / "data"
    settle(home(engine, folder), "w1")
    disk = read_disk(folder)
    assert disk is not None
    assert disk.state == read_identity(engine)
    assert bound(engine) == {"w1": f"{disk.name} {disk.inode}"}
    # Another process of the folder, another worker in it, and another worker's folder.
    settle(home(connected(), folder), "w1")
    settle(home(connected(), folder), "w2")
    settle(home(connected(), tmp_path / "other"), "w3")
    assert read_disk(folder) == disk
    other = read_disk(tmp_path / "other")
    assert other is not None
    assert (other.state, other.name == disk.name) == (disk.state, False)
    assert sorted(bound(engine)) == ["w1", "w2", "w3"]


def test_another_state_is_refused_and_not_changed(connected: Connected, tmp_path: Path) -> None:
    engine, folder = connected(), tmp_path / "data"
    settle(home(engine, folder), "w1")
    other = another_state(tmp_path)
    settle(home(other, tmp_path / "other"), "w1")
    for look in (refuse_other_state, lambda place: settle(place, "w9")):
        with pytest.raises(
            StateError, match=r"expected the state \w+, which .*data belongs to, found the state"
        ):
            look(home(other, folder))
    assert sorted(bound(other)) == ["w1"]
    other.close()


def test_files_that_the_state_does_not_know_are_refused(connected: Connected, tmp_path: Path) -> None:
    engine, folder = connected(), tmp_path / "data"
    touch(folder)
    with pytest.raises(StateError, match=f"does not know 1 of them, such as {FILE}; .*scrapy rebuild"):
        settle(home(engine, folder), "w1")
    # Nothing was noted on the way.
    assert read_identity(engine) is None
    assert read_disk(folder) is None
    assert bound(engine) == {}
    (folder / FILE).unlink()
    # What is not a published file is nobody's business.
    touch(folder, "articles/dt=2026-01-01/x.jsonl")
    touch(folder, f"{FILE}.1-2.part")
    settle(home(engine, folder), "w1")
    touch(folder, FILE.replace("articles", "rejected"))
    with pytest.raises(StateError, match="does not know 1 of them, such as rejected/"):
        settle(home(engine, folder), "w1")


def forget(engine: Engine, folder: Path) -> None:
    """Leave folder and state as they were before they had an identity."""
    engine.transact(lambda: engine.execute("DELETE FROM meta WHERE key = 'identity'"))
    engine.transact(lambda: engine.execute("DELETE FROM worker"))
    for name in ("identity", "published"):
        (folder / "state" / name).unlink()


def test_what_was_there_before_is_adopted(connected: Connected, tmp_path: Path) -> None:
    engine, folder = connected(), tmp_path / "data"
    write(engine, folder)
    forget(engine, folder)
    touch(folder)
    with pytest.raises(StateError, match="does not know 1 of them"):
        settle(home(engine, folder), "w1")
    (folder / FILE).unlink()
    settle(home(engine, folder), "w1")
    assert read_disk(folder) is not None


def test_files_are_not_read(connected: Connected, tmp_path: Path) -> None:
    engine, folder = connected(), tmp_path / "data"
    write(engine, folder)
    (path,) = folder.glob("articles/*/*")
    path.unlink()
    path.symlink_to("nowhere")
    settle(home(engine, folder), "w1")


def test_an_older_copy_of_the_state_is_refused(connected: Connected, tmp_path: Path) -> None:
    engine, folder = connected(), tmp_path / "data"
    write(engine, folder)
    assert read_published(folder) == 1
    write(engine, folder)
    assert read_published(folder) == 2
    last = "(SELECT run_id FROM run ORDER BY number DESC LIMIT 1)"
    engine.transact(lambda: engine.execute(f"DELETE FROM segment WHERE run_id = {last}"))
    # Also where its files have been moved away since.
    for _ in range(2):
        with pytest.raises(StateError, match=r"knows 2 published files, .* knows 1: it is an older copy"):
            settle(home(engine, folder), "w1")
        shutil.rmtree(folder / "articles", ignore_errors=True)


def test_a_folder_without_lines_is_begun_anew(connected: Connected, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    gone = another_state(tmp_path)
    write(gone, folder)
    gone.close()
    shutil.rmtree(folder / "articles")
    engine = connected()
    for _ in range(2):
        settle(home(engine, folder), "w1")
    disk = read_disk(folder)
    assert disk is not None
    assert disk.state == read_identity(engine)
    write(engine, folder)
    assert read_published(folder) == 1


def test_a_copied_folder_is_no_second_disk(connected: Connected, tmp_path: Path) -> None:
    engine, folder, copy = connected(), tmp_path / "data", tmp_path / "copy"
    write(engine, folder)
    shutil.copytree(folder, copy)
    with pytest.raises(StateError, match=r"expected the worker w1 on the disk .* found it in .*copy"):
        settle(home(engine, copy), "w1")
    # Under another name its files are still those of the first.
    with pytest.raises(StateError, match="which the worker w1 published to another disk"):
        settle(home(engine, copy), "w2")
    settle(home(engine, folder), "w1")
    assert sorted(bound(engine)) == ["w1"]


def test_a_worker_by_hand_has_one_disk(connected: Connected, tmp_path: Path) -> None:
    engine = connected()
    settle(home(engine, tmp_path / "a"), "w1")
    for folder in ("b", "c"):
        with pytest.raises(StateError, match="expected the worker w1 on the disk that it publishes to"):
            settle(home(engine, tmp_path / folder), "w1")
    settle(home(engine, tmp_path / "a"), "w1")


def test_a_copy_of_folder_and_state_is_a_data_set_of_its_own(tmp_path: Path) -> None:
    folder, copy = tmp_path / "data", tmp_path / "copy"
    engine = connect(f"sqlite:///{folder}/state/newscrawl.db")
    prepare(engine, "longbridge", "longbridge.com")
    settle(home(engine, folder, is_inside=True), "w1")
    engine.close()
    shutil.copytree(folder, copy)
    engine = connect(f"sqlite:///{copy}/state/newscrawl.db")
    settle(home(engine, copy, is_inside=True), "w1")
    # Used from elsewhere from now on, it is bound to its place.
    settle(home(engine, copy), "w1")
    disk = read_disk(copy)
    assert disk is not None
    assert bound(engine) == {"w1": f"{disk.name} {disk.inode}"}
    engine.close()


def test_a_moved_disk_is_bound_when_asked(connected: Connected, tmp_path: Path) -> None:
    engine, folder, moved = connected(), tmp_path / "data", tmp_path / "moved"
    write(engine, folder)
    settle(home(engine, folder), "w2")
    shutil.copytree(folder, moved)
    settle(home(engine, moved), "w1", is_moved=True)
    # All names of that disk have moved, and none of them is where it was.
    for name in ("w1", "w2"):
        settle(home(engine, moved), name)
        with pytest.raises(StateError, match=f"expected the worker {name} on the disk"):
            settle(home(engine, folder), name)


STEPS = ("make_identity", "write_once", "_bind")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_a_kill_between_two_steps_is_completed(
    connected: Connected, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, when: str
) -> None:
    class Killed(BaseException):
        pass

    work: Any = getattr(identity, step)

    def dying(*args: Any, **options: Any) -> None:
        if when == "after":
            work(*args, **options)
        raise Killed

    for number, folder in enumerate((tmp_path / "data", tmp_path / "second")):
        engine = connected()
        with monkeypatch.context() as patch:
            patch.setattr(identity, step, dying)
            # The state of the second has its identity already.
            if number == 0 or step != "make_identity":
                with pytest.raises(Killed):
                    settle(home(engine, folder), f"w{number}")
        settle(home(connected(), folder), f"w{number}")
        write(connected(), folder, f"w{number}")


def test_what_is_published_meanwhile_is_known(
    connected: Connected, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    engine, folder = connected(), tmp_path / "data"
    settle(home(engine, folder), "w1")
    for name in ("read_published", "published_files"):
        look: Any = getattr(identity, name)
        told: list[Segments] = []

        def busy(place: Path, look: Any = look, told: list[Segments] = told) -> Any:
            found = look(place)
            if not told:
                told.append(Segments(engine, folder, "w1"))
                write(connected(), folder)
            return found

        with monkeypatch.context() as patch:
            patch.setattr(identity, name, busy)
            settle(home(engine, folder), "w1")
    assert caplog.records == []


@pytest.mark.parametrize("worker", ["w1", "w2"])
@pytest.mark.parametrize("step", ["read_published", "published_files", "_workers"])
def test_a_folder_that_another_process_begins_meanwhile_is_the_same_one(
    connected: Connected, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, worker: str, step: str
) -> None:
    engine, folder = connected(), tmp_path / "data"
    prepare(engine, "longbridge", "longbridge.com")
    look = getattr(identity, step)

    def another_process_first(*arguments: Any) -> Any:
        monkeypatch.undo()
        write(connected(), folder, worker)
        return look(*arguments)

    monkeypatch.setattr(identity, step, another_process_first)
    settle(home(engine, folder), "w1")
    assert bound(engine).keys() == {"w1", worker}
    assert len(set(bound(engine).values())) == 1


def test_files_of_earlier_runs_that_are_gone_are_told(
    connected: Connected, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    engine, folder = connected(), tmp_path / "data"
    (segment,) = write(engine, folder).published(opened_run(engine))
    (folder / segment.path).unlink()
    # Another worker's are on another disk.
    settle(home(engine, tmp_path / "other"), "w2")
    assert caplog.messages == []
    settle(home(engine, folder), "w1")
    (told,) = caplog.messages
    assert told.startswith(f"1 published files are not in {folder} any more, such as {segment.path}: ")


def opened_run(engine: Engine) -> str:
    ((run_id,),) = engine.execute("SELECT run_id FROM run ORDER BY number DESC LIMIT 1")
    return str(run_id)


@pytest.mark.parametrize("content", [b"", b"one\n", b"one two three\n"])
def test_an_identity_that_cannot_be_read_is_refused(
    connected: Connected, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "data" / "state" / "identity"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(OutputError, match=f"expected two words in {path}, found "):
        settle(home(connected(), tmp_path / "data"), "w1")


def test_a_rebuilt_state_knows_the_files(connected: Connected, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    old = another_state(tmp_path)
    write(old, folder)
    old.close()
    disk = read_disk(folder)
    assert disk is not None
    touch(folder, FILE.replace("articles", "rejected"))
    note_published(folder, 0)
    engine = connect_empty(connected)
    sites = {"longbridge": LONGBRIDGE}
    touch(folder, FILE.replace("articles", "observations"))
    with pytest.raises(
        StateError, match=r"expected one file of the run .* with the number 1, found obs.* and rej"
    ):
        rebuild(engine, folder, sites, worker="w1", identity=disk.state)
    (folder / FILE.replace("articles", "observations")).unlink()
    assert rebuild(engine, folder, sites, worker="w1", identity=disk.state) == 1
    assert read_identity(engine) == disk.state
    settle(home(engine, folder), "w1")
    # A folder of the state before has files that this one does not know.
    write(engine, folder)


def connect_empty(connected: Connected) -> Engine:
    """The state without a table, as after it was lost."""
    engine = connected()
    for table in ("meta", "run", "story", "page", "known", "version", "line", "segment", "crash", "host"):
        engine.transact(lambda table=table: engine.execute(f"DROP TABLE {table}"))  # type: ignore[misc]
    for table in ("host_delay", "worker", "stamp", "robots_txt", "report"):
        engine.transact(lambda table=table: engine.execute(f"DROP TABLE {table}"))  # type: ignore[misc]
    return engine
