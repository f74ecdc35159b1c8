"""An answer that does not come is told from one that takes its time."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from time import sleep

import pytest

from newscrawl.database.interruption import Interruption
from newscrawl.database.outage import Outage
from newscrawl.database.watchdog import Watchdog
from tests.database.background import wait_until
from tests.database.conftest import NewEngine


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    one, other = socket.socketpair()
    with one, other:
        yield one, other


def test_a_statement_that_takes_long_is_given_more_time(
    url: str, new_engine: NewEngine, rows: Callable[[], list[str]], caplog: pytest.LogCaptureFixture
) -> None:
    # Each try may take twice as long as the one before.
    engine = new_engine(url, silence=0.4)

    def work() -> None:
        engine.execute("INSERT INTO thing VALUES ('one')")
        engine.execute("SELECT pg_sleep(2)")

    engine.transact(work)
    assert rows() == ["one"]
    assert "no answer for 0.4 seconds" in caplog.text
    assert engine._db.watchdog.seconds == 0.4


def test_a_server_at_work_is_waited_for_beyond_the_timeout() -> None:
    outage = Outage(10.0, Interruption())
    assert not outage.is_over()
    assert Outage(0.0, Interruption()).is_over()
    outage = Outage(0.0, Interruption())
    outage.begin()
    outage.prolong(1_000)
    assert not outage.is_over()


def test_only_what_is_waited_for_is_cut(pair: tuple[socket.socket, socket.socket]) -> None:
    one, other = pair
    watchdog = Watchdog(0.2)
    watchdog.guard(one.fileno())
    sleep(0.5)
    for _ in range(10):
        # Each has its answer in time, all of them together do not.
        watchdog.begin()
        sleep(0.05)
        watchdog.end()
    assert not watchdog.has_cut
    watchdog.begin()
    assert other.recv(1) == b""
    assert watchdog.seconds == 0.2
    watchdog.stop()


def test_a_connection_that_was_let_go_is_not_cut(pair: tuple[socket.socket, socket.socket]) -> None:
    one, other = pair
    watchdog = Watchdog(0.05)
    watchdog.guard(one.fileno())
    watchdog.release()
    watchdog.begin()
    watchdog.cut()
    sleep(0.3)
    one.sendall(b"x")
    assert other.recv(1) == b"x"
    watchdog.stop()


def test_a_process_that_was_frozen_itself_blames_nobody() -> None:
    # It is stopped in the middle of a statement for longer than an answer may take.
    code = (
        "import socket, time; from newscrawl.database.watchdog import Watchdog; "
        "one, other = socket.socketpair(); dog = Watchdog(2.0); dog.guard(one.fileno()); dog.begin(); "
        "print('ready', flush=True); input(); dog.end(); print(dog.has_cut); dog.stop()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(19)
        sleep(2.5)
        process.stdin.write("\n")
        process.stdin.flush()
        process.send_signal(18)
        assert process.stdout.readline() == "False\n"
        wait_until(lambda: process.poll() is not None)


def test_sqlite_loads_nothing_of_it() -> None:
    code = (
        "import re, sys; from newscrawl.database.connect import connect; connect('sqlite://').close(); "
        "print([name for name in sys.modules if re.search('psycopg|postgres|watchdog', name)])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"
