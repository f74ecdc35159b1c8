"""``scrapy`` with a bomb: dies by SIGKILL at the n-th critical point, where n is given.

``python -m tests.chaos.child N SECONDS crawl longbridge …``; with N = 0 it lives and prints how many points
it passed. After so many seconds its clock jumps an hour ahead (0: never), as after a suspended night.
The points are around every transaction (before it, inside it before its commit, after it),
between the steps of a file (written, synced, renamed, noted in the state), where a page is noted as being
worked on, and where the records of answers were made.

Two variables of the environment are for faults of PostgreSQL: CHAOS_SILENCE is after how many seconds a
server without an answer is given up, instead of 26; CHAOS_DEFECT names a defect that is planted, to see that
it is found.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from scrapy.cmdline import execute

from newscrawl.archive import files as disk
from newscrawl.archive import segments
from newscrawl.database import postgres, postgres_connection
from newscrawl.database.postgres import PostgresEngine
from newscrawl.database.sqlite import SqliteEngine
from newscrawl.queue import archiving, identity, result_groups
from newscrawl.queue.commits import Finished
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

    def around_records(self) -> None:
        finish = archiving.finish

        def ticking(waiting: Sequence[archiving.Waiting]) -> list[Finished]:
            result = finish(waiting)
            self.tick()
            return result

        vars(result_groups)["finish"] = ticking

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


def shorten_silence(seconds: float) -> None:
    """Let a silent server be given up so soon, and all other limits in proportion."""
    part = seconds / postgres._SILENCE
    for name in ("idle_in_transaction_session_timeout", "lock_timeout"):
        limit = float(postgres._SESSION[name].removesuffix("s"))
        postgres._SESSION[name] = f"{limit * part * 1000:.0f}ms"
    postgres._AT_ONCE *= part
    postgres_connection._CONNECT_TIMEOUT = postgres_connection._LEAST_CONNECT
    defaults = PostgresEngine.__init__.__kwdefaults__
    assert defaults is not None
    defaults["silence"] = seconds


def forget_after_loss() -> None:
    """Plant a defect: the first lines after a connection was lost are not written."""
    execute, connect = PostgresEngine.executemany, postgres_connection.Connection.open
    connections = 0

    def counting(this: postgres_connection.Connection, seconds: float) -> None:
        nonlocal connections
        connect(this, seconds)
        connections += 1

    def forgetting(this: PostgresEngine, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        nonlocal connections
        if sql.startswith("INSERT INTO line") and connections > 1:
            connections = 1
        else:
            execute(this, sql, rows)

    postgres_connection.Connection.open = counting  # type: ignore[method-assign,assignment]
    PostgresEngine.executemany = forgetting  # type: ignore[method-assign,assignment]


def welcome_any_disk() -> None:
    """Plant a defect: a worker's name is not bound to a disk."""

    def is_same(this: identity.Disk, bound: str, *, ignore_inode: bool) -> bool:
        return True

    identity._workers = lambda engine: []
    identity.Disk.is_same = is_same  # type: ignore[method-assign,assignment]


DEFECTS = {"forgets": forget_after_loss, "any disk": welcome_any_disk}


def main() -> None:
    bomb = Bomb(int(sys.argv.pop(1)))
    if seconds := float(sys.argv.pop(1)):
        jump_after(seconds)
    if silence := os.environ.get("CHAOS_SILENCE"):
        shorten_silence(float(silence))
    if defect := os.environ.get("CHAOS_DEFECT"):
        DEFECTS[defect]()
    # A file takes several looks into the state, between which others may do what they like.
    segments._LINES_AT_ONCE = 3
    bomb.around_transactions(SqliteEngine)
    bomb.around_transactions(PostgresEngine)
    bomb.around_files()
    bomb.around_pages()
    bomb.around_records()
    try:
        execute()
    finally:
        if bomb.at == 0:
            print(bomb.passed)


if __name__ == "__main__":
    main()
