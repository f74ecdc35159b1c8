"""Writes committed lines and records to files: each file appears whole and never changes again.

Which lines make up which file is decided in the store, in one transaction; the file is only a copy.
A process that dies in between leaves the decision behind, and the next one on the same disk makes the
same file with the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from newscrawl.archive.files import (
    ARCHIVE,
    SUFFIXES,
    Different,
    names_in,
    note_published,
    unusable,
    write_whole,
)
from newscrawl.archive.warc_heads import make_head
from newscrawl.database.engine import Engine, Row
from newscrawl.database.schema import lock_run
from newscrawl.database.statements.identity import KNOWS_WORKER
from newscrawl.database.statements.lines import (
    ADD_SEGMENT,
    CHOOSE_LINES,
    COUNT_CHOSEN_LINES,
    COUNT_LINES_OF_RUN,
    COUNT_PUBLISHED,
    DELETE_LINES,
    IS_PUBLISHED,
    LAST_SEGMENT_NUMBER,
    LINES_OF_SEGMENT,
    LINES_WITHOUT_SEGMENT,
    NOTE_PUBLISHED,
    PUBLISHED_BY_WORKER,
    PUBLISHED_OF_RUN,
    TAKE_OVER_LINES,
    TAKE_OVER_SEGMENTS,
    UNPUBLISHED_SEGMENTS,
)
from newscrawl.exceptions import OutputError, StateError
from newscrawl.warc.index import index_of, write_lines

_LINES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Segment:
    """One published file. ``path`` is relative to the data folder, ``sha256`` over its bytes."""

    path: str
    lines: int
    """Or records, the first of an archive file not among them, which says what the others share."""
    sha256: str

    def as_entry(self) -> dict[str, str | int]:
        """Return what a manifest says of the file. All records of an archive file count."""
        if self.path.startswith(f"{ARCHIVE}/"):
            return {"path": self.path, "records": self.lines + 1, "sha256": self.sha256}
        return {"path": self.path, "lines": self.lines, "sha256": self.sha256}


class Segments:
    """Publishes what one worker committed, to the disk that its lines belong to.

    ``<kind>/dt=<day>/<run_id>-<number>.jsonl``, where ``day`` is the UTC day of the commit; archive files end
    in ``.warc.gz`` and have an index beside them. Lines and their records are chosen in one transaction, and
    the records are written first: no line is published ahead of its record.
    """

    def __init__(self, engine: Engine, data_dir: Path, worker: str) -> None:
        self.engine = engine
        self.data_dir = data_dir
        self.worker = worker
        self.run_id: str | None = None
        """The run whose files must stay where they are while it goes on; None before there is one."""

    def publish(self) -> int:
        """Put all committed lines into files; return how many files were written.

        Raises OutputError where one cannot be written; its lines then wait in the store. And where one that
        was published before for ``run_id`` is gone.
        """
        self.engine.transact(self._choose)
        waiting = self.engine.read(lambda: self.engine.execute(UNPUBLISHED_SEGMENTS, (self.worker,)))
        count = sum(self._write(*segment) for segment in waiting)
        if count:
            self._note_count()
        if self.run_id is not None:
            self.check_files(self.run_id)
        return count

    def check_files(self, run_id: str) -> None:
        """Raise OutputError where a file that this worker published for a run is not there any more."""
        rows = self.engine.read(lambda: self.engine.execute(PUBLISHED_BY_WORKER, (run_id, self.worker)))
        paths = [path_of(run_id, *row) for row in rows]
        folders = {path.rpartition("/")[0] for path in paths}
        there = {f"{folder}/{name}" for folder in folders for name in names_in(self.data_dir / folder)}
        gone = [path for path in paths if path not in there]
        if gone:
            more = f" and {len(gone) - 1} more" if len(gone) > 1 else ""
            raise OutputError(
                f"expected {gone[0]}{more} in {self.data_dir}, where this run published it, found it gone; "
                "put it back, or move the state away and `scrapy rebuild`: it is fetched again then"
            )

    def take_over(self, worker: str) -> None:
        """Make all lines that another worker committed, and that are in no file yet, this worker's."""
        self.engine.transact(lambda: self._take_over(worker))

    def _take_over(self, worker: str) -> None:
        # The same numbers, so that a file that the other disk has after all is the same one.
        self.engine.execute(TAKE_OVER_SEGMENTS, (self.worker, worker))
        self.engine.execute(TAKE_OVER_LINES, (self.worker, worker))

    def knows_worker(self, worker: str) -> bool:
        """Tell whether a worker ever had a disk, or committed a line."""
        return bool(self.engine.read(lambda: self.engine.execute(KNOWS_WORKER, (worker,) * 3)))

    def unpublished(self, run_id: str) -> int:
        """Return how many lines of a run are in no file yet, whichever worker committed them."""
        ((count,),) = self.engine.read(lambda: self.engine.execute(COUNT_LINES_OF_RUN, (run_id,)))
        return int(count)

    def published(self, run_id: str) -> list[Segment]:
        """Return a run's files, in the order in which they were decided on."""
        rows = self.engine.read(lambda: self.engine.execute(PUBLISHED_OF_RUN, (run_id,)))
        return [
            Segment(path_of(run_id, number, kind, day), lines, sha256)
            for kind, day, number, lines, sha256 in rows
        ]

    def lock_disk(self, worker: str | None = None) -> bool:
        """Take the lock of the worker's disk until this process ends; False where another process has it.

        Processes of one disk may be many, and share it. That of another ``worker``, whose lines or name are
        taken over, is this process's alone: none of that disk's processes may be running.
        """
        return self.engine.try_lock(f"disk {worker or self.worker}", shared=worker is None)

    def _note_count(self) -> None:
        ((count,),) = self.engine.read(lambda: self.engine.execute(COUNT_PUBLISHED))
        try:
            # After the state, so that the folder never knows of more than its state does.
            note_published(self.data_dir, count)
        except OSError as error:
            raise unusable(self.data_dir, error) from None

    def _choose(self) -> None:
        execute = self.engine.execute
        for run_id, kind, day in execute(LINES_WITHOUT_SEGMENT, (self.worker,)):
            # Numbers are a run's; workers on other disks take theirs from the same row of them.
            lock_run(self.engine, run_id)
            ((last,),) = execute(LAST_SEGMENT_NUMBER, (run_id,))
            number = last + 1
            execute(CHOOSE_LINES, (number, self.worker, run_id, kind, day))
            ((lines,),) = execute(COUNT_CHOSEN_LINES, (self.worker, run_id, number))
            if lines:
                # None where another process of this disk chose them a moment ago.
                head = None
                if kind == ARCHIVE:
                    head = make_head(self.engine, run_id, Path(path_of(run_id, number, kind, day)).name)
                execute(ADD_SEGMENT, (run_id, number, self.worker, kind, day, lines, head))

    def _write(
        self, run_id: str, number: int, kind: str, day: str, expected: int | None, head: bytes | None
    ) -> bool:
        """Write one file; tell whether it was this process that did."""
        digest = hashlib.sha256()
        count = offset = 0
        places: list[tuple[str, int, int]] = []

        def parts() -> Iterator[bytes]:
            nonlocal count, offset
            if head is not None:
                digest.update(head)
                offset += len(head)
                yield bytes(head)
            for content, entry in self._lines(run_id, number):
                digest.update(content)
                count += 1
                if entry is not None:
                    places.append((entry, offset, len(content)))
                offset += len(content)
                yield content
            # States of an earlier version have no number; an empty segment is one of theirs, too.
            if count != expected and (expected is not None or count == 0):
                raise _LinesGone

        path = self.data_dir / path_of(run_id, number, kind, day)

        def write_index() -> None:
            write_whole(index_of(path), write_lines(places, path.name), once=True)

        try:
            # An archive file never appears without its index.
            write_whole(path, parts(), once=True, before=write_index if kind == ARCHIVE else None)
        except _LinesGone:
            # Another process of this disk was faster and has deleted the lines while they were read here:
            # the file is whole, and must not be replaced by a part of it.
            self._check_published(run_id, number, kind, day)
            return False
        except Different as found:
            # A published file never changes again, whatever the state says.
            raise StateError(
                f"expected no other lines in {found}: the state is older than the lines; "
                "move it away, then `scrapy rebuild`"
            ) from None
        except OSError as error:
            raise unusable(self.data_dir, error) from None
        self.engine.transact(lambda: self._note(run_id, number, count, digest.hexdigest()))
        return True

    def _check_published(self, run_id: str, number: int, kind: str, day: str) -> None:
        ((published, lines),) = self.engine.read(lambda: self.engine.execute(IS_PUBLISHED, (run_id, number)))
        if not published and lines:
            path = path_of(run_id, number, kind, day)
            raise StateError(f"expected {lines} lines in the state for {path}, found fewer")

    def _lines(self, run_id: str, number: int) -> Iterator[tuple[bytes, str | None]]:
        # A minute of a fast crawl is tens of megabytes: never all of it at once.
        last = 0
        while rows := self._some_lines(run_id, number, last):
            last = rows[-1][0]
            for _, content, entry in rows:
                yield bytes(content), entry

    def _some_lines(self, run_id: str, number: int, after: int) -> list[Row]:
        return self.engine.read(
            lambda: self.engine.execute(
                LINES_OF_SEGMENT, (self.worker, run_id, number, after, _LINES_AT_ONCE)
            )
        )

    def _note(self, run_id: str, number: int, lines: int, digest: str) -> None:
        self.engine.execute(NOTE_PUBLISHED, (lines, digest, run_id, number))
        self.engine.execute(DELETE_LINES, (self.worker, run_id, number))


class _LinesGone(Exception):
    """Lines that were to be written are not in the state any more."""


def parts_of(path: str) -> tuple[str, int, str, str]:
    """Return run_id, number, kind and day of a published file's path; the inverse of :func:`path_of`."""
    kind, day, name = path.split("/")
    run_id, _, number = name.removesuffix(SUFFIXES[kind]).rpartition("-")
    return run_id, int(number), kind, day.removeprefix("dt=")


def path_of(run_id: str, number: int, kind: str, day: str) -> str:
    """Return where the file of a segment is, relative to the data folder."""
    return f"{kind}/dt={day}/{run_id}-{number:06d}{SUFFIXES[kind]}"
