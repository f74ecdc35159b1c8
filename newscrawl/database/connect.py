"""From STATE_URL to an engine."""

from __future__ import annotations

from pathlib import Path

from newscrawl.database.engine import Engine
from newscrawl.database.interruption import Interruption
from newscrawl.database.sqlite import SqliteEngine
from newscrawl.exceptions import StateError


def connect(url: str, *, timeout: float = 120.0, interruption: Interruption | None = None) -> Engine:
    """Return the engine that STATE_URL names.

    ``sqlite:///path``, ``sqlite://`` (in memory) or ``postgresql://…``. ``timeout`` is STATE_TIMEOUT: how
    many seconds a server that cannot be reached is waited for, here and later. ``interruption`` ends such a
    wait from another thread, also before there is an engine that could be interrupted. Raises StateError.
    """
    if (text := wrong_address(url)) is not None:
        raise StateError(text)
    if url == "sqlite://":
        return SqliteEngine(None, interruption=interruption)
    if url.startswith("sqlite:///"):
        return SqliteEngine(Path(url.removeprefix("sqlite:///")), interruption=interruption)
    try:
        # Not loaded, and perhaps not installed, where SQLite is enough.
        from newscrawl.database.postgres import PostgresEngine  # noqa: PLC0415
    except ImportError:
        raise StateError(
            "expected the package psycopg for a postgresql:// STATE_URL, found none; "
            "pip install 'psycopg[binary]'"
        ) from None
    return PostgresEngine(url, timeout=timeout, interruption=interruption)


def wrong_address(url: str) -> str | None:
    """Return, in one line, what is wrong with a STATE_URL that names no engine; None where it names one."""
    if url == "sqlite://" or url.startswith(("sqlite:///", "postgresql://", "postgres://")):
        return None
    return f"STATE_URL: expected sqlite:///PATH or postgresql://…, found {url.rpartition('@')[2]!r}"
