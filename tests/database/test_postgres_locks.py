"""The locks of a connection that was lost are taken again, or the run is another's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from newscrawl.database import postgres_locks
from newscrawl.exceptions import StateError
from tests.database.background import Background
from tests.database.conftest import NewEngine
from tests.database.test_postgres_lost import pid_of, terminate
from tests.pg_proxy import Proxy

TAKEN = (
    "^the state in PostgreSQL cannot be used: another process took the lock 'crawl x' "
    "while this one had no connection, and goes on in its place$"
)


def test_locks_are_taken_again_before_anything_else(url: str, new_engine: NewEngine) -> None:
    engine, other = new_engine(url), new_engine(url)
    assert engine.try_lock("crawl x")
    assert engine.try_lock("disk a", shared=True)
    assert engine.try_lock("crawl y")
    engine.downgrade_lock("crawl y")
    terminate(url, pid_of(engine))
    held = "SELECT mode FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() ORDER BY mode"
    assert engine.read(lambda: engine.execute(held)) == [("ExclusiveLock",), ("ShareLock",), ("ShareLock",)]
    assert not other.try_lock("crawl x", shared=True)
    assert other.try_lock("disk a", shared=True)
    assert other.try_lock("crawl y", shared=True)
    assert not other.try_lock("disk a")


def test_a_lock_that_another_has_meanwhile(
    url: str, new_engine: NewEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_locks, "_LONGEST_FOREIGN", 0.5)
    engine, other = new_engine(url), new_engine(url)
    assert engine.try_lock("crawl x")
    terminate(url, pid_of(engine))
    assert other.try_lock("crawl x")
    ran: list[int] = []
    with pytest.raises(StateError, match=TAKEN):
        engine.transact(lambda: ran.append(1))
    other.close()
    # For good: the other one has worked on the run.
    with pytest.raises(StateError, match=TAKEN):
        engine.transact(lambda: ran.append(1))
    assert ran == []


def test_a_lock_that_another_has_for_a_moment(
    url: str, new_engine: NewEngine, background: Callable[[Callable[[], Any]], Background]
) -> None:
    engine, other = new_engine(url), new_engine(url)
    assert engine.try_lock("disk a", shared=True)
    terminate(url, pid_of(engine))
    assert other.try_lock("disk a")
    call = background(engine.now)
    other.close()
    assert call.result()
    assert not new_engine(url).try_lock("disk a")


@pytest.mark.parametrize("shared", [True, False])
def test_the_session_that_a_silent_network_leaves_behind_is_ended(
    url: str, proxy: Proxy, new_engine: NewEngine, *, shared: bool
) -> None:
    engine = new_engine(proxy.url, silence=0.5)
    assert engine.try_lock("crawl x", shared=shared)
    before = pid_of(engine)
    # The server does not notice, and would keep the lock for minutes.
    proxy.forsake()
    engine.now()
    assert pid_of(engine) != before
    count = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = ?"
    other = new_engine(url)
    assert other.try_lock("crawl x") is False
    assert other.read(lambda: other.execute(count, (before,))) == [(0,)]


def test_locks_are_taken_again_at_the_next_connection_where_that_one_breaks(
    url: str, proxy: Proxy, new_engine: NewEngine
) -> None:
    engine, other = new_engine(proxy.url), new_engine(url)
    assert engine.try_lock("crawl x")
    assert engine.try_lock("crawl y")
    terminate(url, pid_of(engine))
    proxy.lose_answer(b"pg_try_advisory_lock")
    engine.now()
    assert proxy.sprung.is_set()
    assert not other.try_lock("crawl x")
    assert not other.try_lock("crawl y")
