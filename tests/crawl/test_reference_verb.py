"""``scrapy reference``: from lists on a server to types in lines, in the symbols shown, and in conflicts."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.reference import LISTS, TYPICAL
from newscrawl.archive.records import encode, stamp
from newscrawl.items import Article, Instrument
from newscrawl.refine import refine
from newscrawl.refine.dates import parse_instant
from tests.crawl.crawl_runs import FAST, START, Run, crawl, run
from tests.crawl.faulty_site import FaultySite
from tests.reference.servers import Lists, serving

SETTINGS = {
    "nasdaq": "REFERENCE_NASDAQ_URL",
    "nyse_and_others": "REFERENCE_OTHERS_URL",
    "sec": "REFERENCE_SEC_URL",
    "hkex": "REFERENCE_HKEX_URL",
    "sgx": "REFERENCE_SGX_URL",
}


@pytest.fixture
def lists() -> Iterator[Lists]:
    with serving() as found:
        found.bodies = {f"/{file}": (TYPICAL / file).read_bytes() for file in LISTS.values()}
        yield found


def command(tmp_path: Path, lists: Lists, *words: str) -> Run:
    addresses = [f"{setting}={lists.origin}/{LISTS[name]}" for name, setting in SETTINGS.items()]
    settings = [word for address in addresses for word in ("-s", address)]
    found = run((*words, *settings, "-s", "CONTACT=ops@example.org"), tmp_path / "data")
    assert "Traceback" not in found.stderr + found.stdout
    return found


def test_an_update_tells_types_to_symbols_and_lines(tmp_path: Path, lists: Lists) -> None:
    line = _published(tmp_path / "data")
    assert line["instruments"][0]["type"] == "unknown"
    found = command(tmp_path, lists, "reference", "update")
    assert (found.status, found.stderr) == (0, "")
    words = found.stdout.splitlines()
    assert words[0] == "nasdaq: 35 listings of 2026-05-07, 1 lines of other kinds; 35 new, 0 changed, 0 gone"
    assert words[-1] == "0 facts on which lists differ are null"
    assert {headers["user-agent"] for _, headers in lists.asked} == {"newscrawl/0.1.0 (+ops@example.org)"}
    assert len(lists.asked) == len(LISTS)
    shown = command(tmp_path, lists, "symbol", "--date", "2026-05-08", "SPY.US", "HK0823032773").stdout
    assert "  type      etf\n" in shown
    assert "market US, ARCX" in shown
    assert "823.HK, the listing with this ISIN" in shown
    again = command(tmp_path, lists, "refine", "--out", str(tmp_path / "out"), "--diff")
    assert "instruments" in again.stdout
    (path,) = (tmp_path / "out" / "articles").glob("dt=*/*.jsonl")
    refined = json.loads(path.read_bytes())
    (instrument,) = refined["instruments"]
    assert (instrument["type"], instrument["type_source"], instrument["mic"]) == ("etf", "reference", "ARCX")
    assert refined["refined_with"]["instruments"] != line["refined_with"]["instruments"]


def _published(folder: Path) -> dict[str, Any]:
    article = Article(
        uid="longbridge:285741170:en", story_id="longbridge:285741170", locale="en",
        published_raw="2026-05-08T14:18:31.000Z", fetched_at="2026-05-08T15:00:00.000Z",
        parser="longbridge-markdown/1",
        instruments=[Instrument(raw="SPY.US")],
    )  # fmt: skip
    stamp(refine(article), now=parse_instant("2026-05-08T15:00:01Z"), version=1)
    path = folder / "articles" / "dt=2026-05-08" / "run-000001.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(encode(article))
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found


def test_one_list_fails_and_the_others_are_updated(tmp_path: Path, lists: Lists) -> None:
    del lists.bodies["/sgx.json"]
    lists.bodies["/otherlisted.txt"] = lists.bodies["/otherlisted.txt"][:900]
    found = command(tmp_path, lists, "reference", "update")
    assert found.status == 1
    errors = found.stderr.splitlines()
    assert len(errors) == 2
    assert "nyse_and_others: expected" in errors[0]
    assert "sgx: expected status 200" in errors[1]
    assert all(error.endswith("; the old list is kept") for error in errors)
    assert {path.stem for path in (tmp_path / "data" / "reference").glob("*.csv")} == {
        "nasdaq",
        "sec",
        "hkex",
    }


def test_lists_that_contradict_each_other_are_shown(tmp_path: Path, lists: Lists) -> None:
    own = tmp_path / "own.csv"
    own.write_text("symbol,type,mic\nSPY.US,fund,ARCX\nAAPL.US,equity,XNYS\n")
    assert command(tmp_path, lists, "reference", "update", "nasdaq", "nyse_and_others").status == 0
    found = command(tmp_path, lists, "reference", "import", os.fspath(own))
    assert (found.status, found.stderr) == (0, "")
    assert "own-own: 2 listings" in found.stdout
    found = command(tmp_path, lists, "reference", "conflicts", "--date", "2026-11-27")
    assert found.stdout.splitlines() == [
        "AAPL.US: mic: XNAS in sec, XNAS in nasdaq, XNYS in own-own",
        "SPY.US: type: etf in nyse_and_others, fund in own-own",
    ]
    shown = command(tmp_path, lists, "symbol", "--date", "2026-11-27", "SPY.US").stdout
    assert "  type      unknown\n" in shown
    assert "the lists differ, so it is not known: type: etf in nyse_and_others, fund in own-own" in shown
    listed = command(tmp_path, lists, "reference", "show").stdout
    assert "own-own.csv: 2 listings" in listed


@pytest.mark.parametrize(
    ("words", "status", "expected"),
    [
        (("reference", "fetch"), 2, "expected show, update, import FILE or conflicts, found 'fetch'"),
        (("reference", "update", "nyse"), 2, "any of nasdaq, nyse_and_others, sec, hkex, sgx, found 'nyse'"),
        (("reference", "import"), 2, "expected one file after import, found none"),
        (("reference", "import", "/nowhere/x.csv"), 1, "expected a file that can be read"),
        (("reference", "import", "x.csv", "--name", "A B"), 2, "expected --name of small letters"),
        (("reference", "conflicts", "--date", "today"), 2, "expected --date as YYYY-MM-DD, found 'today'"),
    ],
)  # fmt: skip
def test_wrong_arguments_are_one_line(
    tmp_path: Path, lists: Lists, words: tuple[str, ...], status: int, expected: str
) -> None:
    found = command(tmp_path, lists, *words)
    assert found.status == status
    (line,) = found.stderr.splitlines()
    assert line.startswith("scrapy reference: ")
    assert expected in line
    assert lists.asked == []


def test_a_damaged_list_stops_what_would_use_it(tmp_path: Path, lists: Lists) -> None:
    folder = tmp_path / "data" / "reference"
    folder.mkdir(parents=True)
    (folder / "own-x.csv").write_text("nothing\n")
    for words in (("symbol", "AAPL.US"), ("reference",), ("reference", "conflicts")):
        found = command(tmp_path, lists, *words)
        assert found.status == 1, words
        (line,) = found.stderr.splitlines()
        assert "own-x.csv" in line
        assert "move" in line


def test_a_crawl_uses_the_lists_of_its_folder(tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text("symbol,type,mic\nQRST.US,equity,XNYS\n")
    folder = tmp_path / "data"
    assert run(("reference", "import", os.fspath(own)), folder).status == 0
    with FaultySite().serving() as site:
        found = crawl(f"{site.origin}/en/news/{START}.md", folder, "-a", "depth=1", *FAST)
    assert found.status == 0
    lines = found.lines()
    told = {
        (tag["type"], tag["type_source"], tag["mic"])
        for line in lines
        for tag in line["instruments"]
        if tag["symbol"] == "QRST.US"
    }
    assert told == {("equity", "reference", "XNYS")}
    (version,) = {line["refined_with"]["instruments"].rpartition("reference-")[2] for line in lines}
    assert f"version {version}" in run(("reference",), folder).stdout


def test_a_crawl_does_not_begin_with_a_damaged_list(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "reference"
    folder.mkdir(parents=True)
    (folder / "sgx.csv").write_text("nothing\n")
    with FaultySite().serving() as site:
        found = crawl(f"{site.origin}/en/news/{START}.md", tmp_path / "data", *FAST)
        assert site.asked == []
    assert found.status == 1
    assert "Traceback" not in found.stderr
    assert "sgx.csv" in found.told
    assert found.lines() == []
