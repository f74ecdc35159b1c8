"""A scratch file: SQLite for what must not be held in memory, gone when the command ends."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from newscrawl.database.statements.scratch import BEGIN, COMMIT, FAST
from newscrawl.exceptions import OutputError

_BATCH = 2_000


class Scratch:
    """One scratch file. Rows are written in batches, in the order of their adding."""

    def __init__(self, path: Path, tables: Sequence[str]) -> None:
        self.path = path
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._waiting: dict[str, list[Sequence[Any]]] = {}
        self._count = 0
        for statement in (*FAST, *tables):
            self._connection.execute(statement)

    def add(self, statement: str, row: Sequence[Any]) -> None:
        """Add a row with this statement, now or a little later."""
        self._waiting.setdefault(statement, []).append(row)
        self._count += 1
        if self._count >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        if not self._count:
            return
        self._connection.execute(BEGIN)
        for statement, rows in self._waiting.items():
            self._connection.executemany(statement, rows)
        self._connection.execute(COMMIT)
        self._waiting, self._count = {}, 0

    def run(self, statements: Iterable[str]) -> None:
        """Run statements that give nothing back."""
        self.flush()
        for statement in statements:
            self._connection.execute(statement)

    def rows(self, statement: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield the rows that a statement gives, one by one."""
        self.flush()
        yield from self._connection.execute(statement, values)

    def one(self, statement: str, values: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """Return the first row, or None."""
        self.flush()
        row: tuple[Any, ...] | None = self._connection.execute(statement, values).fetchone()
        return row

    def close(self) -> None:
        """Close the file, whole on the disk for other processes."""
        self.flush()
        self._connection.close()


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make a folder for scratch files (``TMPDIR`` says where) and remove it. Raises OutputError."""
    try:
        folder = TemporaryDirectory(prefix="newscrawl-")
    except OSError as error:
        raise OutputError(f"expected a folder for scratch files (TMPDIR), found {error}") from None
    with folder as name:
        yield Path(name)
