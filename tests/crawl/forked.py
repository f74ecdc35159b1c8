"""Commands of scrapy in processes of their own, forked from one that has loaded Scrapy and the project.

Loading takes longer than most crawls of tests. Each command is a process as any other: its arguments,
environment, streams, signals and exit status are its own. ``python -m tests.crawl.forked SOCKET`` is the
process that loads and forks; each worker of pytest has one.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO

from scrapy.utils.misc import walk_modules_iter

ROOT = Path(__file__).parents[2]
# All but the reactor, which each command chooses. The settings are loaded again: they read the environment.
LOADED = (
    "newscrawl.addon",
    "newscrawl.commands",
    "newscrawl.download_handler",
    "newscrawl.extensions",
    "newscrawl.middlewares",
    "newscrawl.pipelines",
    "newscrawl.queue.scheduler",
    "newscrawl.spiders",
    "scrapy.cmdline",
    "scrapy.commands",
    "scrapy.core.downloader.handlers._aiohttp",
    "scrapy.downloadermiddlewares",
    "scrapy.extensions.feedexport",
    "scrapy.extensions.telnet",
    "scrapy.spidermiddlewares",
    "tldextract",
)
SETTINGS = "newscrawl.settings"
REACTOR = "twisted.internet.reactor"
_LONGEST_START = 60.0


def _begin(path: str) -> tuple[list[int], list[str], dict[str, str]]:
    """Serve a socket; return in each process that is to be a command: streams, words and environment."""
    parent = os.getppid()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen(32)
        listening.settimeout(1.0)
        print("ready", flush=True)
        minders = 0
        while os.getppid() == parent:
            while minders and os.waitpid(-1, os.WNOHANG)[0]:
                minders -= 1
            try:
                connection, _ = listening.accept()
            except TimeoutError:
                continue
            with connection:
                if os.fork() == 0:
                    listening.close()
                    return _mind(connection)
                minders += 1
    sys.exit()


def _mind(connection: socket.socket) -> tuple[list[int], list[str], dict[str, str]]:
    """Fork one command, tell its process id, wait for it and tell its status."""
    connection.settimeout(None)
    message, streams, _, _ = socket.recv_fds(connection, 1 << 16, 3)
    while not message.endswith(b"\n"):
        message += connection.recv(1 << 16)
    if (child := os.fork()) == 0:
        connection.close()
        return (streams, *json.loads(message))
    for stream in (0, 1, 2, *streams):
        os.close(stream)
    connection.sendall(b"%d\n" % child)
    _, status = os.waitpid(child, 0)
    connection.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def _main() -> None:
    """Load, fork, and be ``python -m scrapy`` in what was forked."""
    for name in LOADED:
        list(walk_modules_iter(name))
    assert REACTOR not in sys.modules
    streams, words, env = _begin(sys.argv[1])
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    sys.path[1:1] = [path for path in env.get("PYTHONPATH", "").split(os.pathsep) if path]
    importlib.reload(sys.modules[SETTINGS])
    sys.argv = ["scrapy", *words]
    runpy.run_module("scrapy", run_name="__main__", alter_sys=True)


class Forked:
    """A command that was begun, with what is used of ``subprocess.Popen``."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self.returncode: int | None = None
        self.pid = self._answer(_LONGEST_START)

    def poll(self) -> int | None:
        try:
            return self.wait(0.0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float) -> int:
        """Wait for the command's end; return its status, -N where signal N ended it."""
        if self.returncode is None:
            self.returncode = self._answer(timeout)
            self._connection.close()
        return self.returncode

    def _answer(self, timeout: float) -> int:
        self._connection.settimeout(max(timeout, 1e-6))
        answer = b""
        while not answer.endswith(b"\n"):
            try:
                # One byte at a time: the next number may be there already.
                part = self._connection.recv(1)
            except TimeoutError:
                if answer:
                    continue
                raise subprocess.TimeoutExpired("scrapy", timeout) from None
            assert part, "the process that forks has ended"
            answer += part
        return int(answer)

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


@cache
def _server() -> str:
    """Start the process that forks; return the path of its socket."""
    folder = tempfile.mkdtemp(prefix="newscrawl-forked-")
    path = str(Path(folder) / "socket")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.crawl.forked", path],
        cwd=ROOT,
        env=_plain(os.environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    ready = process.stdout.readline()

    def end() -> None:
        process.terminate()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
        Path(path).unlink(missing_ok=True)
        Path(folder).rmdir()

    atexit.register(end)
    assert ready == b"ready\n", "the project cannot be loaded"
    return path


def _plain(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if not name.startswith(("NEWSCRAWL_", "SCRAPY_"))}


def can_fork(cwd: Path, env: Mapping[str, str]) -> bool:
    """Whether the command is the same when it is forked.

    It is not where its environment tells the interpreter something else, nor where coverage is measured.
    """
    ours, theirs = (
        {name: value for name, value in each.items() if name.startswith("PYTHON") and name != "PYTHONPATH"}
        for each in (os.environ, env)
    )
    measured = any(name.startswith("COVERAGE_") for name in env)
    return hasattr(os, "fork") and cwd == ROOT and ours == theirs and not measured


def fork(words: Sequence[str], env: Mapping[str, str], streams: Sequence[IO[bytes]]) -> Forked:
    """Begin a command of scrapy; the streams are its stdin, stdout and stderr."""
    path = _server()
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(_LONGEST_START)
    connection.connect(path)
    message = json.dumps([list(words), dict(env)]).encode() + b"\n"
    sent = socket.send_fds(connection, [message], [stream.fileno() for stream in streams])
    connection.sendall(message[sent:])
    return Forked(connection)


if __name__ == "__main__":
    _main()
