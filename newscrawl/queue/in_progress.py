"""Which page a process is working on, in a file that outlives the process.

A page can end the process that reads it: it needs too much memory, or takes so long that somebody kills the
process. Nothing could be committed then, and the next process would ask for the same page again. So the page
is named in a file before its bytes are read. The next process on the same data folder finds the file without
its owner and counts one crash for the page. A page that is only waiting for its answer is never named: a
process may be killed for other reasons.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO

from newscrawl.codes import Outcome, PageState
from newscrawl.database.engine import Engine
from newscrawl.database.schema import lock_run

MOST_CRASHES = 3
"""After so many a page is set aside and no longer asked for; ``scrapy retry`` lets it wait again."""

_SIZE = 1_024


class InProgress:
    """The file of one process. It is locked while the process lives."""

    def __init__(self, folder: Path, run_id: str) -> None:
        """Make the file. Raises OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        self._run_id = run_id
        self._uid: str | None = None
        self._path = folder / f"{os.getpid()}-{secrets.token_hex(4)}"
        self._file: BinaryIO = self._path.open("xb", buffering=0)
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def begin(self, uid: str) -> None:
        """Note that the bytes of a page are worked on from now on."""
        if uid != self._uid:
            self._uid = uid
            self._write(f"{self._run_id}\n{uid}\n")

    def end(self, uid: str) -> None:
        """Note that the process is done with a page."""
        if uid == self._uid:
            self._uid = None
            self._write("")

    def close(self) -> None:
        """Remove the file."""
        self._path.unlink(missing_ok=True)
        self._file.close()

    def _write(self, text: str) -> None:
        # One write of one size, so that a reader finds all of it. Not synced: the page cache of the system
        # outlives the process, and a machine that goes down is not the page's fault.
        with suppress(OSError):
            os.pwrite(self._file.fileno(), text.encode().ljust(_SIZE), 0)


def count_crashes(engine: Engine, folder: Path) -> list[tuple[str, int]]:
    """Count the pages that ended their processes; return them as (uid, crashes so far)."""
    crashed = []
    for path, run_id, uid in _abandoned(folder):
        crashes = engine.transact(partial(_count, engine, run_id, uid))
        if crashes is not None:
            crashed.append((uid, crashes))
        path.unlink(missing_ok=True)
    return crashed


def _abandoned(folder: Path) -> Iterator[tuple[Path, str, str]]:
    for path in sorted(folder.glob("*-*")):
        try:
            file = path.open("rb")
        except FileNotFoundError:
            continue
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
            run_id, _, uid = file.read().decode(errors="replace").strip().partition("\n")
        if uid:
            yield path, run_id, uid
        else:
            path.unlink(missing_ok=True)


def _count(engine: Engine, run_id: str, uid: str) -> int | None:
    lock_run(engine, run_id)
    rows = engine.execute(
        "UPDATE page SET crashes = crashes + 1 WHERE run_id = ? AND uid = ? AND state IN (0, 1) "
        "RETURNING crashes",
        (run_id, uid),
    )
    if not rows:
        return None
    crashes = int(rows[0][0])
    if crashes >= MOST_CRASHES:
        engine.execute(
            "UPDATE page SET state = ?, outcome = ?, error = ? WHERE run_id = ? AND uid = ?",
            (
                PageState.FAILED,
                Outcome.CRASHED,
                f"the process ended {crashes} times while it worked on this page",
                run_id,
                uid,
            ),
        )
    return crashes
