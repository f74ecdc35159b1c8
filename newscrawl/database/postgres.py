"""PostgreSQL: many workers on many machines share one run."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from time import sleep
from typing import TYPE_CHECKING, Any

from newscrawl.database.engine import Row, T
from newscrawl.exceptions import StateError

if TYPE_CHECKING:
    import psycopg

# How often a transaction is tried that was ended in favour of another one.
_ATTEMPTS = 8
# What the server does on its side, since a process that is frozen, or a machine that is gone, can do nothing
# on its own: others wait for what its transaction has locked. Ours take milliseconds between statements.
_SESSION = {
    "idle_in_transaction_session_timeout": "20s",
    # For a holder that is busy all the time; longer than the other, so that a wait ends well first.
    "lock_timeout": "60s",
    # A machine that vanished keeps its locks until the server notices: after two minutes, not two hours.
    "tcp_keepalives_idle": "60",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "6",
}


class PostgresEngine:
    """PostgreSQL through psycopg (``pip install 'newscrawl[postgres]'``)."""

    is_remote = True
    bytes_type = "BYTEA"
    serial_type = "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
    lock_rows = "FOR UPDATE"
    skip_locked = "FOR UPDATE OF p SKIP LOCKED"

    def __init__(self, url: str) -> None:
        """Connect. Raises StateError where psycopg or the server is missing."""
        try:
            import psycopg  # noqa: PLC0415  # not installed where SQLite is enough
        except ImportError:
            raise StateError(
                "expected the package psycopg for a postgresql:// STATE_URL, found none; "
                "pip install 'psycopg[binary]'"
            ) from None
        self._errors = psycopg.errors
        try:
            self._db: psycopg.Connection[tuple[Any, ...]] = psycopg.connect(
                url, autocommit=True, connect_timeout=10, application_name=f"newscrawl-{os.getpid()}"
            )
            for name, value in _SESSION.items():
                self._db.execute("SELECT set_config(%s, %s, false)", (name, value))
        except psycopg.Error as error:
            raise self._error(error) from None

    def execute(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Run one statement inside a transaction."""
        found = self._db.execute(_percent(sql), values)
        return [] if found.description is None else list(found.fetchall())

    def executemany(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement for each row."""
        with self._db.cursor() as cursor:
            cursor.executemany(_percent(sql), rows)

    def transact(self, work: Callable[[], T], *, durable: bool = True) -> T:
        """Run ``work`` as one transaction, again where another worker's took precedence."""
        # A transaction that deadlocked, or inserted a row that another one inserted first, is to be run
        # again. At once: the other one has its locks by now, and the server lets this one wait for them.
        again = (
            self._errors.DeadlockDetected,
            self._errors.SerializationFailure,
            self._errors.UniqueViolation,
        )
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with self._db.transaction():
                    if not durable:
                        self._db.execute("SET LOCAL synchronous_commit = off")
                    return work()
            except again as error:
                if attempt == _ATTEMPTS:
                    raise self._error(error) from None
            except self._errors.Error as error:
                raise self._error(error) from None
        raise AssertionError("unreachable")

    def read(self, work: Callable[[], T]) -> T:
        """Run ``work`` as one transaction; readers block no writer here."""
        return self.transact(work, durable=False)

    def now(self) -> datetime:
        """Return the server's clock."""
        moment = self._ask("SELECT clock_timestamp()")
        assert isinstance(moment, datetime)
        return moment.astimezone(UTC)

    def try_lock(self, name: str, *, shared: bool = False) -> bool:
        """Take an advisory lock; the server frees it when the connection ends."""
        kind = "_shared" if shared else ""
        number = _lock_number(name)
        # The lock of a process that was just killed goes when the server notices, a moment later.
        for wait in (0.1, 0.3, 0.6, 1.0, None):
            if self._ask(f"SELECT pg_try_advisory_lock{kind}(?)", number):
                return True
            if wait is not None:
                sleep(wait)
        return False

    def is_locked(self, name: str) -> bool:
        """Look for the advisory lock among those of all connections."""
        # A 64-bit lock is listed as two halves (PostgreSQL's documentation of pg_locks).
        sql = (
            "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
            "AND (classid::bigint << 32 | objid::bigint) = ?)"
        )
        return bool(self._ask(sql, _lock_number(name)))

    def downgrade_lock(self, name: str) -> None:
        """Take the shared lock beside the exclusive one, which its owner may, and let that one go."""
        self._ask("SELECT pg_try_advisory_lock_shared(?)", _lock_number(name))
        self._ask("SELECT pg_advisory_unlock(?)", _lock_number(name))

    def has_table(self, name: str) -> bool:
        """Tell whether a table exists."""
        return self._ask("SELECT to_regclass(?)", name) is not None

    def check(self) -> None:
        """Nothing: a PostgreSQL server finds its own damage."""

    def _ask(self, sql: str, *values: Any) -> Any:
        # One value, also outside a transaction: the connection may have gone meanwhile.
        try:
            return self.execute(sql, values)[0][0]
        except self._errors.Error as error:
            raise self._error(error) from None

    def close(self) -> None:
        """Close the connection; its locks go with it."""
        self._db.close()

    def interrupt(self) -> None:
        """End what another thread waits for in here."""
        self._db.cancel_safe()

    @staticmethod
    def _error(error: Exception) -> StateError:
        return StateError(f"the state in PostgreSQL cannot be used: {' '.join(str(error).split())}")


def _lock_number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)


@lru_cache(maxsize=512)
def _percent(sql: str) -> str:
    return sql.replace("?", "%s")
