"""Which lines are read again, in pieces that processes can share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from newscrawl.archive.files import ARTICLES, REJECTED, published_files
from newscrawl.archive.segments import parts_of

_LINES = 200


class Wanted(NamedTuple):
    """Which lines: of which days, first and last (``2026-11-23``), and of which run; None for any."""

    since: str | None = None
    until: str | None = None
    run_id: str | None = None

    def holds(self, path: str) -> bool:
        """Tell whether the lines of a published file are wanted, going by its name."""
        run_id, _, _, day = parts_of(path)
        return (
            (self.since is None or day >= self.since)
            and (self.until is None or day <= self.until)
            and self.run_id in (None, run_id)
        )


class LineFile(NamedTuple):
    """A published file of lines."""

    path: Path
    name: str
    """Relative to the data folder."""
    kind: str
    """articles or rejected."""
    order: int
    """In the order in which runs and their files were decided on."""


class Chunk(NamedTuple):
    """Some lines of a file, one after the other."""

    file: LineFile
    first: int
    """Number of the first line, from 1."""
    offset: int
    size: int
    """In bytes."""
    lines: int


def line_files(folder: Path) -> list[LineFile]:
    """Return all published articles and rejections of a data folder, run by run."""
    names = sorted(published_files(folder), key=lambda name: parts_of(name)[:2])
    return [
        LineFile(folder / name, name, name.partition("/")[0], order)
        for order, name in enumerate(names)
        if name.startswith((f"{ARTICLES}/", f"{REJECTED}/"))
    ]


def chunks_of(files: Iterable[LineFile], lines: int = _LINES) -> Iterator[Chunk]:
    """Yield the pieces of files, in order."""
    for file in files:
        offset = size = count = 0
        first = 1
        with file.path.open("rb") as content:
            for line in content:
                size += len(line)
                count += 1
                if count == lines:
                    yield Chunk(file, first, offset, size, count)
                    offset, first, size, count = offset + size, first + count, 0, 0
        if count:
            yield Chunk(file, first, offset, size, count)


def read_chunk(chunk: Chunk) -> list[bytes]:
    """Return the lines of a piece."""
    with chunk.file.path.open("rb") as content:
        content.seek(chunk.offset)
        return content.read(chunk.size).splitlines(keepends=True)
