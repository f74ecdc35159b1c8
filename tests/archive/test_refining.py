"""Stored lines refined again: today's tables, yesterday's raw values."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from newscrawl.archive.records import encode, stamp
from newscrawl.archive.refining import Differences, refine_again, refine_file
from newscrawl.exceptions import DamagedLine
from newscrawl.items import Article, Instrument
from newscrawl.refine import refine
from newscrawl.refine.dates import parse_instant
from newscrawl.sample_site import read_pages
from newscrawl.sites.base import Source
from newscrawl.sites.longbridge import LONGBRIDGE

NOW = parse_instant("2026-11-23T00:00:00Z")
FETCHED = "2026-11-22T23:59:59.000Z"


def line_of(article: Article, version: int = 1) -> dict[str, Any]:
    article.fetched_at = FETCHED
    refine(article, LONGBRIDGE)
    stamp(article, now=NOW, version=version)
    line: dict[str, Any] = json.loads(encode(article))
    return line


def sample_lines() -> list[dict[str, Any]]:
    lines = []
    for path, content in read_pages().items():
        page = LONGBRIDGE.page(path)
        if page is not None:
            lines.append(line_of(LONGBRIDGE.read(Source(content, page, LONGBRIDGE.home))))
    return lines


def test_lines_of_today_stay_as_they_are() -> None:
    lines = sample_lines()
    assert len(lines) > 50
    for line in lines:
        before = deepcopy(line)
        again = refine_again(line, LONGBRIDGE)
        assert again == line == before
        assert list(again) == list(line)


def test_concluded_fields_are_made_anew_from_raw_ones() -> None:
    line = next(line for line in sample_lines() if line["instruments"] and line["sessions"])
    older = deepcopy(line)
    for name in ("published_at", "content_hash", "language", "script", "available_rule", "sessions"):
        older[name] = None
    older["mentions"] = []
    older["warnings"] = ["id_date_differs", *line["warnings"]]
    older["instruments"] = [{"raw": found["raw"]} for found in line["instruments"]]
    older["refined_with"] = {"dates": "0", "owls": "1"}
    assert refine_again(older, LONGBRIDGE) == line
    del older["refined_with"]
    assert refine_again(older, LONGBRIDGE) == line


def test_a_line_keeps_its_own_time_and_version() -> None:
    article = Article(
        uid="longbridge:285741170:en",
        story_id="longbridge:285741170",
        locale="en",
        published_raw="2026-05-08T14:18:31.000Z",
        instruments=[Instrument("700.HK"), Instrument("broken")],
    )
    line = line_of(article, version=2)
    assert (line["version"], line["available_at"]) == (2, "2026-11-23T00:00:00.000Z")
    assert line["warnings"] == ["bad_symbol"]
    # The broken symbol is not in the line any more.
    assert refine_again(line, LONGBRIDGE) == line


def test_a_withdrawn_line_gets_nothing_that_it_did_not_have() -> None:
    article = Article(
        uid="longbridge:285741170:zh-HK",
        story_id="longbridge:285741170",
        status="withdrawn",
        locale="zh-HK",
        content_hash="as before",
    )
    line = line_of(article, version=2)
    assert line["warnings"] == []
    assert (line["content_hash"], line["script"], line["sessions"]) == ("as before", "Hant", [])
    assert refine_again(line, LONGBRIDGE) == line


def test_differences_are_counted_by_field_and_versions_apart() -> None:
    lines = sample_lines()[:3]
    differences = Differences()
    differences.add(lines[0], lines[0])
    differences.add(
        lines[1], {**lines[1], "language": "xx", "warnings": ["date_missing"], "refined_with": {}}
    )
    differences.add({**lines[2], "warnings": ["bad_symbol"]}, lines[2])
    without = {name: value for name, value in lines[2].items() if name != "refined_with"}
    differences.add(without, lines[2])
    assert (differences.lines, differences.changed) == (4, 2)
    one, other = lines[1]["uid"], lines[2]["uid"]
    assert differences.report() == [
        "4 lines, 2 would change",
        f"  language  1, e.g. {one}",
        f"  warnings  2, e.g. {one}",
        f"other versions of steps or tables (refined_with): 2, e.g. {one}",
    ]
    assert other != one


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (b"{", "expected a JSON object"),
        (b"[]", "expected a JSON object"),
        (b"\xff", "expected a JSON object"),
        (b"", "expected a JSON object"),
        (b"[" * 100_000, "expected a JSON object"),
        (b"{}", "expected a uid of longbridge"),
        (b'{"uid": "owls:1"}', "expected a uid of longbridge, found 'owls:1'"),
        (b'{"uid": "longbridge:1:en"}', "expected schema"),
    ],
)
def test_a_damaged_line_is_named(damage: bytes, told: str, tmp_path: Path) -> None:
    good = encode(sample_lines()[0])
    path = tmp_path / "x.jsonl"
    path.write_bytes(good + damage + b"\n" + good)
    lines = refine_file(path, {"longbridge": LONGBRIDGE})
    before, after = next(lines)
    assert before == after
    with pytest.raises(DamagedLine) as caught:
        next(lines)
    assert "x.jsonl:2: expected " in str(caught.value)
    assert told in str(caught.value)
