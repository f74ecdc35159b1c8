"""Readings that were adopted before: the last one of each version, from the lines of ``observations/``."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from newscrawl.archive.files import OBSERVATIONS
from newscrawl.database.statements.scratch import ADD_REVISION, FIND_REVISION, MAKE_REVISIONS
from newscrawl.observed import REVISION_SCHEMA
from newscrawl.replay.findings import Findings
from newscrawl.replay.scratch import Scratch


def revision_lines(path: Path) -> Iterator[tuple[int, bytes, dict[str, Any]]]:
    """Yield the revised readings of a file of ``observations/``: number, line, and what it holds.

    Raises ValueError, naming the line, for one that is no object with a ``schema``.
    """
    with path.open("rb") as file:
        for number, content in enumerate(file, 1):
            try:
                line = orjson.loads(content)
                schema = line["schema"]
            except (ValueError, TypeError, KeyError) as error:
                raise ValueError(
                    f"{path}:{number}: expected a line of {OBSERVATIONS}/, found {error}"
                ) from None
            if schema == REVISION_SCHEMA:
                yield number, content, line


def find_revisions(folder: Path, path: Path, findings: Findings) -> None:
    """Write a scratch file with the last revised reading of each version; what is damaged is a finding."""
    scratch = Scratch(path, MAKE_REVISIONS)
    for file in sorted(folder.glob(f"{OBSERVATIONS}/dt=*/*.jsonl")):
        try:
            for _, content, line in revision_lines(file):
                scratch.add(ADD_REVISION, (line["uid"], line["version"], line["observed_at"], content))
        except (ValueError, KeyError) as error:
            findings.add(error)
    scratch.close()


class Revisions:
    """Looks them up in such a file."""

    def __init__(self, path: Path) -> None:
        self._rows = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)

    def find(self, uid: str, version: int) -> dict[str, Any] | None:
        """Return the last revised reading of a version, None where there is none."""
        row = self._rows.execute(FIND_REVISION, (uid, version)).fetchone()
        if row is None:
            return None
        line: dict[str, Any] = orjson.loads(row[0])
        return line
