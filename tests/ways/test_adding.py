"""A pipeline of the user's adds to an article (``extra``); or does what it must not, which costs one page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.crawl.crawl_runs import Record, Run, comparable
from tests.crawl.faulty_site import FaultySite
from tests.ways.one_by_one import Case
from tests.ways.parts import Adds
from tests.ways.programs import FIRST, last_word, one_by_one

# What becomes of one page: the pipeline, and what is told of it.
ERRORS = {
    "no JSON": ("AddsWhatJsonDoesNotKnow", "TypeError: expected a value that JSON knows, found set"),
    "no text": ("AddsWhatIsNoText", "UnicodeEncodeError: "),
    "no number": ("AddsNoNumber", "ValueError: Out of range float values are not JSON compliant"),
    "a dict": ("Replaces", "no outcome for https://longbridge.com/en/news/289868449.md: "),
}
PAGE = "longbridge:289868449:en"


@pytest.fixture(scope="module")
def runs(site: FaultySite, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    folder = tmp_path_factory.mktemp("adding")
    url = site.origin + FIRST.path
    feed = {"FEEDS": {str(folder / "feed.jsonl"): {"format": "jsonlines"}}}
    return one_by_one(
        {
            "added": Case(url, {"ITEM_PIPELINES": {"tests.ways.parts.Adds": 280}}),
            "notes": Case(url, feed, spider="tests.ways.spiders.MoreSpider"),
            **{
                name: Case(url, {"ITEM_PIPELINES": {f"tests.ways.parts.{pipeline}": 280}})
                for name, (pipeline, _) in ERRORS.items()
            },
        },
        folder,
    )


def test_extra(runs: dict[str, Run], expected: list[Record]) -> None:
    run = runs["added"]
    run.check(0)
    lines = comparable(run.lines())
    assert [{**line, "extra": {}} for line in lines] == expected
    assert {line["uid"]: line["extra"] for line in lines} == {
        uid: {"added": Adds.value} if uid.endswith(":en") else {} for uid in run.uids
    }
    assert {json.dumps(line["extra"]) for line in expected} == {"{}"}


@pytest.mark.parametrize("name", ERRORS)
def test_what_must_not_be_costs_one_page(name: str, runs: dict[str, Run], expected: list[Record]) -> None:
    run = runs[name]
    assert last_word(run) == [1, "failed", 1, "failed"]
    assert run.told == "failed: 1 exceptions; see the log"
    assert comparable(run.lines()) == [line for line in expected if line["uid"] != PAGE]
    counts = run.manifest["counts"]
    assert (counts["read"], counts["exceptions"], counts["waiting"]) == (17, 1, 0)
    assert ERRORS[name][1] in run.stderr
    assert f"{PAGE.split(':')[1]}.md" in run.stderr


def test_an_article_that_was_replaced_is_told_in_one_line(runs: dict[str, Run]) -> None:
    run = runs["a dict"]
    # Beside the verdict.
    assert run.stderr.count(" ERROR: ") == 2
    assert run.stderr.count(ERRORS["a dict"][1]) == 1
    assert "Traceback" not in run.stderr


def test_items_of_another_kind_pass_untouched(runs: dict[str, Run], expected: list[Record]) -> None:
    run = runs["notes"]
    run.check(0)
    assert comparable(run.lines()) == expected
    path: Path = run.folder.parent / "feed.jsonl"
    items = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    articles = [item for item in items if "uid" in item]
    assert comparable(articles) == expected
    notes = sorted(item["note"].split("/", 3)[3] for item in items if "uid" not in item)
    assert notes == sorted(line["fetched_url"] for line in expected)
    assert all(list(item) == ["note"] for item in items if "uid" not in item)
