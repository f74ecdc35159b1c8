"""Whoever waits for the state gives up as soon as another thread says so."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from time import sleep
from typing import Any

import psycopg
import pytest

from newscrawl.database import postgres_locks
from newscrawl.database.connect import connect
from newscrawl.database.interruption import Interruption
from newscrawl.database.postgres import PostgresEngine
from newscrawl.database.sqlite import SqliteEngine
from newscrawl.exceptions import StateError
from tests.database.background import Background, wait_until
from tests.database.conftest import NewEngine
from tests.database.test_postgres_lost import pid_of, terminate
from tests.database.test_postgres_outages import WAITS
from tests.pg_proxy import Proxy

Start = Callable[[Callable[[], Any]], Background]
# Far beyond the time that a test may take: what ends, ends by the interruption.
FOREVER = {"timeout": 10_000, "silence": 10_000}
INTERRUPTED = "^the state cannot be used any more: waiting for it was interrupted$"


def insert(engine: PostgresEngine) -> Callable[[], Any]:
    return lambda: engine.transact(lambda: engine.execute("INSERT INTO thing VALUES ('one')"))


def check_interrupted(engine: PostgresEngine, *calls: Background) -> None:
    for call in calls:
        with pytest.raises(StateError, match=INTERRUPTED):
            call.result()
    for later in (engine.now, insert(engine), lambda: engine.try_lock("x")):
        with pytest.raises(StateError, match=INTERRUPTED):
            later()
    engine.close()


def test_in_a_pause_between_two_tries(
    proxy: Proxy, new_engine: NewEngine, background: Start, caplog: pytest.LogCaptureFixture
) -> None:
    engine = new_engine(proxy.url, **FOREVER)
    proxy.refuse()
    proxy.cut()
    # The second one waits for the first.
    calls = background(engine.now), background(insert(engine))
    wait_until(lambda: WAITS in caplog.text)
    engine.interrupt()
    check_interrupted(engine, *calls)


@pytest.mark.parametrize("statement", [b"BEGIN", b"INSERT", b"COMMIT"])
def test_in_a_statement_that_has_no_answer(
    proxy: Proxy, new_engine: NewEngine, background: Start, statement: bytes
) -> None:
    engine = new_engine(proxy.url, **FOREVER)
    proxy.freeze_request(statement)
    call = background(insert(engine))
    assert proxy.sprung.wait(60)
    engine.interrupt()
    check_interrupted(engine, call)


def test_while_it_connects_again(
    proxy: Proxy, new_engine: NewEngine, background: Start, caplog: pytest.LogCaptureFixture
) -> None:
    engine = new_engine(proxy.url, **FOREVER)
    proxy.freeze()
    proxy.cut()
    call = background(engine.now)
    wait_until(lambda: any(one.name == "newscrawl-connect" for one in threading.enumerate()))
    engine.interrupt()
    check_interrupted(engine, call)


def test_while_it_connects_for_the_first_time(proxy: Proxy, background: Start) -> None:
    interruption = Interruption()
    proxy.freeze()
    call = background(lambda: connect(proxy.url, timeout=10_000, interruption=interruption))
    wait_until(lambda: any(one.name == "newscrawl-connect" for one in threading.enumerate()))
    interruption.interrupt()
    with pytest.raises(StateError, match=INTERRUPTED):
        call.result()
    # Whoever comes later does not even try.
    with pytest.raises(StateError, match=INTERRUPTED):
        connect(proxy.url, interruption=interruption)


def test_while_it_takes_its_locks_again(
    url: str, new_engine: NewEngine, background: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_locks, "_LONGEST_FOREIGN", 10_000)
    engine, other = new_engine(url, **FOREVER), new_engine(url)
    assert engine.try_lock("crawl x")
    terminate(url, pid_of(engine))
    assert other.try_lock("crawl x")
    call = background(engine.now)
    wait_until(lambda: engine._db.is_open and engine._locks.are_missing)
    engine.interrupt()
    check_interrupted(engine, call)


def test_while_it_waits_for_a_row(
    url: str, new_engine: NewEngine, background: Start, rows: Callable[[], list[str]]
) -> None:
    engine = new_engine(url, **FOREVER)
    insert(engine)()
    with psycopg.connect(url) as holder:
        holder.execute("SELECT 1 FROM thing FOR UPDATE")
        call = background(lambda: engine.transact(lambda: engine.execute("SELECT 1 FROM thing FOR UPDATE")))

        def waits() -> bool:
            sql = "SELECT 1 FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()"
            return bool(holder.execute(sql).fetchall())

        wait_until(waits)
        engine.interrupt()
        check_interrupted(engine, call)


def test_close_ends_what_another_thread_waits_for(
    proxy: Proxy, new_engine: NewEngine, background: Start
) -> None:
    engine = new_engine(proxy.url, **FOREVER)
    proxy.freeze_request(b"INSERT")
    call = background(insert(engine))
    assert proxy.sprung.wait(60)
    engine.close()
    with pytest.raises(StateError):
        call.result()
    with pytest.raises(StateError, match="the connection was closed"):
        engine.now()


def test_an_interruption_of_one_engine_is_not_that_of_another(url: str, new_engine: NewEngine) -> None:
    interruption = Interruption()
    one, other = (new_engine(url, interruption=interruption) for _ in range(2))
    one.interrupt()
    assert other.now()
    interruption.interrupt()
    with pytest.raises(StateError, match=INTERRUPTED):
        other.now()


def test_sqlite_gives_up_waiting_for_another_program(tmp_path: Path, background: Start) -> None:
    path = tmp_path / "state.db"
    engine = SqliteEngine(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        call = background(lambda: engine.transact(lambda: None))
        sleep(0.1)
        engine.interrupt()
        with pytest.raises(StateError, match=INTERRUPTED):
            call.result()
    with pytest.raises(StateError, match=INTERRUPTED):
        engine.read(lambda: None)
    engine.close()


def test_sqlite_gives_up_a_long_statement(tmp_path: Path, background: Start) -> None:
    engine = SqliteEngine(tmp_path / "state.db")
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    began = threading.Event()

    def work() -> None:
        began.set()
        engine.execute(endless)

    call = background(lambda: engine.read(work))
    assert began.wait(60)
    # An interruption between two statements is seen before the next one; within one it ends that.
    sleep(0.2)
    engine.interrupt()
    with pytest.raises(StateError, match=INTERRUPTED):
        call.result()
    engine.close()
