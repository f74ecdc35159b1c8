"""The same tests on both engines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from newscrawl.database.connect import connect
from newscrawl.database.engine import Engine
from newscrawl.database.schema import prepare
from newscrawl.queue import hosts
from tests.postgres import database
from tests.queue.workers import NewWorker, Worker

_names = count(1)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def state_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty state."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/state.db"
    return database(request.getfixturevalue("postgres_url"), f"state_{next(_names)}")


@pytest.fixture(autouse=True)
def exact_moments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Moments lie a delay apart, and not a little more."""
    monkeypatch.setattr(hosts, "SPARE", 1.0)


@pytest.fixture
def connected(state_url: str) -> Iterator[Callable[[], Engine]]:
    """Makes connections to the state, as processes of their own would."""
    engines: list[Engine] = []

    def make() -> Engine:
        engine = connect(state_url)
        engines.append(engine)
        prepare(engine, "longbridge", "longbridge.com")
        return engine

    yield make
    for engine in engines:
        engine.close()


@pytest.fixture
def new_worker(connected: Callable[[], Engine]) -> NewWorker:
    """Makes workers over connections of their own."""

    def make(name: str = "w1", lease_seconds: float = 60.0) -> Worker:
        return Worker(connected(), name, lease_seconds)

    return make
