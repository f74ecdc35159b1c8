"""A server that cannot be reached: it is waited for, for so long and no longer."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import psycopg
import pytest

from newscrawl.database.connect import connect
from newscrawl.database.interruption import Interruption
from newscrawl.exceptions import StateError
from tests.database.background import Background, wait_until
from tests.database.conftest import NewEngine
from tests.database.test_postgres_lost import ONE_LINE
from tests.pg_proxy import Proxy
from tests.postgres import Server

Start = Callable[[Callable[[], Any]], Background]
WAITS = "no connection to the state in PostgreSQL"


@pytest.fixture
def stopped(own_server: Server) -> Iterator[Callable[[], None]]:
    """Stops the server; it runs again after the test."""
    yield own_server.stop
    if not (own_server.folder / "postmaster.pid").exists():
        own_server.start()


def test_a_restart_is_waited_for(
    url: str,
    own_server: Server,
    stopped: Callable[[], None],
    new_engine: NewEngine,
    background: Start,
    rows: Callable[[], list[str]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    engine = new_engine(url)
    assert engine.try_lock("crawl x")
    stopped()
    call = background(lambda: engine.transact(lambda: engine.execute("INSERT INTO thing VALUES ('one')")))
    wait_until(lambda: WAITS in caplog.text)
    assert call.is_running
    own_server.start()
    call.result()
    assert rows() == ["one"]
    assert not new_engine(url).try_lock("crawl x")


def test_a_restart_is_waited_for_at_the_beginning_too(
    url: str,
    own_server: Server,
    stopped: Callable[[], None],
    background: Start,
    caplog: pytest.LogCaptureFixture,
) -> None:
    stopped()
    call = background(lambda: connect(url))
    wait_until(lambda: WAITS in caplog.text)
    own_server.start()
    engine = call.result()
    assert engine.has_table("thing")
    engine.close()


def test_a_server_that_does_not_come_back(
    url: str, stopped: Callable[[], None], new_engine: NewEngine
) -> None:
    engine = new_engine(url, timeout=0.5)
    stopped()
    with pytest.raises(StateError, match=ONE_LINE) as first:
        engine.now()
    assert "given up after" in str(first.value)
    # The end of a run makes several calls: none of them waits once more.
    with pytest.raises(StateError) as second:
        engine.transact(lambda: None)
    assert str(second.value) == str(first.value)
    with pytest.raises(StateError, match=ONE_LINE):
        connect(url, timeout=0.5)
    with pytest.raises(StateError, match="given up after 0 seconds"):
        connect(url, timeout=0)


def _take_all(url: str, connections: list[psycopg.Connection[Any]]) -> None:
    with suppress(psycopg.OperationalError):
        while True:
            connections.append(psycopg.connect(url, autocommit=True))


def test_a_server_without_a_free_connection(
    url: str, own_server: Server, new_engine: NewEngine, background: Start, caplog: pytest.LogCaptureFixture
) -> None:
    engine = new_engine(url)
    pid = engine.read(lambda: engine.execute("SELECT pg_backend_pid()"))[0][0]
    others: list[psycopg.Connection[Any]] = []
    try:
        _take_all(url, others)
        others[0].execute("SELECT pg_terminate_backend(%s, 30000)", (pid,))
        _take_all(url, others)
        known, new = background(engine.now), background(lambda: connect(url))
        wait_until(lambda: caplog.text.count("too many clients") + caplog.text.count("connection slots") >= 1)
        assert known.is_running
        assert new.is_running
    finally:
        for other in others:
            other.close()
    assert known.result()
    new.result().close()


def test_a_refused_connection_and_one_that_is_reset(
    proxy: Proxy, new_engine: NewEngine, background: Start, caplog: pytest.LogCaptureFixture
) -> None:
    engine = new_engine(proxy.url)
    proxy.refuse()
    proxy.cut()
    call = background(engine.now)
    wait_until(lambda: WAITS in caplog.text)
    assert call.is_running
    proxy.accept()
    assert call.result()


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("postgresql://u:secret@nosuchhost.invalid/x", "could not translate host name|failed to resolve"),
        ("postgresql://u:sec/ret@localhost/x", "found one that cannot be read"),
        ("postgresql://u:sec@ret@localhost/x", "found one that cannot be read"),
        ("postgresql://u:sec%ret@localhost/x", "found one that cannot be read"),
        ("postgresql://u:secret@localhost:sec/x", "found one that cannot be read"),
        ("postgresql://u:secret@localhost/x?no=1", "found one that cannot be read"),
    ],
)
def test_an_address_that_cannot_be_right_is_told_at_once(address: str, found: str) -> None:
    # The timeout of the test is far beyond that of the tests as a whole.
    with pytest.raises(StateError, match=found) as error:
        connect(address, timeout=10_000)
    assert "\n" not in str(error.value)
    assert "sec" not in str(error.value)


def test_what_another_try_cannot_help_is_told_at_once(url: str, own_server: Server) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS guarded")
        connection.execute("CREATE ROLE guarded LOGIN PASSWORD 'right'")
    rules = own_server.folder / "pg_hba.conf"
    before = rules.read_text()
    rules.write_text(f"local all guarded scram-sha-256\n{before}")
    own_server.reload()
    try:
        with pytest.raises(StateError, match="password authentication failed") as error:
            connect(url.replace("postgres:@", "guarded:wrongone@"), timeout=10_000)
        assert "wrongone" not in str(error.value)
        with pytest.raises(StateError, match="no password supplied"):
            connect(url.replace("postgres:@", "guarded@"), timeout=10_000)
        engine = connect(url.replace("postgres:@", "guarded:right@"))
        assert engine.has_table("thing")
        engine.close()
    finally:
        rules.write_text(before)
        own_server.reload()
    with pytest.raises(StateError, match=r'database "nosuch" does not exist'):
        connect(own_server.url.replace("/postgres?", "/nosuch?"), timeout=10_000)
    with pytest.raises(StateError, match=r'role "nosuch" does not exist'):
        connect(url.replace("postgres:@", "nosuch@"), timeout=10_000)


def test_a_database_that_is_gone_is_told_at_once(url: str, own_server: Server, new_engine: NewEngine) -> None:
    engine = new_engine(url, timeout=10_000)
    with psycopg.connect(own_server.url, autocommit=True) as connection:
        name = url.partition("?")[0].rpartition("/")[2]
        # A renamed one is as gone as a deleted one, which takes a checkpoint.
        connection.execute(
            "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE datname = %s", (name,)
        )
        connection.execute(f"ALTER DATABASE {name} RENAME TO {name}_gone")
    with pytest.raises(StateError, match="does not exist"):
        engine.now()


def test_a_frozen_server_is_found(
    url: str, own_server: Server, new_engine: NewEngine, background: Start, caplog: pytest.LogCaptureFixture
) -> None:
    interruption = Interruption()
    engine = new_engine(url, silence=0.5)
    frozen = own_server.pids
    own_server.signal(signal.SIGSTOP)
    try:
        call = background(engine.now)
        new = background(lambda: connect(url, interruption=interruption))
        wait_until(lambda: "no answer for 0.5 seconds" in caplog.text)
        assert call.is_running
        assert new.is_running
    finally:
        assert frozen
        own_server.signal(signal.SIGCONT)
    assert call.result()
    new.result().close()


def test_a_frozen_network_is_found(
    proxy: Proxy, new_engine: NewEngine, background: Start, caplog: pytest.LogCaptureFixture
) -> None:
    engine = new_engine(proxy.url, silence=0.5)
    proxy.freeze()
    call = background(lambda: engine.transact(lambda: engine.execute("SELECT 1")))
    wait_until(lambda: "no answer for 0.5 seconds" in caplog.text)
    assert call.is_running
    proxy.thaw()
    assert call.result() == [(1,)]
