"""Exit status and words: what a scheduler and a person learn of a run that did not go well."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from newscrawl.exceptions import ArgumentError
from newscrawl.plan import Plan
from newscrawl.sites.longbridge import LONGBRIDGE
from tests.crawl.crawl_runs import FAST, START, Run, Words, crawl, crawl_each, run
from tests.crawl.faulty_site import Fault, FaultySite, markdown, page, redirect, status
from tests.crawl.sample_graph import Node, reachable

FIRST = Node("en", str(START))
SITE = "http://127.0.0.1:9"
GOOD = f"url={SITE}{FIRST.path}"

# Arguments that cannot be used, each with a word that must stand in the one line about it.
REFUSED: dict[str, tuple[Words, str]] = {
    "no url": (("longbridge",), "url"),
    "list of news": (("longbridge", "-a", f"url={SITE}/news"), "/news'"),
    "list of news, Markdown": (("longbridge", "-a", f"url={SITE}/en/news.md"), "/en/news.md"),
    "topic": (("longbridge", "-a", f"url={SITE}/topics/1.md"), "/topics/1.md"),
    "ftp": (("longbridge", "-a", "url=ftp://127.0.0.1/en/news/1.md"), "ftp://"),
    "file": (("longbridge", "-a", "url=file:///en/news/1.md"), "file://"),
    "two sites": (("longbridge", "-a", f"{GOOD},https://longbridge.com/en/news/1.md"), "one site"),
    "missing file": (("longbridge", "-a", "url=@/nowhere/at/all.txt"), "/nowhere/at/all.txt"),
    "unknown argument": (("longbridge", "-a", GOOD, "-a", "dept=2"), "dept"),
    "unknown locale": (("longbridge", "-a", GOOD, "-a", "locales=en,fr"), "'fr'"),
    "depth below 0": (("longbridge", "-a", GOOD, "-a", "depth=-1"), "depth"),
    "depth no number": (("longbridge", "-a", GOOD, "-a", "depth=x"), "depth"),
    "limit 0": (("longbridge", "-a", GOOD, "-a", "limit=0"), "limit"),
    "since a month": (("longbridge", "-a", GOOD, "-a", "since=March"), "since"),
    "no value": (("longbridge", "-a", "url"), "-a"),
    "setting without a value": (("longbridge", "-a", GOOD, "-s", "DOWNLOAD_DELAY"), "-s"),
    "delay no number": (("longbridge", "-a", GOOD, "-s", "DOWNLOAD_DELAY=abc"), "DOWNLOAD_DELAY"),
    "delay not a number": (("longbridge", "-a", GOOD, "-s", "DOWNLOAD_DELAY=nan"), "DOWNLOAD_DELAY"),
    "no requests": (("longbridge", "-a", GOOD, "-s", "CONCURRENT_REQUESTS=0"), "CONCURRENT_REQUESTS"),
    "perhaps": (("longbridge", "-a", GOOD, "-s", "ROBOTSTXT_OBEY=perhaps"), "ROBOTSTXT_OBEY"),
    "log level": (("longbridge", "-a", GOOD, "-s", "LOG_LEVEL=LOUD"), "LOG_LEVEL"),
    "a state of no kind": (
        ("longbridge", "-a", GOOD, "-s", "STATE_URL=mysql://me:secret@127.0.0.1/x"),
        "STATE_URL: expected sqlite",
    ),
    "unknown spider": (("shortbridge", "-a", GOOD), "shortbridge"),
    "no spider": (("-a", GOOD), "spider"),
    "two spiders": (("longbridge", "longbridge", "-a", GOOD), "spider"),
}


# The same, by the class that checks them: no process is needed for each.
REFUSED_BY_PLAN: dict[str, tuple[tuple[str, ...], str]] = {
    "empty url": (("url=",), "url"),
    "only commas": (("url=,,",), "address"),
    "id 0": ((f"url={SITE}/en/news/0.md",), "/en/news/0.md"),
    "unknown locale in the address": ((f"url={SITE}/fr/news/1.md",), "/fr/news/1.md"),
    "no scheme": (("url=longbridge.com/en/news/1.md",), "https://"),
    "not a URL": (("url=x\ny",), "address"),
    "one bad among good": ((f"{GOOD},{SITE}/en/news/x.md",), "/en/news/x.md"),
    "password": (("url=http://me:secret@127.0.0.1/en/news/1.md",), "password"),
    "port": (("url=http://127.0.0.1:99999/en/news/1.md",), "99999"),
    "a folder": (("url=@.",), "file"),
    "empty locales": ((GOOD, "locales="), "locales"),
    "depth not whole": ((GOOD, "depth=1.5"), "depth"),
    "since without a zone": ((GOOD, "since=2026-05-01T10:00:00"), "since"),
    "since no day": ((GOOD, "since=2026-02-30"), "since"),
}


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    return crawl_each(
        {name: words for name, (words, _) in REFUSED.items()}, tmp_path_factory.mktemp("refused")
    )


@pytest.mark.parametrize("name", REFUSED)
def test_refused_arguments(refused: dict[str, Run], name: str) -> None:
    found = refused[name]
    assert found.status == 2, found.stderr
    assert len(found.stderr.splitlines()) == 1, found.stderr
    assert REFUSED[name][1] in found.stderr
    assert "secret" not in found.stderr
    assert found.stdout == ""
    # Nothing is fetched (there is no server) and nothing is made.
    assert not found.folder.exists()


@pytest.mark.parametrize("name", REFUSED_BY_PLAN)
def test_refused_by_plan(name: str) -> None:
    words, told = REFUSED_BY_PLAN[name]
    with pytest.raises(ArgumentError) as caught:
        Plan.from_arguments(LONGBRIDGE, dict(word.split("=", 1) for word in words))
    text = str(caught.value)
    assert told in text
    assert len(text.splitlines()) == 1
    assert "secret" not in text


def test_empty_file_of_starts(tmp_path: Path) -> None:
    starts = tmp_path / "starts.txt"
    starts.write_text("\n# nothing yet\n", encoding="utf-8")
    found = crawl(f"@{starts}", tmp_path / "data")
    assert (found.status, len(found.stderr.splitlines())) == (2, 1)
    assert str(starts) in found.stderr


def test_environment_is_checked_too(tmp_path: Path) -> None:
    words = ("crawl", "longbridge", "-a", GOOD)
    found = run(words, tmp_path / "data", {"NEWSCRAWL_DOWNLOAD_DELAY": "soon"})
    assert (found.status, len(found.stderr.splitlines())) == (2, 1)
    assert "DOWNLOAD_DELAY" in found.stderr


def test_the_command_line_comes_before_the_environment(tmp_path: Path) -> None:
    given = {"NEWSCRAWL_DATA_DIR": str(tmp_path / "no"), "NEWSCRAWL_DOWNLOAD_DELAY": "0", "NEWSCRAWL_X": "1"}
    with FaultySite().serving() as site:
        words = (
            "crawl",
            "longbridge",
            "-a",
            f"url={site.origin}{FIRST.path}",
            "-a",
            "_job=7",
            "-a",
            "depth=0",
        )
        found = run(words, tmp_path / "yes", given)
    found.check(0)
    assert found.manifest["settings"]["DOWNLOAD_DELAY"] == 0
    assert not (tmp_path / "no").exists()


class Failure(NamedTuple):
    """What is wrong with the site, and what must be told."""

    faults: dict[str, Fault]
    exit_status: int
    told: str
    words: Words = ("-a", "depth=0")


RELATED = ("289868449", "289323489", "290435674", "290643280", "278852763")
HTML = markdown(b"<!doctype html><p>Hello</p>")
# HTML one time after the other would be taken for a site that refuses.
EMPTY = markdown(b"Nothing here.\n")
BEHIND = {page(locale, story): EMPTY for story in RELATED for locale in ("en", "zh-CN", "zh-HK")}

FAILURES = {
    "start missing": Failure({FIRST.path: status(404)}, 1, f"{FIRST.uid} cannot be read: HTTP 404"),
    "start gone": Failure({FIRST.path: status(410)}, 1, "HTTP 410"),
    "start forbidden": Failure({FIRST.path: status(403)}, 1, "HTTP 403"),
    "start broken": Failure({FIRST.path: status(500)}, 1, "HTTP 500"),
    "start rejected": Failure({FIRST.path: HTML}, 1, "html_document"),
    "start elsewhere": Failure({FIRST.path: redirect("http://localhost:9/")}, 1, "another site"),
    # 15 of 18 pages, 9 of 18, and the start itself is fine.
    "most rejected": Failure(BEHIND, 1, "15 of 18 pages were rejected", ("-a", "depth=1")),
    "half rejected": Failure(
        dict(list(BEHIND.items())[-9:]),
        4,
        "rejected: pages that were no articles: expected at most 10%, found 50% of 18 pages",
        ("-a", "depth=1"),
    ),
    "one start of two missing": Failure(
        {page("en", 277643038): status(404)}, 1, "longbridge:277643038:en cannot be read", ("-a", "depth=0")
    ),
}


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Run]]:
    sites = {name: FaultySite(failure.faults) for name, failure in FAILURES.items()}
    cases: dict[str, Words] = {}
    with ExitStack() as stack:
        for name, site in sites.items():
            stack.enter_context(site.serving())
            url = site.origin + FIRST.path
            if name == "one start of two missing":
                url += f",{site.origin}/en/news/277643038.md"
            cases[name] = ("longbridge", "-a", f"url={url}", *FAILURES[name].words, *FAST)
        yield crawl_each(cases, tmp_path_factory.mktemp("failed"))


@pytest.mark.parametrize("name", FAILURES)
def test_failure_is_told(failed: dict[str, Run], name: str) -> None:
    failure, found = FAILURES[name], failed[name]
    found.check(failure.exit_status)
    verdict = found.manifest["verdict"]
    word = {0: "done", 1: "failed", 4: "degraded"}[failure.exit_status]
    assert verdict["word"] == word
    assert failure.told in f"{verdict['word']}: {verdict['text']}"
    # Everything was asked for.
    reason = word if failure.exit_status else "finished"
    assert found.manifest["finish_reason"] == reason
    assert f"'finish_reason': '{reason}'," in found.stderr
    assert f"'newscrawl/exit_status': {failure.exit_status}," in found.stderr
    assert f"'newscrawl/verdict': '{verdict['word']}'," in found.stderr


def test_what_can_be_read_is_kept(failed: dict[str, Run]) -> None:
    assert failed["one start of two missing"].uids == reachable(FIRST, depth=0)[0]
    assert failed["most rejected"].uids == reachable(FIRST, depth=0)[0]
    assert len(failed["half rejected"].uids) == 9


def test_data_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with FaultySite().serving() as site:
        found = crawl(site.origin + FIRST.path, tmp_path / "file" / "data", *FAST)
    assert found.status == 1
    assert "Traceback" not in found.stderr
    assert found.told.startswith("failed: expected a data folder that can be written, found ")
    assert str(tmp_path / "file" / "data") in found.told
    assert site.asked == []


@pytest.mark.parametrize("name", ["articles", "runs", "rejected"])
def test_a_file_where_a_folder_must_be(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    with FaultySite({page("zh-HK", START): HTML}).serving() as site:
        found = crawl(site.origin + FIRST.path, tmp_path, "-a", "depth=0", *FAST)
    assert found.status == 1
    assert "Traceback" not in found.stderr
    assert found.told.startswith("failed: ")
    assert str(tmp_path / name) in found.told
    # What could be written is there.
    assert len(found.lines()) == (0 if name == "articles" else 2)


def test_output_lost_while_it_runs(tmp_path: Path) -> None:
    (tmp_path / "articles").write_bytes(b"")
    with FaultySite().serving() as site:
        site.slow = 0.05
        found = crawl(
            site.origin + FIRST.path, tmp_path, *FAST, "-a", "depth=4", "-s", "PUBLISH_INTERVAL=0.2"
        )
    assert found.status == 1
    assert "Traceback" not in found.stderr
    assert found.manifest["verdict"]["word"] == "failed"
    # It does not ask on for pages that it cannot keep.
    assert len(site.paths) < 80
