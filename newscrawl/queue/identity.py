"""Whether a data folder and a state belong together, and on which disk a worker's files are.

A state has an identity. A data folder that is used with it keeps the same one in ``state/identity``, beside
the name of its disk. A worker's name is bound to one disk, in the state. What a killed process had made of
this is completed by the next one: the state's identity is first, then the folder's, then the worker's disk.
"""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from newscrawl.archive.files import (
    note_published,
    published_files,
    read_published,
    unusable,
    write_once,
)
from newscrawl.archive.segments import path_of
from newscrawl.database.engine import Engine, pairs
from newscrawl.database.schema import is_prepared, make_identity, read_identity
from newscrawl.database.statements.identity import ADD_WORKER, SET_DISK, WORKERS
from newscrawl.database.statements.lines import (
    ALL_SEGMENTS,
    COUNT_PUBLISHED,
    SEGMENTS_BUT_OF_WORKERS,
    SEGMENTS_OF_WORKERS,
)
from newscrawl.exceptions import OutputError, StateError

logger = logging.getLogger(__name__)

_REBUILD = "move that state away and `scrapy rebuild`"


class Disk(NamedTuple):
    """What a data folder keeps: the identity of its state, the name of its disk, and the file's inode."""

    state: str
    name: str
    inode: int

    def is_same(self, bound: str, *, ignore_inode: bool) -> bool:
        """Tell whether a worker is bound to this disk: to ``name``, or to ``name inode``."""
        name, *inode = bound.split()
        return name == self.name and (ignore_inode or not inode or inode == [str(self.inode)])


@dataclass(frozen=True, slots=True)
class Home:
    """A data folder beside an open state, and ``place``, where the state is, for people to read.

    ``is_inside``: the state lies in the folder. Both are copied or moved together then, and the copy is a
    data set of its own. Otherwise the disk is known by an inode, too, which no copy has.
    """

    engine: Engine
    folder: Path
    place: str
    is_inside: bool
    beside: Path | None = None
    """The folder of an SQLite state elsewhere, which may be another data folder's ``state/``."""


def refuse_other_state(home: Home) -> None:
    """Raise StateError where the folder belongs to another state. Changes nothing."""
    disk = read_disk(home.folder)
    if disk is not None and is_prepared(home.engine):
        home.engine.read(lambda: _check_identity(home, disk))


def settle(home: Home, worker: str, *, is_moved: bool = False) -> None:
    """Hold folder, state and worker to belong together, and note that they do where that is new.

    ``is_moved`` binds the worker to this folder where it was bound to another one; none of its processes may
    be running. Takes time in proportion to the published files: one walk over their names, one query. Raises
    StateError, with the remedy, and OutputError.
    """
    engine, folder = home.engine, home.folder
    disk = read_disk(folder)
    try:
        # Before the state is asked: what other processes publish meanwhile is known to it first.
        kept = read_published(folder)
        files = published_files(folder)
        identity = engine.read(lambda: read_identity(engine))
        if kept and not files and identity is None:
            # Begun anew: the count was that of a state that is gone, and all its files are gone, too.
            note_published(folder, 0)
            kept = 0
    except OSError as error:
        raise unusable(folder, error) from None
    engine.read(lambda: _check(home, worker, disk, kept, files, is_moved=is_moved))
    if identity is None:
        new = secrets.token_hex(8) if disk is None else disk.state
        identity = engine.transact(lambda: make_identity(engine, new))
    if disk is None:
        disk = _make_disk(folder, identity)
        # Another process may have made it, for another state.
        engine.read(lambda: _check_identity(home, disk))
    names = siblings(home, worker) if is_moved else [worker]

    def bind() -> None:
        for name in names:
            _bind(home, name, disk, is_moved=is_moved)

    engine.transact(bind)


def siblings(home: Home, worker: str) -> list[str]:
    """Return the worker and all others whose disk has the name of this folder's, wherever it was then."""
    disk = read_disk(home.folder)
    bound = home.engine.read(lambda: pairs(_workers(home.engine)))
    same = {name for name in bound if disk is not None and disk.is_same(bound[name], ignore_inode=True)}
    return sorted(same | {worker})


def read_disk(folder: Path) -> Disk | None:
    """Return what the data folder keeps; None for one that was never used. Raises OutputError."""
    return _read(_path(folder))


def _read(path: Path) -> Disk | None:
    try:
        with path.open("rb") as file:
            words = file.read().decode(errors="replace").split()
            inode = os.fstat(file.fileno()).st_ino
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unusable(path.parent, error) from None
    if len(words) != 2:
        raise OutputError(f"expected two words in {path}, found {len(words)}; write back what was there")
    return Disk(words[0], words[1], inode)


def _path(folder: Path) -> Path:
    return folder / "state" / "identity"


