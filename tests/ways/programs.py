"""Scripts of users, run as their own processes outside of the checkout, and the light site they crawl."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import web

from tests.crawl.crawl_runs import (
    ROOT,
    START,
    TIME_LIMIT,
    Record,
    Run,
    Running,
    environment,
    finished,
    run_scrapy,
)
from tests.crawl.faulty_site import FaultySite, page
from tests.crawl.sample_graph import Node
from tests.ways.one_by_one import Case, run_one_by_one

FIRST = Node("en", str(START))
MISSING = page("en", 999)
SPEED = {
    "NEWSCRAWL_RETRY_BACKOFF": "0.05",
    "NEWSCRAWL_DOWNLOAD_DELAY": "0",
    "NEWSCRAWL_CONCURRENT_REQUESTS": "16",
    "NEWSCRAWL_CONCURRENT_REQUESTS_PER_DOMAIN": "16",
}
ONE_AT_A_TIME = {"NEWSCRAWL_CONCURRENT_REQUESTS": "1", "NEWSCRAWL_CONCURRENT_REQUESTS_PER_DOMAIN": "1"}

PROCESSES = ("CrawlerProcess", "AsyncCrawlerProcess")
BEGIN = """
import sys
from datetime import date, timedelta
import scrapy
from scrapy import signals
from scrapy.crawler import PROCESS as Process
from scrapy.utils.project import get_project_settings
from newscrawl import exit_status
from tests.ways.told import say, tell

process = Process(get_project_settings())
"""

T = TypeVar("T")


def at_once(cases: Mapping[str, Callable[[], T]]) -> dict[str, T]:
    """Call each, two at a time."""
    with ThreadPoolExecutor(2) as pool:
        futures = {name: pool.submit(case) for name, case in cases.items()}
        return {name: future.result() for name, future in futures.items()}


def _environment(**more: str) -> dict[str, str]:
    """What a script needs that runs outside of the checkout."""
    base = {"PYTHONPATH": str(ROOT), "SCRAPY_SETTINGS_MODULE": "newscrawl.settings"}
    return environment(**{**base, **SPEED, **more})


def one_by_one(cases: Mapping[str, Case], folder: Path, **env: str) -> dict[str, Run]:
    """Run several crawls in one script, one after the other, each with a data folder below this one."""
    return run_one_by_one(cases, folder, _environment(**env))


def last_word(run: Run) -> list[Any]:
    """Exit status, verdict, the status in the statistics and the finish reason, as a script told them."""
    (found,) = told(run)
    return list(found.values())[1:]


def manifests(run: Run) -> list[Record]:
    """All manifests of a data folder, the newest last."""
    found = [json.loads(path.read_bytes()) for path in run.folder.glob("runs/*.json")]
    return sorted(found, key=lambda manifest: str(manifest["finished_at"]))


def _begin(code: str, folder: Path, words: Iterable[str], env: Mapping[str, str]) -> dict[str, Any]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    path = folder.with_suffix(".py")
    path.write_text(code, encoding="utf-8")
    return {
        "args": [sys.executable, str(path), *words],
        "cwd": folder.parent,
        "env": _environment(NEWSCRAWL_DATA_DIR=str(folder), **env),
    }


def run_script(code: str, folder: Path, *words: str, given: str = "", **env: str) -> Run:
    """Run a script with this data folder; ``words`` are its arguments, ``given`` is what it reads on stdin,
    ``env`` is added to its environment.
    """
    return finished(**_begin(code, folder, words, env), folder=folder, given=given)


@contextmanager
def running_script(code: str, folder: Path, *words: str, **env: str) -> Iterator[Running]:
    """Begin a script; what is left of it at the end is killed. What it says goes to its log."""
    begun = _begin(code, folder, words, env)
    log = folder.with_suffix(".log")
    with (
        log.open("wb") as stderr,
        subprocess.Popen(**begun, stdin=subprocess.DEVNULL, stdout=stderr, stderr=stderr) as process,
    ):
        try:
            yield Running(process, folder, log)
        finally:
            if process.poll() is None:
                process.kill()


def told(run: Run) -> list[Record]:
    """What a script said with ``tests.ways.told``."""
    lines = [*run.stdout.splitlines(), *run.stderr.splitlines()]
    return [json.loads(line) for line in lines if line.startswith('{"')]


def records(run: Run, logger: str = "newscrawl") -> list[tuple[str, str]]:
    """The level and text of each record of a logger, as a log in Scrapy's default format has them."""
    found = re.findall(rf"^\S+ \S+ \[{re.escape(logger)}\] (\w+): (.*)$", run.stderr, re.MULTILINE)
    return [(level, text) for level, text in found]


def scrapy_in(cwd: Path, words: Iterable[str | Path], folder: Path, **env: str) -> Run:
    """Run a command of scrapy's in a folder; ``folder`` is where its data is expected."""
    return run_scrapy(list(words), cwd, environment(PYTHONPATH=str(ROOT), **env), folder)


@contextmanager
def holding(site: FaultySite, path: str) -> Iterator[threading.Event]:
    """Do not answer for a page until the event is set."""
    event = threading.Event()

    async def wait(request: web.BaseRequest, number: int) -> None:
        await asyncio.to_thread(event.wait, TIME_LIMIT)

    site.faults[path] = wait
    try:
        yield event
    finally:
        event.set()
        del site.faults[path]


def by_process(code: str, folder: Path, *words: str, **env: str) -> dict[str, Run]:
    """Run a script with each of Scrapy's processes."""
    return at_once(
        {
            name: partial(
                run_script, (BEGIN + code).replace("PROCESS", name), folder / name / "data", *words, **env
            )
            for name in PROCESSES
        }
    )
