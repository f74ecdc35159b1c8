"""The verdict stands where people look: log, statistics, manifest, exit status, monitoring; and stderr."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
from functools import partial
from pathlib import Path

import pytest

from tests.crawl.crawl_runs import FAST, ROOT, TIME_LIMIT, Run, crawl, environment, scrapy
from tests.crawl.faulty_site import FaultySite
from tests.ways.programs import FIRST, MISSING, at_once

FAILED = "the start longbridge:999:en cannot be read: HTTP 404"
FEED = "the feed /dev/full is not complete; the lines are, in the data folder"
DONE = "everything that was asked for"
# Where each begins, its words, and how it ends: exit status, word, text, finish reason.
CASES: dict[str, tuple[str, tuple[str, ...], tuple[int, str, str, str]]] = {
    "done": (FIRST.path, (), (0, "done", DONE, "finished")),
    "failed": (MISSING, (), (1, "failed", FAILED, "failed")),
    "feed failed": (FIRST.path, ("-O", "/dev/full:jsonl"), (1, "failed", FEED, "feed_failed")),
}
LEVELS = {"done": "INFO", "failed": "ERROR"}


def on_a_terminal(url: str, folder: Path) -> Run:
    """Run ``scrapy crawl`` with a terminal as its stderr."""
    ours, theirs = pty.openpty()
    words = scrapy("crawl", "longbridge", "-a", f"url={url}", *FAST, "-s", f"DATA_DIR={folder}")
    with subprocess.Popen(
        words, cwd=ROOT, env=environment(), stdin=theirs, stdout=subprocess.PIPE, stderr=theirs
    ) as process:
        os.close(theirs)
        shown = b""
        # A terminal that nobody has open any more cannot be read.
        while chunk := _read(ours):
            shown += chunk
        status = process.wait(TIME_LIMIT)
    os.close(ours)
    return Run(folder, status, "", shown.decode().replace("\r\n", "\n"))


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("verdicts")


@pytest.fixture(scope="module")
def runs(site: FaultySite, folder: Path) -> dict[str, Run]:
    reports = json.dumps({"tests.ways.parts.Reports": 500})

    def logged(name: str, path: str, *words: str) -> Run:
        log = ("--logfile", str(folder / f"{name}.log"))
        return crawl(site.origin + path, folder / name, *log, *words, *FAST)

    (folder / "reports").mkdir()
    reporting = ("-s", f"EXTENSIONS={reports}", "-s", f"REPORTS={folder / 'reports'}")
    return at_once(
        {
            **{
                name: partial(logged, name, path, *words, *(reporting if name == "failed" else ()))
                for name, (path, words, _) in CASES.items()
            },
            "bad arguments": partial(logged, "bad arguments", FIRST.path, "-a", "depth=x"),
            "verbose": partial(logged, "verbose", FIRST.path, "--verbose"),
            "no log": partial(crawl, site.origin + MISSING, folder / "no log", "--nolog", *FAST),
            "terminal": partial(on_a_terminal, site.origin + MISSING, folder / "terminal"),
        }
    )


@pytest.mark.parametrize("name", CASES)
def test_all_places_agree(name: str, runs: dict[str, Run], folder: Path) -> None:
    status, word, text, reason = CASES[name][2]
    run = runs[name]
    assert run.status == status
    assert run.manifest["verdict"] == {"status": status, "word": word, "text": text}
    assert run.manifest["finish_reason"] == reason
    log = (folder / f"{name}.log").read_text(encoding="utf-8")
    records = re.findall(r"^\S+ \S+ \[newscrawl\] (\w+): (.*)$", log, re.MULTILINE)
    assert records == [(LEVELS[word], f"{word}: {text}")]
    stats = log.partition("Dumping Scrapy stats:")[2]
    assert f"'newscrawl/verdict': '{word}'" in stats
    assert f"'newscrawl/exit_status': {status}," in stats
    assert f"'finish_reason': '{reason}'" in stats
    assert f"Spider closed ({reason})" in log or name == "feed failed"


def test_cron_sends_mail_for_failures_only(runs: dict[str, Run]) -> None:
    assert (runs["done"].stdout, runs["done"].stderr) == ("", "")
    assert runs["failed"].stderr == runs["no log"].stderr == f"scrapy crawl: failed: {FAILED}\n"
    assert runs["no log"].status == 1
    assert runs["feed failed"].stderr == f"scrapy crawl: failed: {FEED}\n"
    assert runs["bad arguments"].status == 2
    assert runs["bad arguments"].stderr.startswith("scrapy crawl: depth: expected a whole number")
    assert runs["bad arguments"].stderr.count("\n") == 1
    assert {run.stdout for run in runs.values()} == {""}


def test_the_box_is_for_people(runs: dict[str, Run]) -> None:
    for name, verdict in (("verbose", f"done: {DONE}"), ("terminal", f"failed: {FAILED}")):
        # What is still to be seen: the progress line is wiped out by the next one, and at last by nothing.
        # Scrapy colours its log on a terminal where colorlog is installed.
        plain = re.sub(r"\x1b\[[0-9;]*m", "", runs[name].stderr)
        lines = re.sub(r"[^\n]*\r", "", plain).splitlines()
        if name == "terminal":
            # On a terminal the log has warnings and errors only.
            assert lines.pop(0).endswith(f"[newscrawl] ERROR: {verdict}")
        assert lines[0] == lines[-1] == "─" * len(lines[0])
        assert lines[1:3] == [verdict, f"run       {runs[name].manifest['run_id']}"]
        assert [line.split()[0] for line in lines[3:-1]][-2:] == ["stories", "pages"]
    assert all("─" not in runs[name].stderr for name in (*CASES, "bad arguments", "no log"))


def test_monitoring_hears_of_a_start_that_is_missing(runs: dict[str, Run], folder: Path) -> None:
    assert runs["failed"].status == 1
    numbers = (folder / "reports" / "newscrawl.prom").read_text(encoding="utf-8").splitlines()
    assert "newscrawl_exit_status 1" in numbers
    errors = (folder / "reports" / "errors.txt").read_text(encoding="utf-8")
    assert errors == f"newscrawl: failed: {FAILED}\n"
