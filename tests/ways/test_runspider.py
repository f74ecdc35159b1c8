"""``scrapy runspider``: in this project, and in an empty folder where nothing but the package is known."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests.crawl.crawl_runs import FAST, ROOT, Record, Run, comparable
from tests.crawl.faulty_site import FaultySite
from tests.ways.programs import FIRST, MISSING, at_once, records, scrapy_in

SPIDER = ROOT / "newscrawl" / "spiders" / "longbridge.py"
MINE = """
from newscrawl.spiders.longbridge import LongbridgeSpider

class Mine(LongbridgeSpider):
    name = "mine"
"""


@pytest.mark.parametrize("words", [(), ("nosuch.py",), (str(ROOT),), (str(SPIDER), "another")])
def test_what_is_no_file_of_a_spider_has_one_line(words: tuple[str, ...], tmp_path: Path) -> None:
    run = scrapy_in(ROOT, ("runspider", *words), tmp_path)
    assert run.status == 2
    (line,) = run.stderr.splitlines()
    assert line.startswith("scrapy runspider: expected the file of one spider, found ")


@pytest.fixture(scope="module")
def runs(site: FaultySite, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    folder = tmp_path_factory.mktemp("runspider")
    outside, data = folder / "outside", folder / "outside" / "data"
    outside.mkdir()
    (outside / "mine.py").write_text(MINE, encoding="utf-8")

    def words(path: Path | str, start: str) -> tuple[str, ...]:
        return "runspider", str(path), "-a", f"url={site.origin}{start}", *FAST

    def inside(path: Path, start: str, data: Path) -> Run:
        return scrapy_in(ROOT, (*words(path, start), "-s", f"DATA_DIR={data}"), data)

    # Without DATA_DIR: the lines are below the current folder.
    return at_once(
        {
            "inside": partial(inside, SPIDER, FIRST.path, folder / "1"),
            "inside, missing": partial(inside, SPIDER, MISSING, folder / "2"),
            "inside, no url": partial(inside, SPIDER, "", folder / "3"),
            "outside": partial(scrapy_in, outside, words("mine.py", FIRST.path), data),
        }
    ) | {"outside, missing": scrapy_in(outside, words("mine.py", MISSING), data)}


@pytest.mark.parametrize("name", ["inside", "outside"])
def test_the_same_lines(name: str, runs: dict[str, Run], expected: list[Record]) -> None:
    run = runs[name]
    if name != "outside":
        run.check(0)
    assert run.status == 0
    assert comparable(run.lines()) == expected
    assert records(run) == [("INFO", "done: everything that was asked for")]


def test_a_start_that_is_missing(runs: dict[str, Run]) -> None:
    runs["inside, missing"].check(1)
    text = "failed: the start longbridge:999:en cannot be read: HTTP 404"
    for name in ("inside, missing", "outside, missing"):
        assert records(runs[name]) == [("ERROR", text)]
        assert "Traceback" not in runs[name].stderr


def test_without_a_start(runs: dict[str, Run]) -> None:
    run = runs["inside, no url"]
    assert run.status == 2
    ((level, text),) = records(run)
    assert (level, text.startswith("failed: url: ")) == ("ERROR", True)
    assert run.stderr.count("ERROR") == 1
    assert "Traceback" not in run.stderr
    assert not run.folder.exists()


def test_nothing_is_left_beside_the_data(runs: dict[str, Run]) -> None:
    folder = runs["outside"].folder.parent
    found = {path.name for path in folder.iterdir()}
    assert found - {"__pycache__"} == {"mine.py", "data"}
    assert len(list((folder / "data" / "runs").iterdir())) == 2
