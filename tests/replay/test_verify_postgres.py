"""``scrapy verify`` with the state in PostgreSQL, and two workers on disks of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.crawl.crawl_runs import FAST, START, Run, crawl, run
from tests.crawl.faulty_site import FaultySite
from tests.crawl.sample_graph import Node
from tests.postgres import Server, database, running

FIRST = Node("en", str(START))


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with TemporaryDirectory(prefix="newscrawl-verify-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with running(Path(folder) / "data") as started:
            yield started


def test_each_disk_is_whole_without_the_other(server: Server, tmp_path: Path) -> None:
    state = ("-s", f"STATE_URL={database(server.url, 'verify')}")
    site = FaultySite()

    def go(name: str, *words: str) -> Run:
        folder, worker = tmp_path / name, ("-s", f"WORKER={name}")
        return crawl(site.origin + FIRST.path, folder, "-a", "depth=0", *FAST, *state, *worker, *words)

    def verify(name: str) -> Run:
        return run(("verify", *state, "-s", f"WORKER={name}"), tmp_path / name)

    with site.serving():
        assert go("one").status == 0
        site.pages[FIRST.path] = site.pages[FIRST.path].replace(b"four months", b"five months")
        # The second version is on another disk than the first.
        assert go("two", "-a", "recheck=500w").status == 0
    for name in ("one", "two"):
        found = verify(name)
        assert (found.status, found.stderr) == (0, "")
        assert "all in order" in found.stdout
    (path,) = (tmp_path / "two").glob("articles/dt=*/*.jsonl")
    path.unlink()
    found = verify("two")
    assert found.status == 1
    assert f"{path}: expected the file, which the state knows, found none" in found.stderr
