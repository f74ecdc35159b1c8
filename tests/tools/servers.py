"""Servers of other people that run this project, each with a folder and a free port of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# The programs of the environment that the tests run in.
PROGRAMS = Path(sys.executable).parent
# Not a time that anything is expected to take: where the tests give up.
DEADLINE = 120.0
_TRIES = 5
_IN_USE = "Address already in use"
# What Twisted logs once a web server listens.
_LISTENING = re.compile(r"Site starting on ([0-9]+)")


@dataclass(frozen=True, slots=True)
class Server:
    """A server that is running."""

    process: subprocess.Popen[bytes]
    origin: str
    log: Path

    def get(self, path: str, **query: str) -> dict[str, Any]:
        return _read(f"{self.origin}{path}?{urllib.parse.urlencode(query)}")

    def post(self, path: str, *form: tuple[str, str]) -> dict[str, Any]:
        return _read(f"{self.origin}{path}", urllib.parse.urlencode(form).encode())

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something that the server is to bring about."""
        _until(condition, self.process, self.log)


def _read(url: str, body: bytes | None = None) -> dict[str, Any]:
    with urllib.request.urlopen(url, body, timeout=DEADLINE) as response:  # noqa: S310  # ours, by http
        found: dict[str, Any] = json.loads(response.read())
    return found


@contextmanager
def running(
    command: Callable[[int], Sequence[str | Path]], folder: Path, env: Mapping[str, str], cwd: Path
) -> Iterator[Server]:
    """Run a server whose command is told by port; it and all that it has started are ended at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(_TRIES):
        with _begun(command(_free_port()), folder / f"server-{number}.log", env, cwd) as server:
            if server is not None:
                yield server
                return
    raise AssertionError(f"no free port in {_TRIES} tries")


@contextmanager
def _begun(
    command: Sequence[str | Path], log: Path, env: Mapping[str, str], cwd: Path
) -> Iterator[Server | None]:
    """Run a server once; None where somebody else took its port in the meantime."""
    with (
        log.open("wb") as output,
        subprocess.Popen(
            list(map(str, command)),
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        ) as process,
    ):
        try:
            _until(lambda: _IN_USE in _text(log) or _LISTENING.search(_text(log)) is not None, process, log)
            found = _LISTENING.findall(_text(log))
            yield Server(process, f"http://127.0.0.1:{found[0]}/", log) if found else None
        finally:
            _end(process)


def _until(condition: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        # Once more: it may have come about, or been logged, just before the end.
        assert process.poll() is None or condition(), _text(log)
        assert time.monotonic() < deadline, _text(log)
        time.sleep(0.02)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and those that it has started: all are in the session that was begun for it."""
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _text(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")
