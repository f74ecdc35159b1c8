"""One budget for a host: processes, crawls and restarts that share a state share it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.crawl.crawl_runs import FAST, QUICK, SINGLE, START, Run, crawl, crawling
from tests.crawl.faulty_site import FaultySite, first, redirect, status
from tests.crawl.sample_graph import Node, reachable
from tests.postgres import database

FIRST = Node("en", str(START))
SECOND = "/zh-CN/news/290118204.md"
ALONE = ("-a", "depth=0")
DELAY = 0.2
SLOW = ("-s", f"DOWNLOAD_DELAY={DELAY}")
# What reaches the server is noted there a little later, once more and once less: seconds over the whole time.
CLOSE = 0.5


def lasted(site: FaultySite) -> float:
    """Return how long it took from the first request to the last, robots.txt included."""
    times = [asked.at for asked in site.asked]
    return times[-1] - times[0]


def least(site: FaultySite, delay: float = DELAY) -> float:
    """Return how long so many requests take at least."""
    return (len(site.asked) - 1) * delay - CLOSE


def crawl_together(cases: Sequence[tuple[str, Path, tuple[str, ...]]]) -> list[Run]:
    with ThreadPoolExecutor(len(cases)) as pool:
        return list(pool.map(lambda case: crawl(case[0], case[1], *case[2]), cases))


def test_three_crawls_in_one_folder_keep_one_delay(tmp_path: Path) -> None:
    stories = ("290118204", "289868449", "277643038")
    with FaultySite().serving() as site:
        runs = crawl_together(
            [(f"{site.origin}/en/news/{story}.md", tmp_path, (*ALONE, *SLOW)) for story in stories]
        )
    assert [run.status for run in runs] == [0, 0, 0]
    assert len(site.asked) == 3 + 9
    assert lasted(site) >= least(site)


@pytest.mark.parametrize("words", [SLOW, (*FAST, *SLOW)])
def test_three_workers_of_one_run_keep_one_delay(
    tmp_path: Path, postgres_url: str, words: tuple[str, ...], request: pytest.FixtureRequest
) -> None:
    state = database(postgres_url, f"fleet_delay_{request.node.callspec.indices['words']}")
    shared = ("-a", "depth=1", "-a", "run=fleet", "-s", f"STATE_URL={state}", *words)
    with FaultySite().serving() as site:
        url = site.origin + FIRST.path
        runs = crawl_together([(url, tmp_path / name, shared) for name in "abc"])
    assert {run.status for run in runs} == {0}
    assert sorted(uid for run in runs for uid in run.uids) == reachable(FIRST, depth=1)[0]
    assert lasted(site) >= least(site)


def test_a_crawl_delay_holds_for_a_crawl_that_did_not_read_it(tmp_path: Path) -> None:
    site = FaultySite()
    site.pages["/robots.txt"] = b"User-agent: *\nCrawl-delay: 0.4\n"
    with site.serving():
        crawl(site.origin + FIRST.path, tmp_path, *ALONE, *SINGLE).check(0)
        begun = len(site.asked)
        # It asks for no robots.txt of its own.
        again = crawl(site.origin + FIRST.path, tmp_path, "-a", "depth=1", *SINGLE, "-s", "ROBOTSTXT_OBEY=0")
    assert again.status == 0
    times = [asked.at for asked in site.asked[begun:]]
    assert len(times) > 9
    assert times[-1] - times[0] >= (len(times) - 1) * 0.4 - CLOSE


def test_redirects_and_repetitions_are_requests_too(tmp_path: Path) -> None:
    moved = {page: redirect(page + "?moved") for page in (FIRST.path, SECOND)}
    site = FaultySite({path: first(fault) for path, fault in moved.items()})
    site.faults["/zh-HK/news/290118204.md"] = first(status(500), 2)
    with site.serving():
        run = crawl(site.origin + FIRST.path, tmp_path, *ALONE, *QUICK, *SLOW)
    run.check(0)
    assert len(site.asked) == 1 + 3 + 2 + 2
    assert lasted(site) >= least(site)


def test_a_pause_outlives_the_process_that_was_told(tmp_path: Path) -> None:
    with FaultySite({SECOND: first(status(429, Retry_After="4"))}).serving() as site:
        url = site.origin + FIRST.path
        with crawling(url, tmp_path, *ALONE, *SINGLE) as running:
            running.until(lambda: SECOND in site.answered)
            # Until it has noted that: nothing else tells when.
            time.sleep(0.5)
            running.process.kill()
            running.end()
        told = site.times(SECOND)[0]
        before = len(site.asked)
        crawl(url, tmp_path, *ALONE, *SINGLE).check(0)
    assert site.asked[before].at - told >= 4 - 0.1


def test_a_pause_is_everybodys(tmp_path: Path, postgres_url: str) -> None:
    state = database(postgres_url, "fleet_pause")
    shared = ("-a", "depth=1", "-a", "run=fleet", "-s", f"STATE_URL={state}", *SINGLE)
    with FaultySite({SECOND: first(status(503, Retry_After="3"))}).serving() as site:
        site.slow = 0.05
        url = site.origin + FIRST.path
        runs = crawl_together([(url, tmp_path / name, shared) for name in "abc"])
    assert {run.status for run in runs} == {0}
    told = site.times(SECOND)[0]
    # What was under way then, and what left before the others had looked at the state again.
    meanwhile = [asked for asked in site.asked if told + 0.5 < asked.at < told + 3 - 0.1]
    assert len(meanwhile) <= 2
    assert sorted(uid for run in runs for uid in run.uids) == reachable(FIRST, depth=1)[0]


def test_a_start_in_a_long_pause_ends_at_once(tmp_path: Path) -> None:
    with FaultySite({SECOND: status(503, Retry_After="5000")}).serving() as site:
        url = site.origin + FIRST.path
        refused = crawl(url, tmp_path, *ALONE, *SINGLE)
        assert refused.status == 1
        asked = len(site.asked)
        again = crawl(url, tmp_path, *ALONE, *SINGLE)
        # Another crawl of the same site knows it, too.
        other = crawl(f"{site.origin}/en/news/277643038.md", tmp_path, *ALONE, *SINGLE)
    assert len(site.asked) == asked
    for run in (again, other):
        assert run.status == 1, run.stderr
        assert "asked for no request until 20" in run.told
        assert "'finish_reason': 'retry_after_too_long'" in run.stderr
