"""``scrapy status`` tells running, unfinished and finished apart; so do the verdicts of what was stopped."""

from __future__ import annotations

import re
import signal
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.crawl.crawl_runs import FAST, START, Record, Run, comparable, crawl, crawling, run
from tests.crawl.faulty_site import FaultySite, page
from tests.ways.programs import FIRST, holding

SECOND = page("zh-CN", START)


class Story(NamedTuple):
    """What happened to one crawl, and what ``scrapy status`` said of it each time."""

    refused: Run
    stopped: Run
    done: Run
    states: list[str]
    feed: Path


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("status") / "data"
    states: list[str] = []
    feed = folder.with_name("feed.jsonl")
    feed.write_text("of yesterday\n", encoding="utf-8")

    def look() -> None:
        told = run(("status",), folder)
        assert (told.status, told.stderr) == (0, "")
        (line,) = re.findall(r"^  last run .*$", told.stdout, re.MULTILINE)
        states.append(line.split(", ")[1])

    with FaultySite().serving() as site:
        url = site.origin + FIRST.path
        # The start does not come: the crawl waits for as long as it takes to look at it.
        with holding(site, FIRST.path) as go_on, crawling(url, folder, *FAST) as running:
            running.until(lambda: site.paths != [])
            refused = crawl(url, folder, *FAST, "--nolog", "-O", str(feed))
            look()
            running.process.send_signal(signal.SIGTERM)
            running.until(lambda: b"Received SIGTERM" in running.log.read_bytes())
            go_on.set()
            stopped = running.end()
            stopped.check(143)
            assert stopped.manifest["finish_reason"] == "shutdown"
        look()
        with holding(site, SECOND), crawling(url, folder, *FAST) as running:
            running.until(lambda: SECOND in site.paths)
            running.process.kill()
            running.end()
        look()
        done = crawl(url, folder, *FAST)
        look()
    return Story(refused, stopped, done, states, feed)


def test_status(story: Story) -> None:
    assert story.states == ["running", "unfinished", "unfinished", "finished"]


def test_the_same_crawl_is_refused_while_it_runs(story: Story) -> None:
    assert story.refused.status == 3
    assert story.refused.stderr == "scrapy crawl: running: the same crawl is running already\n"
    # It would have been overwritten by a crawl that had begun.
    assert story.feed.read_text(encoding="utf-8") == "of yesterday\n"


def test_stopped_and_ended(story: Story, expected: list[Record]) -> None:
    assert story.stopped.told.startswith("stopped: by SIGTERM; ")
    assert "'finish_reason': 'shutdown'" in story.stopped.stderr
    assert "'newscrawl/verdict': 'stopped'" in story.stopped.stderr
    assert "'newscrawl/exit_status': 143," in story.stopped.stderr
    story.done.check(0)
    assert comparable(story.done.lines()) == expected
