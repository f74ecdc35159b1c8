"""Scrapy commands as whole processes: how long they took, how much memory, what they wrote."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import jsonlines

from benchmarks.generated_site import START, pages
from benchmarks.static_server import listen

ROOT = Path(__file__).parent.parent
_SCRAPY = "import os, sys; os.chdir(sys.argv.pop(1)); from scrapy.cmdline import execute; execute()"
# Compiled modules are kept, as they are unless somebody turns that off: those of Scrapy, which is installed,
# always are, and a second start of this project would otherwise compile it once more.
_ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}


class Figures(NamedTuple):
    """One run, start-up included: wall seconds, processor seconds, and peak resident memory in MB."""

    seconds: float
    processor: float
    memory: float


@contextmanager
def generated_site(stories: int, latency: float = 0.0) -> Iterator[str]:
    """Serve a generated site from a process of its own; yield the start's address."""
    here, there = multiprocessing.Pipe()
    site = multiprocessing.Process(target=_serve, args=(stories, latency, there), daemon=True)
    site.start()
    try:
        yield here.recv() + START
    finally:
        here.send("end")
        site.join()


def _serve(stories: int, latency: float, pipe: Connection) -> None:
    asyncio.run(_serve_until_told(stories, latency, pipe))


async def _serve_until_told(stories: int, latency: float, pipe: Connection) -> None:
    async with await listen(pages(stories), latency) as server:
        host, port = server.sockets[0].getsockname()
        pipe.send(f"http://{host}:{port}")
        await asyncio.to_thread(pipe.recv)


def run_scrapy(*commands: list[str], folder: Path = ROOT, longest: float | None = None) -> Figures:
    """Run scrapy commands side by side; return the figures of all of them together.

    Ends the program where one of them fails, or takes more than ``longest`` seconds.
    """
    begin = time.perf_counter()
    processor = memory = 0.0
    with tempfile.NamedTemporaryFile(suffix=".log") as log:
        children = {
            os.posix_spawn(
                sys.executable,
                [sys.executable, "-c", _SCRAPY, str(folder), *words],
                _ENVIRONMENT,
                file_actions=[(os.POSIX_SPAWN_DUP2, log.fileno(), output) for output in (1, 2)],
            ): words
            for words in commands
        }
        alive = set(children)
        timer = threading.Timer(threading.TIMEOUT_MAX if longest is None else longest, _kill, [alive])
        timer.daemon = True
        timer.start()
        for child, words in children.items():
            # Noted before its number can be another process's.
            os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
            alive.discard(child)
            _, status, usage = os.wait4(child, 0)
            processor += usage.ru_utime + usage.ru_stime
            memory += usage.ru_maxrss / 1024
            if status:
                errors = Path(log.name).read_text(encoding="utf-8")
                _kill(alive)
                sys.exit(f"expected status 0 of scrapy {' '.join(words)}, found {status}:\n{errors}")
        timer.cancel()
    return Figures(time.perf_counter() - begin, processor, memory)


def _kill(processes: set[int]) -> None:
    for process in tuple(processes):
        os.kill(process, signal.SIGKILL)


def fast_crawl(url: str, data_dir: Path, concurrency: int = 16) -> list[str]:
    """Return the words of a newscrawl crawl of a whole site, as fast as it goes."""
    return [
        *("crawl", "longbridge", "-a", f"url={url}", "-a", "depth=1000", "-s", f"DATA_DIR={data_dir}"),
        *("-s", "DOWNLOAD_DELAY=0", *concurrent(concurrency)),
    ]


def concurrent(number: int) -> list[str]:
    """Return the settings for so many requests at once."""
    return ["-s", f"CONCURRENT_REQUESTS={number}", "-s", f"CONCURRENT_REQUESTS_PER_DOMAIN={number}"]


def count_lines(files: Iterator[Path], expected: int) -> None:
    """Make sure that the whole site was written, once; ends the program otherwise."""
    lines = 0
    for path in files:
        with jsonlines.open(path) as reader:
            lines += sum(1 for _ in reader)
    if lines != expected:
        sys.exit(f"expected {expected} lines, found {lines}")
