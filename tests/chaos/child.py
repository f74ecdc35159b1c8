"""``scrapy`` with a bomb: dies by SIGKILL at the n-th critical point, where n is given.

``python -m tests.chaos.child N SECONDS crawl longbridge …``; with N = 0 it lives and prints how many points
it passed. After so many seconds its clock jumps an hour ahead (0: never), as after a suspended night.
The points are around every transaction (before it, inside it before its commit, after it),
between the steps of a file (written, synced, renamed, noted in the state), and where a page is noted as being
worked on.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from scrapy.cmdline import execute

from newscrawl.archive import files as disk
from newscrawl.archive import segments
from newscrawl.database.postgres import PostgresEngine
from newscrawl.database.sqlite import SqliteEngine
from newscrawl.queue.in_progress import InProgress


class Bomb:
    """Counts the critical points and goes off at one."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.passed = 0

    def tick(self) -> None:
        self.passed += 1
        if self.passed == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def around_transactions(self, engine: type[Any]) -> None:
        transact = engine.transact

        def ticking(this: Any, work: Callable[[], Any], **options: Any) -> Any:
            def inside() -> Any:
                result = work()
                self.tick()
                return result

            self.tick()
            result = transact(this, inside, **options)
            self.tick()
            return result

        engine.transact = ticking

    def around_files(self) -> None:
        fsync, replace = os.fsync, Path.replace

        def ticking_fsync(file: int) -> None:
            self.tick()
            fsync(file)
            self.tick()

        def ticking_replace(path: Path, target: Path) -> Path:
            result = replace(path, target)
            self.tick()
            return result

        disk.os.fsync = ticking_fsync  # type: ignore[attr-defined]
        Path.replace = ticking_replace  # type: ignore[assignment,method-assign]

    def around_pages(self) -> None:
        write = InProgress._write

        def ticking(this: InProgress) -> None:
            write(this)
            self.tick()

        InProgress._write = ticking  # type: ignore[assignment,method-assign]


def jump_after(seconds: float) -> None:
    begin = time.monotonic()

    def now(_: SqliteEngine) -> datetime:
        return datetime.now(UTC) + timedelta(hours=int(time.monotonic() - begin > seconds))

    SqliteEngine.now = now  # type: ignore[method-assign,assignment]


def main() -> None:
    bomb = Bomb(int(sys.argv.pop(1)))
    if seconds := float(sys.argv.pop(1)):
        jump_after(seconds)
    # A file takes several looks into the state, between which others may do what they like.
    segments._LINES_AT_ONCE = 3
    bomb.around_transactions(SqliteEngine)
    bomb.around_transactions(PostgresEngine)
    bomb.around_files()
    bomb.around_pages()
    try:
        execute()
    finally:
        if bomb.at == 0:
            print(bomb.passed)


if __name__ == "__main__":
    main()
