"""Committed lines to files: each file appears whole and never changes again.

Which lines make up which file is decided in the store, in one transaction; the file is only a copy.
A process that dies in between leaves the decision behind, and the next one on the same disk makes the
same file with the same bytes.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from newscrawl.exceptions import OutputError
from newscrawl.frontier.engine import Engine, Row
from newscrawl.frontier.versions import ARTICLES

_LINES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Segment:
    """One published file. ``path`` is relative to the data folder, ``sha256`` over its bytes."""

    path: str
    lines: int
    sha256: str


class Segments:
    """Publishes what one worker committed, to the disk that its lines belong to.

    ``<kind>/dt=<day>/<run_id>-<number>.jsonl``, where ``day`` is the UTC day of the commit.
    """

    def __init__(self, engine: Engine, data_dir: Path, worker: str) -> None:
        self.engine = engine
        self.data_dir = data_dir
        self.worker = worker

    def publish(self) -> int:
        """Put all committed lines into files; return how many files were written.

        Raises OutputError where one cannot be written; its lines then wait in the store.
        """
        self.engine.transact(self._choose)
        waiting = self.engine.transact(
            lambda: self.engine.execute(
                "SELECT run_id, number, kind, day FROM segment WHERE worker = ? AND published = 0 "
                "ORDER BY run_id, number",
                (self.worker,),
            ),
            durable=False,
        )
        for run_id, number, kind, day in waiting:
            self._write(run_id, number, kind, day)
        return len(waiting)

    def published(self, run_id: str) -> list[Segment]:
        """Return a run's files, in the order in which they were decided on."""
        rows = self.engine.transact(
            lambda: self.engine.execute(
                "SELECT kind, day, number, lines, sha256 FROM segment "
                "WHERE run_id = ? AND published = 1 ORDER BY number",
                (run_id,),
            ),
            durable=False,
        )
        return [
            Segment(_path(run_id, number, kind, day), lines, sha256)
            for kind, day, number, lines, sha256 in rows
        ]

    def worker_is_alive(self) -> bool:
        """Tell whether a process that publishes to the worker's disk holds pages now."""
        now = self.engine.now().timestamp()
        prefix = f"{self.worker}/"
        rows = self.engine.transact(
            lambda: self.engine.execute(
                "SELECT 1 FROM page WHERE state = 1 AND substr(holder, 1, ?) = ? AND lease_until > ? LIMIT 1",
                (len(prefix), prefix, now),
            ),
            durable=False,
        )
        return bool(rows)

    def _choose(self) -> None:
        execute = self.engine.execute
        groups = execute(
            "SELECT DISTINCT run_id, kind, day FROM line WHERE worker = ? AND segment IS NULL "
            "ORDER BY run_id, kind, day",
            (self.worker,),
        )
        for run_id, kind, day in groups:
            if self.engine.lock_rows:
                # Numbers are a run's; workers on other disks take theirs from the same row of them.
                execute("SELECT 1 FROM run WHERE run_id = ? FOR UPDATE", (run_id,))
            ((last,),) = execute("SELECT COALESCE(MAX(number), 0) FROM segment WHERE run_id = ?", (run_id,))
            execute(
                "INSERT INTO segment (run_id, number, worker, kind, day) VALUES (?, ?, ?, ?, ?)",
                (run_id, last + 1, self.worker, kind, day),
            )
            execute(
                "UPDATE line SET segment = ? WHERE worker = ? AND segment IS NULL "
                "AND run_id = ? AND kind = ? AND day = ?",
                (last + 1, self.worker, run_id, kind, day),
            )

    def _write(self, run_id: str, number: int, kind: str, day: str) -> None:
        digest = hashlib.sha256()
        count = 0

        def lines() -> Iterator[bytes]:
            nonlocal count
            for line in self._lines(run_id, number):
                digest.update(line)
                count += 1
                yield line

        try:
            write_whole(self.data_dir / _path(run_id, number, kind, day), lines())
        except OSError as error:
            raise unusable(self.data_dir, error) from None
        if count:
            self.engine.transact(lambda: self._note(run_id, number, count, digest.hexdigest()))

    def _lines(self, run_id: str, number: int) -> Iterator[bytes]:
        # A minute of a fast crawl is tens of megabytes: never all of it at once.
        last = 0
        while rows := self._some_lines(run_id, number, last):
            last = rows[-1][0]
            for _, line in rows:
                yield bytes(line)

    def _some_lines(self, run_id: str, number: int, after: int) -> list[Row]:
        return self.engine.transact(
            lambda: self.engine.execute(
                "SELECT id, content FROM line WHERE worker = ? AND run_id = ? AND segment = ? AND id > ? "
                "ORDER BY id LIMIT ?",
                (self.worker, run_id, number, after, _LINES_AT_ONCE),
            ),
            durable=False,
        )

    def _note(self, run_id: str, number: int, lines: int, digest: str) -> None:
        self.engine.execute(
            "UPDATE segment SET published = 1, lines = ?, sha256 = ? WHERE run_id = ? AND number = ?",
            (lines, digest, run_id, number),
        )
        self.engine.execute(
            "DELETE FROM line WHERE worker = ? AND run_id = ? AND segment = ?", (self.worker, run_id, number)
        )


def check_writable(data_dir: Path) -> None:
    """Raise OutputError where the data folder cannot be made or written."""
    probe = data_dir / f".writable-{secrets.token_hex(4)}"
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise unusable(data_dir, error) from None


def holds_lines(data_dir: Path) -> bool:
    """Tell whether a data folder has published articles."""
    return next(data_dir.glob(f"{ARTICLES}/dt=*/*.jsonl"), None) is not None


def unusable(data_dir: Path, error: OSError) -> OutputError:
    """Return the error that says, in one line, why lines cannot be written."""
    return OutputError(f"expected a data folder that can be written, found {data_dir}: {error}")


def write_whole(path: Path, parts: Iterable[bytes]) -> None:
    """Write a file so that a reader sees all of it or none, also after a crash; without parts, none.

    Written aside, synced, renamed, and the folder synced: POSIX promises a rename to be atomic, and
    only fsync makes it last.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Two processes of one disk may write the same file at once; each has its own part.
    aside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with aside.open("wb") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
            empty = file.tell() == 0
        if empty:
            # Another process of this disk was faster, and has let the lines go.
            aside.unlink()
            return
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _path(run_id: str, number: int, kind: str, day: str) -> str:
    return f"{kind}/dt={day}/{run_id}-{number:06d}.jsonl"
