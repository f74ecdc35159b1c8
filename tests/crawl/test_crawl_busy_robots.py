"""A site that stays too busy for its robots.txt: how long it is waited for, and what is crawled then.

429 is of the kind that allows all (RFC 9309, section 2.3.1.3), 503 of the kind that forbids all; both are
asked again first, as often as a page.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from typing import NamedTuple

import pytest

from tests.crawl.crawl_runs import FAST, START, Run, Words, crawl_each
from tests.crawl.faulty_site import Fault, FaultySite, status
from tests.crawl.sample_graph import Node, reachable

FIRST = Node("en", str(START))
ALL = reachable(FIRST, depth=0)[0]
ROBOTS = "/robots.txt"
FORBID = b"User-agent: *\nDisallow: /\n"
SLACK = 0.1

UNREACHABLE = "robots.txt to be readable, found HTTP 503; 1 pages are waiting"
TOO_LONG = "expected a Retry-After of at most 900 s (RETRY_AFTER_MAX), found 901 s; 1 pages are waiting"


class Case(NamedTuple):
    """What answers for robots.txt, always, and what the run says in the end."""

    fault: Fault
    asked: int
    wait: float
    word: str
    reason: str
    text: str


# Two repeats: RETRY_TIMES=2.
CASES = {
    "429": Case(status(429, FORBID), 3, 0.0, "done", "finished", "everything that was asked for"),
    "429, a second": Case(
        status(429, FORBID, Retry_After="1"), 3, 1.0, "done", "finished", "everything that was asked for"
    ),
    "503": Case(status(503), 3, 0.0, "failed", "robots_unreachable", UNREACHABLE),
    "503, a second": Case(
        status(503, Retry_After="1"), 3, 1.0, "failed", "robots_unreachable", UNREACHABLE
    ),
    "429, too long": Case(
        status(429, Retry_After="901"), 1, 0.0, "failed", "retry_after_too_long", TOO_LONG
    ),
    "503, too long": Case(
        status(503, Retry_After="901"), 1, 0.0, "failed", "retry_after_too_long", TOO_LONG
    ),
}  # fmt: skip


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
    is_done = case.word == "done"
    run.check(0 if is_done else 1)
    manifest = run.manifest
    assert manifest["verdict"]["word"] == case.word
    assert manifest["verdict"]["text"].endswith(case.text)
    assert manifest["finish_reason"] == case.reason
    assert manifest["counts"]["waiting"] == (0 if is_done else 1)
    assert manifest["counts"]["forbidden"] == 0
    assert run.uids == (ALL if is_done else [])
    assert len(site.paths) == (len(ALL) if is_done else 0)


@pytest.mark.parametrize("name", CASES)
def test_robots_is_asked_for_as_often_as_a_page_and_not_sooner_than_the_site_says(
    busy: dict[str, Outcome], name: str
) -> None:
    case, (_, site) = CASES[name], busy[name]
    asked = site.times(ROBOTS)
    assert len(asked) == case.asked
    # The last answer holds the pages back, too.
    moments = [*asked, *site.times()[:1]]
    assert all(late - early > case.wait - SLACK for early, late in pairwise(moments))
