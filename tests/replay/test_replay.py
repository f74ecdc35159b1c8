"""``scrapy replay``: a crawl of the sample site, read again from its archive."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from newscrawl.warc.index import index_of
from tests.archived import archive_files
from tests.crawl.crawl_runs import FAST, ROOT, START, Run, crawl, run
from tests.crawl.faulty_site import FaultySite, page, status
from tests.crawl.sample_graph import Node
from tests.replay.changed import LATER

FIRST = Node("en", str(START))
STORY = ("-a", "depth=0", "-a", "recheck=500w", *FAST)
CHINESE, HONG_KONG = page("zh-CN", START), page("zh-HK", START)
BROKEN = ("-s", "SPIDER_MODULES=tests.replay.broken")
CHANGED = ("-s", "SPIDER_MODULES=tests.replay.changed")


@pytest.fixture
def site() -> FaultySite:
    return FaultySite()


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A crawl of the sample site with a page that is no article."""
    folder = tmp_path_factory.mktemp("sample")
    site = FaultySite(faults={Node("en", "289868449").path: status(200)})
    with site.serving():
        crawl(site.origin + FIRST.path, folder, "-a", "depth=4", *FAST).check(0)
    return folder


def replay(folder: Path, *words: str | Path) -> Run:
    found = run(("replay", *words), folder)
    assert "Traceback" not in found.stderr + found.stdout
    return found


def files(folder: Path) -> dict[str, bytes]:
    kinds = ("articles", "rejected")
    paths = [path for kind in kinds for path in folder.glob(f"{kind}/dt=*/*")]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def lines(folder: Path, kind: str = "articles") -> list[dict[str, Any]]:
    found = [
        json.loads(line)
        for name, content in files(folder).items()
        if name.startswith(kind)
        for line in content.splitlines()
    ]
    return sorted(found, key=lambda line: (line["uid"], line.get("version", 0)))


def test_an_unchanged_reader_gives_the_same_bytes(sample: Path, tmp_path: Path) -> None:
    state = (sample / "state" / "newscrawl.db").read_bytes()
    found = replay(sample, "--out", tmp_path / "out", "--diff")
    assert (found.status, found.stderr) == (0, "")
    assert found.stdout.splitlines()[0].endswith(" lines, 0 would change")
    assert files(tmp_path / "out") == files(sample)
    assert {name.partition("/")[0] for name in files(sample)} == {"articles", "rejected"}
    assert [path.name for path in (tmp_path / "out").iterdir() if path.name.startswith(".")] == []
    assert (sample / "state" / "newscrawl.db").read_bytes() == state


