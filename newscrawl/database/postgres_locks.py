"""PostgreSQL's advisory locks, which end with their connection and are taken again with the next."""

from __future__ import annotations

import hashlib
from time import monotonic

from newscrawl.database.outage import Outage
from newscrawl.database.postgres_connection import Connection
from newscrawl.database.statements.postgres import HOLDERS_OF_LOCK, TRY_LOCK, TRY_LOCK_SHARED, UNLOCK

# Seconds for which another process may have one of our locks, after a connection was lost: one that only
# publishes what is left lets it go again. One that has it for longer is at work.
_LONGEST_FOREIGN = 5.0
# Seconds between two tries at most: others may be after the same lock.
_LONGEST_PAUSE = 0.5


class LockTaken(Exception):
    """A lock that was held before a connection was lost cannot be taken again."""


class Locks:
    """The locks that this process holds, by name. Raises psycopg's errors as they are."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._held: dict[str, bool] = {}
        """Whether each is shared."""
        self._missing: list[str] = []

    @property
    def are_missing(self) -> bool:
        """Whether some were lost with a connection and are not taken again yet."""
        return bool(self._missing)

    def lose(self) -> None:
        """Note that the connection is gone, and all locks with it."""
        self._missing = list(self._held)

    def take(self, name: str, *, shared: bool) -> bool:
        """Take a lock; False where another process has it."""
        if not self._try(name, shared=shared):
            return False
        self._held[name] = shared
        return True

    def downgrade(self, name: str) -> None:
        """Take the shared lock beside the exclusive one, which its owner may, and let that one go."""
        self._try(name, shared=True)
        self._db.execute(UNLOCK, (_number(name),))
        self._held[name] = True

    def is_held(self, name: str) -> bool:
        """Tell whether any connection has a lock."""
        return bool(self._db.execute(HOLDERS_OF_LOCK, (_number(name),)).fetchall())

    def take_again(self, outage: Outage) -> None:
        """Take all that were lost, each as it was held; before anything else, over a new connection.

        What an earlier connection of ours still has on the server is waited for as long as the outage may
        last. Raises LockTaken after that, and where another process has one for longer than some seconds.
        """
        foreign_since: float | None = None
        while self._missing:
            name = self._missing[-1]
            if self._try(name, shared=self._held[name]):
                self._missing.pop()
                foreign_since = None
                continue
            if self._is_foreign(name):
                foreign_since = foreign_since or monotonic()
                if monotonic() - foreign_since >= _LONGEST_FOREIGN:
                    raise LockTaken(
                        f"another process took the lock {name!r} while this one had no connection, "
                        "and goes on in its place"
                    )
            if outage.is_over():
                raise LockTaken("an earlier connection of this process still has its locks")
            outage.pause(_LONGEST_PAUSE)

    def _is_foreign(self, name: str) -> bool:
        self._db.end_former()
        holders = self._db.execute(HOLDERS_OF_LOCK, (_number(name),)).fetchall()
        return any(tuple(holder) not in self._db.former for holder in holders)

    def _try(self, name: str, *, shared: bool) -> bool:
        sql = TRY_LOCK_SHARED if shared else TRY_LOCK
        ((taken,),) = self._db.execute(sql, (_number(name),)).fetchall()
        return bool(taken)


def _number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
