"""Feeds: one that failed makes the run failed, though its lines are whole; cells hold what a line holds."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.crawl.crawl_runs import FAST, Record, Run, comparable, crawl
from tests.crawl.faulty_site import FaultySite
from tests.ways.one_by_one import Case
from tests.ways.programs import FIRST, last_word, one_by_one

BEFORE = "of yesterday\n"


def feeds(*paths: Path | str, **options: Any) -> dict[str, Any]:
    """FEEDS whose format is told by the name; jsonlines for others."""
    formats = {".csv": "csv", ".xml": "xml"}
    given = {"overwrite": True, **options}
    return {
        "FEEDS": {
            str(path): {"format": formats.get(Path(path).suffix, "jsonlines"), **given} for path in paths
        }
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("feeds")
    for name in ("file", "kept.jsonl", "kept too.jsonl"):
        (folder / name).write_text(BEFORE, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def runs(site: FaultySite, folder: Path) -> dict[str, Run]:
    url = site.origin + FIRST.path
    kept, kept_too = feeds(folder / "kept.jsonl"), feeds(folder / "kept too.jsonl")
    alone = {"depth": 0, "locales": "en"}
    return one_by_one(
        {
            "full": Case(url, feeds("/dev/full"), folder="disk full"),
            "full, again": Case(url, feeds("/dev/full", store_empty=False), folder="disk full"),
            "below a file": Case(url, feeds(folder / "file" / "feed.jsonl"), folder="not a folder"),
            "below a file, again": Case(url, folder="not a folder"),
            "one of two": Case(url, feeds(folder / "good.jsonl", "/dev/full")),
            "good": Case(url, feeds(folder / "good.csv", folder / "good.xml")),
            "no number": Case(url, kept, {"depth": "x"}),
            "no url": Case("", kept),
            "named": Case(url, {}, {"run": "x", **alone}, folder="a name"),
            "named, again": Case(url, kept_too, {"run": "x", **alone}, folder="a name"),
        },
        folder,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["full", "below a file", "one of two"])
def test_a_feed_that_failed(name: str, runs: dict[str, Run], folder: Path, expected: list[Record]) -> None:
    run = runs[name]
    assert run.status == 1
    path = str(folder / "file" / "feed.jsonl") if name == "below a file" else "/dev/full"
    assert run.told == f"failed: the feed {path} is not complete; the lines are, in the data folder"
    assert last_word(run) == [1, "failed", 1, "feed_failed"]
    assert comparable(run.lines()) == expected


@pytest.mark.parametrize("name", ["full", "below a file"])
def test_the_next_run_is_fine(name: str, runs: dict[str, Run], expected: list[Record]) -> None:
    run = runs[f"{name}, again"]
    assert (run.status, run.told) == (0, "done: nothing new")
    assert last_word(run) == [0, "done", 0, "finished"]
    assert comparable(run.lines()) == expected


def test_the_other_feed_is_whole(runs: dict[str, Run], folder: Path) -> None:
    lines = (folder / "good.jsonl").read_text(encoding="utf-8").splitlines()
    assert sorted(json.loads(line)["uid"] for line in lines) == runs["one of two"].uids


def test_a_path_that_cannot_be_opened_on_the_command_line(
    site: FaultySite, tmp_path: Path, expected: list[Record]
) -> None:
    (tmp_path / "file").touch()
    feed = tmp_path / "file" / "feed.jsonl"
    run = crawl(site.origin + FIRST.path, tmp_path / "data", "-O", f"{feed}:jsonl", *FAST)
    assert run.status == run.manifest["verdict"]["status"] == 1
    assert run.told == f"failed: the feed {feed} is not complete; the lines are, in the data folder"
    assert run.manifest["finish_reason"] == "feed_failed"
    assert "'finish_reason': 'feed_failed'" in run.stderr
    assert comparable(run.lines()) == expected


@pytest.mark.parametrize("name", ["no number", "no url", "named, again"])
def test_a_crawl_that_does_not_begin_overwrites_no_feed(
    name: str, runs: dict[str, Run], folder: Path
) -> None:
    assert runs[name].status == (0 if name == "named, again" else 2)
    feed = "kept too.jsonl" if name == "named, again" else "kept.jsonl"
    assert (folder / feed).read_text(encoding="utf-8") == BEFORE


def _read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _read_xml(path: Path) -> list[dict[str, str]]:
    return [{field.tag: field.text or "" for field in item} for item in ET.parse(path).getroot()]  # noqa: S314  # our own file


@pytest.mark.parametrize(("name", "read"), [("good.csv", _read_csv), ("good.xml", _read_xml)])
def test_cells_hold_what_the_line_holds(
    name: str, read: Callable[[Path], list[dict[str, str]]], runs: dict[str, Run], folder: Path
) -> None:
    run = runs["good"]
    run.check(0)
    lines = {line["uid"]: line for line in run.lines()}
    rows = read(folder / name)
    assert sorted(row["uid"] for row in rows) == run.uids
    assert any(line["sessions"] for line in lines.values())
    for row in rows:
        line = lines[row["uid"]]
        assert list(row) == list(line)
        assert {key: _cell(value, row[key]) for key, value in line.items()} == line


def _cell(value: object, text: str) -> object:
    """What a cell says, read as the kind of value that the line has."""
    if value is None or isinstance(value, str):
        return text or (None if value is None else "")
    return json.loads(text)
