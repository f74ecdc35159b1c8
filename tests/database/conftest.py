"""A server of its own for tests that stop, freeze and disturb it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest

from newscrawl.database.postgres import PostgresEngine
from tests.database.background import Background
from tests.pg_proxy import Proxy
from tests.postgres import Server, database, running

_names = count(1)
NewEngine = Callable[..., PostgresEngine]


@pytest.fixture(scope="session")
def own_server() -> Iterator[Server]:
    """A server that nobody else uses."""
    with TemporaryDirectory(prefix="newscrawl-postgres-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with running(Path(folder) / "data") as server:
            yield server


@pytest.fixture
def url(own_server: Server) -> str:
    """The address of a database with an empty table ``thing``."""
    address = database(own_server.url, f"lost_{next(_names)}")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE TABLE thing (name TEXT)")
    return address


@pytest.fixture
def proxy(url: str) -> Iterator[Proxy]:
    """Stands before that database."""
    with Proxy(url) as between:
        yield between


@pytest.fixture
def new_engine() -> Iterator[NewEngine]:
    """Makes engines, as processes of their own would."""
    made: list[PostgresEngine] = []

    def make(url: str, **options: Any) -> PostgresEngine:
        made.append(PostgresEngine(url, **options))
        return made[-1]

    yield make
    for engine in made:
        engine.close()


@pytest.fixture
def background() -> Iterator[Callable[[Callable[[], Any]], Background]]:
    """Runs calls in threads, each of which must have ended when the test has."""
    started: list[Background] = []

    def start(call: Callable[[], Any]) -> Background:
        started.append(Background(call))
        return started[-1]

    yield start
    for one in started:
        one.join()


@pytest.fixture
def rows(url: str) -> Callable[[], list[str]]:
    """Reads what the table holds, without any engine or proxy."""

    def read() -> list[str]:
        with psycopg.connect(url, autocommit=True) as connection:
            return [name for (name,) in connection.execute("SELECT name FROM thing ORDER BY name")]

    return read
