"""What should never happen, and does: a bug of ours, a clock that jumps, a site that turns its back.

None of it may hang a crawl, lose pages, or end with exit status 0.
"""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from aiohttp import web

from tests.crawl.crawl_runs import (
    FAST,
    ROOT,
    SINGLE,
    START,
    TIME_LIMIT,
    Run,
    crawl,
    crawling,
    environment,
    run,
)
from tests.crawl.faulty_site import Fault, FaultySite, first, page, raw, status
from tests.postgres import database

FIRST = page("en", START)
ROBOTS = "/robots.txt"
EVERYTHING = 89


@pytest.fixture
def site() -> Iterator[FaultySite]:
    with FaultySite().serving() as site:
        yield site


def start_patched(code: str, site: FaultySite, folder: Path, *words: str) -> subprocess.Popen[str]:
    """Begin a crawl in a process in which ``code`` ran before."""
    program = f"import sys\n{code}\nfrom scrapy.cmdline import execute\nexecute(sys.argv)"
    words = ("crawl", "longbridge", "-a", f"url={site.origin}{FIRST}", *words, "-s", f"DATA_DIR={folder}")
    return subprocess.Popen(
        [sys.executable, "-c", program, *words],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def end(process: subprocess.Popen[str], folder: Path) -> Run:
    try:
        output, errors = process.communicate(timeout=TIME_LIMIT)
    finally:
        process.kill()
    return Run(folder, process.returncode, output, errors)


def wavering(site: FaultySite) -> None:
    """Let pages take a while, each another, so that some are always under way."""
    random = Random(7)

    async def answer(request: web.BaseRequest, number: int) -> None:
        await asyncio.sleep(random.uniform(0.0, 0.2))

    site.faults = {path: answer for path in site.pages if path != ROBOTS}


BUG_AT_COMMIT = """
import newscrawl.queue.commits as commits
weigh = commits._weigh
def broken(result, *rest):
    if result.__class__.__name__ == "Article" and result.uid.endswith("290118204:zh-CN"):
        raise ValueError("a bug")
    return weigh(result, *rest)
commits._weigh = broken
"""


@pytest.mark.parametrize("words", [SINGLE, FAST], ids=["one at a time", "sixteen"])
def test_a_bug_at_commit_costs_one_page(site: FaultySite, tmp_path: Path, words: tuple[str, ...]) -> None:
    found = end(start_patched(BUG_AT_COMMIT, site, tmp_path, "-a", "depth=0", *words), tmp_path)
    assert found.status == 1
    assert "1 exceptions; see the log" in found.manifest["verdict"]["text"]
    assert found.manifest["counts"]["exceptions"] == 1
    assert found.uids == [f"longbridge:{START}:{locale}" for locale in ("en", "zh-HK")]
    # Nothing is left of the bug: the page is asked for again and the run ends well.
    assert "1 failed pages wait" in run(("retry",), tmp_path).stdout
    again = crawl(site.origin + FIRST, tmp_path, "-a", "depth=0", *words)
    assert again.status == 0
    assert again.uids == [f"longbridge:{START}:{locale}" for locale in ("en", "zh-CN", "zh-HK")]


def test_a_bug_is_not_forgotten_by_a_resumed_run(site: FaultySite, tmp_path: Path) -> None:
    words = ("-a", "depth=0", *SINGLE)
    part = end(
        start_patched(BUG_AT_COMMIT, site, tmp_path, *words, "-s", "CLOSESPIDER_PAGECOUNT=3"), tmp_path
    )
    assert part.status == 1
    rest = crawl(site.origin + FIRST, tmp_path, *words)
    assert rest.status == 1
    assert rest.manifest["counts"]["exceptions"] == 1


def test_a_manifest_that_could_not_be_written_is_written_next_time(site: FaultySite, tmp_path: Path) -> None:
    words = ("-a", "depth=0", "-a", "run=x", *FAST)
    (tmp_path / "runs").touch()
    found = crawl(site.origin + FIRST, tmp_path, *words)
    assert found.status == 1
    assert found.told.startswith("failed: the manifest cannot be written: ")
    (tmp_path / "runs").unlink()
    again = crawl(site.origin + FIRST, tmp_path, *words)
    again.check(0)
    assert again.manifest["counts"]["read"] == 3


CLOCK_JUMPS = """
import time
from datetime import UTC, datetime, timedelta
from newscrawl.database.sqlite import SqliteEngine
begin = time.monotonic()
def now(self):
    return datetime.now(UTC) + timedelta(hours=int(time.monotonic() - begin > %s))
SqliteEngine.now = now
"""


@pytest.mark.parametrize("seconds", [1.2, 1.6, 2.0])
def test_a_clock_that_jumps_loses_and_stops_nothing(site: FaultySite, tmp_path: Path, seconds: float) -> None:
    wavering(site)
    found = end(start_patched(CLOCK_JUMPS % seconds, site, tmp_path, "-a", "depth=9", *FAST), tmp_path)
    found.check(0)
    assert len(found.uids) == len(set(found.uids)) == EVERYTHING


SLOW_TO_OPEN = """
import time
from newscrawl.archive.segments import Segments
publish = Segments.publish
def slow(self):
    print("opening", flush=True)
    time.sleep(1)
    return publish(self)
Segments.publish = slow
"""


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_stopped_while_the_state_is_opened(site: FaultySite, tmp_path: Path, signum: signal.Signals) -> None:
    words = ("-a", "depth=0", *SINGLE)
    process = start_patched(SLOW_TO_OPEN, site, tmp_path, *words)
    assert process.stdout is not None
    assert process.stdout.readline() == "opening\n"
    time.sleep(0.2)
    process.send_signal(signum)
    stopped = end(process, tmp_path)
    assert stopped.status == 128 + signum
    assert stopped.told == f"stopped: by {signum.name}; the run had not begun"
    assert "Traceback" not in stopped.stderr
    assert site.asked == []
    assert not list(tmp_path.glob("runs/*.json"))
    # Nothing is left that would stand against the same command.
    found = crawl(site.origin + FIRST, tmp_path, *words)
    found.check(0)
    assert len(found.uids) == 3


def test_stopped_while_a_state_is_opened_that_cannot_be_used(site: FaultySite, tmp_path: Path) -> None:
    (tmp_path / "articles").touch()
    process = start_patched(SLOW_TO_OPEN.replace("publish(self)", "1 / 0"), site, tmp_path, *SINGLE)
    assert process.stdout is not None
    assert process.stdout.readline() == "opening\n"
    process.send_signal(signal.SIGTERM)
    found = end(process, tmp_path)
    assert found.status in (1, 143)
    assert site.asked == []
    assert not list(tmp_path.glob("runs/*.json"))


def test_robots_txt_gone_bad_on_resume_burns_nothing(site: FaultySite, tmp_path: Path) -> None:
    url, words = site.origin + FIRST, ("-a", "depth=9", *FAST)
    crawl(url, tmp_path, *words, "-s", "CLOSESPIDER_PAGECOUNT=3")
    site.faults[ROBOTS] = status(503)
    refused = crawl(url, tmp_path, *words, "-s", "RETRY_TIMES=1")
    refused.check(1)
    assert refused.manifest["counts"]["forbidden"] == 0
    assert refused.manifest["counts"]["waiting"] > 0
    del site.faults[ROBOTS]
    found = crawl(url, tmp_path, *words)
    found.check(0)
    assert len(found.uids) == EVERYTHING


RULES_AGE_AT_ONCE = """
import newscrawl.middlewares.robots as robots
robots._LIFETIME = 0.0
"""


def test_rules_that_cannot_be_had_anew_hold_on(site: FaultySite, tmp_path: Path) -> None:
    rules = first(status(200, b"User-agent: *\nDisallow: /zh-HK/\n"))

    async def then_broken(request: web.BaseRequest, number: int) -> web.StreamResponse | None:
        return await rules(request, number) or web.Response(status=500)

    site.faults[ROBOTS] = then_broken
    words = ("-a", "depth=0", *SINGLE, "-s", "RETRY_TIMES=0")
    found = end(start_patched(RULES_AGE_AT_ONCE, site, tmp_path, *words), tmp_path)
    assert found.status == 0
    assert found.uids == [f"longbridge:{START}:{locale}" for locale in ("en", "zh-CN")]
    assert "the rules that were read before still hold" in found.stderr


PATIENT_ROBOTS: dict[str, tuple[Fault, tuple[str, ...]]] = {
    "more patience than we have": (status(503, Retry_After="99999999999"), ()),
    "a stop while waiting": (status(503, Retry_After="600"), ("-s", "CLOSESPIDER_TIMEOUT=1")),
}


@pytest.mark.parametrize("name", PATIENT_ROBOTS)
def test_robots_txt_that_asks_for_patience_can_be_ended(site: FaultySite, tmp_path: Path, name: str) -> None:
    site.faults[ROBOTS], words = PATIENT_ROBOTS[name]
    with crawling(site.origin + FIRST, tmp_path / "data", *SINGLE, *words) as running:
        found = running.end(20)
    assert found.status == (1 if name == "more patience than we have" else 0)
    assert found.manifest["counts"]["waiting"] == 1
    assert site.paths == []


def test_a_site_that_blocks_after_the_start(site: FaultySite, tmp_path: Path) -> None:
    site.faults = {path: status(403) for path in site.pages if path not in (FIRST, ROBOTS)}
    found = crawl(site.origin + FIRST, tmp_path, "-a", "depth=9", *FAST)
    found.check(1)
    assert found.uids == [f"longbridge:{START}:en"]
    assert "of 8 pages failed or were rejected" in found.manifest["verdict"]["text"]


def test_a_header_that_is_damaged_is_left_out(site: FaultySite, tmp_path: Path, postgres_url: str) -> None:
    head = 'HTTP/1.1 200 OK\r\nContent-Type: text/markdown\r\nETag: "a\0b"\r\nLast-Modified: M\xe4rz\r\n'
    length = f"Content-Length: {len(site.pages[FIRST])}\r\n\r\n"
    site.faults[FIRST] = raw((head + length).encode("latin-1") + site.pages[FIRST])
    state = f"STATE_URL={database(postgres_url, 'damaged_header')}"
    found = crawl(site.origin + FIRST, tmp_path, "-a", "depth=0", "-a", "locales=en", "-s", state, *SINGLE)
    found.check(0)
    (line,) = found.lines()
    assert (line["http"]["etag"], line["http"]["last_modified"]) == (None, None)