def _make_disk(folder: Path, identity: str) -> Disk:
    path = _path(folder)
    try:
        write_once(path, f"{identity} {secrets.token_hex(8)}\n".encode())
    except OSError as error:
        raise unusable(path.parent, error) from None
    disk = read_disk(folder)
    if disk is None:
        raise OutputError(f"expected {path}, which was written just now, found none")
    return disk


def _check(home: Home, worker: str, disk: Disk | None, kept: int, files: set[str], *, is_moved: bool) -> None:
    bound = pairs(_workers(home.engine))
    if disk is None:
        # Another process may have made the disk since, and have bound workers to it.
        disk = read_disk(home.folder)
    if disk is not None:
        _check_identity(home, disk)
        owner = None if home.beside is None else _read(home.beside / "identity")
        if owner is not None and owner.name == disk.name and owner.inode != disk.inode:
            # A copy of the data folder that the state lies in: the name of its disk is a copy, too.
            raise _second_disk(home, worker)
    here = {
        name
        for name, place in bound.items()
        if disk is not None and disk.is_same(place, ignore_inode=home.is_inside or is_moved)
    } | ({worker} if is_moved else set())
    if worker in bound and worker not in here:
        raise _second_disk(home, worker)
    ((count,),) = home.engine.execute(COUNT_PUBLISHED)
    if count < kept:
        raise StateError(
            f"expected a state that knows {kept} published files, as {home.folder} does, found one at "
            f"{home.place} that knows {count}: it is an older copy; put the newest one back, or {_REBUILD}"
        )
    _check_files(home, files, here | {worker}, bound.keys() - here)


def _check_identity(home: Home, disk: Disk) -> None:
    identity = read_identity(home.engine)
    if identity is not None and identity != disk.state:
        raise StateError(
            f"expected the state {disk.state}, which {home.folder} belongs to, found the state {identity} at "
            f"{home.place}; choose another DATA_DIR or STATE_URL, or {_REBUILD}"
        )


def _check_files(home: Home, files: set[str], here: set[str], elsewhere: Iterable[str]) -> None:
    others = sorted(elsewhere)
    # Files of other disks may be many more than those of this one.
    sql = SEGMENTS_BUT_OF_WORKERS.of(others) if others else ALL_SEGMENTS
    unknown = set(files)
    gone: list[str] = []
    for run_id, number, kind, day, published, worker in home.engine.execute(sql, others):
        path = path_of(run_id, number, kind, day)
        if path in files:
            unknown.discard(path)
        elif published and worker in here:
            gone.append(path)
    if unknown:
        raise _unknown(home, unknown, others)
    if gone:
        # But for what was published while the files were looked through.
        gone = sorted(set(gone) - published_files(home.folder))
    if gone:
        logger.warning(
            "%d published files are not in %s any more, such as %s: what they held is not written again",
            len(gone),
            home.folder,
            gone[0],
        )


def _unknown(home: Home, unknown: set[str], others: list[str]) -> StateError:
    first = min(unknown)
    if others:
        found = home.engine.execute(SEGMENTS_OF_WORKERS.of(others), others)
        for run_id, number, kind, day, worker in found:
            if (path := path_of(run_id, number, kind, day)) in unknown:
                return StateError(
                    f"expected in {home.folder} files of its own, found {path}, which the worker {worker} "
                    f"published to another disk; choose a new DATA_DIR, or, where that disk was moved here, "
                    f"`scrapy publish --worker {worker} -s WORKER={worker}`"
                )
    return StateError(
        f"expected at {home.place} the state that knows the files of {home.folder}, found one that does not "
        f"know {len(unknown)} of them, such as {first}; choose another DATA_DIR or STATE_URL, or {_REBUILD}"
    )


def _second_disk(home: Home, worker: str) -> StateError:
    return StateError(
        f"expected the worker {worker} on the disk that it publishes to, found it in {home.folder}, which is "
        f"another one or a copy; choose a new DATA_DIR and no WORKER, or, where the disk was moved here, "
        f"`scrapy publish --worker {worker}`"
    )


def _workers(engine: Engine) -> list[tuple[str, str]]:
    return [(name, disk) for name, disk in engine.execute(WORKERS)]


def _bind(home: Home, worker: str, disk: Disk, *, is_moved: bool) -> None:
    execute = home.engine.execute
    rows = execute(home.engine.statements.disk_of_worker, (worker,))
    bound = disk.name if home.is_inside else f"{disk.name} {disk.inode}"
    if not rows:
        # Where another process was faster, PostgreSQL runs the transaction again, which finds its row.
        execute(ADD_WORKER, (worker, bound))
    elif is_moved or disk.is_same(rows[0][0], ignore_inode=home.is_inside):
        execute(SET_DISK, (bound, worker, bound))
    else:
        raise _second_disk(home, worker)
