"""Committed lines to files: each file appears whole and never changes again."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from newscrawl.exceptions import OutputError

ARTICLES = "articles"
REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Segment:
    """One published file. ``path`` is relative to the data folder, ``sha256`` over its bytes."""

    path: str
    lines: int
    sha256: str


class Segments:
    """Collects the committed lines of one run and publishes them in whole files.

    ``<kind>/dt=<day>/<run_id>-<number>.jsonl``, where ``day`` is the UTC day of the commit.
    """

    def __init__(self, data_dir: Path, run_id: str) -> None:
        self.data_dir = data_dir
        self.run_id = run_id
        self.published: list[Segment] = []
        self._waiting: dict[tuple[str, str], list[bytes]] = {}

    def check(self) -> None:
        """Raise OutputError where the data folder cannot be made or written."""
        probe = self.data_dir / f".writable-{self.run_id}"
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            raise self._error(error) from None

    def add(self, kind: str, day: str, line: bytes) -> None:
        """Take one committed line, its line end included."""
        self._waiting.setdefault((kind, day), []).append(line)

    def publish(self) -> None:
        """Write all waiting lines into new files. Raises OutputError; the lines then still wait."""
        for (kind, day), lines in list(self._waiting.items()):
            number = len(self.published) + 1
            path = Path(kind, f"dt={day}", f"{self.run_id}-{number:06d}.jsonl")
            content = b"".join(lines)
            try:
                write_whole(self.data_dir / path, content)
            except OSError as error:
                raise self._error(error) from None
            digest = hashlib.sha256(content).hexdigest()
            self.published.append(Segment(path.as_posix(), len(lines), digest))
            del self._waiting[kind, day]

    def _error(self, error: OSError) -> OutputError:
        return OutputError(f"expected a data folder that can be written, found {self.data_dir}: {error}")


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees all of it or none, also after a crash.

    Written aside, synced, renamed, and the folder synced: POSIX promises a rename to be atomic, and
    only fsync makes it last.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(path.name + ".part")
    with aside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
