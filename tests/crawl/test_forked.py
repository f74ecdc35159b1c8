"""A forked command is the command that people type: the same status, output, settings and lines."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.crawl.crawl_runs import (
    FAST,
    ROOT,
    START,
    TIME_LIMIT,
    Run,
    Words,
    begun,
    comparable,
    environment,
    finished,
    run_scrapy,
    scrapy,
)
from tests.crawl.faulty_site import FaultySite, page
from tests.crawl.forked import can_fork

ENV = {"NEWSCRAWL_LOG_LEVEL": "ERROR", "NEWSCRAWL_RETRY_TIMES": "1"}


def both(words: Words, folder: Path, **env: str) -> tuple[Run, Run]:
    """Run a command forked, where that can be, and started; each with a data folder of its own."""
    given = environment(**env)
    one, other = ((*words, "-s", f"DATA_DIR={folder / name}") for name in ("forked", "started"))
    return (
        run_scrapy(one, ROOT, given, folder / "forked"),
        finished(scrapy(*other), ROOT, given, folder / "started"),
    )


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("crawl", "longbridge", "-a", "url=x"), 2),
        (("crawl", "longbridge", "-a", "depth"), 2),
        (("nothing",), 2),
        (("list",), 0),
        (("settings", "--get", "RETRY_TIMES"), 0),
        (("symbol", "700.HK"), 0),
    ],
)
def test_small_commands(words: Words, status: int, tmp_path: Path) -> None:
    one, other = both(words, tmp_path, **ENV)
    assert (one.status, one.stdout, one.stderr) == (other.status, other.stdout, other.stderr)
    assert one.status == status


def test_a_crawl(tmp_path: Path) -> None:
    with FaultySite().serving() as site:
        words = ("crawl", "longbridge", "-a", f"url={site.origin}{page('en', START)}", *FAST)
        one, other = both(words, tmp_path, **ENV)
    for run in (one, other):
        assert (run.status, run.stdout, run.stderr) == (0, "", "")
    assert comparable(one.lines()) == comparable(other.lines())
    assert len(one.lines()) == 18
    assert one.manifest["settings"] == other.manifest["settings"]
    assert one.manifest["counts"] == other.manifest["counts"]


def test_a_signal_ends_it(tmp_path: Path) -> None:
    with FaultySite().serving() as site:
        site.slow = 60.0
        url = f"url={site.origin}{page('en', START)}"
        words = ("crawl", "longbridge", "-a", url, "-s", f"DATA_DIR={tmp_path / 'data'}")
        with begun(words, tmp_path / "log") as process:
            assert process.poll() is None
            process.send_signal(signal.SIGKILL)
            assert process.wait(TIME_LIMIT) == -signal.SIGKILL
            assert process.poll() == -signal.SIGKILL


def test_what_is_not_forked() -> None:
    env = environment()
    measured = any(name.startswith("COVERAGE_") for name in env)
    assert can_fork(ROOT, {**env, "NEWSCRAWL_DOWNLOAD_DELAY": "0"}) != measured
    assert not can_fork(ROOT.parent, env)
    assert not can_fork(ROOT, {**env, "PYTHONIOENCODING": "ascii"})
    assert not can_fork(ROOT, {**env, "COVERAGE_PROCESS_CONFIG": "x"})
