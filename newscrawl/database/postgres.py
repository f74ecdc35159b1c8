"""PostgreSQL: many workers on many machines share one run."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from threading import RLock, get_ident
from typing import Any

import psycopg

from newscrawl.database.engine import Row, T
from newscrawl.database.interruption import Interruption
from newscrawl.database.outage import Outage
from newscrawl.database.postgres_address import one_line
from newscrawl.database.postgres_connection import Connection
from newscrawl.database.postgres_errors import CannotConnect, Undecided, ends_connection
from newscrawl.database.postgres_locks import Locks, LockTaken
from newscrawl.database.postgres_transaction import Transaction
from newscrawl.database.statements.postgres import (
    BEGIN_READ,
    BEGIN_WRITE,
    BEGIN_WRITE_WITHOUT_SYNC,
    CLOCK,
    HAS_TABLE,
    POSTGRES,
)
from newscrawl.exceptions import StateError

logger = logging.getLogger(__name__)

# How often a transaction is tried that was ended in favour of another one.
_ATTEMPTS = 8
# Seconds without an answer after which a server is taken for frozen. Longer than the server's own limits
# below, so that a wait that the server ends has its answer in time; short enough to be found within 30.
_SILENCE = 26.0
# Seconds within which a server that is not frozen takes a new connection.
_AT_ONCE = 5.0
# What the server does on its side, since a process that is frozen, or a machine that is gone, can do nothing
# on its own: others wait for what its transaction has locked. Ours take milliseconds between statements.
_SESSION = {
    "idle_in_transaction_session_timeout": "20s",
    # For a holder that is busy all the time; longer than the other, so that a wait for a frozen one ends well
    # first. A transaction that waited so long is run again until STATE_TIMEOUT is over.
    "lock_timeout": "23s",
    # A machine that vanished keeps its locks until the server notices: after two minutes, not two hours.
    "tcp_keepalives_idle": "60",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "6",
}
# A transaction that deadlocked, or inserted a row that another one inserted first, is to be run again. At
# once: the other one has its locks by now, and the server lets this one wait for them.
_AGAIN = (
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.UniqueViolation,
)


class PostgresEngine:
    """PostgreSQL through psycopg (``pip install 'newscrawl[postgres]'``).

    A connection that is lost is made again, with growing pauses, for ``timeout`` seconds; after that, as
    where another try cannot help, every call raises the same StateError at once. One thread works at a time,
    others wait.
    """

    is_remote = True
    statements = POSTGRES

    def __init__(
        self,
        url: str,
        *,
        timeout: float = 120.0,
        silence: float = _SILENCE,
        interruption: Interruption | None = None,
    ) -> None:
        """Connect; a server that refuses, or is starting, is waited for as later ones are.

        ``silence`` is how many seconds an answer may take, ``interruption`` ends all waiting, this one too.
        Raises StateError: at once for a host name that is unknown, a wrong password or a missing database.
        """
        self._timeout = timeout
        self._interruption = Interruption(interruption)
        self._db = Connection(url, _SESSION, silence, self._interruption)
        self._locks = Locks(self._db)
        self._lock = RLock()
        self._inside: int | None = None
        self._failure: StateError | None = None
        try:
            self._lasting(lambda: None)
        except BaseException:
            self.close()
            raise

    def execute(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Run one statement inside a transaction."""
        found = self._db.execute(_percent(sql), values)
        return [] if found.description is None else list(found.fetchall())

    def executemany(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement for each row."""
        self._db.executemany(_percent(sql), rows)

    def transact(self, work: Callable[[], T], *, durable: bool = True) -> T:
        """Run ``work`` as one transaction, again where another worker's took precedence.

        It is also run again where the connection was lost, but never after it was committed.
        """
        return self._run(BEGIN_WRITE if durable else BEGIN_WRITE_WITHOUT_SYNC, work)

    def read(self, work: Callable[[], T]) -> T:
        """Run ``work`` as one transaction; readers block no writer here."""
        return self._run(BEGIN_READ, work)

    def now(self) -> datetime:
        """Return the server's clock."""
        moment = self._ask(CLOCK)
        assert isinstance(moment, datetime)
        return moment.astimezone(UTC)

    def try_lock(self, name: str, *, shared: bool = False) -> bool:
        """Take an advisory lock; the server frees it when the connection ends."""
        # The lock of a process that was just killed goes when the server notices, a moment later.
        for wait in (0.1, 0.3, 0.6, 1.0, None):
            if self._lasting(lambda: self._locks.take(name, shared=shared)):
                return True
            if wait is not None:
                self._interruption.pause(wait)
        return False

    def is_locked(self, name: str) -> bool:
        """Look for the advisory lock among those of all connections."""
        return self._lasting(lambda: self._locks.is_held(name))

    def downgrade_lock(self, name: str) -> None:
        """Turn an exclusive lock into a shared one."""
        self._lasting(lambda: self._locks.downgrade(name))

    def has_table(self, name: str) -> bool:
        """Tell whether a table exists."""
        return self._ask(HAS_TABLE, name) is not None

    def check(self) -> None:
        """Nothing: a PostgreSQL server finds its own damage."""

    def interrupt(self) -> None:
        """Give the state up, from any thread: calls under way and later ones raise StateError at once."""
        self._interruption.interrupt()

    def close(self) -> None:
        """Close the connection; its locks go with it. A call under way in another thread is ended."""
        is_free = self._lock.acquire(blocking=False)
        if not is_free:
            self._interruption.interrupt()
            # Whoever waits there gives up at once; where it computes, the process's end closes all.
            is_free = self._lock.acquire(timeout=5)
        if is_free:
            try:
                self._fail("the connection was closed")
                self._db.close()
            finally:
                self._lock.release()

    def _ask(self, sql: str, *values: Any) -> Any:
        return self._lasting(lambda: self.execute(sql, values)[0][0])

    def _run(self, begin: str, work: Callable[[], T]) -> T:
        transaction = Transaction(self._db, begin, work)

        def attempt() -> T:
            self._inside = get_ident()
            try:
                return transaction.attempt()
            finally:
                self._inside = None

        return self._lasting(attempt)

    def _lasting(self, step: Callable[[], T]) -> T:
        """Do one thing over a connection that works; again where it was lost, until the time is over."""
        if self._inside == get_ident():
            # A part of a transaction: where the connection is lost here, all of it is to be run again.
            return step()
        with self._lock:
            outage = Outage(self._timeout, self._interruption)
            conflicts = 0
            while True:
                if self._failure is not None:
                    raise StateError(str(self._failure))
                self._interruption.check()
                try:
                    self._restore(outage)
                    result = step()
                except _AGAIN as error:
                    conflicts += 1
                    if conflicts == _ATTEMPTS:
                        raise self._error(error) from None
                except (psycopg.Error, CannotConnect, LockTaken, Undecided) as error:
                    self._bear(error, outage)
                else:
                    self._db.watchdog.wait_as_before()
                    return result

    def _bear(self, error: Exception, outage: Outage) -> None:
        """Return when it is time for another try. Raises StateError where there is to be none."""
        match error:
            case psycopg.errors.LockNotAvailable():
                # It has waited already.
                if outage.is_over():
                    raise self._error(error) from None
            case Undecided():
                self._wait(outage, str(error))
            case CannotConnect(is_useless=False):
                self._wait(outage, str(error))
            case psycopg.Error() if not self._db.is_open or ends_connection(error):
                self._wait(outage, self._lose(error))
            case psycopg.Error():
                raise self._error(error) from None
            case _:
                raise self._fail(str(error)) from None

    def _restore(self, outage: Outage) -> None:
        """Have a connection again, and every lock, before anything else is done."""
        if not self._db.is_open:
            was_silent = self._db.watchdog.has_cut
            self._locks.lose()
            self._db.open(outage.remaining)
            was_at_work = self._db.end_former()
            if was_silent:
                self._give_time(outage, was_at_work=was_at_work)
            if outage.has_begun:
                logger.info("connected to the state again after %.1f seconds", outage.elapsed)
        if self._locks.are_missing:
            self._locks.take_again(outage)

    def _give_time(self, outage: Outage, *, was_at_work: bool) -> None:
        """Wait longer for answers of a server that was not frozen, but at work on one long statement.

        So a frozen server is still found early, and a long statement comes to its end.
        """
        watchdog = self._db.watchdog
        if was_at_work and watchdog.wait_longer():
            outage.prolong(watchdog.seconds)
        elif outage.elapsed < _AT_ONCE:
            # The statement may have come to its end by now.
            watchdog.wait_longer()

    def _lose(self, error: psycopg.Error) -> str:
        """Let go of a connection that is lost; return why it is."""
        watchdog = self._db.watchdog
        text = f"no answer for {watchdog.seconds:g} seconds" if watchdog.has_cut else str(error)
        self._db.drop()
        return text

    def _wait(self, outage: Outage, text: str) -> None:
        """Pause before the next try. Raises StateError where the time is over, or it is interrupted."""
        self._interruption.check()
        if not outage.has_begun and self._timeout:
            logger.warning(
                "no connection to the state in PostgreSQL, tried again for %g seconds: %s",
                self._timeout,
                one_line(text, self._db.secrets),
            )
        if outage.is_over():
            raise self._fail(f"given up after {outage.elapsed:.0f} seconds: {text}")
        outage.pause()

    def _fail(self, text: str) -> StateError:
        """Note for good that the state cannot be used."""
        if self._failure is None:
            self._failure = self._error(text)
        return self._failure

    def _error(self, error: Exception | str) -> StateError:
        line = one_line(str(error), self._db.secrets)
        return StateError(f"the state in PostgreSQL cannot be used: {line}")


@lru_cache(maxsize=512)
def _percent(sql: str) -> str:
    return sql.replace("?", "%s")
