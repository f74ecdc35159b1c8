"""From STATE_URL to an engine."""

from __future__ import annotations

from pathlib import Path

from newscrawl.database.engine import Engine
from newscrawl.database.postgres import PostgresEngine
from newscrawl.database.sqlite import SqliteEngine
from newscrawl.exceptions import StateError


def connect(url: str) -> Engine:
    """Return the engine that STATE_URL names.

    ``sqlite:///path``, ``sqlite://`` (in memory) or ``postgresql://…``. Raises StateError.
    """
    if url == "sqlite://":
        return SqliteEngine(None)
    if url.startswith("sqlite:///"):
        return SqliteEngine(Path(url.removeprefix("sqlite:///")))
    if url.startswith(("postgresql://", "postgres://")):
        return PostgresEngine(url)
    raise StateError(
        f"STATE_URL: expected sqlite:///PATH or postgresql://…, found {url.rpartition('@')[2]!r}"
    )