def test_further_versions_withdrawals_and_returns_are_the_same(site: FaultySite, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with site.serving():
        url = site.origin + FIRST.path
        crawl(url, data, *STORY)
        site.pages[FIRST.path] = site.pages[FIRST.path].replace(b"four months", b"five months")
        site.pages[CHINESE] = site.pages[CHINESE].replace(b'datetime: "2026-', b'datetime: "2025-', 1)
        site.faults = {HONG_KONG: status(410)}
        crawl(url, data, *STORY)
        site.faults = {}
        crawl(url, data, *STORY)
    assert [line["version"] for line in lines(data) if line["uid"].endswith("zh-HK")] == [1, 2, 3]
    assert replay(data, "--out", tmp_path / "out").status == 0
    assert files(tmp_path / "out") == files(data)
    run_id = min(line["crawl"]["run_id"] for line in lines(data))
    assert replay(data, "--out", tmp_path / "one", "--run", run_id).status == 0
    assert {line["crawl"]["run_id"] for line in lines(tmp_path / "one")} == {run_id}
    none = replay(data, "--out", tmp_path / "none", "--until", "2020-01-01")
    assert (none.status, "found none" in none.stderr, files(tmp_path / "none")) == (1, True, {})


def test_a_broken_reader_is_noticed(sample: Path) -> None:
    found = replay(sample, "--diff", *BROKEN)
    assert found.status == 4
    (row,) = [line for line in found.stdout.splitlines() if line.startswith("  published_at: ")]
    assert "would be EMPTY" in row
    at = found.stdout.splitlines().index(row)
    examples = found.stdout.splitlines()[at + 1 : at + 4]
    assert all(example.startswith("    longbridge:") and "-> None" in example for example in examples)
    # Without --diff nobody asked.
    assert replay(sample, "--diff").status == 0


def _comparable(line: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name != "refined_with"}


def test_a_changed_reader_changes_what_follows_from_it(site: FaultySite, tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    with site.serving():
        url = site.origin + FIRST.path
        rejected = Node("zh-CN", "282960967").path
        site.pages[rejected] = b"mend me\n" + site.pages[rejected]
        crawl(site.origin + FIRST.path, data, "-a", "depth=4", *FAST)
        site.faults = {FIRST.path: status(410)}
        crawl(url, data, *STORY)
    before = {(line["uid"], line["version"]): line for line in lines(data)}
    found = replay(data, "--out", out, "--diff", *CHANGED)
    # Pages that could no longer be read.
    assert found.status == 4
    total, changed, *_ = map(int, re.findall("[0-9]+", found.stdout.splitlines()[0]))
    assert total == len(before) + 1
    after = {(line["uid"], line["version"]): line for line in lines(out)}
    assert {uid for uid, _ in after if uid.endswith("zh-HK")} == set()
    lost = [line for line in lines(out, "rejected") if line["uid"].endswith("zh-HK")]
    assert {line["uid"] for line in lost} == {uid for uid, _ in before if uid.endswith("zh-HK")}
    # A date that is read better makes nothing known earlier; of what is known the times stay.
    for key, line in after.items():
        if key not in before:
            continue
        old = before[key]
        assert [line[name] for name in ("first_seen_at", "fetched_at", "crawl", "http")] == [
            old[name] for name in ("first_seen_at", "fetched_at", "crawl", "http")
        ]
        assert line["available_at"] >= old["available_at"]
        if key[0].endswith(":en"):
            assert line["published_at"] == LATER
        else:
            assert line["published_at"] == old["published_at"]
    # The withdrawn line has the date of the version before it, which changed.
    gone = after[FIRST.uid, 2]
    assert (gone["status"], gone["published_at"], gone["published_raw"]) == ("withdrawn", LATER, LATER)
    # Whichever locale was written second is warned of: they have different dates now.
    stories: dict[str, list[dict[str, Any]]] = {}
    for line in sorted(after.values(), key=lambda line: (line["first_seen_at"], line["version"])):
        stories.setdefault(line["story_id"], []).append(line)
    both = [found for found in stories.values() if {line["locale"] for line in found} >= {"en", "zh-CN"}]
    assert both
    for found_lines in both:
        usable = [line for line in found_lines if line["status"] == "usable" and line["published_at"]]
        warned = ["locale_dates_differ" in line["warnings"] for line in usable]
        assert sum(warned) == len(usable) - 1
    # A page that can be read only now was not known before.
    same = [key for key in before if key in after and _comparable(before[key]) == _comparable(after[key])]
    assert changed == total - len(same)
    mended = after["longbridge:282960967:zh-CN", 1]
    assert mended["first_seen_at"] > max(line["first_seen_at"] for line in before.values())


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), "expected --out DIR, --diff or --adopt, found none of them"),
        (("--diff", "--since", "yesterday"), "expected a day such as 2026-11-23 after --since"),
        (("--diff", "more"), "expected only options, found 'more'"),
        (("--out", " "), "expected a folder after --out, found none"),
    ],
)
def test_wrong_arguments(words: tuple[str, ...], expected: str, sample: Path) -> None:
    found = replay(sample, *words)
    assert (found.status, found.stdout) == (2, "")
    assert found.stderr.startswith(f"scrapy replay: {expected}")
    assert len(found.stderr.splitlines()) == 1


