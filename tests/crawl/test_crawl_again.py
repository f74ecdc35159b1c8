"""The same command typed again: resume, look again, nothing new, already running."""

from __future__ import annotations

import json
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.crawl.crawl_runs import FAST, SINGLE, START, Run, comparable, crawl, crawling, run
from tests.crawl.faulty_site import FaultySite, page, status
from tests.crawl.sample_graph import Node, reachable

FIRST = Node("en", str(START))
WHOLE = ("-a", "depth=4", *FAST)


@pytest.fixture
def site() -> FaultySite:
    return FaultySite()


def test_a_second_run_over_an_unchanged_site_asks_for_the_start_only(
    site: FaultySite, tmp_path: Path
) -> None:
    with site.serving():
        first = crawl(site.origin + FIRST.path, tmp_path, *WHOLE)
        asked = len(site.paths)
        second = crawl(site.origin + FIRST.path, tmp_path, *WHOLE, "-a", "recheck=never")
    assert (first.status, second.status) == (0, 0)
    assert first.uids == second.uids == reachable(FIRST, depth=4)[0]
    missing = [path for path in site.paths[asked:] if path != FIRST.path]
    # A page that was never read is not known: it is asked for in every run.
    assert Counter(missing) == Counter(set(missing))
    assert {path.rpartition("/")[2] for path in missing} == {"297512125.md"}
    assert second.told == "done: nothing new"


def test_a_changed_page_is_a_second_version_and_a_lost_one_is_withdrawn(
    site: FaultySite, tmp_path: Path
) -> None:
    other = page("zh-CN", START)
    words = ("-a", "depth=0", "-a", "recheck=500w", *FAST)
    with site.serving():
        crawl(site.origin + FIRST.path, tmp_path, *words)
        old = site.pages[FIRST.path]
        site.pages[FIRST.path] = old.replace(b"four months ahead of schedule", b"on time")
        lost = site.pages.pop(other)
        changed = crawl(site.origin + FIRST.path, tmp_path, *words)
        site.pages[other] = lost
        back = crawl(site.origin + FIRST.path, tmp_path, *words)
    versions: dict[str, list[tuple[int, str]]] = {}
    for line in sorted(back.lines(), key=lambda line: int(line["version"])):
        versions.setdefault(line["uid"], []).append((line["version"], line["status"]))
    assert versions == {
        f"longbridge:{START}:en": [(1, "usable"), (2, "usable")],
        f"longbridge:{START}:zh-CN": [(1, "usable"), (2, "withdrawn"), (3, "usable")],
        f"longbridge:{START}:zh-HK": [(1, "usable")],
    }
    chinese = [line for line in back.lines() if line["locale"] == "zh-CN"]
    assert {line["status"] for line in chinese} == {"usable", "withdrawn"}
    assert {(line["language"], line["script"], line["region"]) for line in chinese} == {("zh", "Hans", "CN")}
    second = [line for line in changed.lines() if line["version"] == 2 and line["status"] == "usable"]
    assert [line["available_rule"] for line in second] == ["observed"]
    assert {line["available_at"] == line["first_seen_at"] for line in second} == {True}


