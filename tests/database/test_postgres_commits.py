"""A connection that breaks while a commit is under way: the transaction takes place once."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from newscrawl.database.postgres import PostgresEngine
from newscrawl.database.postgres_transaction import Transaction
from newscrawl.database.statements.postgres import BEGIN_WRITE
from newscrawl.exceptions import StateError
from tests.database.background import Background, wait_until
from tests.database.conftest import NewEngine
from tests.pg_proxy import Proxy
from tests.postgres import Server

COMMIT = b"COMMIT"


class Inserting:
    """Work that counts how often it is run."""

    def __init__(self, engine: PostgresEngine) -> None:
        self.engine = engine
        self.runs = 0

    def __call__(self) -> int:
        self.runs += 1
        self.engine.execute("INSERT INTO thing VALUES ('one')")
        return self.runs


@pytest.mark.parametrize("durable", [True, False])
def test_a_commit_that_never_arrives_is_done_again(
    proxy: Proxy, new_engine: NewEngine, rows: Callable[[], list[str]], *, durable: bool
) -> None:
    engine = new_engine(proxy.url)
    work = Inserting(engine)
    proxy.lose_request(COMMIT)
    assert engine.transact(work, durable=durable) == 2
    assert proxy.sprung.is_set()
    assert rows() == ["one"]


@pytest.mark.parametrize("durable", [True, False])
def test_a_commit_whose_answer_is_lost_is_not_done_again(
    proxy: Proxy, new_engine: NewEngine, rows: Callable[[], list[str]], *, durable: bool
) -> None:
    engine = new_engine(proxy.url)
    work = Inserting(engine)
    proxy.lose_answer(COMMIT)
    assert engine.transact(work, durable=durable) == 1
    assert proxy.sprung.is_set()
    assert work.runs == 1
    assert rows() == ["one"]


def test_the_question_after_a_commit_may_be_lost_as_well(
    proxy: Proxy, new_engine: NewEngine, rows: Callable[[], list[str]]
) -> None:
    engine = new_engine(proxy.url)
    work = Inserting(engine)
    proxy.lose_answer(COMMIT)
    proxy.lose_answer(b"pg_xact_status")
    assert engine.transact(work) == 1
    assert rows() == ["one"]


@pytest.mark.parametrize(("trap", "runs"), [(Proxy.freeze_request, 2), (Proxy.freeze_answer, 1)])
def test_a_commit_without_an_answer(
    proxy: Proxy,
    new_engine: NewEngine,
    rows: Callable[[], list[str]],
    trap: Callable[[Proxy, bytes], None],
    runs: int,
) -> None:
    engine = new_engine(proxy.url, silence=0.5)
    work = Inserting(engine)
    trap(proxy, COMMIT)
    assert engine.transact(work) == runs
    assert rows() == ["one"]


def test_a_read_is_done_again(proxy: Proxy, new_engine: NewEngine) -> None:
    engine = new_engine(proxy.url)
    proxy.lose_answer(COMMIT)
    assert engine.read(lambda: engine.execute("SELECT 1")) == [(1,)]
    assert proxy.sprung.is_set()


def test_one_process_of_the_server_that_stands_still_at_a_commit(
    url: str,
    new_engine: NewEngine,
    rows: Callable[[], list[str]],
    background: Callable[[Callable[[], Any]], Background],
    caplog: pytest.LogCaptureFixture,
) -> None:
    engine = new_engine(url, silence=0.5)
    stopped: list[int] = []
    inserting = Inserting(engine)

    def work() -> int:
        inserting()
        if not stopped:
            stopped.append(engine.execute("SELECT pg_backend_pid()")[0][0])
            os.kill(stopped[0], signal.SIGSTOP)
        return inserting.runs

    call = background(lambda: engine.transact(work))
    try:
        # The server cannot tell yet, and neither can we.
        wait_until(lambda: "no answer for 0.5 seconds" in caplog.text)
        with psycopg.connect(url, autocommit=True) as other:

            def asks() -> bool:
                found = other.execute(
                    "SELECT query FROM pg_stat_activity WHERE query LIKE '%pg_xact_status%'"
                )
                return len(found.fetchall()) > 1

            wait_until(asks)
        assert call.is_running
    finally:
        os.kill(stopped[0], signal.SIGCONT)
    assert call.result() == inserting.runs
    assert rows() == ["one"]


def test_a_server_that_loses_its_power(
    proxy: Proxy, own_server: Server, new_engine: NewEngine, background: Callable[..., Background]
) -> None:
    engine = new_engine(proxy.url)
    work = Inserting(engine)
    proxy.freeze_answer(COMMIT)
    call = background(lambda: engine.transact(work))
    assert proxy.sprung.wait(60)
    own_server.kill()
    # The proxy notices nothing by itself: the client waits on.
    proxy.cut()
    own_server.start()
    assert call.result() == 1
    assert engine.read(lambda: engine.execute("SELECT name FROM thing")) == [("one",)]


def test_numbers_that_the_server_does_not_know(url: str, new_engine: NewEngine) -> None:
    engine = new_engine(url)
    transaction = Transaction(engine._db, BEGIN_WRITE, lambda: None)
    # In the future: after a failover to a copy that never saw it.
    assert transaction._is_committed(str(2**40)) is False
    # Before the first one that is kept.
    assert transaction._is_committed("3") is False


def test_a_commit_that_the_server_refuses(url: str, new_engine: NewEngine) -> None:
    engine = new_engine(url)
    engine.transact(
        lambda: engine.execute(
            "CREATE TABLE late (a INTEGER PRIMARY KEY, b INTEGER REFERENCES late (a) "
            "DEFERRABLE INITIALLY DEFERRED)"
        )
    )
    tries = []

    def work() -> None:
        tries.append(1)
        engine.execute("INSERT INTO late VALUES (1, 2)")

    with pytest.raises(StateError, match="foreign key"):
        engine.transact(work)
    assert len(tries) == 1
