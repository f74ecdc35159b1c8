"""scrapyrt in the folder of the project: each call is the crawl that ``scrapy crawl`` would be.

Arguments come as ``crawl_args``, of their natural types. ``url`` beside them is scrapyrt's own: one more
page, read by ``parse`` like a start. Settings come from the project, and from the environment
(``NEWSCRAWL_NAME``) for all crawls of a server; ``scrapyrt -s`` sets scrapyrt's own only. Its reactor is
Scrapy's default, the asyncio one, so that nothing is to be set.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.crawl.crawl_runs import ROOT, Record, comparable, environment
from tests.crawl.faulty_site import FaultySite
from tests.crawl.sample_graph import Node, reachable
from tests.tools.checkout import MISSING, SECOND, START, Gate, left_in
from tests.tools.servers import PROGRAMS, Server, running

FIRST = Node("en", "290118204")
OTHER = Node("en", "277643038")


@dataclass(frozen=True, slots=True)
class Service:
    """scrapyrt, and the data folder that its crawls write to."""

    server: Server
    data: Path

    def crawl(self, arguments: Mapping[str, object] | None = None, **own: str) -> dict[str, Any]:
        """Call it with the arguments of the crawl and parameters of scrapyrt's own."""
        query = {"spider_name": "longbridge", "start_requests": "true", **own}
        if arguments is not None:
            query["crawl_args"] = json.dumps(arguments)
        return self.server.get("crawl.json", **query)

    @property
    def uids(self) -> list[str]:
        return left_in(self.data).uids

    @property
    def manifests(self) -> list[Record]:
        return [json.loads(path.read_bytes()) for path in sorted(self.data.glob("runs/*.json"))]


@contextmanager
def _serving(folder: Path) -> Iterator[Service]:
    env = environment(NEWSCRAWL_DATA_DIR=str(folder / "data"), NEWSCRAWL_DOWNLOAD_DELAY="0")

    def command(port: int) -> list[str | Path]:
        own = ("-s", f"LOG_DIR={folder / 'logs'}")
        return [PROGRAMS / "scrapyrt", "-i", "127.0.0.1", "-p", str(port), *own]

    with running(command, folder, env, ROOT) as server:
        yield Service(server, folder / "data")


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with _serving(tmp_path) as serving:
        yield serving


def _verdict(answer: dict[str, Any]) -> tuple[str, int, str]:
    stats = answer["stats"]
    return stats["newscrawl/verdict"], stats["newscrawl/exit_status"], stats["finish_reason"]


def test_each_line_once(service: Service, site: FaultySite, expected: list[Record]) -> None:
    answer = service.crawl({"url": site.origin + START, "depth": 3})
    assert answer["status"] == "ok"
    assert _verdict(answer) == ("done", 0, "finished")
    assert sorted(item["uid"] for item in answer["items"]) == service.uids
    assert comparable(left_in(service.data).lines()) == expected
    (manifest,) = service.manifests
    assert manifest["verdict"]["word"] == "done"
    assert manifest["settings"]["DOWNLOAD_DELAY"] == 0


def test_the_same_again_writes_nothing(service: Service, site: FaultySite) -> None:
    arguments = {"url": site.origin + START, "depth": 0}
    first = service.crawl(arguments)
    assert len(first["items"]) == 3
    again = service.crawl(arguments)
    assert _verdict(again) == ("done", 0, "finished")
    assert again["items"] == []
    assert service.uids == reachable(FIRST, depth=0)[0]
    assert [manifest["verdict"]["text"] for manifest in service.manifests] == [
        "everything that was asked for",
        "nothing new",
    ]


def test_without_a_url(service: Service) -> None:
    answer = service.crawl()
    assert _verdict(answer) == ("failed", 2, "bad_arguments")
    assert answer["items"] == []
    assert not service.data.exists()
    # scrapyrt's own url alone is no start of a crawl.
    answer = service.crawl(url="http://127.0.0.1:9/en/news/290118204.md")
    assert _verdict(answer) == ("failed", 2, "bad_arguments")
    assert not service.data.exists()


def test_a_start_that_is_missing(service: Service, site: FaultySite, tmp_path: Path) -> None:
    answer = service.crawl({"url": site.origin + MISSING})
    assert _verdict(answer) == ("failed", 1, "failed")
    assert service.uids == []
    (manifest,) = service.manifests
    assert manifest["verdict"]["status"] == 1
    (log,) = (tmp_path / "logs").rglob("*.log")
    assert f"[newscrawl] ERROR: failed: {manifest['verdict']['text']}" in log.read_text(encoding="utf-8")
    # The server takes the next crawl as if nothing had been.
    assert _verdict(service.crawl({"url": site.origin + START, "depth": 0})) == ("done", 0, "finished")
    assert service.uids == reachable(FIRST, depth=0)[0]


# Without start_requests scrapyrt leaves out the spider's own start(), which has nothing to say here.
@pytest.mark.parametrize("start_requests", ["true", ""])
def test_a_url_of_scrapyrts_own(service: Service, site: FaultySite, start_requests: str) -> None:
    arguments = {"url": site.origin + START, "depth": 0}
    answer = service.crawl(arguments, url=site.origin + OTHER.path, start_requests=start_requests)
    assert _verdict(answer) == ("done", 0, "finished")
    both = reachable(FIRST, OTHER, depth=0)[0]
    assert service.uids == both
    assert sorted(item["uid"] for item in answer["items"]) == both
    # The start itself is one page, however often it is named.
    answer = service.crawl(arguments, url=site.origin + START)
    assert _verdict(answer) == ("done", 0, "finished")
    assert service.uids == both
    answer = service.crawl(arguments, url=site.origin + MISSING)
    assert _verdict(answer) == ("failed", 1, "failed")
    assert service.uids == both


def test_several_crawls_at_once(service: Service, site: FaultySite) -> None:
    site.slow = 0.1
    starts = [FIRST, OTHER]
    with ThreadPoolExecutor(2) as pool:
        calls = [
            pool.submit(service.crawl, {"url": site.origin + start.path, "depth": 1, "locales": "en"})
            for start in starts
        ]
        answers = [call.result() for call in calls]
    assert [_verdict(answer) for answer in answers] == [("done", 0, "finished")] * 2
    assert service.uids == reachable(*starts, depth=1, locales=("en",))[0]
    assert len(set(service.uids)) == len(service.uids)


def test_the_same_crawl_at_once(service: Service, site: FaultySite) -> None:
    site.faults[START] = gate = Gate()
    arguments = {"url": site.origin + START, "depth": 1}
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(service.crawl, arguments)
        service.server.until(lambda: START in site.paths)
        second = service.crawl(arguments)
        gate.open()
        assert _verdict(first.result()) == ("done", 0, "finished")
    assert _verdict(second) == ("running", 3, "already_running")
    assert second["items"] == []
    assert service.uids == reachable(FIRST, depth=1)[0]


def test_a_server_that_is_ended(tmp_path: Path, site: FaultySite) -> None:
    arguments = {"url": site.origin + START, "depth": 3}
    site.faults[SECOND] = Gate()
    with ThreadPoolExecutor(1) as pool:
        with _serving(tmp_path) as service:
            cut_off = pool.submit(service.crawl, arguments)
            service.server.until(lambda: SECOND in site.paths)
        assert isinstance(cut_off.exception(), OSError)
    assert service.manifests == []
    del site.faults[SECOND]
    with _serving(tmp_path) as service:
        answer = service.crawl(arguments)
    assert _verdict(answer) == ("done", 0, "finished")
    assert service.uids == reachable(FIRST, depth=3)[0]
    assert len(service.manifests) == 1
