"""A page that ends the process that works on it: after three times it is set aside, and the crawl goes on."""

from __future__ import annotations

import json
import os
import runpy
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crawl.crawl_runs import FAST, ROOT, SINGLE, START, Run, crawl, crawling, run
from tests.crawl.faulty_site import FaultySite, late
from tests.crawl.sample_graph import Node, reachable

FIRST = Node("en", str(START))
# What it leads to is found on other pages as well.
DEADLY = Node("zh-HK", str(START))
WHOLE = ("-a", "depth=4")
KILLED = -signal.SIGKILL
TOLD = "the process ended 3 times while it worked on this page"

# A user's pipeline and a user's spider, in a module of their own.
DEADLY_CODE = f"""
import os, signal
from newscrawl.spiders.longbridge import LongbridgeSpider

class DeadlyPipeline:
    def process_item(self, item):
        if item.uid == "{DEADLY.uid}":
            os.kill(os.getpid(), signal.SIGKILL)
        return item

class DeadlySpider(LongbridgeSpider):
    name = "deadly"

    def parse(self, response):
        result = super().parse(response)
        if response.url.endswith("{DEADLY.path}"):
            os.kill(os.getpid(), signal.SIGKILL)
        return result
"""


@pytest.fixture
def site() -> Iterator[FaultySite]:
    with FaultySite().serving() as site:
        yield site


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "deadly.py").write_text(DEADLY_CODE, encoding="utf-8")
    return {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}


def pipelines(place: int) -> str:
    """The setting with the deadly pipeline at a place among those of the project."""
    known = runpy.run_path(str(ROOT / "newscrawl" / "settings.py"))["ITEM_PIPELINES"]
    return f"ITEM_PIPELINES={json.dumps({**known, 'deadly.DeadlyPipeline': place})}"


CASES: dict[str, tuple[str, tuple[str, ...]]] = {
    "first pipeline": ("longbridge", ("-s", pipelines(1))),
    "last pipeline": ("longbridge", ("-s", pipelines(899))),
    "spider": ("deadly", ("-s", "SPIDER_MODULES=newscrawl.spiders,deadly")),
}


@pytest.mark.parametrize("speed", [SINGLE, FAST], ids=["one at a time", "sixteen"])
@pytest.mark.parametrize("name", CASES)
def test_a_deadly_page_is_set_aside_after_three_times(
    site: FaultySite, tmp_path: Path, environment: dict[str, str], name: str, speed: tuple[str, ...]
) -> None:
    spider, settings = CASES[name]
    url, folder = site.origin + FIRST.path, tmp_path / "data"
    words = ("crawl", spider, "-a", f"url={url}", *WHOLE, *speed, *settings, "--verbose")
    starts = [run(words, folder, environment) for _ in range(4)]
    assert [start.status for start in starts] == [KILLED] * 3 + [0], starts[-1].stderr
    for number, start in enumerate(starts[1:], 1):
        text = f"a process ended while it worked on {DEADLY.uid} ({number} of 3 times)"
        assert [line for line in start.stderr.splitlines() if text in line]
    end = starts[-1]
    end.check(0)
    # All other pages are there, each once.
    assert end.uids == [uid for uid in reachable(FIRST, depth=4)[0] if uid != DEADLY.uid]
    assert site.paths.count(DEADLY.path) == 3
    assert end.manifest["counts"]["crashed"] == 1
    assert end.manifest["counts"]["waiting"] == 0
    assert end.manifest["verdict"]["text"] == "but 1 pages could not be fetched; see `scrapy status`"
    assert "1 crashed" in end.stderr.splitlines()[-2]
    told = run(("status",), folder).stdout
    assert f"1 × {TOLD}" in told
    assert "1 crashed" in told
    # Somebody mended what was wrong.
    assert run(("retry",), folder).stdout == "1 failed pages wait again\n"
    mended = ("crawl", spider, "-a", f"url={url}", *WHOLE, *speed)
    if spider == "deadly":
        mended = ("crawl", "longbridge", *mended[2:])
    again = run(mended, folder)
    again.check(0)
    assert again.uids == reachable(FIRST, depth=4)[0]
    assert again.manifest["counts"]["crashed"] == 0


def test_a_page_that_is_only_waited_for_is_not_to_blame(site: FaultySite, tmp_path: Path) -> None:
    site.faults[DEADLY.path] = late(60)
    url = site.origin + FIRST.path
    for number in range(1, 5):
        with crawling(url, tmp_path, "-a", "depth=0", *map(str, SINGLE)) as running:
            running.until(lambda expected=number: site.paths.count(DEADLY.path) == expected)  # type: ignore[misc]
            # Its answer is under way, and nothing else is worked on.
            time.sleep(0.2)
            running.process.kill()
            assert running.end().status == KILLED
    del site.faults[DEADLY.path]
    end = crawl(url, tmp_path, "-a", "depth=0", *SINGLE)
    end.check(0)
    assert end.uids == reachable(FIRST, depth=0)[0]
    assert "a process ended while it worked" not in end.stderr


def test_nothing_is_left_of_a_crawl_that_ended_well(site: FaultySite, tmp_path: Path) -> None:
    crawl(site.origin + FIRST.path, tmp_path, "-a", "depth=0", *SINGLE).check(0)
    assert list((tmp_path / "state" / "in-progress").iterdir()) == []


def test_a_start_that_is_deadly_is_a_failure(
    site: FaultySite, tmp_path: Path, environment: dict[str, str]
) -> None:
    url = site.origin + DEADLY.path
    words = ("crawl", "longbridge", "-a", f"url={url}", "-a", "depth=0", *SINGLE, "-s", pipelines(1))
    starts: list[Run] = [run(words, tmp_path / "data", environment) for _ in range(4)]
    assert [start.status for start in starts] == [KILLED] * 3 + [1]
    starts[-1].check(1)
    assert starts[-1].manifest["verdict"]["text"] == f"the start {DEADLY.uid} cannot be read: {TOLD}"
