"""Scripts that run a crawl with one of Scrapy's processes, as Scrapy's documentation shows."""

from __future__ import annotations

import signal
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from tests.crawl.crawl_runs import FAST, Record, Run, comparable, crawl
from tests.crawl.faulty_site import FaultySite
from tests.crawl.sample_graph import Node, reachable
from tests.ways.programs import (
    BEGIN,
    FIRST,
    MISSING,
    ONE_AT_A_TIME,
    PROCESSES,
    at_once,
    by_process,
    records,
    run_script,
    running_script,
    told,
)

NATURAL = """
class Other(scrapy.Spider):
    name = "other"

    async def start(self):
        return
        yield

def ask(crawler):
    try:
        exit_status(crawler)
    except ValueError as error:
        say(refused=str(error))

def opened():
    ask(crawler)

crawler = process.create_crawler("longbridge")
crawler.signals.connect(opened, signals.spider_opened)
other = process.create_crawler(Other)
process.crawl(
    crawler,
    url=sys.argv[1:],
    depth=3,
    locales=["en", "zh-CN"],
    since=date(2026, 6, 15),
    recheck=timedelta(hours=36),
    fresh=True,
    limit=None,
)
process.crawl(other)
process.start()
ask(other)
sys.exit(tell(crawler))
"""


def test_arguments_of_natural_types(site: FaultySite, tmp_path: Path) -> None:
    starts = FIRST, Node("zh-CN", "291463649")
    urls = [site.origin + node.path for node in starts]
    runs = by_process(NATURAL, tmp_path, *urls)
    words = ("depth=3", "locales=en,zh-CN", "since=2026-06-15", "recheck=36h", "fresh=1")
    same = crawl(
        ",".join(urls), tmp_path / "typed", *(part for word in words for part in ("-a", word)), *FAST
    )
    same.check(0)
    uids, _ = reachable(*starts, depth=3, locales=("en", "zh-CN"), since="2026-06-15")
    assert uids == same.uids
    for run in runs.values():
        run.check(0)
        assert comparable(run.lines()) == comparable(same.lines())
        assert run.manifest["arguments"] == same.manifest["arguments"]
        assert records(run) == records(same)
        assert records(run) == [("INFO", "done: everything that was asked for")]
        assert told(run) == [
            {"refused": "expected a crawl that has ended, found one that is running"},
            {"refused": "expected the crawl of a NewsSpider, found Other"},
            {
                "name": "",
                "status": 0,
                "newscrawl/verdict": "done",
                "newscrawl/exit_status": 0,
                "finish_reason": "finished",
            },
        ]


# What the tables of trading days are made with, and no crawl needs.
WITHOUT_PANDAS = """
import sys
sys.modules |= dict.fromkeys(("exchange_calendars", "numpy", "pandas"))
"""
PLAIN = """
crawler = process.create_crawler("longbridge")
process.crawl(crawler, url=sys.argv[1])
process.start()
sys.exit(tell(crawler))
"""


def test_a_crawl_needs_no_pandas(site: FaultySite, tmp_path: Path, expected: list[Record]) -> None:
    code = WITHOUT_PANDAS + BEGIN.replace("PROCESS", "CrawlerProcess") + PLAIN
    run = run_script(code, tmp_path / "data", site.origin + FIRST.path)
    run.check(0)
    assert comparable(run.lines()) == expected
    sessions = [line["sessions"] for line in run.lines()]
    assert None not in sessions
    assert any(sessions)


ENDS_BADLY = """
cases = {
    "no url": {},
    "no number": {"url": sys.argv[1], "depth": 1.5},
    "unknown": {"url": sys.argv[1], "dept": 1},
    "missing": {"url": sys.argv[2], "depth": 0},
}
crawlers = {name: process.create_crawler("longbridge") for name in cases}
for name, crawler in crawlers.items():
    crawler.settings.set("DATA_DIR", f"{crawler.settings['DATA_DIR']}/{name}", "cmdline")
    process.crawl(crawler, **cases[name])
process.start()
for name, crawler in crawlers.items():
    tell(crawler, name)
"""
BAD_ARGUMENTS = {
    "no url": "failed: url: expected -a url=ADDRESS (several with commas, or @FILE), found none",
    "no number": "failed: depth: expected a text, a number or another value of its kind, found 1.5",
    "unknown": (
        "failed: expected the arguments url, locales, depth, limit, since, recheck, run, fresh, found dept"
    ),
}


