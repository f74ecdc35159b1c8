"""Runs crawls one after the other in one process, as a script of a user's does, and tells of each.

Starting a process for each crawl would take most of the time of many tests.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from scrapy import Spider
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.utils.defer import deferred_f_from_coro_f
from scrapy.utils.log import configure_logging
from scrapy.utils.misc import load_object
from scrapy.utils.project import get_project_settings
from scrapy.utils.reactor import install_reactor
from twisted.internet.task import react

from tests.crawl.crawl_runs import TIME_LIMIT, Run
from tests.ways.told import tell

_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
_BEGIN = "[scrapy.addons] INFO: Enabled addons"


@dataclass(frozen=True, slots=True)
class Case:
    """One crawl: the arguments of its spider, and settings in the spider's ``custom_settings``.

    ``typed`` are settings with the priority, and as text, that ``-s`` gives them.
    """

    url: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    arguments: Mapping[str, Any] = field(default_factory=dict)
    spider: str = "newscrawl.spiders.longbridge.LongbridgeSpider"
    folder: str | None = None
    """That several crawls share, below the folder of all; by default each has one of its own."""
    typed: Mapping[str, str] = field(default_factory=dict)


def run_one_by_one(cases: Mapping[str, Case], folder: Path, env: Mapping[str, str]) -> dict[str, Run]:
    """Run the crawls in a process of their own; each has its part of the log and its folder as it left it."""
    given = [
        asdict(case)
        | {"folder": str(folder / (case.folder or name)), "copy": str(folder / name) if case.folder else ""}
        for name, case in cases.items()
    ]
    done = subprocess.run(
        [sys.executable, "-m", "tests.ways.one_by_one"],
        input=json.dumps(given),
        cwd=folder,
        env=env,
        capture_output=True,
        encoding="utf-8",
        timeout=TIME_LIMIT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines, logs = done.stdout.splitlines(), done.stderr.split(_BEGIN)[1:]
    return {
        name: Run(folder / name, json.loads(line)["status"], line, log)
        for name, line, log in zip(cases, lines, logs, strict=True)
    }


def _subclass(case: Mapping[str, Any]) -> type[Spider]:
    spider = load_object(case["spider"])
    settings = {**(spider.custom_settings or {}), **case["settings"], "DATA_DIR": case["folder"]}
    return type(spider.__name__, (spider,), {"custom_settings": settings})


def _keep(folder: str, copy: str) -> None:
    if copy and Path(folder).exists():
        shutil.copytree(folder, copy)


async def _crawl_each(reactor: object, cases: Sequence[Mapping[str, Any]]) -> None:
    configure_logging(get_project_settings())
    for case in cases:
        settings = get_project_settings()
        settings.setdict(case["typed"], "cmdline")
        runner = AsyncCrawlerRunner(settings)
        crawler = runner.create_crawler(_subclass(case))
        try:
            await runner.crawl(crawler, url=case["url"], **case["arguments"])
        except OSError as error:
            # A crawl that could not be set up.
            print(f"raised {error}", file=sys.stderr)
        tell(crawler)
        _keep(case["folder"], case["copy"])


if __name__ == "__main__":
    install_reactor(_REACTOR)
    react(deferred_f_from_coro_f(_crawl_each), (json.load(sys.stdin),))
