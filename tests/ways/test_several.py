"""Several crawls in one process, at once or one after the other: each is a crawl of its own."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests.crawl.crawl_runs import Record, Run, comparable
from tests.crawl.faulty_site import FaultySite
from tests.crawl.sample_graph import Node
from tests.ways.one_by_one import Case
from tests.ways.programs import (
    BEGIN,
    FIRST,
    PROCESSES,
    at_once,
    holding,
    manifests,
    one_by_one,
    records,
    run_script,
    running_script,
    told,
)

# A neighbour of the first start: their crawls have pages in common.
SECOND = Node("en", "289868449")

AT_ONCE = """
cases = {
    "first": {"url": sys.argv[1] + "/en/news/290118204.md"},
    "same": {"url": sys.argv[1] + "/en/news/290118204.md"},
    "second": {"url": sys.argv[1] + "/en/news/289868449.md"},
    "missing": {"url": sys.argv[1] + "/en/news/999.md"},
    "no url": {},
}
crawlers = {name: process.create_crawler("longbridge") for name in cases}
for name, crawler in crawlers.items():
    process.crawl(crawler, **cases[name])
process.start()
for name, crawler in crawlers.items():
    tell(crawler, name)
"""


@pytest.fixture(scope="module")
def alone(site: FaultySite, tmp_path_factory: pytest.TempPathFactory) -> list[Record]:
    """What the same crawls write one after the other."""
    cases = {node.id: Case(site.origin + node.path, folder="both") for node in (FIRST, SECOND)}
    runs = one_by_one(cases, tmp_path_factory.mktemp("alone"))
    assert [run.status for run in runs.values()] == [0, 0]
    return comparable(runs[SECOND.id].lines())


def run_at_once(name: str, folder: Path) -> Run:
    code = (BEGIN + AT_ONCE).replace("PROCESS", name)
    with (
        FaultySite().serving() as site,
        holding(site, FIRST.path) as go_on,
        running_script(code, folder, site.origin) as running,
    ):
        # Neither of the two equal crawls can have ended before the other one began.
        running.until(lambda: b"is running already" in running.log.read_bytes())
        go_on.set()
        return running.end()


@pytest.fixture(scope="module")
def at_the_same_time(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    folder = tmp_path_factory.mktemp("several")
    return at_once({name: partial(run_at_once, name, folder / name / "data") for name in PROCESSES})


@pytest.mark.parametrize("name", PROCESSES)
def test_at_once(name: str, at_the_same_time: dict[str, Run], alone: list[Record]) -> None:
    run = at_the_same_time[name]
    assert run.status == 0
    assert "Traceback" not in run.stderr
    found = {one.pop("name"): list(one.values()) for one in told(run)}
    # Which of the two equal ones is first is not said.
    equal = sorted([found.pop("first"), found.pop("same")])
    assert equal == [[0, "done", 0, "finished"], [3, "running", 3, "already_running"]]
    assert found == {
        "second": [0, "done", 0, "finished"],
        "missing": [1, "failed", 1, "failed"],
        "no url": [2, "failed", 2, "bad_arguments"],
    }
    assert sorted(level for level, _ in records(run)) == ["ERROR", "ERROR", "INFO", "INFO", "WARNING"]
    assert comparable(run.lines()) == alone
    assert sorted(manifest["verdict"]["word"] for manifest in manifests(run)) == ["done", "done", "failed"]


ONE_AFTER_THE_OTHER = """
import sys
from scrapy.utils.project import get_project_settings
from scrapy.utils.reactor import install_reactor
install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
from scrapy.crawler import AsyncCrawlerRunner, CrawlerRunner
from scrapy.utils.defer import deferred_f_from_coro_f, maybe_deferred_to_future
from scrapy.utils.log import configure_logging
from twisted.internet.task import react
from tests.ways.told import tell

START = {"url": sys.argv[1] + "/en/news/290118204.md"}
MISSING = {"url": sys.argv[1] + "/en/news/999.md"}

async def crawl(reactor):
    settings = get_project_settings()
    configure_logging(settings)
    runner = RUNNER(settings)
    for arguments in (MISSING, START, START, {}, START | {"depth": 2, "limit": 6}):
        crawler = runner.create_crawler("longbridge")
        await AWAITABLE(runner.crawl(crawler, **arguments))
        tell(crawler)

react(deferred_f_from_coro_f(crawl))
"""


@pytest.fixture(scope="module")
def one_after_the_other(site: FaultySite, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    folder = tmp_path_factory.mktemp("runners")
    runners = {"AsyncCrawlerRunner": "", "CrawlerRunner": "maybe_deferred_to_future"}
    return at_once(
        {
            name: partial(
                run_script,
                ONE_AFTER_THE_OTHER.replace("RUNNER", name).replace("AWAITABLE", awaitable),
                folder / name / "data",
                site.origin,
            )
            for name, awaitable in runners.items()
        }
    )


@pytest.mark.parametrize("name", ["AsyncCrawlerRunner", "CrawlerRunner"])
def test_one_after_the_other(name: str, one_after_the_other: dict[str, Run], expected: list[Record]) -> None:
    run = one_after_the_other[name]
    assert run.status == 0, run.stderr
    assert "Traceback" not in run.stderr
    assert [found["status"] for found in told(run)] == [1, 0, 0, 2, 0]
    assert [text for _, text in records(run)] == [
        "failed: the start longbridge:999:en cannot be read: HTTP 404",
        "done: everything that was asked for",
        "done: nothing new",
        "failed: url: expected -a url=ADDRESS (several with commas, or @FILE), found none",
        "done: nothing new",
    ]
    assert comparable(run.lines()) == expected
    assert sorted(manifest["verdict"]["word"] for manifest in manifests(run)) == [
        "done",
        "done",
        "done",
        "failed",
    ]
