"""``scrapy refine``: from end to end, on lines made from the sample pages."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from newscrawl.archive.records import encode, stamp
from newscrawl.refine import refine
from newscrawl.refine.dates import parse_instant
from newscrawl.sample_site import read_pages
from newscrawl.sites.base import Source
from newscrawl.sites.longbridge import LONGBRIDGE
from tests.crawl.crawl_runs import Run, run

NOW = parse_instant("2026-11-23T00:00:00Z")
NAMES = ("dt=2026-11-22/run-000001.jsonl", "dt=2026-11-23/run-000001.jsonl")


def lines_of_the_sample() -> list[bytes]:
    lines = []
    for path, content in read_pages().items():
        page = LONGBRIDGE.page(path)
        if page is not None:
            article = LONGBRIDGE.read(Source(content, page, LONGBRIDGE.home))
            article.fetched_at = "2026-11-22T23:59:59.000Z"
            refine(article, LONGBRIDGE)
            stamp(article, now=NOW, version=1)
            lines.append(encode(article))
    return lines


def changed(line: bytes, **changes: Any) -> bytes:
    return encode({**json.loads(line), **changes})


def published(folder: Path, *files: list[bytes]) -> Path:
    for name, lines in zip(NAMES, files, strict=False):
        path = folder / "articles" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(b"".join(lines))
    return folder


def refined(folder: Path, *words: str | Path) -> Run:
    found = run(("refine", *words), folder)
    assert "Traceback" not in found.stderr + found.stdout
    return found


def files_below(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    return lines_of_the_sample()


def test_lines_are_written_as_today_would_write_them(lines: list[bytes], tmp_path: Path) -> None:
    older = [
        changed(line, content_hash="old", mentions=[], refined_with={"dates": "0"}) for line in lines[:9]
    ]
    folder = published(tmp_path / "data", older, lines[9:])
    before = {name: (folder / "articles" / name).read_bytes() for name in NAMES}
    found = refined(folder, "--out", tmp_path / "out", "--diff")
    assert (found.status, found.stderr) == (0, "")
    total, hashes, *rows = found.stdout.splitlines()
    assert total == f"{len(lines)} lines, 9 would change"
    uid = json.loads(lines[0])["uid"]
    assert hashes.split() == ["content_hash", "9,", "e.g.", uid]
    assert rows[-2] == f"other versions of steps or tables (refined_with): 9, e.g. {uid}"
    assert rows[-1].startswith(f"{len(lines)} lines written to ")
    assert files_below(tmp_path / "out") == [f"articles/{name}" for name in NAMES]
    assert (tmp_path / "out/articles" / NAMES[0]).read_bytes() == b"".join(lines[:9])
    assert (tmp_path / "out/articles" / NAMES[1]).read_bytes() == b"".join(lines[9:])
    # The data themselves are only read.
    assert {name: (folder / "articles" / name).read_bytes() for name in NAMES} == before
    assert files_below(folder) == [f"articles/{name}" for name in NAMES]
    # Nothing is mixed with what was written before.
    again = refined(folder, "--out", tmp_path / "out")
    assert again.status == 2
    assert "expected a folder without articles/ after --out" in again.stderr
    (tmp_path / "other" / ".refine-of-a-killed-process" / "dt=1").mkdir(parents=True)
    assert refined(folder, "--out", tmp_path / "other").status == 0
    assert files_below(tmp_path / "other") == [f"articles/{name}" for name in NAMES]
    assert not list((tmp_path / "other").glob(".refine-*"))


def test_links_do_not_lead_to_published_files(lines: list[bytes], tmp_path: Path) -> None:
    published(tmp_path / "big", lines[:3])
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "articles").symlink_to(tmp_path / "big" / "articles")
    before = (tmp_path / "big/articles" / NAMES[0]).read_bytes()
    assert refined(tmp_path / "data", "--out", tmp_path / "big").status == 2
    assert (tmp_path / "big/articles" / NAMES[0]).read_bytes() == before


def test_a_comparison_alone_writes_nothing(lines: list[bytes], tmp_path: Path) -> None:
    line = json.loads(lines[0])
    del line["refined_with"]
    folder = published(tmp_path / "data", [encode(line), *lines[1:3]])
    found = refined(folder, "--diff")
    assert (found.status, found.stderr) == (0, "")
    assert found.stdout.splitlines() == [
        "3 lines, 0 would change",
        f"other versions of steps or tables (refined_with): 1, e.g. {line['uid']}",
    ]
    assert files_below(tmp_path) == [f"data/articles/{NAMES[0]}"]


def test_a_damaged_line_is_named_and_nothing_is_left(lines: list[bytes], tmp_path: Path) -> None:
    folder = published(tmp_path / "data", lines[:2], [lines[2], b'{"uid": "longbridge:1:en"}\n'])
    found = refined(folder, "--out", tmp_path / "out")
    assert (found.status, found.stdout) == (1, "")
    (told,) = found.stderr.splitlines()
    assert told.startswith("scrapy refine: ")
    assert f"{NAMES[1]}:2: expected schema newscrawl.article/1, found None" in told
    assert files_below(tmp_path / "out") == []


def test_a_folder_without_lines_is_told(tmp_path: Path) -> None:
    found = refined(tmp_path / "data", "--diff")
    assert (found.status, found.stdout) == (1, "")
    assert found.stderr == f"scrapy refine: expected lines in {tmp_path / 'data/articles'}, found none\n"


def test_another_lag_is_applied_to_stored_lines(lines: list[bytes], tmp_path: Path) -> None:
    folder = published(tmp_path / "data", lines)
    out = tmp_path / "out"
    assert refined(folder, "--out", out, "-s", "BACKFILL_LAG=1").status == 0
    written = [json.loads(line) for line in (out / "articles" / NAMES[0]).read_bytes().splitlines()]
    estimates = [line for line in written if line["available_rule"] == "backfill"]
    assert estimates
    for line in estimates:
        published_at = datetime.fromisoformat(line["published_at"])
        assert datetime.fromisoformat(line["available_at"]) == published_at + timedelta(hours=1)
    assert {line["refined_with"]["availability"] for line in written} == {"2+lag-1h"}
    # Applied again, the setting's default gives the lines that were there.
    (out / "state").mkdir()
    assert refined(out, "--out", tmp_path / "back").status == 0
    assert (tmp_path / "back/articles" / NAMES[0]).read_bytes() == b"".join(lines)


@pytest.mark.parametrize("value", ["-1", "soon", "1e9", "nan"])
def test_a_lag_that_is_none_has_one_line(lines: list[bytes], tmp_path: Path, value: str) -> None:
    folder = published(tmp_path / "data", lines[:1])
    found = refined(folder, "--diff", "-s", f"BACKFILL_LAG={value}")
    told = f"scrapy refine: BACKFILL_LAG: expected a number from 0 to 87600, found {value!r}\n"
    assert (found.status, found.stdout, found.stderr) == (2, "", told)


def test_wrong_arguments_have_one_line(lines: list[bytes], tmp_path: Path) -> None:
    folder = published(tmp_path / "data", lines[:1])
    (tmp_path / "link").symlink_to(folder)
    (tmp_path / "out").mkdir()
    (tmp_path / "out/articles").symlink_to(folder / "articles")
    for words in (
        (),
        ("--diff", "articles"),
        ("--out", ""),
        ("--out", folder),
        ("--out", folder / "refined"),
        ("--out", tmp_path / "link" / "x"),
        ("--out", tmp_path / "out"),
    ):
        found = refined(folder, *words)
        assert (found.status, found.stdout) == (2, ""), words
        (told,) = found.stderr.splitlines()
        assert told.startswith("scrapy refine: expected ")
        assert ", found " in told
    assert files_below(folder) == [f"articles/{NAMES[0]}"]
