"""The lists of a folder: fetched, checked, joined with what was known, and written whole or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from newscrawl.exceptions import NewscrawlError
from newscrawl.reference import SHIPPED, shipped
from newscrawl.reference.fetching import Answer
from newscrawl.reference.history import Joined, join
from newscrawl.reference.listing import Listing, write_rows
from newscrawl.reference.lists.hkex import read_hkex
from newscrawl.reference.lists.own import read_own
from newscrawl.reference.lists.sgx import read_sgx
from newscrawl.reference.lists.snapshot import ListError, Snapshot
from newscrawl.reference.lists.us import read_nasdaq, read_others, read_sec
from newscrawl.reference.table import Table

# By the name of the list, which is its source in each row and its file in the folder.
READERS: dict[str, Callable[[bytes], Snapshot]] = {
    "nasdaq": read_nasdaq,
    "nyse_and_others": read_others,
    "sec": read_sec,
    "hkex": read_hkex,
    "sgx": read_sgx,
}
# A user's own list has this before its name.
OWN = "own-"

Write = Callable[[Path, Iterable[bytes]], None]
"""Writes a file so that a reader sees all of it or none: ``archive.files.write_whole``."""


class Update(NamedTuple):
    """What became of one list."""

    name: str
    day: date
    rows: int
    """How many symbols the list has now."""
    skipped: int
    new: int
    changed: int
    gone: int


class _Noted(NamedTuple):
    """What the file beside a list notes for the next request."""

    rows: int | None = None
    day: date | None = None
    etag: str | None = None
    last_modified: str | None = None


def update(
    folder: Path, name: str, ask: Callable[[str | None, str | None], Answer], today: date, write: Write
) -> Update | None:
    """Bring one official list up to date; None where its server has nothing new.

    ``ask`` takes the stored ETag and Last-Modified and asks the server. Raises NewscrawlError: then the old
    list is as it was.
    """
    known, noted = _known(folder, name)
    answer = ask(noted.etag, noted.last_modified)
    if answer.content is None:
        return None
    found = READERS[name](answer.content)
    day = _checked(found, noted, today, name)
    joined = join(known, found.rows, day, noted.day)
    _store(folder, name, joined, write)
    note = {
        "rows": len(found.rows),
        "day": day.isoformat(),
        "etag": answer.etag,
        "last_modified": answer.last_modified,
        "sha256": _sha256(folder / f"{name}.csv"),
    }
    # After the list: where the process ends in between, the next request is not a conditional one.
    write(folder / f"{name}.json", [json.dumps(note, indent=1).encode() + b"\n"])
    return Update(name, day, len(found.rows), found.skipped, joined.new, joined.changed, joined.gone)


def import_own(folder: Path, path: Path, name: str, today: date, write: Write) -> Update:
    """Take a user's own file as the list ``name``, in the place of an earlier one of this name.

    Raises NewscrawlError, then nothing changed.
    """
    source = OWN + name
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ListError(f"expected a file that can be read, found {path}: {error.strerror}") from None
    rows = read_own(content, str(path), source, today)
    before, _ = _known(folder, source)
    symbols, old = ({row.symbol for row in some} for some in (rows, before))
    write(folder / f"{source}.csv", [write_rows(rows)])
    return Update(source, today, len(symbols), 0, len(symbols - old), 0, len(old - symbols))


def _checked(found: Snapshot, noted: _Noted, today: date, name: str) -> date:
    """Return the day of a snapshot that can be right. Raises ListError."""
    rows, day = len(found.rows), found.day or today
    if not rows:
        raise ListError(f"expected listings in the list {name}, found none")
    if noted.rows is not None and 2 * rows < noted.rows:
        raise ListError(
            f"expected at least half of the {noted.rows} listings that the list {name} had, found {rows}"
        )
    # Its server may be a time zone ahead.
    if day > today + timedelta(1):
        raise ListError(f"expected a list {name} of today or earlier, found one of {day}")
    if noted.day is not None and day < noted.day:
        raise ListError(f"expected a list {name} of {noted.day} or later, found one of {day}")
    return day


def _known(folder: Path, name: str) -> tuple[list[Listing], _Noted]:
    path = folder / f"{name}.csv"
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return (list(shipped()) if path.name == SHIPPED else []), _Noted()
    except OSError as error:
        raise NewscrawlError(f"expected a list that can be read, found {path}: {error.strerror}") from None
    try:
        rows = list(Table(content, str(path)))
    except ValueError as error:
        raise NewscrawlError(f"{error}; move {path} away, and update again") from None
    return rows, _noted(folder / f"{name}.json", content)


def _noted(path: Path, content: bytes) -> _Noted:
    try:
        note = json.loads(path.read_bytes())
        day = date.fromisoformat(note["day"])
        # A note about another file, or one that was edited by hand, counts only for the size.
        same = note["sha256"] == hashlib.sha256(content).hexdigest()
        etag, modified = (note["etag"], note["last_modified"]) if same else (None, None)
        return _Noted(int(note["rows"]), day, etag, modified)
    except (OSError, ValueError, KeyError, TypeError):
        # Nothing is lost with it but one request that could have been a conditional one, and one check.
        return _Noted()


def _store(folder: Path, name: str, joined: Joined, write: Write) -> None:
    content = write_rows(joined.rows)
    # What was written is what can be read.
    list(Table(content, name))
    write(folder / f"{name}.csv", [content])


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
