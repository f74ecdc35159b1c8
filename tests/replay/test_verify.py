"""``scrapy verify``: what is whole passes, and each kind of damage is found."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from newscrawl.archive.records import encode
from newscrawl.warc.index import index_of, read_index
from newscrawl.warc.reading import read_records
from tests.archived import archive_files
from tests.crawl.crawl_runs import FAST, START, Run, crawl, run
from tests.crawl.faulty_site import FaultySite, page, status
from tests.crawl.sample_graph import Node

FIRST = Node("en", str(START))
STORY = ("-a", "depth=0", "-a", "recheck=500w", *FAST)


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs: a further version, a withdrawal, a rejected page, an observation."""
    folder = tmp_path_factory.mktemp("crawled")
    site = FaultySite()
    with site.serving():
        url = site.origin + FIRST.path
        site.faults = {page("zh-CN", START): status(200)}
        crawl(url, folder, *STORY)
        site.pages[FIRST.path] = site.pages[FIRST.path].replace(b"four months", b"five months")
        site.faults = {page("zh-HK", START): status(410)}
        crawl(url, folder, *STORY)
    return folder


@pytest.fixture
def data(crawled: Path, tmp_path: Path) -> Path:
    shutil.copytree(crawled, tmp_path / "data")
    return tmp_path / "data"


def verify(folder: Path, *words: str) -> Run:
    found = run(("verify", *words), folder)
    assert "Traceback" not in found.stderr + found.stdout
    return found


def articles(folder: Path, number: int = 0) -> Path:
    return sorted(folder.glob("articles/dt=*/*.jsonl"))[number]


def test_what_a_crawl_wrote_is_in_order(data: Path) -> None:
    found = verify(data)
    assert (found.status, found.stderr) == (0, "")
    assert found.stdout.endswith("all in order\n")
    assert "5 articles" in found.stdout
    assert verify(data, "more").status == 2


def test_what_waits_to_be_published_is_no_finding(data: Path) -> None:
    """As a process leaves it that was killed before it published its second run."""
    path, archive = articles(data, 1), archive_files(data)[1]
    run_id = path.name.rpartition("-")[0]
    head, *records = read_records(archive)
    ends = [*(record.offset for record in records[1:]), archive.stat().st_size]
    content = archive.read_bytes()
    entries = {entry.id: entry for entry in read_index(index_of(archive))}
    with sqlite3.connect(data / "state" / "newscrawl.db") as state:
        ((worker,),) = state.execute("SELECT DISTINCT worker FROM segment")
        add = "INSERT INTO line (worker, run_id, kind, day, content, entry) VALUES (?, ?, ?, ?, ?, ?)"
        for line in path.read_bytes().splitlines(keepends=True):
            state.execute(add, (worker, run_id, "articles", "2026-11-23", line, None))
        for record, end in zip(records, ends, strict=True):
            entry = entries[record.id]
            words = json.dumps({"id": entry.id, "digest": entry.digest, "uid": entry.uid})
            member = content[record.offset : end]
            state.execute(add, (worker, run_id, "archive", "2026-11-23", member, f"key time {words}"))
        state.execute("DELETE FROM segment WHERE run_id = ?", (run_id,))
    state.close()
    for gone in (path, archive, index_of(archive), data / "runs" / f"{run_id}.json"):
        gone.unlink()
    assert head.type == "warcinfo"
    assert verify(data).status == 0


def _drop_line(folder: Path) -> None:
    path = articles(folder)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[1:]))


def _change_text(folder: Path) -> None:
    path = articles(folder)
    path.write_bytes(path.read_bytes().replace(b"four months", b"nine months"))


def _double_line(folder: Path) -> None:
    path = articles(folder, 1)
    path.write_bytes(articles(folder).read_bytes().splitlines(keepends=True)[0] + path.read_bytes())


def _other_digest(folder: Path) -> None:
    path = articles(folder)
    first, *others = path.read_bytes().splitlines(keepends=True)
    line = json.loads(first)
    line["http"]["archive"]["payload_digest"] = "sha256:" + "0" * 64
    path.write_bytes(encode(line) + b"".join(others))


def _tear_line(folder: Path) -> None:
    path = articles(folder)
    path.write_bytes(path.read_bytes()[:-50])


def _truncate_archive(folder: Path) -> None:
    path = archive_files(folder)[0]
    path.write_bytes(path.read_bytes()[:-50])


def _lose_archive(folder: Path) -> None:
    archive_files(folder)[0].unlink()


def _lose_index(folder: Path) -> None:
    index_of(archive_files(folder)[0]).unlink()


def _wrong_index(folder: Path) -> None:
    path = index_of(archive_files(folder)[0])
    path.write_bytes(path.read_bytes().replace(b'"offset":"', b'"offset":"1', 1))


def _manifest(folder: Path) -> None:
    path = min(folder.glob("runs/*.json"))
    path.write_text("{}")


def _state_version(folder: Path) -> None:
    with sqlite3.connect(folder / "state" / "newscrawl.db") as state:
        state.execute("DELETE FROM version WHERE version = 2")
    state.close()


def _state_text(folder: Path) -> None:
    with sqlite3.connect(folder / "state" / "newscrawl.db") as state:
        state.execute("UPDATE known SET content_hash = 'other'")
    state.close()


def _state_gone(folder: Path) -> None:
    (folder / "state" / "newscrawl.db").unlink()


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (_drop_line, ["expected SHA-256", "expected the versions 1 to 2, found 1, the first 2"]),
        (_change_text, ["expected SHA-256", "expected content_hash"]),
        (_double_line, ["version 1 once, found it in"]),
        (_other_digest, ["with sha256:0000", "found it of"]),
        (_tear_line, ["expected a line with its end", "expected a line of articles/, found JSONDecodeError"]),
        (_truncate_archive, ["expected a WARC record, found", "in the archive, found none"]),
        (_lose_archive, ["which it lists, found none", "which the state knows, found none"]),
        (_lose_index, ["expected an index that can be read"]),
        (_wrong_index, ["expected (", "as in"]),
        (_manifest, ["expected a manifest, found KeyError: 'files'"]),
        (_state_version, ["version 2 in the state, found none"]),
        (_state_text, ["expected content_hash other"]),
        (_state_gone, ["expected a state at"]),
    ],
)
def test_damage_is_found(damage: Callable[[Path], None], expected: list[str], data: Path) -> None:
    damage(data)
    found = verify(data)
    assert found.status == 1
    for part in expected:
        assert part in found.stderr, found.stderr
    assert found.stdout.endswith(" findings\n")


def test_ten_findings_are_shown(data: Path) -> None:
    path = articles(data)
    path.write_bytes(path.read_bytes() + b"torn\n" * 20)
    found = verify(data)
    assert found.status == 1
    *first, last = found.stderr.splitlines()
    assert len(first) == 10
    assert last.startswith("and ")
    assert last.endswith(" more")
