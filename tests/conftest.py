"""What several tests share: one PostgreSQL server for the whole run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from newscrawl.database.thread import DatabaseCalls, DatabaseThread, InTheLoop
from tests.postgres import server


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of a PostgreSQL server that is running."""
    # Not below pytest's own folder: it is closed to others, and the server runs as a user of its own.
    with TemporaryDirectory(prefix="newscrawl-postgres-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with server(Path(folder) / "data", durable=False) as url:
            yield url


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the server as slow."""
    for item in items:
        if "postgres_url" in getattr(item, "fixturenames", ()):
            item.add_marker("slow")


@pytest.fixture(params=[InTheLoop, DatabaseThread])
def calls(request: pytest.FixtureRequest) -> Iterator[DatabaseCalls]:
    """Both ways in which the state is used."""
    made: DatabaseCalls = request.param()
    yield made
    made.close()