def test_a_changed_list_is_an_observation_and_no_version(site: FaultySite, tmp_path: Path) -> None:
    words = ("-a", "depth=0", "-a", "locales=en", *FAST)
    with site.serving():
        crawl(site.origin + FIRST.path, tmp_path, *words)
        old = site.pages[FIRST.path]
        head, mark, _ = old.partition(b"## Related News & Research")
        site.pages[FIRST.path] = head + mark + b"\n\n- [Another story](https://longbridge.com/en/news/9.md)\n"
        run = crawl(site.origin + FIRST.path, tmp_path, *words)
    assert len(run.lines()) == 1
    (observation,) = run.lines("observations")
    assert (observation["uid"], observation["version"]) == (f"longbridge:{START}:en", 1)
    assert [link["story_id"] for link in observation["related"]] == ["longbridge:9"]


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_a_withdrawn_start_is_told_in_every_run_and_followed(
    site: FaultySite, tmp_path: Path, engine: str, request: pytest.FixtureRequest
) -> None:
    from tests.postgres import database  # noqa: PLC0415

    words: tuple[str, ...] = ("-a", "depth=2", "-a", "locales=en", "-a", "recheck=500w", *FAST)
    if engine == "postgres":
        state = database(request.getfixturevalue("postgres_url"), "crawl_withdrawn_start")
        words = (*words, "-s", f"STATE_URL={state}")
    start = f"longbridge:{START}:en"
    behind = page("en", 289868449)
    with site.serving():
        first = crawl(site.origin + FIRST.path, tmp_path, *words)
        asked = set(site.paths)
        site.faults[FIRST.path] = status(410)
        old = site.pages[behind]
        for number, status_line in enumerate((b"one", b"two"), 2):
            # What lies behind it changes, and is asked for all the same.
            site.pages[behind] = old.replace(b"has more requests", b"has " + status_line + b" more requests")
            site.paths.clear()
            again = crawl(site.origin + FIRST.path, tmp_path, *words)
            assert again.status == 4
            assert again.told == (
                f"degraded: the start {start} is withdrawn (404 or 410); "
                "links that were known were followed; everything that was asked for"
            )
            assert "'finish_reason': 'degraded'," in again.stderr
            assert set(site.paths) == asked
            versions = [line["version"] for line in again.lines() if "289868449" in line["uid"]]
            assert sorted(versions) == [*range(1, number + 1)]
            # Two runs may begin in one second, which their names do not tell apart.
            manifests = [json.loads(path.read_bytes()) for path in tmp_path.glob("runs/*.json")]
            newest = max(manifests, key=lambda manifest: manifest["started_at"])
            assert newest["verdict"]["status"] == 4
            assert newest["finish_reason"] == "degraded"
        told = run(("status", *words[words.index("-s") :]), tmp_path).stdout
        assert f"  withdrawn the start {start}\n" in told
        assert "; degraded " in told
        del site.faults[FIRST.path]
        back = crawl(site.origin + FIRST.path, tmp_path, *words)
    assert (first.status, back.status) == (0, 0)
    of_start = [(line["version"], line["status"]) for line in back.lines() if line["uid"] == start]
    # One line says that it is gone, however often it is asked for.
    assert sorted(of_start) == [(1, "usable"), (2, "withdrawn"), (3, "usable")]


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGKILL])
def test_a_stopped_crawl_is_resumed(site: FaultySite, tmp_path: Path, signum: signal.Signals) -> None:
    # What Scrapy's own JOBDIR promises: stop with a signal, start again, and nothing is missing.
    with site.serving():
        calm = crawl(site.origin + FIRST.path, tmp_path / "calm", *WHOLE)
        site.slow = 0.03
        with crawling(site.origin + FIRST.path, tmp_path / "data", *map(str, WHOLE)) as running:
            running.until(lambda: len(site.answered) > 130)
            running.process.send_signal(signum)
            stopped = running.end()
        site.slow = 0.0
        again = crawl(site.origin + FIRST.path, tmp_path / "data", *WHOLE)
    assert stopped.status in (143, -9)
    assert again.status == 0
    assert comparable(again.lines()) == comparable(calm.lines())
    assert len(list((tmp_path / "data" / "runs").iterdir())) == 1


def test_two_at_once_are_one(site: FaultySite, tmp_path: Path) -> None:
    with site.serving():
        url = site.origin + FIRST.path
        # It takes two minutes, and is stopped before. The other crawl keeps to its delay, too.
        with crawling(url, tmp_path, "-a", "depth=9", "-s", "DOWNLOAD_DELAY=1.5") as running:
            running.until(lambda: len(site.paths) > 1)
            second = crawl(url, tmp_path, "-a", "depth=9", *SINGLE)
            assert second.status == 3
            assert second.told == "running: the same crawl is running already"
            other = crawl(url, tmp_path, "-a", "depth=0", *SINGLE)
            assert other.status == 0
            running.process.send_signal(signal.SIGTERM)
            assert running.end().status == 143


def test_fresh_forgets_the_queue_only(site: FaultySite, tmp_path: Path) -> None:
    with site.serving():
        url = site.origin + FIRST.path
        with crawling(url, tmp_path, *map(str, SINGLE)) as running:
            site.slow = 0.05
            running.until(lambda: len(site.paths) > 5)
            running.process.kill()
            running.end()
        site.slow = 0.0
        again = crawl(url, tmp_path, "-a", "fresh=1", *FAST)
    assert again.status == 0
    assert again.uids == reachable(FIRST, depth=1)[0]
    assert max(Counter(again.uids).values()) == 1