def test_crawls_that_end_badly(site: FaultySite, tmp_path: Path) -> None:
    texts = [*BAD_ARGUMENTS.values(), "failed: the start longbridge:999:en cannot be read: HTTP 404"]
    urls = [site.origin + path for path in (FIRST.path, MISSING)]
    asked = Counter(site.paths)
    runs = by_process(ENDS_BADLY, tmp_path, *urls)
    # The start that is missing, once for each process; nothing for the crawls that were refused.
    assert Counter(site.paths) - asked == {MISSING: 2}
    for run in runs.values():
        assert run.status == 0
        assert "Traceback" not in run.stderr
        found = {one.pop("name"): one for one in told(run)}
        missing = found.pop("missing")
        assert list(missing.values()) == [1, "failed", 1, "failed"]
        assert set(found) == set(BAD_ARGUMENTS)
        for one in found.values():
            assert list(one.values()) == [2, "failed", 2, "bad_arguments"]
        # One line for each, in the project's name, and no other error.
        assert sorted(records(run)) == sorted(("ERROR", text) for text in texts)
        assert run.stderr.count("ERROR") == len(texts)
        # Nothing is written for the crawls that were refused.
        assert [path.name for path in run.folder.iterdir()] == ["missing"]
        manifest = Run(run.folder / "missing", 1, "", "").manifest
        assert manifest["verdict"] == {"status": 1, "word": "failed", "text": texts[-1].partition(" ")[2]}
        assert manifest["finish_reason"] == "failed"


REACTORS = """
settings = get_project_settings()
settings.set(SETTING, "cmdline")
process = Process(settings)
crawler = process.create_crawler("longbridge")
process.crawl(crawler, url=sys.argv[1])
process.start()
sys.exit(tell(crawler))
"""


def test_other_reactors(site: FaultySite, tmp_path: Path, expected: list[Record]) -> None:
    begin = BEGIN.replace("process = Process(get_project_settings())\n", "")
    cases = {
        "CrawlerProcess": '"TWISTED_REACTOR", "twisted.internet.selectreactor.SelectReactor"',
        "AsyncCrawlerProcess": '"TWISTED_REACTOR_ENABLED", False',
    }
    runs = at_once(
        {
            name: partial(
                run_script,
                (begin + REACTORS).replace("PROCESS", name).replace("SETTING", setting),
                tmp_path / name / "data",
                site.origin + FIRST.path,
            )
            for name, setting in cases.items()
        }
    )
    refused, run = runs["CrawlerProcess"], runs["AsyncCrawlerProcess"]
    assert refused.told == "failed: TWISTED_REACTOR: expected the asyncio reactor, found another one"
    assert (refused.status, refused.folder.exists(), "Traceback" in refused.stderr) == (2, False, False)
    # Scrapy can do without Twisted's reactor altogether.
    run.check(0)
    assert comparable(run.lines()) == expected


# It stops its crawl by itself the first time.
STOPS = """
import asyncio
from pathlib import Path
answers, stopping = [], []
crawler = process.create_crawler("longbridge")

def answered():
    answers.append(1)
    if len(answers) == 6 and not Path("stopped").exists():
        Path("stopped").touch()
        stopping.append(asyncio.ensure_future(crawler.stop_async()))

crawler.signals.connect(answered, signals.response_received)
process.crawl(crawler, url=sys.argv[1], depth=1)
process.start()
sys.exit(tell(crawler))
"""


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Run]]:
    """The same script three times: it stops itself, is stopped by SIGTERM, and ends."""
    folder = tmp_path_factory.mktemp("stopped")
    return at_once({name: partial(_run_three_times, name, folder / name / "data") for name in PROCESSES})


def _run_three_times(name: str, folder: Path) -> list[Run]:
    code = (BEGIN + STOPS).replace("PROCESS", name)
    with FaultySite().serving() as site:
        url = site.origin + FIRST.path
        by_itself = run_script(code, folder, url, **ONE_AT_A_TIME)
        by_itself.check(143)
        assert 5 <= len(by_itself.lines()) <= 6
        asked = len(site.paths)
        site.slow = 0.05
        with running_script(code, folder, url, **ONE_AT_A_TIME) as running:
            running.until(lambda: len(site.paths) >= asked + 4)
            running.process.send_signal(signal.SIGTERM)
            by_signal = running.end()
        by_signal.check(143)
        assert 8 <= len(by_signal.lines()) < 18
        site.slow = 0.0
        ended = run_script(code, folder, url)
        ended.check(0)
    return [by_itself, by_signal, ended]


@pytest.mark.parametrize("name", PROCESSES)
def test_a_script_that_is_stopped_goes_on(
    name: str, stopped: dict[str, list[Run]], expected: list[Record]
) -> None:
    by_itself, by_signal, ended = stopped[name]
    (found,) = told(by_itself)
    assert list(found.values()) == ["", 143, "stopped", 143, "shutdown"]
    for run in (by_itself, by_signal):
        ((level, text),) = records(run)
        assert (level, text.partition(" ")[0]) == ("WARNING", "stopped:")
    assert records(ended) == [("INFO", "done: everything that was asked for")]
    # One run, with one manifest, and each line once.
    assert ended.manifest["verdict"]["word"] == "done"
    assert comparable(ended.lines()) == expected
