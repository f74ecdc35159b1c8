"""A spider of another kind in the same project runs as under stock Scrapy; manners and safety stay."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.crawl.crawl_runs import ROOT, Run
from tests.crawl.faulty_site import FaultySite, status
from tests.ways.programs import at_once, scrapy_in

PAGES = {
    "/robots.txt": status(200, b"User-agent: *\nDisallow: /private\n"),
    "/": status(200, b"<p>first</p>", Content_Type="text/html", Set_Cookie="who=me"),
    "/second": status(200, b"<p>second</p>", Content_Type="text/html"),
    "/private": status(200, b"<p>private</p>", Content_Type="text/html"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stock")


@pytest.fixture(scope="module")
def sites() -> dict[str, FaultySite]:
    return {name: FaultySite(PAGES, {}) for name in ("here", "elsewhere")}


@pytest.fixture(scope="module")
def runs(sites: dict[str, FaultySite], folder: Path) -> dict[str, Run]:
    """The spider in this project, and in a folder without any project."""
    with sites["here"].serving() as here, sites["elsewhere"].serving() as elsewhere:
        words = ("-O", f"{folder}/here.jsonl", "-O", f"{folder}/here.csv")
        modules = ("-s", "SPIDER_MODULES=newscrawl.spiders,tests.ways.stock")
        data = ("-s", f"DATA_DIR={folder / 'data'}")
        crawl = ("crawl", "stock", "-a", f"url={here.origin}/", *words, *modules, *data)
        spider = ROOT / "tests" / "ways" / "stock.py"
        stock = (
            "runspider",
            str(spider),
            "-a",
            f"url={elsewhere.origin}/",
            "-O",
            f"{folder}/elsewhere.jsonl",
        )
        manners = (
            "-s",
            "ROBOTSTXT_OBEY=1",
            "-s",
            "TELNETCONSOLE_ENABLED=0",
            "-s",
            "REMOTE_CONTROL_ENABLED=0",
        )
        return at_once(
            {
                "here": partial(scrapy_in, ROOT, crawl, folder / "data"),
                "elsewhere": partial(scrapy_in, folder, (*stock, *manners), folder / "data"),
            }
        )


@pytest.fixture(scope="module")
def items(runs: dict[str, Run], folder: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """What the feeds hold, by page."""
    return {
        name: {
            item["page"]: item
            for item in map(json.loads, (folder / f"{name}.jsonl").read_text().splitlines())
        }
        for name in runs
    }


def test_it_runs_as_anywhere(runs: dict[str, Run], items: dict[str, dict[str, Any]]) -> None:
    assert [run.status for run in runs.values()] == [0, 0]
    # Where there is no internet, what the cookies' middleware uses tells of that.
    log = runs["here"].stderr.splitlines()
    assert [line for line in log if "] ERROR: " in line and "[tldextract" not in line] == []
    here, elsewhere = items["here"]["first"], items["elsewhere"]["first"]
    assert here.pop("manners") != elsewhere.pop("manners")
    assert here == elsewhere
    assert here["scheduler"] == "scrapy.core.scheduler.Scheduler"
    assert here["settings"] == {"CONCURRENT_ITEMS": 100, "COOKIES_ENABLED": True}
    assert items["here"]["second"] == items["elsewhere"]["second"] == {"page": "second", "cookie": "who=me"}
    # The page that is missing reached no callback, and the forbidden one was not asked for.
    assert set(items["here"]) == set(items["elsewhere"]) == {"first", "second"}


def test_manners_stay(
    sites: dict[str, FaultySite], items: dict[str, dict[str, Any]], runs: dict[str, Run]
) -> None:
    asked = sites["here"].asked
    assert sorted(one.path for one in asked) == ["/", "/missing", "/robots.txt", "/second"]
    assert {one.agent.partition("/")[0] for one in asked} == {"newscrawl"}
    assert "'DOWNLOAD_DELAY': 1.0" in runs["here"].stderr
    assert "'ROBOTSTXT_OBEY': True" in runs["here"].stderr


def test_nothing_of_ours_is_left(runs: dict[str, Run], folder: Path) -> None:
    assert not (folder / "data").exists()
    assert "[newscrawl" not in runs["here"].stderr
    assert "newscrawl/verdict" not in runs["here"].stderr
    # A list in a CSV feed is what Scrapy makes of it, not JSON.
    assert "scrapy.downloadermiddlewares.retry.RetryMiddleware," in (folder / "here.csv").read_text()
