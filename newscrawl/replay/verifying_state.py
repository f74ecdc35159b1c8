"""What the state says of the lines: their versions, their files, the last text of each page."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import orjson

from newscrawl.archive.files import ARCHIVE
from newscrawl.archive.segments import path_of
from newscrawl.database.engine import Engine, Row
from newscrawl.database.statements.scratch import (
    ADD_RECORD,
    ADD_STATE_VERSION,
    ADD_WAITING,
    FIND_SEEN,
    LINES_WITHOUT_VERSION,
    STATE_GAPS,
    VERSIONS_WITHOUT_LINE,
)
from newscrawl.database.statements.verifying import (
    HAS_VERSION,
    KNOWN_AFTER,
    SEGMENTS,
    VERSIONS_AFTER,
    WAITING_AFTER,
)
from newscrawl.replay.findings import Findings
from newscrawl.replay.scratch import Scratch


class StateFacts:
    """An open state, as `scrapy verify` asks it; ``workers`` are the names of this disk's."""

    def __init__(self, engine: Engine, workers: Collection[str]) -> None:
        self._engine = engine
        rows = self._rows(SEGMENTS)
        self._segments = {path_of(row[0], row[1], row[2], row[3]): row for row in rows}
        self._workers = frozenset(workers)
        self.other_disks = any(row[5] not in self._workers for row in rows)
        """Whether other disks have lines of this state, so that some of them are not here."""

    def is_elsewhere(self, name: str) -> bool:
        """Tell whether a published file is on another worker's disk."""
        row = self._segments.get(name)
        return row is not None and row[5] not in self._workers

    def read_versions(self, scratch: Scratch) -> None:
        """Copy what must be in the lines, and what waits to be published, to a scratch file."""
        last: tuple[str, str, int] = ("", "", 0)
        while rows := self._rows(VERSIONS_AFTER, last):
            for uid, version in rows:
                scratch.add(ADD_STATE_VERSION, (uid, version))
            last = rows[-1][0], rows[-1][0], rows[-1][1]
        number = 0
        while rows := self._rows(WAITING_AFTER, (number,)):
            for number, kind, content, entry in rows:  # noqa: B007 - the last one counts
                if kind == ARCHIVE:
                    found = orjson.loads(entry.split(" ", 2)[2])
                    row = (found["id"], 0, 0, found["digest"], found.get("uid"))
                    scratch.add(ADD_RECORD, row)
                else:
                    line = orjson.loads(bytes(content))
                    scratch.add(ADD_WAITING, (line["uid"], line["version"]))

    def check(
        self, folder: Path, files: Mapping[str, tuple[int, str]], scratch: Scratch, findings: Findings
    ) -> None:
        """Hold the state against what was found: by file the number of lines and the SHA-256."""
        self._check_files(folder, files, findings)
        if not self.other_disks:
            for uid, version in scratch.rows(VERSIONS_WITHOUT_LINE):
                findings.add(
                    f"{uid}: expected a line of version {version}, which the state knows, found none"
                )
        for uid, version, place in list(scratch.rows(LINES_WITHOUT_VERSION)):
            # It may have been committed since.
            if not self._rows(HAS_VERSION, (uid, version)):
                findings.add(f"{place}: expected {uid} version {version} in the state, found none")
        for uid, first, last, count in scratch.rows(STATE_GAPS):
            findings.add(
                f"{uid}: expected the versions 1 to {last} in the state, found {count}, the first {first}"
            )
        self._check_texts(scratch, findings)

    def _check_files(self, folder: Path, files: Mapping[str, tuple[int, str]], findings: Findings) -> None:
        for name, row in self._segments.items():
            _, _, _, _, published, worker, lines, sha256 = row
            if not published or worker not in self._workers:
                continue
            if name not in files:
                findings.add(f"{folder / name}: expected the file, which the state knows, found none")
            elif sha256 is not None and files[name] != (lines, sha256):
                findings.add(
                    f"{folder / name}: expected {lines} lines with SHA-256 {sha256}, as in the state, "
                    f"found {files[name][0]} with {files[name][1]}"
                )
        unknown = [name for name in files if name not in self._segments]
        if unknown:
            now = {path_of(row[0], row[1], row[2], row[3]) for row in self._rows(SEGMENTS)}
            for name in unknown:
                if name not in now:
                    findings.add(f"{folder / name}: expected a file that the state knows, found it unknown")

    def _check_texts(self, scratch: Scratch, findings: Findings) -> None:
        last = ""
        while rows := self._rows(KNOWN_AFTER, (last,)):
            for uid, version, content_hash in rows:
                seen = scratch.one(FIND_SEEN, (uid, version))
                if seen is not None and seen[1] != content_hash:
                    findings.add(
                        f"{seen[0]}: expected content_hash {content_hash} for {uid}, as in the state, "
                        f"found {seen[1]}"
                    )
            last = rows[-1][0]

    def _rows(self, statement: str, values: tuple[object, ...] = ()) -> list[Row]:
        return self._engine.read(lambda: self._engine.execute(statement, values))
