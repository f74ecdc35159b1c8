"""One connection to PostgreSQL at a time, which can be opened again when it is lost."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import psycopg

from newscrawl.database.interruption import Interruption
from newscrawl.database.postgres_address import parameters_of, secrets_of
from newscrawl.database.postgres_errors import CannotConnect, cannot_connect
from newscrawl.database.statements.postgres import END_BACKEND, SET_UP_SESSION
from newscrawl.database.watchdog import Watchdog

# Seconds for one try to connect, for each address of the host.
_CONNECT_TIMEOUT = 10
# What psycopg takes for the least, and a server that works may need, where there is less time left.
_LEAST_CONNECT = 2
# libpq stops after the time above but for names, which the system resolves in its own time.
_LONGEST_CONNECT = 25.0
_PARAMETERS = {
    # A network that is silent is found by TCP after 25 seconds: where nothing is under way by three tries
    # after ten seconds, where something was sent by the time in which it was not acknowledged (milliseconds).
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}
# One statement of a pipeline may wait as long as one alone, so a batch is sent in parts.
_ROWS_AT_ONCE = 1_000

Backend = tuple[int, datetime]
"""A process of the server: its number, and when it began, since numbers are used again."""


class Connection:
    """The connection, and the watchdog over it. Raises psycopg's errors as they are, and CannotConnect."""

    def __init__(
        self, url: str, session: Mapping[str, str], silence: float, interruption: Interruption
    ) -> None:
        """Connect nothing yet. ``silence`` is how many seconds an answer may take. Raises StateError."""
        self._parameters = {
            **parameters_of(url),
            **_PARAMETERS,
            "application_name": f"newscrawl-{os.getpid()}",
        }
        self.secrets = secrets_of(self._parameters)
        """What no error may show."""
        self._session = session
        self._interruption = interruption
        self.watchdog = Watchdog(silence)
        interruption.on_interrupt(self.watchdog.cut)
        self._db: psycopg.Connection[tuple[Any, ...]] | None = None
        self._is_first = True
        self._backend: Backend | None = None
        self.former: list[Backend] = []
        """Those of earlier connections that may still be there."""

    @property
    def is_open(self) -> bool:
        """Whether there is a connection, as far as is known."""
        return self._db is not None and not self._db.closed

    def open(self, seconds: float) -> None:
        """Make a new connection, in so many seconds or a few more at most.

        Raises CannotConnect, and StateError where it is interrupted.
        """
        self.drop()
        parameters = {
            **self._parameters,
            "connect_timeout": int(max(_LEAST_CONNECT, min(_CONNECT_TIMEOUT, seconds))),
        }
        try:
            # In another thread: nothing else can end a connect that hangs.
            self._db = self._interruption.run(
                lambda: psycopg.connect(autocommit=True, **parameters),
                _LONGEST_CONNECT,
                lambda late: late.close(),
            )
        except TimeoutError:
            raise CannotConnect(f"no answer in {_LONGEST_CONNECT:g} seconds") from None
        except psycopg.Error as error:
            raise cannot_connect(error, is_first=self._is_first) from None
        try:
            self._prepare(self._db)
        except BaseException:
            self.drop()
            raise

    def _prepare(self, db: psycopg.Connection[tuple[Any, ...]]) -> None:
        self.watchdog.guard(db.fileno())
        # It may have come between the connection and the line above.
        self._interruption.check()
        (row,) = self.execute(
            SET_UP_SESSION.of(self._session),
            [part for setting in self._session.items() for part in setting],
        ).fetchall()
        self._backend = (row[0], row[1])
        self._is_first = False

    def drop(self) -> None:
        """Close the connection, or what is left of it; nothing where there is none."""
        if self._db is None:
            return
        self.watchdog.release()
        with suppress(psycopg.Error):
            self._db.close()
        self._db = None
        if self._backend is not None:
            self.former.append(self._backend)
            self._backend = None

    def end_former(self) -> bool:
        """End what earlier connections left on the server; tell whether one of them was still at work.

        The server does not notice by itself that a client is gone before it next reads or writes, after
        minutes where the network was silent. Until then it would hold that client's locks.
        """
        was_at_work = False
        for backend in tuple(self.former):
            rows = self.execute(END_BACKEND, backend).fetchall()
            if not rows:
                self.former.remove(backend)
            was_at_work = was_at_work or any(state == "active" for state, _ in rows)
        return was_at_work

    def execute(
        self, sql: str, values: Sequence[Any] | None = None, *, prepare: bool | None = None
    ) -> psycopg.Cursor[tuple[Any, ...]]:
        """Run one statement; without ``values`` there may be several, with ``;`` between them."""
        self.watchdog.begin()
        try:
            return self._connection().execute(sql, values, prepare=prepare)
        finally:
            self.watchdog.end()

    def executemany(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement for each row of values."""
        with self._connection().cursor() as cursor:
            for start in range(0, len(rows), _ROWS_AT_ONCE):
                self.watchdog.begin()
                try:
                    cursor.executemany(sql, rows[start : start + _ROWS_AT_ONCE])
                finally:
                    self.watchdog.end()

    def close(self) -> None:
        """Close the connection and end the watchdog."""
        self.drop()
        self.watchdog.stop()

    def _connection(self) -> psycopg.Connection[tuple[Any, ...]]:
        if self._db is None:
            raise psycopg.OperationalError("the connection is lost")
        return self._db
