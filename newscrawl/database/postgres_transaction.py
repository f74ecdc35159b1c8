"""One transaction, which takes place once although the connection may break in its middle."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Generic

import psycopg

from newscrawl.database.engine import T
from newscrawl.database.postgres_connection import Connection
from newscrawl.database.postgres_errors import Undecided
from newscrawl.database.statements.postgres import COMMIT, ROLLBACK, WHAT_BECAME_OF
from newscrawl.exceptions import StateError


class Transaction(Generic[T]):
    """Work that is tried until it is committed.

    Where the connection breaks while a commit is under way, nobody knows on this side whether it took
    place. So the transaction's number is asked for at its beginning, which costs nothing: it has one as soon
    as it locks a row. The next try asks the server what became of that number.
    """

    def __init__(self, db: Connection, begin: str, work: Callable[[], T]) -> None:
        self._db = db
        self._begin = begin
        self._work = work
        self._in_doubt: tuple[str, T] | None = None

    def attempt(self) -> T:
        """Run the work and commit; or only return what it gave, where it was committed after all.

        Raises psycopg's errors, and Undecided while the server still works on the last commit.
        """
        if self._in_doubt is not None:
            if self._is_committed(self._in_doubt[0]):
                return self._in_doubt[1]
            self._in_doubt = None
        try:
            number = self._start()
            result = self._work()
        except BaseException:
            self._roll_back()
            raise
        if number is not None:
            self._in_doubt = number, result
        try:
            done = self._db.execute(COMMIT, prepare=False).statusmessage
        except psycopg.Error:
            if self._db.is_open:
                # An answer, if no good one: a constraint that is checked at the end, or a deadlock.
                self._in_doubt = None
            raise
        self._in_doubt = None
        if done != "COMMIT":
            raise StateError(f"expected a transaction that is whole at its COMMIT, found {done}")
        return result

    def _start(self) -> str | None:
        cursor = self._db.execute(self._begin, prepare=False)
        while cursor.nextset():
            pass
        row = None if cursor.description is None else cursor.fetchone()
        return None if row is None else str(row[0])

    def _roll_back(self) -> None:
        if self._db.is_open:
            # Where that fails the connection is lost, and the transaction with it.
            with suppress(psycopg.Error):
                self._db.execute(ROLLBACK, prepare=False)

    def _is_committed(self, number: str) -> bool:
        try:
            ((status,),) = self._db.execute(WHAT_BECAME_OF, (number,)).fetchall()
        except psycopg.errors.InvalidParameterValue:
            # A number that is in the future: the server that took over from another, or was started again
            # after a crash, never saw it. So the transaction is not in what it has.
            return False
        if status == "in progress":
            raise Undecided
        # None is for numbers too old to be known, which this one cannot be after minutes. A server that never
        # saw the number may in theory have given it to another transaction by now: then a result is taken for
        # committed that is not, its page stays leased, the next renewal of leases gives it back, and it is
        # asked for again.
        return bool(status == "committed")
