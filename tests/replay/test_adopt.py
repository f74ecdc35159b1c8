"""``scrapy replay --adopt``: a better reading becomes the data, and nothing that is published changes."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from newscrawl.archive.segments import Segments
from newscrawl.archive.versions import Known
from newscrawl.database.sqlite import SqliteEngine
from tests.crawl.crawl_runs import FAST, ROOT, START, Run, crawl, run
from tests.crawl.faulty_site import FaultySite, page, status
from tests.crawl.sample_graph import Node
from tests.replay.adopted import MORE
from tests.tools.loading_lines import blocks

FIRST = Node("en", str(START))
CHINESE, HONG_KONG = page("zh-CN", START), page("zh-HK", START)
EN, CN, HK = (f"longbridge:{START}:{locale}" for locale in ("en", "zh-CN", "zh-HK"))
STORY = ("-a", "depth=0", "-a", "recheck=500w", *FAST)
BROKEN = ("-s", "SPIDER_MODULES=tests.replay.broken")
MENDED = ("-s", "SPIDER_MODULES=tests.replay.adopted")


@pytest.fixture(scope="module")
def site() -> Iterator[FaultySite]:
    """A story of which one page is rejected unless its reader is mended."""
    site = FaultySite()
    site.pages[HONG_KONG] = b"mend me\n" + site.pages[HONG_KONG]
    with site.serving():
        yield site


@pytest.fixture(scope="module")
def crawled(site: FaultySite, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("crawled")
    assert crawl(site.origin + FIRST.path, folder, *STORY, *BROKEN).status == 0
    return folder


@pytest.fixture
def data(crawled: Path, tmp_path: Path) -> Path:
    shutil.copytree(crawled, tmp_path / "data")
    return tmp_path / "data"


def verb(folder: Path, *words: str | Path) -> Run:
    found = run(words, folder)
    assert "Traceback" not in found.stderr + found.stdout
    return found


def adopt(folder: Path, *words: str) -> Run:
    return verb(folder, "replay", "--adopt", *(words or MENDED))


def files(folder: Path) -> dict[str, bytes]:
    kinds = ("articles", "observations", "rejected", "archive", "runs")
    paths = [path for kind in kinds for path in folder.glob(f"{kind}/**/*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def lines(folder: Path, kind: str = "articles") -> dict[tuple[str, int], dict[str, Any]]:
    found = [
        json.loads(line) for path in folder.glob(f"{kind}/dt=*/*") for line in path.read_bytes().splitlines()
    ]
    by_key = {(line["uid"], line["version"]): line for line in found}
    assert len(by_key) == len(found)
    return by_key


def known(folder: Path) -> list[tuple[Any, ...]]:
    # When a page was last seen, and how often it was not modified, no line says.
    columns = [name for name in Known._fields if name not in ("last_seen_at", "unmodified")]
    with sqlite3.connect(folder / "state" / "newscrawl.db") as state:
        rows = state.execute(f"SELECT {','.join(columns)} FROM known ORDER BY uid").fetchall()
    state.close()
    return rows


def test_what_is_read_better_is_added(data: Path, site: FaultySite, tmp_path: Path) -> None:
    before, old = files(data), lines(data)
    found = adopt(data)
    assert (found.status, found.stderr) == (0, "")
    assert found.stdout.startswith("2 versions and 1 revised readings adopted, run ")
    after = files(data)
    # Nothing published is rewritten.
    assert {name: after[name] for name in before} == before
    articles, revised = lines(data), lines(data, "observations")
    assert set(articles) == {(EN, 1), (CN, 1), (CN, 2), (HK, 1)}
    second, first_time, reading = articles[CN, 2], articles[HK, 1], revised[EN, 1]
    assert set(revised) == {(EN, 1)}
    run_id = second["crawl"]["run_id"]
    # A further version: today's time, the old answer.
    assert second["body"] == articles[CN, 1]["body"] + MORE
    assert "reader_changed" in second["warnings"]
    assert (second["http"], second["fetched_at"]) == (old[CN, 1]["http"], old[CN, 1]["fetched_at"])
    assert second["available_at"] == second["first_seen_at"] > old[CN, 1]["first_seen_at"]
    # A page that nobody could know before.
    assert first_time["first_seen_at"] == second["first_seen_at"]
    assert first_time["crawl"]["run_id"] == run_id
    assert "reader_changed" not in first_time["warnings"]
    # Other fields: all of them, beside the line.
    assert (reading["schema"], reading["reason"]) == ("newscrawl.observation/2", "revised_reading")
    assert old[EN, 1]["published_at"] is None
    assert reading["published_at"] == second["published_at"] is not None
    assert reading["available_at"] >= old[EN, 1]["available_at"]
    assert reading["observed_at"] == second["first_seen_at"]
    assert (reading["archive"], reading["warnings"]) == (old[EN, 1]["http"]["archive"], [])
    # The files are in a manifest.
    manifest = json.loads((data / "runs" / f"{run_id}.json").read_bytes())
    assert manifest["counts"] == {"articles": 2, "observations": 1}
    assert {entry["path"] for entry in manifest["files"]} == after.keys() - before.keys() - {
        f"runs/{run_id}.json"
    }
    checked = verb(data, "verify")
    assert (checked.status, checked.stderr) == (0, "")
    # Done again it adds nothing.
    again = adopt(data)
    assert (again.status, again.stdout) == (0, "nothing to adopt: the data says what today's reader reads\n")
    assert files(data) == after
    # Nor does a crawl with the reader that read the pages.
    assert crawl(site.origin + FIRST.path, data, *STORY, *MENDED).status == 0
    assert (lines(data), lines(data, "observations")) == (articles, revised)
    # What was adopted is read again as it is.
    out = tmp_path / "out"
    assert verb(data, "replay", "--run", run_id, "--out", out, *MENDED).status == 0
    assert lines(out) == {(CN, 2): second, (HK, 1): first_time}
    assert "adopt" not in verb(data, "status").stdout


def test_a_rebuilt_state_knows_adopted_readings(data: Path) -> None:
    adopt(data)
    expected = known(data)
    for path in data.glob("state/newscrawl.db*"):
        path.unlink()
    assert verb(data, "rebuild").status == 0
    assert known(data) == expected
    assert verb(data, "verify").status == 0
    assert adopt(data).stdout.startswith("nothing to adopt")


def test_what_would_get_lost_is_not_adopted(data: Path) -> None:
    adopt(data)
    before = files(data)
    # The date was mended by the adoption, and this reader loses it again.
    found = adopt(data, *BROKEN)
    assert found.status == 4
    assert found.stdout.startswith("nothing was adopted, because this would get lost")
    assert "published_at: 2 would be EMPTY" in found.stdout
    assert files(data) == before
    allowed = adopt(data, "--allow-loss", *BROKEN)
    assert allowed.status == 4
    assert "adopted, run" in allowed.stdout
    assert {name: content for name, content in files(data).items() if name in before} == before
    assert verb(data, "verify").status == 0
    # And back again: the last reading counts.
    assert adopt(data).status == 0
    assert adopt(data).stdout.startswith("nothing to adopt")
    assert verb(data, "verify").status == 0


def test_withdrawn_pages_and_older_versions(site: FaultySite, tmp_path: Path) -> None:
    data, url = tmp_path / "data", site.origin + FIRST.path
    content = site.pages[FIRST.path]
    try:
        crawl(url, data, *STORY, *BROKEN)
        site.pages[FIRST.path] = content.replace(b"four months", b"five months")
        site.faults = {CHINESE: status(410)}
        crawl(url, data, *STORY, *BROKEN)
    finally:
        site.pages[FIRST.path], site.faults = content, {}
    found = adopt(data)
    assert found.status == 0
    # The page is gone: its text stays as it was, and its date with it.
    assert "1 texts of older versions are read otherwise: they stay as they are" in found.stdout
    assert set(lines(data)) == {(EN, 1), (EN, 2), (CN, 1), (CN, 2), (HK, 1)}
    assert set(lines(data, "observations")) == {(EN, 1), (EN, 2)}
    expected = known(data)
    assert verb(data, "verify").status == 0
    for path in data.glob("state/newscrawl.db*"):
        path.unlink()
    assert verb(data, "rebuild").status == 0
    assert known(data) == expected


def test_a_withdrawn_line_has_the_date_of_its_text(site: FaultySite, tmp_path: Path) -> None:
    data, url = tmp_path / "data", site.origin + FIRST.path
    try:
        crawl(url, data, *STORY, *BROKEN)
        site.faults = {FIRST.path: status(410)}
        crawl(url, data, *STORY, *BROKEN)
    finally:
        site.faults = {}
    assert adopt(data).status == 0
    revised = lines(data, "observations")
    assert set(revised) == {(EN, 1), (EN, 2)}
    assert revised[EN, 2]["published_at"] == revised[EN, 1]["published_at"] is not None
    expected = known(data)
    assert adopt(data).stdout.startswith("nothing to adopt")
    for path in data.glob("state/newscrawl.db*"):
        path.unlink()
    assert verb(data, "rebuild").status == 0
    assert known(data) == expected


def test_the_last_body_is_read(site: FaultySite, tmp_path: Path) -> None:
    """A page that was seen later with other lists, and the same text as it was read then."""
    data, url = tmp_path / "data", site.origin + FIRST.path
    content = site.pages[CHINESE]
    try:
        crawl(url, data, *STORY, *BROKEN)
        site.pages[CHINESE] = re.sub(rb"/news/\d+(?=\.md\)[^/]*\Z)", b"/news/999", content)
        assert site.pages[CHINESE] != content
        crawl(url, data, *STORY, *BROKEN)
    finally:
        site.pages[CHINESE] = content
    (later,) = lines(data, "observations").values()
    assert adopt(data).status == 0
    second = lines(data)[CN, 2]
    assert second["body"].endswith(MORE)
    assert second["http"]["archive"] == later["archive"] != lines(data)[CN, 1]["http"]["archive"]
    assert [link["story_id"] for link in second["related"]] == [link["story_id"] for link in later["related"]]
    assert verb(data, "verify").status == 0
    assert adopt(data).stdout.startswith("nothing to adopt")


def test_an_unchanged_reader_adopts_nothing(data: Path) -> None:
    before = files(data)
    assert adopt(data, *BROKEN).stdout == "nothing to adopt: the data says what today's reader reads\n"
    assert files(data) == before


def test_beside_a_crawl_it_is_refused(data: Path) -> None:
    engine = SqliteEngine(data / "state" / "newscrawl.db")
    worker = (data / "state" / "worker").read_text().strip()
    assert Segments(engine, data, worker).lock_disk()
    before = files(data)
    found = adopt(data)
    engine.close()
    assert found.status == 3
    assert found.stderr.startswith("scrapy replay: expected no crawl on this state, found a process of")
    assert files(data) == before
    assert adopt(data).status == 0


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--adopt", "--diff"), "expected --adopt without --out and --diff"),
        (("--adopt", "--warc", "x.warc"), "expected --warc with --out alone, found --adopt"),
        (("--diff", "--allow-loss"), "expected --allow-loss with --adopt"),
    ],
)
def test_wrong_arguments(words: tuple[str, ...], expected: str, data: Path) -> None:
    found = verb(data, "replay", *words)
    assert (found.status, expected in found.stderr) == (2, True)


def test_damage_of_revised_readings_is_found(data: Path) -> None:
    adopt(data)
    (path,) = data.glob("observations/dt=*/*.jsonl")
    content = path.read_bytes()
    line = json.loads(content)
    other = {**line, "content_hash": "0" * 64}
    unknown = {**line, "version": 7}
    path.write_bytes(content * 2 + json.dumps(other).encode() + b"\n" + json.dumps(unknown).encode() + b"\n")
    found = verb(data, "verify")
    assert found.status == 1
    for part in ("than the one before it", "expected content_hash", "version 7, found none"):
        assert part in found.stderr


def test_refinement_works_on_revised_readings(data: Path, tmp_path: Path) -> None:
    adopt(data)
    out = tmp_path / "out"
    found = verb(data, "refine", "--out", out, "--diff", *MENDED)
    assert (found.status, found.stdout.splitlines()[0]) == (0, "5 lines, 0 would change")
    assert lines(out, "observations") == lines(data, "observations")
    (path,) = data.glob("observations/dt=*/*.jsonl")
    (expected,) = lines(data, "observations").values()
    older = {**expected, "language": None, "mentions": [], "refined_with": {"dates": "0"}}
    path.write_text(json.dumps(older) + "\n")
    assert verb(data, "refine", "--out", tmp_path / "again", *MENDED).status == 0
    assert list(lines(tmp_path / "again", "observations").values()) == [expected]
    path.write_text(json.dumps({**expected, "version": 9}) + "\n")
    lost = verb(data, "refine", "--out", tmp_path / "none")
    assert (lost.status, "version 9, found none" in lost.stderr) == (1, True)
    assert list((tmp_path / "none").rglob("*.jsonl")) == []


def test_a_lost_field_is_mended_in_four_commands(data: Path) -> None:
    text = (ROOT / "docs" / "archive.md").read_text(encoding="utf-8")
    section = text.partition("## A lost field, mended in four commands")[2]
    block = section.partition("```sh\n")[2].partition("```")[0]
    commands = [shlex.split(line, comments=True) for line in block.splitlines()]
    assert [words[0] for words in commands] == ["scrapy"] * 4
    # The day of the lines of this test.
    (day,) = {path.parent.name.removeprefix("dt=") for path in data.glob("articles/dt=*/*")}
    for words in commands:
        since = [day if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", word) else word for word in words[1:]]
        found = verb(data, *since, *MENDED)
        assert (found.status, found.stderr) == (0, "")
    # Loaded as the contract says.
    (code,) = blocks("The newest reading", "python")
    names: dict[str, Any] = {}
    here = Path.cwd()
    os.chdir(data.parent)
    try:
        exec(code, names)  # noqa: S102
        dates = {(line["uid"], line["version"]): line["published_at"] for line in names["articles"]}
        exec(code.replace("9999-12-31", "2020-01-01"), names)  # noqa: S102
    finally:
        os.chdir(here)
    assert names["articles"] == []
    assert {key: date is None for key, date in dates.items()} == {
        (EN, 1): False,
        (CN, 1): True,
        (CN, 2): False,
        (HK, 1): False,
    }