def test_status_retry_and_rebuild(site: FaultySite, tmp_path: Path) -> None:
    broken = page("zh-HK", START)
    site.faults[broken] = status(500)
    words = ("-a", "depth=0", "-s", "RETRY_TIMES=0", *FAST)
    with site.serving():
        url = site.origin + FIRST.path
        crawl(url, tmp_path, *words)
        told = run(("status",), tmp_path)
        assert "1 × HTTP 500" in told.stdout
        assert "2 articles, 2 versions" in told.stdout
        del site.faults[broken]
        assert run(("retry",), tmp_path).stdout == "1 failed pages wait again\n"
        asked = len(site.paths)
        resumed = crawl(url, tmp_path, *words)
        assert site.paths[asked:] == [broken]
        assert (resumed.status, len(resumed.uids)) == (0, 3)
        assert run(("rebuild",), tmp_path).status == 1
        for path in (tmp_path / "state").glob("newscrawl.db*"):
            path.unlink()
        refused = crawl(url, tmp_path, *words)
        assert refused.status == 1
        assert refused.told.startswith("failed: ")
        assert "rebuild" in refused.told
        assert run(("rebuild",), tmp_path).stdout == "3 lines were read into a new state\n"
        again = crawl(url, tmp_path, *words)
    assert (again.status, len(again.lines())) == (0, 3)


def test_a_damaged_state_is_told_and_kept(site: FaultySite, tmp_path: Path) -> None:
    state = tmp_path / "state" / "newscrawl.db"
    with site.serving():
        crawl(site.origin + FIRST.path, tmp_path, "-a", "depth=0", *FAST)
        state.write_bytes(state.read_bytes()[:20_000])
        refused = crawl(site.origin + FIRST.path, tmp_path, "-a", "depth=0", *FAST)
    assert refused.status == 1
    assert refused.told.startswith("failed: ")
    assert "damaged" in refused.told
    assert state.stat().st_size == 20_000
    assert run(("rebuild",), tmp_path).status == 0
    assert len(list(state.parent.glob("newscrawl.db.broken-*Z"))) == 1


def test_another_site_is_refused(site: FaultySite, tmp_path: Path) -> None:
    with site.serving():
        crawl(site.origin + FIRST.path, tmp_path, "-a", "depth=0", *FAST)
    other = crawl("https://mirror.example/en/news/5.md", tmp_path, *FAST)
    assert other.status == 1
    assert other.told.startswith("failed: expected a start on loopback")


def test_repeated_etags_do_not_hide_a_change_for_ever(site: FaultySite, tmp_path: Path) -> None:
    words = ("-a", "depth=0", "-a", "locales=en", *FAST)
    with site.serving():
        url = site.origin + FIRST.path
        crawl(url, tmp_path, *words)

        async def stubborn(request: object, number: int) -> object:
            from aiohttp import web  # noqa: PLC0415

            assert isinstance(request, web.BaseRequest)
            if "If-None-Match" in request.headers:
                return web.Response(status=304)
            return None

        site.pages[FIRST.path] = site.pages[FIRST.path].replace(b"four months ahead", b"five months ahead")
        site.faults[FIRST.path] = stubborn  # type: ignore[assignment]
        found = [len(crawl(url, tmp_path, *words).lines()) for _ in range(9)]
    assert found[0] == 1
    assert found[-1] == 2


def test_a_named_run_is_shared_and_ends_for_all(site: FaultySite, tmp_path: Path, postgres_url: str) -> None:
    from tests.postgres import database  # noqa: PLC0415

    state = database(postgres_url, "crawl_named")
    words = ("-a", "depth=4", "-a", "run=all", "-s", f"STATE_URL={state}", "-s", "LEASE_SECONDS=2", *FAST)
    site.slow = 0.01
    with site.serving():
        url = site.origin + FIRST.path
        with crawling(url, tmp_path / "a", *map(str, words)) as one:
            time.sleep(0.2)
            with crawling(url, tmp_path / "b", *map(str, words)) as two:
                ends = [one.end().status, two.end().status]
        third = crawl(url, tmp_path / "c", *words)
    assert ends == [0, 0]
    assert third.status == 0
    assert third.told.startswith("done: the run all is finished (")
    uids = Run(tmp_path / "a", 0, "", "").uids + Run(tmp_path / "b", 0, "", "").uids
    assert sorted(uids) == reachable(FIRST, depth=4)[0]
