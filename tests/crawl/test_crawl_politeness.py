"""Delays, and a site that asks for patience: what the server sees, and when.

Times are lower bounds, less what one request may have been late by.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from email.utils import formatdate
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
from aiohttp import web

from tests.crawl.crawl_runs import FAST, QUICK, SINGLE, START, Run, Words, crawl, crawl_each
from tests.crawl.faulty_site import Fault, FaultySite, first, page, status
from tests.crawl.sample_graph import SAMPLE, Node, reachable

FIRST = Node("en", str(START))
ROBOTS = "/robots.txt"
SLACK = 0.1

ALL = reachable(FIRST, depth=0)[0]


class Outcome(NamedTuple):
    run: Run
    site: FaultySite


def _gaps(site: FaultySite) -> list[float]:
    return [late - early for early, late in pairwise(site.times())]


FOUR_PAGES = ("-a", "limit=2", "-a", "locales=en,zh-CN")
DELAYED = {
    # A longer delay than the one asked for; three requests at once are no way around it.
    "crawl-delay": (b"User-agent: *\nCrawl-delay: 0.5\n", FAST, 0.5),
    "crawl-delay of ours": (
        b"User-agent: *\nCrawl-delay: 30\n\nUser-agent: newscrawl\nCrawl-delay: 0.5\nDisallow:\n", FAST, 0.5
    ),
    "shorter crawl-delay": (
        b"User-agent: *\nCrawl-delay: 0.1\n", (*FAST, "-s", "DOWNLOAD_DELAY=0.5"), 0.5
    ),
    "delay": (b"", (*QUICK, "-s", "DOWNLOAD_DELAY=0.5"), 0.5),
    "delay, many at once": (b"", (*FAST, "-s", "DOWNLOAD_DELAY=0.5"), 0.5),
    "ignored": (b"User-agent: *\nCrawl-delay: 30\n", (*FAST, "-s", "ROBOTSTXT_OBEY=0"), 0.0),
    "a nonsensical crawl-delay": (b"User-agent: *\nCrawl-delay: soon\nCrawl-delay: -5\n", FAST, 0.0),
    "the default": (b"", QUICK, 1.0),
}  # fmt: skip


@pytest.fixture(scope="module")
def delayed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Outcome]]:
    with ExitStack() as stack:
        sites = {
            name: stack.enter_context(FaultySite({ROBOTS: status(200, robots)}).serving())
            for name, (robots, _, _) in DELAYED.items()
        }
        cases: dict[str, Words] = {
            name: ("longbridge", "-a", f"url={sites[name].origin}{FIRST.path}", *FOUR_PAGES, *words)
            for name, (_, words, _) in DELAYED.items()
        }
        runs = crawl_each(cases, tmp_path_factory.mktemp("delays"), at_once=4)
        yield {name: Outcome(run, sites[name]) for name, run in runs.items()}


@pytest.mark.parametrize("name", DELAYED)
def test_delay(delayed: dict[str, Outcome], name: str) -> None:
    run, site = delayed[name]
    run.check(0)
    gaps = _gaps(site)
    assert len(gaps) == 3
    delay = DELAYED[name][2]
    # Scrapy's jitter would put half of them below, by up to half of the delay.
    assert min(gaps) > delay - SLACK
    assert sum(gaps) > 3 * delay - SLACK
    assert len(site.times(ROBOTS)) == (0 if name == "ignored" else 1)


async def _date(request: web.BaseRequest, number: int) -> web.Response:
    # An HTTP date has whole seconds: between two and three from now.
    return web.Response(status=503, headers={"Retry-After": formatdate(time.time() + 3, usegmt=True)})


SECOND = page("en", 289868449)
HELD: dict[str, tuple[str, Fault, float]] = {
    "seconds": (FIRST.path, first(status(429, Retry_After="1")), 1.0),
    "503 with seconds": (SECOND, first(status(503, Retry_After="1")), 1.0),
    "date": (SECOND, first(_date), 2.0),
    "twice": (SECOND, first(status(429, Retry_After="1"), 2), 1.0),
    "no word": (SECOND, first(status(429)), 1.0),
}


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Outcome]]:
    with ExitStack() as stack:
        sites = {
            name: stack.enter_context(FaultySite({path: fault}).serving())
            for name, (path, fault, _) in HELD.items()
        }
        cases: dict[str, Words] = {
            # One at a time, so that nothing is under way when the hold begins.
            name: ("longbridge", "-a", f"url={site.origin}{FIRST.path}", "-a", "locales=en", *SINGLE)
            for name, site in sites.items()
        }
        cases["no word"] = (*cases["no word"], "-s", "RETRY_BACKOFF=1")
        runs = crawl_each(cases, tmp_path_factory.mktemp("holds"), at_once=4)
        yield {name: Outcome(run, sites[name]) for name, run in runs.items()}


@pytest.mark.parametrize("name", HELD)
def test_the_whole_site_waits(held: dict[str, Outcome], name: str) -> None:
    run, site = held[name]
    run.check(0)
    assert run.uids == reachable(FIRST, depth=1, locales=("en",))[0]
    path, _, seconds = HELD[name]
    refused = site.times(path)[:-1]
    assert len(refused) == (2 if name == "twice" else 1)
    for moment in refused:
        later = [at for at in site.times() if at > moment]
        assert later
        assert min(later) - moment > seconds - SLACK


TOO_LONG = {
    "seconds": "901",
    "date": formatdate(time.time() + 3_600, usegmt=True),
    "endless": "9" * 400,
    "longer than one's own bound": "2",
}


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Outcome]]:
    with ExitStack() as stack:
        sites = {
            name: stack.enter_context(FaultySite({SECOND: status(429, Retry_After=value)}).serving())
            for name, value in TOO_LONG.items()
        }
        cases: dict[str, Words] = {
            name: ("longbridge", "-a", f"url={site.origin}{FIRST.path}", *SINGLE)
            for name, site in sites.items()
        }
        cases["longer than one's own bound"] = (
            *cases["longer than one's own bound"],
            "-s",
            "RETRY_AFTER_MAX=1",
        )
        runs = crawl_each(cases, tmp_path_factory.mktemp("ended"))
        yield {name: Outcome(run, sites[name]) for name, run in runs.items()}


@pytest.mark.parametrize("name", TOO_LONG)
def test_too_much_patience_ends_the_run(ended: dict[str, Outcome], name: str) -> None:
    run, site = ended[name]
    run.check(1)
    assert re.search("retry.after", run.manifest["verdict"]["text"], re.IGNORECASE)
    # What came before is written; after it nothing is asked.
    assert site.paths[-1] == SECOND
    assert site.paths.count(SECOND) == 1
    assert run.uids == ALL
    assert run.manifest["counts"]["waiting"] > 0


def test_contact_is_in_the_agent(tmp_path: Path) -> None:
    with FaultySite().serving() as site:
        contact = "https://crawler.example/about"
        crawl(site.origin + FIRST.path, tmp_path, *FAST, "-s", f"CONTACT={contact}").check(0)
    agents = {asked.agent for asked in site.asked}
    assert len(agents) == 1
    assert re.fullmatch(rf"newscrawl/[0-9.]+ \(\+{re.escape(contact)}\)", agents.pop())


def test_the_sample_allows_all() -> None:
    assert b"Disallow: /" not in SAMPLE.joinpath("robots.txt").read_bytes()
