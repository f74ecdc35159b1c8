"""Two sites in one data folder: each goes on as if it were alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.crawl.crawl_runs import FAST, START, comparable, run
from tests.crawl.faulty_site import FaultySite, page
from tests.second_site.crawls import BOTH, HERE, WHOLE, HarbourSite, crawl
from tests.second_site.pages import KEYS


def test_two_sites_share_a_data_folder(tmp_path: Path) -> None:
    words = ("-a", "depth=1", *FAST, *BOTH)
    shared = tmp_path / "shared"
    with FaultySite().serving() as site, HarbourSite().serving() as harbour, ThreadPoolExecutor(2) as pool:
        url = site.origin + page("en", START)

        # At once.
        both = [
            pool.submit(run, ("crawl", "longbridge", "-a", f"url={url}", *words), shared),
            pool.submit(crawl, harbour.start, shared, *WHOLE, spiders=BOTH),
        ]
        first = [future.result() for future in both]
        alone = run(("crawl", "longbridge", "-a", f"url={url}", *words), tmp_path / "alone")
        status = run(("status", *BOTH), shared)
        assert [done.status for done in (*first, alone, status)] == [0, 0, 0, 0]
        lines = first[0].lines()
        assert comparable(line for line in lines if line["uid"].startswith("longbridge:")) == comparable(
            alone.lines()
        )
        assert sorted(line["uid"] for line in lines if line["uid"].startswith("harbour:")) == sorted(
            key.uid for key in KEYS
        )
        assert f"{len(lines)} articles, {len(lines)} versions" in status.stdout
        assert "-a url=https://longbridge.com/" in status.stdout
        assert "-a url=https://harbour.example/" in status.stdout

        for path in (shared / "state").glob("newscrawl.db*"):
            path.unlink()
        # Lines of a site whose spider is not there cannot be read.
        refused = run(("rebuild", *HERE), shared)
        assert refused.status == 1
        assert "expected lines of harbour, found longbridge:" in refused.stderr
        assert f"{len(lines)} lines" in run(("rebuild", *BOTH), shared).stdout
        again = [
            run(("crawl", "longbridge", "-a", f"url={url}", *words), shared),
            crawl(harbour.start, shared, *WHOLE, spiders=BOTH),
        ]
    assert [done.status for done in again] == [0, 0]
    assert [done.told for done in again] == ["done: nothing new"] * 2
    assert len(again[1].lines()) == len(lines)
