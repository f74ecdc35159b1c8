"""Where replayed lines go: files with the names of those that they replace, all of them or none."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Self

from newscrawl.archive.files import ARTICLES, REJECTED, write_whole
from newscrawl.exceptions import ArgumentError, OutputError

_KINDS = (REJECTED, ARTICLES)


def check_out(out: str, folder: Path) -> Path:
    """Return the folder after ``--out``. Raises ArgumentError for one inside the data, or with lines."""
    if not out.strip():
        raise ArgumentError("expected a folder after --out, found none")
    path = Path(out)
    data = folder.resolve()
    published = {data, *(day.resolve() for kind in _KINDS for day in folder.glob(f"{kind}/dt=*"))}
    for place in (path.resolve(), *((path / kind).resolve() for kind in _KINDS)):
        if any(place == inside or inside in place.parents for inside in published):
            raise ArgumentError(f"expected --out outside of the data folder {folder}, found {out}")
    for kind in _KINDS:
        if (path / kind).exists():
            raise ArgumentError(f"expected a folder without {kind}/ after --out, found {out}")
    return path


class Output:
    """Writes lines to files aside, and puts them in their place when all are written. Raises OutputError."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._aside = out / f".replay-{secrets.token_hex(4)}"
        self._open: dict[str, BinaryIO] = {}
        self._names: list[str] = []

    def __enter__(self) -> Self:
        try:
            for left in self._out.glob(".replay-*"):
                # Of a process that was killed.
                shutil.rmtree(left, ignore_errors=True)
            self._aside.mkdir(parents=True)
        except OSError as error:
            raise _unusable(self._out, error) from None
        return self

    def __exit__(self, *_: object) -> None:
        self._close()
        shutil.rmtree(self._aside, ignore_errors=True)

    def write(self, name: str, lines: Iterable[bytes]) -> None:
        """Append lines to a file, named as in a data folder. Files are written one or two at a time."""
        try:
            for line in lines:
                self._file(name).write(line)
        except OSError as error:
            raise _unusable(self._out, error) from None

    def end_file(self) -> None:
        """Close the files that are open: no line is added to them any more."""
        self._close()

    def read(self, name: str) -> Iterator[bytes]:
        """Yield the lines of a file that was written."""
        with (self._aside / name).open("rb") as file:
            yield from file

    def replace(self, name: str, lines: Iterable[bytes]) -> None:
        """Write a file anew."""
        self._close()
        try:
            write_whole(self._aside / name, lines)
        except OSError as error:
            raise _unusable(self._out, error) from None

    def finish(self) -> None:
        """Put all files where they belong."""
        self._close()
        try:
            for kind in _KINDS:
                if (self._aside / kind).exists():
                    (self._aside / kind).rename(self._out / kind)
        except OSError as error:
            raise _unusable(self._out, error) from None

    def _file(self, name: str) -> BinaryIO:
        if (file := self._open.get(name)) is None:
            path = self._aside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            file = self._open[name] = path.open("ab")
        return file

    def _close(self) -> None:
        for file in self._open.values():
            file.flush()
            os.fsync(file.fileno())
            file.close()
        self._open = {}


def _unusable(out: Path, error: OSError) -> OutputError:
    return OutputError(f"expected a folder that can be written, found {out}: {error}")
