"""A progress bar with rate and time left, on a terminal only."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars


class Progress:
    """Counts records, and shows how far the bytes of all files are done."""

    def __init__(self, what: str, size: int, *, is_shown: bool | None = None) -> None:
        """``what`` is done, ``size`` is of all files in bytes."""
        self._records = self._bytes = 0
        self._size = size
        self._bars: Bars | None = None
        self._task = TaskID(0)
        if sys.stderr.isatty() if is_shown is None else is_shown:
            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.fields[records]:,} records, {task.fields[rate]:,.0f} a second,"),
                TimeRemainingColumn(),
                TextColumn("left"),
            )
            # Nothing is left of it when the report is printed.
            self._bars = Bars(*columns, console=Console(stderr=True, force_terminal=is_shown), transient=True)
            self._task = self._bars.add_task(what, total=max(size, 1), records=0, rate=0.0)

    def __enter__(self) -> Self:
        if self._bars is not None:
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

    @property
    def done(self) -> tuple[int, float]:
        """The records, and the part of all bytes, that are done."""
        return self._records, self._bytes / max(self._size, 1)

    def advance(self, *, records: int = 0, size: int = 0) -> None:
        """Count what was done since the last call."""
        self._records += records
        self._bytes += size
        if self._bars is not None and (size or self._records % 256 == 0):
            elapsed = self._bars.tasks[0].elapsed
            rate = self._records / elapsed if elapsed else 0.0
            self._bars.update(self._task, completed=self._bytes, records=self._records, rate=rate)
