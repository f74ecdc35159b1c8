"""SQLite: a file, and nothing to install."""

from __future__ import annotations

import fcntl
import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from typing import IO, Any

from newscrawl.database.engine import REMEDY, Row, T
from newscrawl.database.interruption import Interruption
from newscrawl.database.statements.sqlite import (
    BEGIN_READ,
    BEGIN_WRITE,
    CHECK,
    COMMIT,
    HAS_TABLE,
    PAGE_COUNT,
    PAGE_SIZE,
    ROLLBACK,
    SQLITE,
    SYNC_AT_COMMIT,
    SYNC_LATER,
    USE_WAL,
    WAIT_A_LITTLE,
)
from newscrawl.exceptions import StateError, StateLost

# Seconds to wait for another process's transaction: ours take milliseconds, but for the one that deletes
# the queue of a large crawl, and somebody may look at the file by hand.
_BUSY_TIMEOUT = 30.0
# Seconds between two tries where SQLite does not wait by itself.
_PAUSE = 0.05
_LOOKS = 4


class SqliteEngine:
    """SQLite in WAL mode; a commit is synced before it returns."""

    is_remote = False
    statements = SQLITE

    def __init__(self, path: Path | None, *, interruption: Interruption | None = None) -> None:
        """Open or make the file; None keeps everything in memory (for measuring durability)."""
        self.path = path
        self._locks: dict[str, IO[bytes]] = {}
        self._durable = True
        self._interruption = Interruption(interruption)
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(
                path or ":memory:",
                isolation_level=None,
                timeout=_BUSY_TIMEOUT,
                cached_statements=256,
                # A crawl opens the state in a thread and uses it in another, never in two at once.
                check_same_thread=False,
            )
            self._interruption.on_interrupt(self._interrupt_statement)
            self._check_size()
            self._use_wal()
            self._db.execute(SYNC_AT_COMMIT)
            self._db.execute(WAIT_A_LITTLE)
        except (OSError, sqlite3.Error) as error:
            raise self._error(error) from None

    def _check_size(self) -> None:
        # A cut file is found out by SQLite only when a missing page is read, perhaps days later.
        # Another process may begin, write and end meanwhile: what is cut is cut at the next look, too.
        for _ in range(_LOOKS):
            if self.path is None:
                return
            (count,) = self._db.execute(PAGE_COUNT).fetchone()
            (size,) = self._db.execute(PAGE_SIZE).fetchone()
            if self.path.stat().st_size >= count * size or Path(f"{self.path}-wal").exists():
                return
            sleep(_PAUSE)
        raise sqlite3.DatabaseError(f"{count * size} bytes expected, the file was cut")

    def _use_wal(self) -> None:
        # Of two processes that make a file at once SQLite refuses one of them, without waiting.
        deadline = monotonic() + _BUSY_TIMEOUT
        while True:
            try:
                self._db.execute(USE_WAL).fetchall()
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or monotonic() > deadline:
                    raise
                sleep(_PAUSE)
            else:
                return

    def execute(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Run one statement inside a transaction."""
        return self._db.execute(sql, values).fetchall()

    def executemany(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement for each row."""
        self._db.executemany(sql, rows)

    def transact(self, work: Callable[[], T], *, durable: bool = True) -> T:
        """Run ``work`` as one transaction, the only one that writes to the file."""
        try:
            if durable is not self._durable:
                self._db.execute(SYNC_AT_COMMIT if durable else SYNC_LATER)
                self._durable = durable
        except sqlite3.Error as error:
            raise self._error(error) from None
        return self._run(BEGIN_WRITE, work)

    def read(self, work: Callable[[], T]) -> T:
        """Run ``work`` on the file as it is at its first statement, whoever writes meanwhile."""
        return self._run(BEGIN_READ, work)

    def _run(self, begin: str, work: Callable[[], T]) -> T:
        deadline = monotonic() + _BUSY_TIMEOUT
        while True:
            self._interruption.check()
            try:
                self._db.execute(begin)
                try:
                    result = work()
                    self._db.execute(COMMIT)
                except BaseException:
                    with suppress(sqlite3.Error):
                        self._db.execute(ROLLBACK)
                    raise
            except sqlite3.Error as error:
                self._interruption.check()
                # Another process writes, or mends the file after a crash: nothing was done here yet.
                is_busy = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
                if not is_busy or monotonic() > deadline:
                    raise self._error(error) from None
            else:
                return result

    def now(self) -> datetime:
        """Return this machine's clock."""
        # Only processes of this machine open the file: its clock is the store's.
        return datetime.now(UTC)

    def try_lock(self, name: str, *, shared: bool = False) -> bool:
        """Lock a file beside the state; the system frees it when the process ends."""
        if self.path is None:
            return True
        try:
            file = _lock_path(self.path, name).open("ab")
        except OSError as error:
            raise self._error(error) from None
        # Whoever asks whether it is locked (`scrapy status`) has it for a moment.
        for _ in range(_LOOKS):
            try:
                fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
            except OSError:
                sleep(_PAUSE)
            else:
                self._locks[name] = file
                return True
        file.close()
        return False

    def is_locked(self, name: str) -> bool:
        """Try to lock the file, and let go of it at once."""
        if self.path is None or name in self._locks:
            return name in self._locks
        try:
            with _lock_path(self.path, name).open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except FileNotFoundError:
            return False
        except OSError as error:
            raise self._error(error) from None
        return False

    def downgrade_lock(self, name: str) -> None:
        """Turn an exclusive lock into a shared one."""
        if self.path is not None:
            fcntl.flock(self._locks[name], fcntl.LOCK_SH)

    def has_table(self, name: str) -> bool:
        """Tell whether a table exists."""
        return bool(self.read(lambda: self.execute(HAS_TABLE, (name,))))

    def check(self) -> None:
        """Have SQLite look at every page of the file."""
        try:
            ((found, *_), *_) = self._db.execute(CHECK).fetchall()
        except sqlite3.Error as error:
            raise self._error(error) from None
        if found != "ok":
            raise self._error(sqlite3.DatabaseError(found))

    def interrupt(self) -> None:
        """Give the state up, from any thread; a wait for another program's lock ends within seconds."""
        self._interruption.interrupt()

    def _interrupt_statement(self) -> None:
        # It may be closed already.
        with suppress(sqlite3.Error):
            self._db.interrupt()

    def close(self) -> None:
        """Close the file and free the locks."""
        with suppress(sqlite3.Error):
            self._db.close()
        for file in self._locks.values():
            file.close()

    def _error(self, error: Exception) -> StateError:
        place = self.path or "memory"
        text = str(error)
        if "locked" in text:
            return StateError(f"the state file {place} is locked by another program: {text}")
        if "full" in text or (isinstance(error, OSError) and not isinstance(error, sqlite3.Error)):
            return StateError(f"the state file {place} cannot be written: {text}")
        if type(error) is sqlite3.DatabaseError:
            return StateLost(f"the state file {place} is damaged ({text}); {REMEDY}")
        return StateError(f"the state file {place} cannot be used: {text}")


def _lock_path(state: Path, name: str) -> Path:
    return state.parent / f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.lock"
