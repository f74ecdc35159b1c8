"""A crawl of very many starts: what is shown and kept of them stays small, and it is still the same crawl."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from newscrawl.plan import Plan
from newscrawl.sample_site import handler, read_pages, serve
from newscrawl.sites.longbridge import LONGBRIDGE
from newscrawl.starts import shorten_starts
from tests.crawl.crawl_runs import FAST, Run, crawl, run

COUNT = 20_000
SOON = ("-a", "depth=0", *FAST, "-s", "CLOSESPIDER_PAGECOUNT=3")


class AnyPage(dict[str, bytes]):
    """The sample's pages, and for each other number one like its first."""

    def get(self, path: str, default: Any = None) -> Any:
        found = re.fullmatch(r"/en/news/([0-9]+)\.md", path)
        if path in self or found is None:
            return super().get(path, default)
        return self["/en/news/290118204.md"].replace(b"290118204", found[1].encode())


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with serve(handler(AnyPage(read_pages()))) as origin:
        yield origin


def write_starts(path: Path, origin: str, count: int = COUNT, first: int = 290118204) -> Path:
    """A file of so many starts."""
    path.write_text("".join(f"{origin}/en/news/{first + number}.md\n" for number in range(count)), "utf-8")
    return path


@pytest.mark.slow
def test_what_is_shown_and_kept_of_20_000_starts_is_short(origin: str, tmp_path: Path) -> None:
    starts, folder = write_starts(tmp_path / "starts.txt", origin), tmp_path / "data"
    found = crawl(f"@{starts}", folder, *SOON)
    assert found.status == 0, found.stderr
    assert "beginning run" in found.stderr
    assert len(found.stderr) < 20_000
    told = run(("status",), folder)
    line = next(line for line in told.stdout.splitlines() if line.startswith("-a "))
    assert "290118206.md,… (20000 starts; " in line
    assert len(told.stdout) < 2_000
    check_manifest(found)
    # Nor does each run add them to the state.
    again = crawl(f"@{starts}", folder, *SOON)
    assert "resuming run" in again.stderr
    assert len(list(folder.glob("runs/starts-*.txt"))) == 1
    # A crawl that differs by the last start only is another one.
    others = write_starts(tmp_path / "others.txt", origin, COUNT - 1)
    other = crawl(f"@{others}", folder, *SOON)
    assert "beginning run" in other.stderr
    told = run(("status",), folder)
    lines = [line for line in told.stdout.splitlines() if line.startswith("-a ")]
    assert len(set(lines)) == 2
    state = (folder / "state" / "newscrawl.db").read_bytes()
    assert state.count(b"290118204.md,https://longbridge.com/en/news/290118205.md") <= 4


def check_manifest(found: Run) -> None:
    """It is small, and what it says can be given to the same command."""
    path = next(path for path in found.folder.glob("runs/*.json"))
    assert path.stat().st_size < 10_000
    url = json.loads(path.read_bytes())["arguments"]["url"]
    assert url.startswith("@runs/starts-")
    listed = found.folder / url[1:]
    plan = Plan.from_arguments(LONGBRIDGE, {"url": f"@{listed}", "depth": "0"})
    assert len(plan.starts) == COUNT
    whole = plan.as_arguments()["url"]
    assert listed.stem == f"starts-{hashlib.sha256(whole.encode()).hexdigest()[:16]}"


@pytest.mark.slow
def test_a_hundred_starts_stand_in_the_manifest(origin: str, tmp_path: Path) -> None:
    starts = write_starts(tmp_path / "starts.txt", origin, 100)
    found = crawl(f"@{starts}", tmp_path / "data", *SOON)
    assert len(found.manifest["arguments"]["url"].split(",")) == 100
    assert list(found.folder.glob("runs/starts-*")) == []


@pytest.mark.slow
def test_withdrawn_starts_are_shown_up_to_ten(tmp_path: Path) -> None:
    pages = read_pages()
    content = pages["/en/news/290118204.md"]
    numbers = range(290200001, 290200013)
    for number in numbers:
        pages[f"/en/news/{number}.md"] = content.replace(b"290118204", str(number).encode())
    with serve(handler(pages)) as origin:
        url = ",".join(f"{origin}/en/news/{number}.md" for number in numbers)
        words = ("-a", "depth=0", "-a", "locales=en", "-a", "recheck=never", *FAST)
        assert crawl(url, tmp_path, *words).status == 0
        for number in numbers:
            del pages[f"/en/news/{number}.md"]
        assert crawl(url, tmp_path, *words[:4], *FAST, "-a", "recheck=52w").status == 4
    told = run(("status",), tmp_path).stdout
    assert told.count("withdrawn the start") == 10
    assert "withdrawn 2 more starts" in told


def test_starts_are_shown_in_short_once() -> None:
    url = ",".join(f"https://longbridge.com/en/news/{number}.md" for number in range(1, 12))
    short = shorten_starts(url)
    assert short.startswith("https://longbridge.com/en/news/1.md,https://longbridge.com/en/news/2.md,")
    assert "… (11 starts; " in short
    # What the state has was shortened before.
    assert shorten_starts(short) == short
    ten = url.rpartition(",")[0]
    assert shorten_starts(ten) == ten
