"""``scrapy`` with a bomb: dies by SIGKILL at the n-th critical point, where n is given.

``python -m tests.chaos.child N crawl longbridge …``; with N = 0 it lives and prints how many points it
passed. The points are around every transaction (before it, inside it before its commit, after it) and
between the steps of a file (written, synced, renamed, noted in the store).
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scrapy.cmdline import execute

from newscrawl.frontier import segments
from newscrawl.frontier.postgres import PostgresEngine
from newscrawl.frontier.sqlite import SqliteEngine


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

        segments.os.fsync = ticking_fsync  # type: ignore[attr-defined]
        Path.replace = ticking_replace  # type: ignore[assignment,method-assign]


def main() -> None:
    bomb = Bomb(int(sys.argv.pop(1)))
    bomb.around_transactions(SqliteEngine)
    bomb.around_transactions(PostgresEngine)
    bomb.around_files()
    try:
        execute()
    finally:
        if bomb.at == 0:
            print(bomb.passed)


if __name__ == "__main__":
    main()
