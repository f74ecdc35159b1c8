"""A subclass that yields requests of its own gets them fetched, or is told that it cannot."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.crawl.crawl_runs import Run, comparable
from tests.crawl.faulty_site import FaultySite, status
from tests.crawl.sample_graph import Node, reachable
from tests.ways.one_by_one import Case
from tests.ways.programs import FIRST, last_word, one_by_one

OTHER = Node("en", "297232425")
EN = {"locales": "en"}
FETCHED = ("RequestingSpider", "BeginningSpider")
FAILED = ("MistakenSpider", "FailingSpider")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("own")


@pytest.fixture(scope="module")
def asked() -> Counter[str]:
    """How often each page that is no article was asked for, in all runs."""
    return Counter()


@pytest.fixture(scope="module")
def runs(folder: Path, asked: Counter[str]) -> dict[str, Run]:
    def feed(name: str) -> dict[str, object]:
        return {"FEEDS": {str(folder / f"{name}.jsonl"): {"format": "jsonlines"}}}

    with FaultySite().serving() as site:
        for name in ("list", "next"):
            site.faults[f"/other/{name}"] = status(200, name.encode(), Content_Type="text/plain")
        url = site.origin + FIRST.path
        runs = one_by_one(
            {
                "alone": Case(url, arguments=EN),
                "both": Case(f"{url},{site.origin}{OTHER.path}", arguments=EN),
                **{
                    name: Case(url, feed(name), EN, spider=f"tests.ways.spiders.{name}")
                    for name in (*FETCHED, *FAILED)
                },
            },
            folder,
        )
        asked.update(path for path in site.paths if path.startswith("/other/"))
    return runs


@pytest.mark.parametrize("name", FETCHED)
def test_requests_are_fetched(name: str, runs: dict[str, Run], folder: Path) -> None:
    run = runs[name]
    run.check(0)
    items = [json.loads(line) for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    assert sorted(item["other"] for item in items if "other" in item) == ["list", "next"]
    # An article that is asked for becomes a page of the crawl, like a start.
    assert run.uids == reachable(FIRST, OTHER, depth=1, locales=("en",))[0]
    assert comparable(run.lines()) == comparable(runs["both"].lines())
    assert sorted(item["uid"] for item in items if "uid" in item) == run.uids
    (line,) = [line for line in run.stderr.splitlines() if "yields requests of its own" in line]
    assert " WARNING: " in line


def test_each_address_is_asked_for_once(runs: dict[str, Run], asked: Counter[str]) -> None:
    # By both spiders that get all, and by the one whose callback fails.
    assert len(runs) == 6
    assert asked == {"/other/list": 3, "/other/next": 2}


@pytest.mark.parametrize(
    ("name", "told"), [("MistakenSpider", "not fetched: "), ("FailingSpider", "LookupError: no such list")]
)
def test_what_fails_is_told(name: str, told: str, runs: dict[str, Run]) -> None:
    run = runs[name]
    assert run.told == "failed: 1 exceptions; see the log"
    assert last_word(run) == [1, "failed", 1, "failed"]
    assert told in run.stderr
    # Beside the verdict.
    assert run.stderr.count(" ERROR: ") == 2
    assert comparable(run.lines()) == comparable(runs["alone"].lines())


def test_a_request_that_cannot_be_is_told_in_one_line(runs: dict[str, Run]) -> None:
    (line,) = [line for line in runs["MistakenSpider"].stderr.splitlines() if "not fetched" in line]
    assert line.endswith(
        ": expected an article of http://"
        + line.partition("http://")[2].partition("/")[0]
        + ", or a callback other than parse"
    )
    assert "Traceback" not in runs["MistakenSpider"].stderr
