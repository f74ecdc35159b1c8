"""How a run is judged."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from newscrawl.lifecycle.verdict import Verdict, judge, judge_refusal


def _judge(**given: Any) -> Verdict:
    usual: dict[str, Any] = {
        "reason": "finished",
        "signum": None,
        "outcomes": {"read": 10},
        "exceptions": 0,
        "failed_starts": {},
        "failure": None,
        "waiting": 0,
    }
    return judge(**{**usual, **given})


START = {"longbridge:1:en": "HTTP 404"}
WITHDRAWN = ("longbridge:1:en",)
FEED = "the feed articles.csv is not complete; the lines are, in the data folder"

# What happened, exit status, word, and what the sentence must say.
TABLE: list[tuple[dict[str, Any], int, str, str]] = [
    ({}, 0, "done", "everything"),
    ({"outcomes": {"read": 10, "missing": 9}}, 0, "done", "everything"),
    ({"outcomes": {"read": 10, "failed": 2, "forbidden": 1}}, 0, "done", "3 pages"),
    ({"outcomes": {"read": 10, "failed": 1, "crashed": 1}}, 0, "done", "2 pages could not be fetched"),
    ({"outcomes": {"skipped": 9, "unchanged": 1}}, 0, "done", "nothing new"),
    ({"outcomes": {"unchanged": 1, "withdrawn": 1}}, 0, "done", "everything"),
    ({"outcomes": {"read": 5, "rejected": 5}}, 0, "done", ""),
    # What a pipeline of the user's dropped was read, and is nothing new.
    ({"outcomes": {"dropped": 5, "rejected": 5}}, 0, "done", "nothing new"),
    ({"outcomes": {"dropped": 5, "rejected": 6}}, 1, "failed", "6 of 11 pages were rejected"),
    ({"outcomes": {"dropped": 5, "failed": 6}}, 1, "failed", "6 of 11 pages failed or were rejected"),
    ({"outcomes": {"read": 5, "rejected": 6}}, 1, "failed", "6 of 11 pages were rejected"),
    ({"failed_starts": START}, 1, "failed", "longbridge:1:en cannot be read: HTTP 404"),
    ({"exceptions": 2}, 1, "failed", "2 exceptions"),
    ({"failure": "the disk is full"}, 1, "failed", "the disk is full"),
    ({"reason": "retry_after_too_long"}, 1, "failed", "retry after too long"),
    ({"reason": "memusage_exceeded"}, 1, "failed", "memusage exceeded"),
    ({"reason": "cancelled"}, 1, "failed", "cancelled"),
    # Of a run that asked for everything: the first is Scrapy's, the others say what it was judged to be.
    *(
        ({"reason": reason}, 0, "done", "everything")
        for reason in ("finished", "failed", "degraded", "feed_failed")
    ),
    ({"reason": "failed", "failed_starts": START}, 1, "failed", "longbridge:1:en cannot be read: HTTP 404"),
    # Stopped by a program, not by a signal.
    ({"outcomes": {}, "reason": "shutdown"}, 143, "stopped", "by the program that ran it; 0 pages"),
    ({"reason": "killed", "waiting": 3}, 143, "stopped", "by the program that ran it; 3 pages"),
    (
        {"ended": "robots.txt is broken", "waiting": 2},
        1,
        "failed",
        "robots.txt is broken; 2 pages are waiting",
    ),
    # More than what became of the few pages that were asked for.
    (
        {"ended": "robots.txt is broken", "waiting": 2, "outcomes": {"rejected": 1}},
        1,
        "failed",
        "robots.txt is broken; 2 pages are waiting",
    ),
    ({"reason": "not_begun"}, 1, "failed", "the crawl could not be set up"),
    ({"reason": "closespider_itemcount", "waiting": 4}, 0, "done", "4 pages were waiting"),
    ({"reason": "closespider_timeout", "failed_starts": START}, 1, "failed", "longbridge:1:en"),
    ({"reason": "shutdown", "signum": signal.SIGINT, "waiting": 7}, 130, "stopped", "SIGINT; 7 pages"),
    ({"reason": "shutdown", "signum": signal.SIGTERM}, 143, "stopped", "SIGTERM"),
    # However it is called: not everything was asked for.
    ({"waiting": 1}, 1, "failed", "the run ended early: 1 pages are waiting"),
    # A signal that came when there was nothing left to stop, or to a run that ended for another reason.
    ({"signum": signal.SIGTERM}, 0, "done", "everything"),
    ({"reason": "closespider_timeout", "signum": signal.SIGTERM}, 0, "done", "ended early as asked"),
    ({"reason": "cancelled", "signum": signal.SIGINT}, 1, "failed", "cancelled"),
    # A stop comes before what it may have caused, but a lost line is lost however the run ended.
    ({"reason": "shutdown", "signum": signal.SIGTERM, "failed_starts": START}, 143, "stopped", "SIGTERM"),
    ({"reason": "shutdown", "signum": signal.SIGTERM, "feed": FEED}, 143, "stopped", "SIGTERM"),
    ({"reason": "killed", "signum": signal.SIGINT}, 130, "stopped", "SIGINT"),
    ({"reason": "killed", "signum": signal.SIGINT, "failure": "full"}, 1, "failed", "full"),
    # A feed is less than the lines, and more than what is wrong with single pages.
    ({"feed": FEED}, 1, "failed", FEED),
    ({"feed": FEED, "reason": "closespider_itemcount"}, 1, "failed", FEED),
    ({"feed": FEED, "outcomes": {"read": 10, "failed": 2}}, 1, "failed", FEED),
    ({"feed": FEED, "failure": "the disk is full"}, 1, "failed", "the disk is full"),
    ({"feed": FEED, "failed_starts": START}, 1, "failed", "longbridge:1:en"),
    # A start that is gone is no success, and less than anything that failed.
    (
        {"withdrawn_starts": WITHDRAWN, "outcomes": {"missing": 1, "skipped": 9}},
        4,
        "degraded",
        "longbridge:1:en is withdrawn (404 or 410); links that were known were followed; nothing new",
    ),
    ({"withdrawn_starts": ("a", "b", "c")}, 4, "degraded", "3 starts, one of them a, are withdrawn"),
    ({"withdrawn_starts": WITHDRAWN, "reason": "degraded"}, 4, "degraded", "everything"),
    (
        {"withdrawn_starts": WITHDRAWN, "reason": "closespider_itemcount", "waiting": 4},
        4,
        "degraded",
        "4 pages were waiting",
    ),
    ({"withdrawn_starts": WITHDRAWN, "failed_starts": START}, 1, "failed", "longbridge:1:en cannot be read"),
    ({"withdrawn_starts": WITHDRAWN, "exceptions": 2}, 1, "failed", "2 exceptions"),
    ({"withdrawn_starts": WITHDRAWN, "feed": FEED}, 1, "failed", FEED),
    ({"withdrawn_starts": WITHDRAWN, "waiting": 1}, 1, "failed", "1 pages are waiting"),
    ({"withdrawn_starts": WITHDRAWN, "outcomes": {"read": 5, "rejected": 6}}, 1, "failed", "6 of 11"),
    (
        {"withdrawn_starts": WITHDRAWN, "reason": "shutdown", "signum": signal.SIGINT},
        130,
        "stopped",
        "SIGINT",
    ),
]


@pytest.mark.parametrize(("given", "status", "word", "told"), TABLE)
def test_verdict(given: dict[str, Any], status: int, word: str, told: str) -> None:
    verdict = _judge(**given)
    assert (verdict.status, verdict.word) == (status, word)
    assert told in verdict.text
    assert len(verdict.text.splitlines()) == 1


@pytest.mark.parametrize(
    ("reason", "refusal", "signum", "verdict"),
    [
        ("already_running", "the same crawl is running", None, (3, "running", "the same crawl is running")),
        ("already_finished", "the run x is finished", None, (0, "done", "the run x is finished")),
        ("state_unusable", "the state is gone", None, (1, "failed", "the state is gone")),
        # What stood against the run says more than the signal that came meanwhile.
        ("state_unusable", "the state is gone", signal.SIGTERM, (1, "failed", "the state is gone")),
        ("bad_arguments", "url: found none", None, (2, "failed", "url: found none")),
        ("bad_arguments", "url: found none", signal.SIGTERM, (2, "failed", "url: found none")),
        ("shutdown", None, signal.SIGTERM, (143, "stopped", "by SIGTERM; the run had not begun")),
        ("shutdown", None, None, (143, "stopped", "by the program that ran it; the run had not begun")),
        ("killed", None, signal.SIGINT, (130, "stopped", "by SIGINT; the run had not begun")),
        ("not_begun", None, None, (1, "failed", "the crawl could not be set up")),
        # The signal counts only where it is what ended the crawl.
        ("not_begun", None, signal.SIGTERM, (1, "failed", "the crawl could not be set up")),
    ],
)
def test_a_run_that_did_not_begin(
    reason: str, refusal: str | None, signum: int | None, verdict: tuple[int, str, str]
) -> None:
    assert judge_refusal(reason, refusal, signum) == verdict
