"""A PostgreSQL server that goes away during a crawl: it is waited for, and no stop waits for it."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.crawl.crawl_runs import SINGLE, START, crawl, crawling
from tests.crawl.faulty_site import FaultySite
from tests.crawl.sample_graph import Node, reachable
from tests.postgres import Server, database, running

FIRST = Node("en", str(START))
EVERYTHING = reachable(FIRST, depth=9)[0]
# The state has six seconds from the signal on; a busy machine takes its own time for the rest.
SOON = 25.0


@pytest.fixture
def server() -> Iterator[Server]:
    with TemporaryDirectory(prefix="newscrawl-crawl-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with running(Path(folder) / "data") as started:
            yield started


def words(server: Server) -> tuple[str, ...]:
    return ("-a", "depth=9", *SINGLE, "-s", f"STATE_URL={database(server.url, 'crawl')}")


def test_a_restart_is_waited_for(server: Server, tmp_path: Path) -> None:
    site = FaultySite()
    site.slow = 0.02
    with (
        site.serving(),
        crawling(site.origin + FIRST.path, tmp_path / "data", *words(server)) as running_crawl,
    ):
        running_crawl.until(lambda: len(site.paths) > 10)
        server.stop()
        time.sleep(1)
        server.start()
        running_crawl.until(lambda: len(site.paths) > 30)
        server.kill()
        time.sleep(1)
        server.start()
        run = running_crawl.end()
    run.check(0)
    assert run.uids == EVERYTHING
    assert run.stderr.count("no connection to the state in PostgreSQL") == 2


@pytest.mark.parametrize("how", ["frozen", "down"])
def test_a_stop_does_not_wait_for_the_server(server: Server, tmp_path: Path, how: str) -> None:
    site = FaultySite()
    site.slow = 0.02
    settings = words(server)
    with site.serving():
        url = site.origin + FIRST.path
        with crawling(url, tmp_path / "data", *settings) as running_crawl:
            running_crawl.until(lambda: len(site.paths) > 10)
            if how == "frozen":
                server.signal(signal.SIGSTOP)
            else:
                server.stop()
            time.sleep(1)
            begun = time.monotonic()
            running_crawl.process.send_signal(signal.SIGTERM)
            run = running_crawl.end(SOON)
            assert time.monotonic() - begun < SOON
        # It could not say in the state how it ended, and says so.
        assert run.status == 1, run.stderr
        assert "Traceback" not in run.stderr
        assert run.told.startswith("failed: the state does not answer")
        if how == "frozen":
            server.signal(signal.SIGCONT)
        else:
            server.start()
        site.slow = 0.0
        again = crawl(url, tmp_path / "data", *settings)
    again.check(0)
    assert again.uids == EVERYTHING


def test_a_stop_while_the_state_is_being_opened(server: Server, tmp_path: Path) -> None:
    settings = words(server)
    server.signal(signal.SIGSTOP)
    with (
        FaultySite().serving() as site,
        crawling(site.origin + FIRST.path, tmp_path / "data", *settings) as running_crawl,
    ):
        time.sleep(3)
        running_crawl.process.send_signal(signal.SIGTERM)
        run = running_crawl.end(SOON)
        server.signal(signal.SIGCONT)
    assert run.status == 143, run.stderr
    assert run.told == "stopped: by SIGTERM; the run had not begun"
    assert "Traceback" not in run.stderr
    assert site.asked == []
