"""A crawl that is stopped: what was read stands in whole files, and it ends soon."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from tests.crawl.crawl_runs import FAST, QUICK, SINGLE, START, Words, comparable, crawl, crawling
from tests.crawl.faulty_site import Fault, FaultySite, late, page, status
from tests.crawl.sample_graph import Node, reachable

FIRST = Node("en", str(START))
SECOND = page("en", 289868449)
# Far more than a stop takes on a busy machine, far less than what it must not wait for.
SOON = 20.0
PATIENCE = "600"


@pytest.mark.parametrize(
    ("signum", "words"), [(signal.SIGINT, SINGLE), (signal.SIGTERM, FAST)], ids=["SIGINT", "SIGTERM"]
)
def test_stopped_in_the_middle(tmp_path: Path, signum: signal.Signals, words: Words) -> None:
    with FaultySite().serving() as site:
        whole = crawl(site.origin + FIRST.path, tmp_path / "whole", "-a", "depth=4", *FAST)
        site.asked.clear()
        site.answered.clear()
        site.slow = 0.05
        url = site.origin + FIRST.path
        with crawling(url, tmp_path / "stopped", "-a", "depth=4", *map(str, words)) as running:
            running.until(lambda: len(site.paths) >= 12)
            running.process.send_signal(signum)
            run = running.end()
    run.check(128 + signum)
    verdict = run.manifest["verdict"]
    assert verdict["word"] == "stopped"
    assert signum.name in verdict["text"]
    assert run.manifest["finish_reason"] == "shutdown"
    # All that the server answered, and nothing else.
    answered = [path for path in site.answered if path != "/robots.txt"]
    assert run.uids == sorted(_uid(path) for path in answered)
    assert 12 <= len(answered) < len(whole.uids)
    assert run.manifest["counts"]["waiting"] > 0
    expected = {line["uid"]: line for line in comparable(whole.lines())}
    lines = comparable(run.lines())
    assert lines == [expected[line["uid"]] for line in lines]


# What a stop must not wait for: none of these pages is under way.
WAITS: dict[str, tuple[dict[str, Fault], Words, str, list[str]]] = {
    "a hold": ({SECOND: status(429, Retry_After=PATIENCE)}, SINGLE, SECOND, ["en", "zh-CN", "zh-HK"]),
    "a repetition": (
        {FIRST.path: status(500)}, (*SINGLE, "-s", f"RETRY_BACKOFF={PATIENCE}"), FIRST.path, []
    ),
    # Without robots.txt, which would be what the first page has to keep its distance from.
    "a delay": (
        {}, (*QUICK, "-s", "ROBOTSTXT_OBEY=0", "-s", f"DOWNLOAD_DELAY={PATIENCE}"), FIRST.path, ["en"]
    ),
    "robots.txt": (
        {"/robots.txt": status(503, Retry_After=PATIENCE)}, SINGLE, "/robots.txt", []
    ),
    "a Crawl-delay": (
        {"/robots.txt": status(200, f"User-agent: *\nCrawl-delay: {PATIENCE}\n".encode())},
        SINGLE,
        "/robots.txt",
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WAITS)
def test_a_stop_does_not_wait(tmp_path: Path, name: str) -> None:
    faults, words, path, locales = WAITS[name]
    with FaultySite(faults).serving() as site:
        url = site.origin + FIRST.path
        with crawling(url, tmp_path / "data", *map(str, words)) as running:
            running.until(lambda: path in site.answered)
            # Long enough for the answer to arrive; too short for it would only test less.
            time.sleep(0.3)
            running.process.send_signal(signal.SIGTERM)
            run = running.end(SOON)
    run.check(143)
    assert run.uids == [f"longbridge:{START}:{locale}" for locale in locales]
    assert run.manifest["counts"]["waiting"] > 0
    assert run.manifest["counts"]["failed"] == run.manifest["counts"]["forbidden"] == 0


def test_second_signal_does_not_wait_for_pages(tmp_path: Path) -> None:
    with (
        FaultySite({SECOND: late(50)}).serving() as site,
        crawling(site.origin + FIRST.path, tmp_path / "data", *SINGLE) as running,
    ):
        running.until(lambda: SECOND in site.paths)
        running.process.send_signal(signal.SIGINT)
        running.until(lambda: b"Received SIGINT" in running.log.read_bytes())
        running.process.send_signal(signal.SIGINT)
        run = running.end(SOON)
    run.check(130)
    assert run.uids == reachable(FIRST, depth=0)[0]


def test_killed(tmp_path: Path) -> None:
    with FaultySite().serving() as site:
        site.slow = 0.02
        url = site.origin + FIRST.path
        words = ("-a", "depth=4", *FAST, "-s", "PUBLISH_INTERVAL=0.02")
        with crawling(url, tmp_path / "data", *words) as running:
            running.until(lambda: len(list(running.folder.glob("articles/*/*.jsonl"))) >= 3)
            running.process.kill()
            run = running.end()
    assert run.status == -signal.SIGKILL
    # Reading them fails where a line is torn.
    assert len(set(run.uids)) == len(run.uids) >= 3
    assert set(run.uids) <= {_uid(path) for path in site.paths}
    assert not list(run.folder.glob("runs/*.json"))


def _uid(path: str) -> str:
    _, locale, _, name = path.split("/")
    return f"longbridge:{name.removesuffix('.md')}:{locale}"
