"""A site that stays too busy for its robots.txt: how long it is waited for, and how the run ends then.

429 and 503 say "not now", and nothing about the file. It is asked for again first, as often as a page; then
all is forbidden (RFC 9309, section 2.3.1.4), and the pages stay open.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.crawl.crawl_runs import FAST, START, Run, Words, crawl, crawl_each
from tests.crawl.faulty_site import Fault, FaultySite, first, status
from tests.crawl.sample_graph import Node, reachable

FIRST = Node("en", str(START))
ALL = reachable(FIRST, depth=0)[0]
ROBOTS = "/robots.txt"
FORBID = b"User-agent: *\nDisallow: /\n"
SLACK = 0.1

UNREACHABLE = "robots.txt to be readable, found HTTP {}; 1 pages are waiting"
TOO_LONG = "expected a Retry-After of at most 900 s (RETRY_AFTER_MAX), found 901 s; 1 pages are waiting"


class Case(NamedTuple):
    """What answers for robots.txt, always, and what the run says in the end."""

    fault: Fault
    asked: int
    wait: float
    reason: str
    text: str


# Two repeats: RETRY_TIMES=2.
CASES = {
    "429": Case(status(429, FORBID), 3, 0.0, "robots_unreachable", UNREACHABLE.format(429)),
    "429, a second": Case(
        status(429, Retry_After="1"), 3, 1.0, "robots_unreachable", UNREACHABLE.format(429)
    ),
    "503": Case(status(503), 3, 0.0, "robots_unreachable", UNREACHABLE.format(503)),
    "503, a second": Case(
        status(503, Retry_After="1"), 3, 1.0, "robots_unreachable", UNREACHABLE.format(503)
    ),
    "429, too long": Case(status(429, Retry_After="901"), 1, 0.0, "retry_after_too_long", TOO_LONG),
    "503, too long": Case(status(503, Retry_After="901"), 1, 0.0, "retry_after_too_long", TOO_LONG),
}


class Outcome(NamedTuple):
    run: Run
    site: FaultySite


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Outcome]]:
    with ExitStack() as stack:
        sites = {
            name: stack.enter_context(FaultySite({ROBOTS: case.fault}).serving())
            for name, case in CASES.items()
        }
        cases: dict[str, Words] = {
            name: (
                *("longbridge", "-a", f"url={site.origin}{FIRST.path}", "-a", "depth=0"),
                *(*FAST, "-s", "RETRY_TIMES=2"),
            )
            for name, site in sites.items()
        }
        runs = crawl_each(cases, tmp_path_factory.mktemp("busy"))
        yield {name: Outcome(run, sites[name]) for name, run in runs.items()}


@pytest.mark.parametrize("name", CASES)
def test_how_the_run_ends(busy: dict[str, Outcome], name: str) -> None:
    case, (run, site) = CASES[name], busy[name]
    run.check(1)
    manifest = run.manifest
    assert manifest["verdict"]["word"] == "failed"
    assert manifest["verdict"]["text"].endswith(case.text)
    assert manifest["finish_reason"] == case.reason
    assert manifest["counts"]["waiting"] == 1
    assert manifest["counts"]["forbidden"] == 0
    assert run.uids == []
    assert site.paths == []


@pytest.mark.parametrize("name", CASES)
def test_robots_is_asked_for_as_often_as_a_page_and_not_sooner_than_the_site_says(
    busy: dict[str, Outcome], name: str
) -> None:
    case, (_, site) = CASES[name], busy[name]
    asked = site.times(ROBOTS)
    assert len(asked) == case.asked
    assert all(late - early > case.wait - SLACK for early, late in pairwise(asked))


def test_the_pages_are_read_by_the_next_run_that_has_rules(tmp_path: Path) -> None:
    words = ("-a", "depth=0", *FAST, "-s", "RETRY_TIMES=0")
    with FaultySite({ROBOTS: first(status(429))}).serving() as site:
        crawl(site.origin + FIRST.path, tmp_path, *words).check(1)
        found = crawl(site.origin + FIRST.path, tmp_path, *words)
    found.check(0)
    assert found.uids == ALL
