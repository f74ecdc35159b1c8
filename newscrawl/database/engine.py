"""What the queue needs of a database, so that SQL is written once for two engines.

SQL (``database/statements``) has ``?`` for parameters and, but for the statements that each engine has its
own of, only what SQLite and PostgreSQL both know. What else they do not share is an engine's own:
placeholders, the clock, durability, and a lock that dies with its process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from newscrawl.database.statements.per_engine import Statements

T = TypeVar("T")
Row = Sequence[Any]

REMEDY = "`scrapy rebuild` rebuilds it from the lines"


def pairs(rows: Iterable[Row]) -> dict[Any, Any]:
    """Return rows of two columns as a dict."""
    return {key: value for key, value in rows}  # noqa: C416  # dict() wants tuples, rows are sequences


class Engine(Protocol):
    """One connection to the state. All errors come as StateError, in one line."""

    is_remote: bool
    """Whether statements wait for a network."""
    statements: Statements
    """What this engine says in its own way."""

    def execute(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Run one statement inside a transaction; return its rows, if it has any."""
        ...

    def executemany(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement for each row of values."""
        ...

    def transact(self, work: Callable[[], T], *, durable: bool = True) -> T:
        """Run ``work`` as one transaction; again where the engine says that it met another one.

        Also where a connection was lost, never after it was committed: ``work`` changes nothing but the
        state.
        ``durable`` False leaves the sync to the next durable one: a crash of the machine may undo
        it, never a part of it, and never after something that followed it.
        """
        ...

    def read(self, work: Callable[[], T]) -> T:
        """Run ``work``, which only reads, as one transaction that blocks no other."""
        ...

    def now(self) -> datetime:
        """Return the database's clock, aware, in UTC."""
        ...

    def try_lock(self, name: str, *, shared: bool = False) -> bool:
        """Take a lock that ends with this process; False where another process has it.

        Any number of processes may have it ``shared``; without, one alone. May take two seconds.
        """
        ...

    def is_locked(self, name: str) -> bool:
        """Tell whether any process has a lock, shared or not."""
        ...

    def downgrade_lock(self, name: str) -> None:
        """Turn an exclusive lock of this process into a shared one."""
        ...

    def check(self) -> None:
        """Read all of it where damage would show only in parts. Raises StateLost."""
        ...

    def has_table(self, name: str) -> bool:
        """Tell whether a table exists."""
        ...

    def interrupt(self) -> None:
        """Give the state up, from any thread: calls under way and later ones raise StateError at once."""
        ...

    def close(self) -> None:
        """Close the connection and release all locks."""
        ...
