"""A connection that the server ended is made again, and nothing is done twice or not at all."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial

import psycopg
import pytest

from newscrawl.database.postgres import PostgresEngine
from newscrawl.exceptions import StateError
from tests.database.conftest import NewEngine
from tests.postgres import Server

ONE_LINE = r"^the state in PostgreSQL cannot be used: [^\n]+$"


def pid_of(engine: PostgresEngine) -> int:
    return int(engine.read(lambda: engine.execute("SELECT pg_backend_pid()"))[0][0])


def terminate(url: str, pid: int) -> None:
    """End a connection, and wait until it is gone."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(%s, 30000)", (pid,))


CALLS: dict[str, Callable[[PostgresEngine], object]] = {
    "transact": lambda engine: engine.transact(lambda: engine.execute("SELECT 1")),
    "not durable": lambda engine: engine.transact(lambda: engine.execute("SELECT 1"), durable=False),
    "read": lambda engine: engine.read(lambda: engine.execute("SELECT 1")),
    "now": lambda engine: engine.now(),
    "try_lock": lambda engine: engine.try_lock("x"),
    "is_locked": lambda engine: engine.is_locked("x"),
    "has_table": lambda engine: engine.has_table("thing"),
    "check": lambda engine: engine.check(),
}


@pytest.mark.parametrize("name", CALLS)
def test_between_two_calls(name: str, url: str, new_engine: NewEngine) -> None:
    engine = new_engine(url)
    before = CALLS[name](engine)
    terminate(url, pid_of(engine))
    after = CALLS[name](engine)
    assert type(after) is type(before)


def test_inside_a_transaction(
    url: str, new_engine: NewEngine, rows: Callable[[], list[str]], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "newscrawl")
    engine = new_engine(url)
    tries = []

    def work() -> int:
        tries.append(engine.now())
        engine.execute("INSERT INTO thing VALUES ('one')")
        if len(tries) == 1:
            terminate(url, engine.execute("SELECT pg_backend_pid()")[0][0])
        # What is called inside is lost with the transaction, not tried again by itself.
        assert engine.has_table("thing")
        assert not engine.is_locked("x")
        engine.executemany("INSERT INTO thing VALUES (?)", [("two",), ("three",)])
        return len(tries)

    assert engine.transact(work) == 2
    assert rows() == ["one", "three", "two"]
    first, second = (record.getMessage() for record in caplog.records)
    assert first.startswith("no connection to the state in PostgreSQL, tried again for 120 seconds: ")
    assert "\n" not in first
    assert second.startswith("connected to the state again after ")


def test_just_before_the_commit(url: str, new_engine: NewEngine, rows: Callable[[], list[str]]) -> None:
    engine = new_engine(url)
    tries = []

    def work() -> None:
        tries.append(1)
        engine.execute("INSERT INTO thing VALUES ('one')")
        if len(tries) == 1:
            terminate(url, engine.execute("SELECT pg_backend_pid()")[0][0])

    engine.transact(work)
    assert rows() == ["one"]
    assert len(tries) == 2


def test_again_and_again(url: str, new_engine: NewEngine, rows: Callable[[], list[str]]) -> None:
    engine = new_engine(url)
    for name in "01234":
        terminate(url, pid_of(engine))
        engine.transact(partial(engine.execute, "INSERT INTO thing VALUES (?)", (name,)))
    assert rows() == ["0", "1", "2", "3", "4"]


def test_the_new_connection_is_as_the_first(url: str, new_engine: NewEngine) -> None:
    engine = new_engine(url)
    names = ("idle_in_transaction_session_timeout", "lock_timeout", "tcp_keepalives_idle")
    sql = f"SELECT name, setting, source FROM pg_settings WHERE name IN {names} ORDER BY name"
    first = engine.read(lambda: engine.execute(sql))
    terminate(url, pid_of(engine))
    assert engine.read(lambda: engine.execute(sql)) == first
    assert {source for _, _, source in first} >= {"session"}


def test_other_errors_are_told_at_once(url: str, new_engine: NewEngine) -> None:
    engine = new_engine(url)
    tries = []

    def work() -> None:
        tries.append(1)
        engine.execute("SELEC 1")

    for run in (engine.transact, engine.read):
        with pytest.raises(StateError, match=ONE_LINE):
            run(work)
    assert len(tries) == 2
    # The connection is whole, and the transaction was undone.
    assert engine.transact(lambda: engine.execute("SELECT 1")) == [(1,)]


def test_an_exception_of_the_work_undoes_it(
    url: str, new_engine: NewEngine, rows: Callable[[], list[str]]
) -> None:
    engine = new_engine(url)

    def work() -> None:
        engine.execute("INSERT INTO thing VALUES ('one')")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine.transact(work)
    assert rows() == []
    assert engine.transact(lambda: engine.execute("SELECT 1")) == [(1,)]


def test_a_transaction_that_hides_its_error_is_told(url: str, new_engine: NewEngine) -> None:
    engine = new_engine(url)

    def work() -> None:
        with pytest.raises(psycopg.Error):
            engine.execute("SELECT 1 / 0")

    with pytest.raises(StateError, match="found ROLLBACK"):
        engine.transact(work)


def test_a_copy_that_only_reads_is_not_the_server(url: str, new_engine: NewEngine) -> None:
    engine = new_engine(url)
    tries = []

    def work() -> None:
        # As after a failover, where the address still leads to the server that was the first.
        tries.append(1)
        if len(tries) == 1:
            engine.execute("SET TRANSACTION READ ONLY")
        engine.execute("INSERT INTO thing VALUES ('one')")

    before = pid_of(engine)
    engine.transact(work)
    assert len(tries) == 2
    assert pid_of(engine) != before


def test_threads_take_turns(url: str, new_engine: NewEngine, rows: Callable[[], list[str]]) -> None:
    engine = new_engine(url)

    def insert(name: str) -> None:
        for _ in range(10):
            engine.transact(lambda: engine.execute("INSERT INTO thing VALUES (?)", (name,)))

    threads = [threading.Thread(target=insert, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    terminate(url, pid_of(engine))
    for thread in threads:
        thread.join(60)
    assert rows() == ["a"] * 10 + ["b"] * 10


def test_no_thread_is_left_behind(url: str, own_server: Server) -> None:
    before = set(threading.enumerate())
    engine = PostgresEngine(url)
    terminate(url, pid_of(engine))
    engine.now()
    assert {thread.name for thread in set(threading.enumerate()) - before} == {"newscrawl-watchdog"}
    engine.close()
    assert set(threading.enumerate()) <= before
    with pytest.raises(StateError, match="the connection was closed"):
        engine.now()
