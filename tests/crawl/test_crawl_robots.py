"""robots.txt in crawls: what is read under it, how often it is asked for, and how the run ends without it."""

from __future__ import annotations

import gzip
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.crawl.crawl_runs import FAST, START, Run, Words, crawl_each
from tests.crawl.faulty_site import Fault, FaultySite, first, page, redirect, reset, status
from tests.crawl.sample_graph import Node, reachable

FIRST = Node("en", str(START))
ROBOTS = "/robots.txt"
# A time is a lower bound, less what one request may have been late by.
SLACK = 0.1

ALL = reachable(FIRST, depth=0)[0]
FORBID = b"User-agent: *\nDisallow: /\n"
HTML = b"<html><body>User-agent: *\nDisallow:\n</body></html>"


class Case(NamedTuple):
    """A robots.txt, and what may be read under it."""

    fault: Fault
    exit_status: int
    read: list[str]
    words: Words = FAST


OF_ROBOTS = {
    "forbids": Case(status(200, FORBID), 1, []),
    "forbids newscrawl": Case(
        status(200, b"User-agent: *\nAllow: /\n\nUser-agent: NewsCrawl\nDisallow: /en/\n"), 1, []
    ),
    "forbids newscrawl/0.1.0": Case(
        status(200, b"User-agent: *\nAllow: /\n\nUser-agent: newscrawl/0.1.0\nDisallow: /en/\n"), 1, []
    ),
    "forbids us, named with a version": Case(
        status(200, b"User-agent: newscrawl\nDisallow: /\n"),
        1,
        [],
        (*FAST, "-s", "ROBOTSTXT_USER_AGENT=NewsCrawl/9 (+us)"),
    ),
    "forbids a longer name": Case(status(200, b"User-agent: newscrawler\nDisallow: /\n"), 0, ALL),
    "forbids a shorter name": Case(status(200, b"User-agent: news\nDisallow: /\n"), 0, ALL),
    "allows a shorter name": Case(status(200, FORBID + b"\nUser-agent: news\nDisallow:\n"), 1, []),
    "a byte order mark": Case(status(200, BOM_UTF8 + FORBID), 1, []),
    "in UTF-16": Case(status(200, FORBID.decode().encode("utf-16")), 1, []),
    "forbids others": Case(status(200, b"User-agent: otherbot\nDisallow: /\n"), 0, ALL),
    "forbids another locale": Case(status(200, b"User-agent: *\nDisallow: /zh-HK/\n"), 0, ALL[:2]),
    "not there": Case(status(404, FORBID), 0, ALL),
    "not for us": Case(status(403, FORBID), 0, ALL),
    "a page with 404": Case(status(404, HTML), 0, ALL),
    "not there, come again": Case(status(404, Retry_After="99999"), 0, ALL),
    "a delay of days": Case(status(200, b"User-agent: *\nCrawl-delay: 1000000\n"), 1, []),
    "a page with 503": Case(status(503, HTML), 1, []),
    "broken": Case(status(500), 1, []),
    "broken, then forbids": Case(first(status(500, HTML)), 1, []),
    "broken, then allows": Case(first(status(500, FORBID)), 0, ALL),
    "busy, then allows": Case(first(status(429, FORBID, Retry_After="1")), 0, ALL),
    "busy": Case(status(429), 1, []),
    "not there, in other words": Case(status(410, FORBID), 0, ALL),
    "moved in a circle": Case(redirect(ROBOTS), 1, []),
    "moved to no http address": Case(redirect("ftp://127.0.0.1/robots.txt"), 1, []),
    "unreachable": Case(reset, 1, []),
    "asks for an hour": Case(status(503, Retry_After="3600"), 1, []),
    "moved": Case(redirect("/moved.txt"), 1, []),
    "too large": Case(status(200, b"# " + b"x" * 5_000_000), 1, []),
    "too large unpacked": Case(
        status(200, gzip.compress(b"# " + b"x" * 5_000_000), Content_Encoding="gzip"), 1, []
    ),
    "an answer to nobody's condition": Case(status(304), 1, []),
    "not UTF-8": Case(status(200, b"# \xff\xfe\xc3\nUser-agent: *\nDisallow: /news/\n"), 0, ALL),
    "ignored": Case(status(200, FORBID), 0, ALL, (*FAST, "-s", "ROBOTSTXT_OBEY=0")),
}


