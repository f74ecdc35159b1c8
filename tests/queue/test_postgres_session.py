"""What a PostgreSQL server does on its side for workers that can do nothing any more: frozen, or gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from random import Random
from typing import Any

import psycopg
import pytest

from newscrawl.database import postgres, postgres_locks
from newscrawl.database.postgres import PostgresEngine
from newscrawl.exceptions import StateError
from tests.postgres import database

IDLE = "idle_in_transaction_session_timeout"
LOCK = "lock_timeout"
KEEPALIVES = ("tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count")
ONE_LINE = r"^the state in PostgreSQL cannot be used: [^\n]+$"


@pytest.fixture(scope="module")
def url(postgres_url: str) -> str:
    address = database(postgres_url, f"session_{Random().randrange(10**9)}")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE TABLE thing (name TEXT)")
        connection.execute("INSERT INTO thing VALUES ('one')")
    return address


@pytest.fixture
def engine(url: str) -> Iterator[Callable[[], PostgresEngine]]:
    """Makes connections as a crawl makes them."""
    made: list[PostgresEngine] = []

    def make() -> PostgresEngine:
        made.append(PostgresEngine(url))
        return made[-1]

    yield make
    for one in made:
        one.close()


def _setting(engine: PostgresEngine, name: str) -> tuple[Any, ...]:
    """Return a setting's value in its own unit, and where it comes from."""
    (row,) = engine.execute("SELECT setting, unit, source FROM pg_settings WHERE name = ?", (name,))
    return tuple(row)


def test_timeouts_are_in_force(engine: Callable[[], PostgresEngine]) -> None:
    one = engine()
    assert one.execute(f"SHOW {IDLE}") == [("20s",)]
    assert one.execute(f"SHOW {LOCK}") == [("23s",)]
    assert _setting(one, IDLE) == ("20000", "ms", "session")
    assert _setting(one, LOCK) == ("23000", "ms", "session")


def test_timeouts_hold_after_a_transaction_that_failed(engine: Callable[[], PostgresEngine]) -> None:
    one = engine()

    def fail() -> None:
        one.execute("SELECT 1 / 0")

    with pytest.raises(StateError, match=ONE_LINE):
        one.transact(fail, durable=False)
    assert one.transact(lambda: one.execute(f"SHOW {IDLE}")) == [("20s",)]


def test_only_the_one_transaction_is_not_synced(engine: Callable[[], PostgresEngine]) -> None:
    one = engine()
    sql = "SHOW synchronous_commit"
    assert one.transact(lambda: one.execute(sql), durable=False) == [("off",)]
    assert one.transact(lambda: one.execute(sql)) == [("on",)]


@pytest.mark.parametrize("name", KEEPALIVES)
def test_the_server_is_asked_to_look_for_machines_that_are_gone(
    engine: Callable[[], PostgresEngine], name: str
) -> None:
    # The server of the tests has no TCP, where the value is always 0; it says who set it.
    assert _setting(engine(), name)[2] == "session"


def test_a_machine_that_is_gone_is_noticed_within_two_minutes() -> None:
    idle, interval, times = (int(postgres._SESSION[name]) for name in KEEPALIVES)
    assert 0 < idle + interval * times <= 120


def test_another_gets_the_lock_of_one_that_idles_in_a_transaction(
    engine: Callable[[], PostgresEngine], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(postgres._SESSION, IDLE, "200ms")
    monkeypatch.setattr(postgres_locks, "_LONGEST_FOREIGN", 0.2)
    frozen = engine()
    frozen.execute("BEGIN")
    frozen.execute("SELECT name FROM thing FOR UPDATE")
    assert frozen.try_lock("crawl x")
    with closing(psycopg.connect(url, autocommit=True)) as other:
        # A bound for the test, far beyond the other: where nothing ends the first one, this raises.
        other.execute("SET lock_timeout = '30s'")
        assert other.execute("SELECT name FROM thing FOR UPDATE").fetchall() == [("one",)]
    # Its locks on whole crawls are free as well.
    next_one = engine()
    assert next_one.try_lock("crawl x")
    # The one that was frozen goes on, and is told in one line that the crawl is another's.
    with pytest.raises(StateError, match=ONE_LINE):
        frozen.now()
    with pytest.raises(StateError, match=ONE_LINE):
        frozen.transact(lambda: frozen.execute("SELECT 1"))


def test_one_that_idles_between_transactions_is_let_be(
    engine: Callable[[], PostgresEngine], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(postgres._SESSION, IDLE, "100ms")
    idle = engine()
    assert idle.try_lock("crawl y")
    with closing(psycopg.connect(url, autocommit=True)) as other:
        # Ten times as long by the server's own clock.
        other.execute("SELECT pg_sleep(1)")
    assert idle.execute("SELECT 1") == [(1,)]
    assert idle.is_locked("crawl y")


def test_a_holder_that_is_busy_is_waited_for_no_longer_than_the_lock_timeout(
    engine: Callable[[], PostgresEngine], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(postgres._SESSION, LOCK, "200ms")
    waits = PostgresEngine(url, timeout=1)
    with closing(psycopg.connect(url)) as holder:
        # A connection without limits of its own stays in its transaction as long as the test runs.
        holder.execute("SELECT name FROM thing FOR UPDATE")
        with pytest.raises(StateError, match="lock timeout"):
            waits.transact(lambda: waits.execute("SELECT name FROM thing FOR UPDATE"))
    # The connection is whole, and the next one has the lock.
    assert waits.transact(lambda: waits.execute("SELECT name FROM thing FOR UPDATE")) == [("one",)]
    waits.close()


def test_a_holder_that_is_busy_for_longer_than_the_lock_timeout_is_waited_for_again(
    engine: Callable[[], PostgresEngine], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(postgres._SESSION, LOCK, "100ms")
    waits = engine()
    tries: list[int] = []
    with closing(psycopg.connect(url)) as holder:
        holder.execute("SELECT name FROM thing FOR UPDATE")

        def work() -> list[Any]:
            tries.append(1)
            if len(tries) == 3:
                holder.rollback()
            return waits.execute("SELECT name FROM thing FOR UPDATE")

        assert waits.transact(work) == [("one",)]
    assert len(tries) == 3


def test_a_wait_for_a_lock_outlasts_a_frozen_holder() -> None:
    # Else those who wait would give up just before the server ends the one that they wait for. And a wait for
    # a lock is no frozen server, which in turn is to be found within 30 seconds, a twentieth late at most.
    seconds = {name: int(postgres._SESSION[name].removesuffix("s")) for name in (IDLE, LOCK)}
    assert 0 < seconds[IDLE] < seconds[LOCK] < postgres._SILENCE
    assert postgres._SILENCE * 1.05 <= 30
