"""Which pages a process is working on, in a file that outlives the process.

A page can end the process that reads it: it needs too much memory, or takes so long that somebody kills the
process. Nothing could be committed then, and the next process would ask for the same page again. So the page
is named in a file before its bytes are read. The next process on the same data folder finds the file without
its owner and counts one crash for each page that is named there. Crashes count over all runs, until the page
is committed. A page that is only waiting for its answer is never named: a process may be killed for other
reasons.

Several pages may be between their first byte and their commit when a process ends, and one of them ended it.
From then on each of them is worked on alone (``CrawlQueue.next``), so that further crashes are its own.
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

from newscrawl.database.engine import Engine
from newscrawl.database.statements.pages import COUNT_CRASH

MOST_CRASHES = 3
"""After so many a page is set aside and no longer asked for; ``scrapy retry`` lets it wait again."""


class InProgress:
    """The file of one process. It is locked while the process lives."""

    def __init__(self, folder: Path) -> None:
        """Make the file. Raises OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        self._uids: dict[str, None] = {}
        self._size = 0
        self._path, self._file = _make(folder)

    def begin(self, uid: str) -> None:
        """Note that the bytes of a page are worked on from now on."""
        if uid not in self._uids:
            self._uids[uid] = None
            self._write()

    def includes(self, uid: str) -> bool:
        """Tell whether the bytes of a page are worked on."""
        return uid in self._uids

    def end(self, uid: str) -> None:
        """Note that the process is done with a page."""
        if uid in self._uids:
            del self._uids[uid]
            self._write()

    def close(self) -> None:
        """Remove the file."""
        self._path.unlink(missing_ok=True)
        self._file.close()

    def _write(self) -> None:
        text = "\n".join(self._uids)
        # One write over all that was there, so that a reader finds no half of it. Not synced: the page cache
        # of the system outlives the process, and a machine that goes down is not the page's fault.
        content = text.encode().ljust(self._size)
        self._size = len(content)
        with suppress(OSError):
            os.pwrite(self._file.fileno(), content, 0)


def _make(folder: Path) -> tuple[Path, BinaryIO]:
    while True:
        path = folder / f"{os.getpid()}-{secrets.token_hex(4)}"
        file = path.open("xb", buffering=0)
        fcntl.flock(file, fcntl.LOCK_EX)
        # Before it was locked, another process may have taken it for abandoned.
        if path.exists():
            return path, file
        file.close()


def count_crashes(engine: Engine, folder: Path) -> list[tuple[str, int]]:
    """Count the pages that ended their processes; return them as (uid, crashes so far)."""
    crashed: list[tuple[str, int]] = []
    for path, uids in _abandoned(folder):
        crashed += engine.transact(partial(_count, engine, uids))
        path.unlink(missing_ok=True)
    return crashed


def _abandoned(folder: Path) -> Iterator[tuple[Path, list[str]]]:
    for path in sorted(folder.glob("*-*")):
        try:
            # Open for writing, too: a network file system grants the lock only then.
            file = path.open("r+b")
        except OSError:
            continue
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
            if not path.exists():
                # Another process has counted it meanwhile.
                continue
            uids = file.read().decode(errors="replace").split()
            if uids:
                # Still locked, so that nobody counts it a second time.
                yield path, uids
            else:
                path.unlink(missing_ok=True)


def _count(engine: Engine, uids: list[str]) -> list[tuple[str, int]]:
    counted = []
    for uid in uids:
        ((crashes,),) = engine.execute(COUNT_CRASH, (uid,))
        counted.append((uid, int(crashes)))
    return counted