# Of those under which nothing is read: what the run says in the end, and its pages stay open.
WAITS = {
    "asks for an hour": "Retry-After of at most 900 s",
    "a delay of days": "Crawl-delay of at most 900 s",
    "busy": "robots.txt to be readable, found HTTP 429",
    "moved in a circle": "robots.txt to be readable, found more than 5 redirects",
    "moved to no http address": "robots.txt to be readable, found a redirect to ftp://127.0.0.1/robots.txt",
    "an answer to nobody's condition": "robots.txt to be readable, found HTTP 304",
    **dict.fromkeys(
        ("a page with 503", "broken", "unreachable", "too large", "too large unpacked"),
        "robots.txt to be readable",
    ),
}


class Outcome(NamedTuple):
    run: Run
    site: FaultySite


@pytest.fixture(scope="module")
def of_robots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Outcome]]:
    with ExitStack() as stack:
        sites = {
            name: stack.enter_context(FaultySite({ROBOTS: case.fault}).serving())
            for name, case in OF_ROBOTS.items()
        }
        sites["broken, then forbids"].pages[ROBOTS] = FORBID
        sites["moved"].faults["/moved.txt"] = status(200, FORBID)
        cases: dict[str, Words] = {
            name: ("longbridge", "-a", f"url={sites[name].origin}{FIRST.path}", "-a", "depth=0", *case.words)
            for name, case in OF_ROBOTS.items()
        }
        runs = crawl_each(cases, tmp_path_factory.mktemp("robots"), at_once=3)
        yield {name: Outcome(run, sites[name]) for name, run in runs.items()}


@pytest.mark.parametrize("name", OF_ROBOTS)
def test_robots(of_robots: dict[str, Outcome], name: str) -> None:
    case, (run, site) = OF_ROBOTS[name], of_robots[name]
    run.check(case.exit_status)
    assert run.uids == case.read
    if not case.read:
        assert set(site.paths) <= {"/moved.txt"}
        text = run.manifest["verdict"]["text"]
        if name in WAITS:
            # The run ends, and the page stays open for the next one.
            assert run.manifest["counts"]["waiting"] == 1
            assert WAITS[name] in text
        else:
            assert run.manifest["counts"]["forbidden"] == 1
            assert "robots.txt" in text
    elif name == "forbids another locale":
        assert page("zh-HK", START) not in site.paths
        assert run.manifest["counts"]["forbidden"] == 1
    else:
        assert run.manifest["counts"]["forbidden"] == 0


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("forbids", 1),
        ("not there", 1),
        ("broken", 5),
        ("broken, then allows", 2),
        ("a page with 503", 5),
        ("busy", 5),
        # Once, and five redirects.
        ("moved in a circle", 6),
        ("asks for an hour", 1),
        ("ignored", 0),
    ],
)
def test_how_often_robots_is_asked(of_robots: dict[str, Outcome], name: str, asked: int) -> None:
    assert len(of_robots[name].site.times(ROBOTS)) == asked


def test_robots_waits_as_asked(of_robots: dict[str, Outcome]) -> None:
    site = of_robots["busy, then allows"].site
    early, late = site.times(ROBOTS)
    assert late - early > 1 - SLACK


def test_no_server(tmp_path: Path) -> None:
    with FaultySite().serving() as site:
        pass
    words: Words = ("longbridge", "-a", f"url={site.origin}{FIRST.path}", *FAST, "-s", "RETRY_TIMES=1")
    runs = crawl_each({"obedient": words, "not": (*words, "-s", "ROBOTSTXT_OBEY=0")}, tmp_path)
    for run in runs.values():
        run.check(1)
        assert "Cannot connect to host 127.0.0.1" in run.manifest["verdict"]["text"]
    assert "robots.txt" in runs["obedient"].manifest["verdict"]["text"]
    assert "robots.txt" not in runs["not"].manifest["verdict"]["text"]
