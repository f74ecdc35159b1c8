"""What watches crawls for people: Sentry and a Prometheus textfile, put in by a user's own extensions.

They replace EXTENSIONS, as a user's setting does: the crawl has all it needs all the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiohttp import web

from newscrawl.sample_site import serve
from tests.crawl.crawl_runs import SINGLE, Record, Run, run
from tests.crawl.faulty_site import FaultySite
from tests.tools.checkout import MISSING, START

# A user's module. Both are as the tools' own pages have it. The last word is there when the engine has
# stopped; when the spider is closed, feeds may still be under way.
MONITORING = """
import os

import sentry_sdk
from prometheus_client import CollectorRegistry, Gauge, write_to_textfile
from scrapy import signals


class Sentry:
    def __init__(self):
        sentry_sdk.init(dsn=os.environ["SINK"], shutdown_timeout=60)

    @classmethod
    def from_crawler(cls, crawler):
        return cls()


class Prometheus:
    def __init__(self, crawler):
        self.crawler = crawler
        crawler.signals.connect(self.spider_closed, signals.spider_closed)
        crawler.signals.connect(self.engine_stopped, signals.engine_stopped)

    @classmethod
    def from_crawler(cls, crawler):
        return cls(crawler)

    def spider_closed(self):
        self.write("closed.prom")

    def engine_stopped(self):
        self.write("stopped.prom")

    def write(self, name):
        stats = self.crawler.stats
        registry = CollectorRegistry()
        status = Gauge("newscrawl_exit_status", "Of the last crawl", registry=registry)
        status.set(stats.get_value("newscrawl/exit_status"))
        verdict = Gauge("newscrawl_verdict", "Of the last crawl", ["verdict"], registry=registry)
        verdict.labels(stats.get_value("newscrawl/verdict")).set(1)
        write_to_textfile(os.path.join(os.environ["TEXTFILES"], name), registry)
"""

FAILED = ["newscrawl_exit_status 1.0", 'newscrawl_verdict{verdict="failed"} 1.0']
DONE = ["newscrawl_exit_status 0.0", 'newscrawl_verdict{verdict="done"} 1.0']


class Sink:
    """Takes what a Sentry client sends, as a server of theirs would."""

    def __init__(self) -> None:
        self.events: list[Record] = []
        self.dsn = ""

    @contextmanager
    def serving(self) -> Iterator[None]:
        with serve(self._answer) as origin:
            self.dsn = f"{origin.replace('//', '//key@')}/1"
            yield

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Read an envelope: a line about it, then two for each item in it, what it is and what it holds."""
        lines = (await request.read()).splitlines()
        for head, body in zip(lines[1::2], lines[2::2], strict=True):
            if json.loads(head)["type"] == "event":
                self.events.append(json.loads(body))
        return web.json_response({})


@pytest.fixture
def sink() -> Iterator[Sink]:
    sink = Sink()
    with sink.serving():
        yield sink


def _crawl(url: str, folder: Path, extension: str, *words: str, sink: Sink | None = None) -> Run:
    (folder / "monitoring.py").write_text(MONITORING, encoding="utf-8")
    return run(
        (
            *("crawl", "longbridge", "-a", f"url={url}", "-a", "depth=0", *SINGLE, *words),
            *("-s", f"EXTENSIONS={json.dumps({f'monitoring.{extension}': 0})}"),
        ),
        folder / "data",
        env={
            "PYTHONPATH": str(folder),
            "SINK": sink.dsn if sink is not None else "",
            "TEXTFILES": str(folder),
        },
    )


def _samples(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


def test_sentry_hears_of_a_failure_once(site: FaultySite, sink: Sink, tmp_path: Path) -> None:
    failed = _crawl(site.origin + MISSING, tmp_path, "Sentry", sink=sink)
    failed.check(1)
    (event,) = sink.events
    verdict = failed.manifest["verdict"]
    assert event["logentry"]["formatted"] == f"{verdict['word']}: {verdict['text']}"
    assert (event["logger"], event["level"]) == ("newscrawl", "error")


def test_sentry_hears_nothing_of_a_success(site: FaultySite, sink: Sink, tmp_path: Path) -> None:
    _crawl(site.origin + START, tmp_path, "Sentry", sink=sink).check(0)
    assert sink.events == []


def test_prometheus_sees_a_failure(site: FaultySite, tmp_path: Path) -> None:
    _crawl(site.origin + MISSING, tmp_path, "Prometheus").check(1)
    for name in ("closed.prom", "stopped.prom"):
        assert _samples(tmp_path / name) == FAILED


def test_prometheus_sees_a_success(site: FaultySite, tmp_path: Path) -> None:
    _crawl(site.origin + START, tmp_path, "Prometheus").check(0)
    for name in ("closed.prom", "stopped.prom"):
        assert _samples(tmp_path / name) == DONE


def test_prometheus_sees_a_feed_that_failed(site: FaultySite, tmp_path: Path) -> None:
    assert _crawl(site.origin + START, tmp_path, "Prometheus", "-O", "/dev/full:jsonl").status == 1
    # Feeds are stored while the spider is being closed.
    assert _samples(tmp_path / "stopped.prom") == FAILED
