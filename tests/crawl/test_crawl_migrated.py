"""A crawl that was begun by an older version, on a state that it left behind."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from newscrawl.database.sqlite import SqliteEngine
from tests.crawl.crawl_runs import FAST, crawl, run
from tests.crawl.faulty_site import FaultySite, page
from tests.queue.states import DISK, RUN_ID, VERSIONS, load


def markdown(number: int, locale: str, *related: int) -> bytes:
    url = f"https://longbridge.com/{locale}/news/{100_000 + number}.md"
    links = "".join(
        f"- [Another](https://longbridge.com/{locale}/news/{100_000 + other}.md)\n" for other in related
    )
    return (
        f'---\ntitle: "A title"\ntype: "News"\nlocale: "{locale}"\nurl: "{url}"\n'
        'datetime: "2026-05-08T14:18:31.000Z"\n---\n\n# A title\n\nA text.\n\n'
        f"## Related News & Research\n\n{links}"
    ).encode()


@pytest.fixture(params=VERSIONS)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A data folder that an older version left behind when it was killed."""
    engine = SqliteEngine(tmp_path / "state" / "newscrawl.db")
    load(engine, request.param)
    # Its pages were a replay's.
    engine.transact(lambda: engine.execute("UPDATE meta SET value = 'loopback' WHERE key LIKE 'origin%'"))
    engine.close()
    (tmp_path / "state" / "worker").write_text(f"{DISK}\n")
    # What it had published for the run that goes on.
    published = tmp_path / "articles" / "dt=2026-06-20" / f"{RUN_ID}-000001.jsonl"
    published.parent.mkdir(parents=True)
    published.write_text(json.dumps({"uid": "longbridge:100001:en", "crawl": {"run_id": RUN_ID}}) + "\n")
    return tmp_path


def test_a_crawl_of_an_older_version_goes_on(folder: Path) -> None:
    told = run(("status",), folder)
    assert told.status == 0
    assert f"last run  {RUN_ID}, unfinished, begun" in told.stdout
    assert "1 failed, 2 read, 2 skipped; 0 queued, 2 leased" in told.stdout
    pages = {
        page("en", 100_002): markdown(2, "en", 4),
        page("zh-CN", 100_003): markdown(3, "zh-CN"),
        page("en", 100_004): markdown(4, "en", 1, 8),
    }
    with FaultySite(pages=pages).serving() as site:
        found = crawl(site.origin + page("en", 100_001), folder, "-a", "depth=99", *FAST)
        assert found.status == 0, found.stderr
        assert f"resuming run {RUN_ID}" in found.stderr
        # What was read or known is not asked for again.
        assert Counter(site.paths) == dict.fromkeys(pages, 1)
        assert found.uids == [
            "longbridge:100001:en",
            # Committed before, and in no file then.
            "longbridge:100001:zh-CN",
            "longbridge:100002:en",
            "longbridge:100003:zh-CN",
            "longbridge:100004:en",
        ]
        assert {line["crawl"]["run_id"] for line in found.lines()} == {RUN_ID}
        counts = found.manifest["counts"]
        assert (counts["read"], counts["skipped"], counts["failed"], counts["waiting"]) == (5, 2, 1, 0)
        assert run(("retry",), folder).stdout == "1 failed pages wait again\n"
        site.pages[page("en", 100_009)] = markdown(9, "en")
        again = crawl(site.origin + page("en", 100_001), folder, "-a", "depth=99", *FAST)
    assert again.status == 0
    assert again.uids[-1] == "longbridge:100009:en"
    assert len(again.uids) == 6
