"""The same tests on both engines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from newscrawl.database.connect import connect
from newscrawl.database.engine import Engine
from newscrawl.database.schema import prepare
from newscrawl.database.thread import DatabaseCalls
from newscrawl.queue import crawl_queue, hosts
from newscrawl.queue.crawl_queue import CrawlQueue
from newscrawl.queue.pace import Pace
from tests.postgres import database
from tests.queue.clocks import Clock
from tests.queue.queues import SHARED, make_queue
from tests.queue.workers import NewWorker, Worker, opened

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


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the queue, the host and the state, which a test moves."""
    made = Clock()
    monkeypatch.setattr(crawl_queue, "monotonic", made)
    return made


@pytest.fixture
def other(new_worker: NewWorker, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Worker:
    """A worker of the same run."""
    made = opened(new_worker("other"), SHARED)
    monkeypatch.setattr(made.engine, "now", clock.now)
    return made


@pytest.fixture
def delay() -> float:
    """Between two requests of the queue, in seconds."""
    return 0.0


@pytest.fixture
def queue(
    new_worker: NewWorker,
    tmp_path: Path,
    calls: DatabaseCalls,
    clock: Clock,
    delay: float,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[CrawlQueue]:
    """One process's queue, by a clock that a test moves."""
    run = opened(new_worker(), SHARED).run
    monkeypatch.setattr(run.engine, "now", clock.now)
    made = make_queue(run, tmp_path, calls, claim_size=4, delay=delay)
    made.limiter.pace = Pace(clock)
    yield made
    # Nothing of it may be under way when the connection is closed.
    calls.call(lambda: None)
    made.in_progress.close()
