"""From STATE_URL to an engine."""

from __future__ import annotations

import re
from pathlib import Path

from newscrawl.database.engine import Engine
from newscrawl.database.interruption import Interruption
from newscrawl.database.sqlite import SqliteEngine
from newscrawl.exceptions import StateError

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}://")
# Other programs' addresses have a password there. Here it would be a part of the file's name.
_PARAMETERS = re.compile(r"\?\w+=")


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
    """Return, in one line, what is wrong with a STATE_URL that names no engine; None where it names one.

    Of the address nothing but its scheme is in it.
    """
    if url == "sqlite://" or (url.startswith("sqlite:///") and not _PARAMETERS.search(url)):
        return None
    if not url.startswith(("postgresql://", "postgres://")):
        scheme = _SCHEME.match(url)
        found = f"{scheme[0]}…" if scheme is not None else "no scheme"
        return f"STATE_URL: expected sqlite:///PATH or postgresql://USER@HOST:PORT/NAME, found {found}"
    try:
        _parameters_of(url)
    except StateError as error:
        return str(error)
    except ImportError:
        # Told where it is needed.
        pass
    return None


def show_state(url: str) -> str:
    """Return where a state is, for errors: a path, or server and database, never a password."""
    if url.startswith("sqlite:///"):
        return url.removeprefix("sqlite:///")
    try:
        from newscrawl.database.postgres_address import show_postgres  # noqa: PLC0415  # as below
    except ImportError:
        return f"{url.partition('://')[0]}://…"
    return show_postgres(url)


def _parameters_of(url: str) -> None:
    # Not loaded, and perhaps not installed, where SQLite is enough.
    from newscrawl.database.postgres_address import parameters_of  # noqa: PLC0415

    parameters_of(url)
