"""From STATE_URL to an engine."""

from __future__ import annotations

from pathlib import Path

from newscrawl.exceptions import StateError
from newscrawl.frontier.engine import Engine
from newscrawl.frontier.postgres import PostgresEngine
from newscrawl.frontier.sqlite import SqliteEngine


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