def test_out_is_never_the_data(sample: Path, tmp_path: Path) -> None:
    assert replay(sample, "--out", sample).status == 2
    (tmp_path / "articles").mkdir()
    assert replay(sample, "--out", tmp_path).status == 2


def copied(sample: Path, folder: Path) -> Path:
    for path in [*sample.glob("articles/dt=*/*"), *sample.glob("archive/dt=*/*")]:
        target = folder / path.relative_to(sample)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    return folder


OTHER = (
    b"WARC/1.0\r\nWARC-Type: warcinfo\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000000>\r\n"
    b"Content-Length: 16\r\n\r\nsoftware: other\n\r\n\r\n"
)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "found an empty file"),
        (b"no archive\n", "record 1: expected a WARC record, found"),
        (OTHER, "found another tool's warcinfo"),
    ],
)
def test_a_file_that_is_no_archive_of_ours(
    content: bytes, expected: str, sample: Path, tmp_path: Path
) -> None:
    data = copied(sample, tmp_path / "data")
    stray = archive_files(data)[0].with_name("20260101T000000Z-longbridge-0000-000001.warc.gz")
    stray.write_bytes(content)
    found = replay(data, "--out", tmp_path / "out")
    assert found.status == 4
    (line,) = found.stderr.splitlines()
    assert str(stray) in line
    assert "record 1" in line
    assert expected in line
    # The rest is read.
    assert lines(tmp_path / "out") == lines(data)


@pytest.mark.parametrize("has_index", [True, False])
def test_a_truncated_file(has_index: bool, sample: Path, tmp_path: Path) -> None:  # noqa: FBT001
    data = copied(sample, tmp_path / "data")
    (path,) = archive_files(data)
    path.write_bytes(path.read_bytes()[:-100])
    if not has_index:
        index_of(path).unlink()
    found = replay(data, "--out", tmp_path / "out", "--diff")
    assert found.status == 4
    damaged, *missing = found.stderr.splitlines()
    assert f"{path}: record " in damaged
    assert "expected a WARC record, found the end of the file" in damaged
    assert all("expected the record urn:uuid:" in line for line in missing)
    # A line whose record is lost is not.
    assert lines(tmp_path / "out") == lines(data)


def test_a_damaged_record_and_a_lost_one(sample: Path, tmp_path: Path) -> None:
    data = copied(sample, tmp_path / "data")
    (path,) = archive_files(data)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    found = replay(data, "--diff")
    assert found.status == 4
    (line,) = found.stderr.splitlines()
    assert "articles/dt=" in line
    assert f"{path}: record at byte " in line


def test_several_processes_give_the_same(sample: Path, tmp_path: Path) -> None:
    # Larger than what one process is given.
    code = f"""
from datetime import timedelta
from pathlib import Path
from newscrawl.replay import chunks
from newscrawl.replay.chunks import Wanted, chunks_of
from newscrawl.replay.output import Output
from newscrawl.replay.pool import shared
from newscrawl.replay import replaying
from newscrawl.replay.reading import Rules
from newscrawl.sites.longbridge import LONGBRIDGE
replaying.chunks_of = lambda files: chunks_of(files, 3)
replaying.processes_for = lambda size, processes: 3
with Output(Path({str(tmp_path / "out")!r})) as output:
    replaying.replay(Path({str(sample)!r}), Wanted(),
        Rules(dict(longbridge=LONGBRIDGE), timedelta(hours=24), 1 << 22), output)
    output.finish()
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=120)
    assert files(tmp_path / "out") == files(sample)


def test_a_crawl_loads_nothing_of_it() -> None:
    code = (
        "import sys, newscrawl.commands.crawl, newscrawl.commands.replay, newscrawl.commands.verify, "
        "newscrawl.lifecycle.run, newscrawl.spiders.longbridge; "
        "print([name for name in sys.modules if name.startswith('newscrawl.replay')])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
