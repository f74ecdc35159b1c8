"""A pipeline of the user's drops articles: counted, followed, rechecked; written once no longer dropped."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import pytest

from tests.crawl.crawl_runs import START, Record, Run, comparable, run
from tests.crawl.faulty_site import FaultySite, page
from tests.crawl.sample_graph import reachable
from tests.ways.one_by_one import Case
from tests.ways.programs import FIRST, manifests, one_by_one

CHINESE = page("zh-CN", START)
STARTS = [f"longbridge:{START}:{locale}" for locale in ("en", "zh-CN", "zh-HK")]


def drop(pattern: str, place: int = 280) -> dict[str, Any]:
    return {"ITEM_PIPELINES": {"tests.ways.parts.Drops": place}, "DROP": pattern}


def versions(run: Run) -> dict[str, int]:
    """The newest version of each article."""
    lines = sorted(run.lines(), key=lambda line: int(line["version"]))
    # Each version once.
    assert len({(line["uid"], line["version"]) for line in lines}) == len(lines)
    return {line["uid"]: line["version"] for line in lines}


class Story(NamedTuple):
    """One crawl again and again, what the site was asked for each time, what ``scrapy status`` said first."""

    runs: dict[str, Run]
    asked: dict[str, int]
    status: str


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("dropping")
    with FaultySite().serving() as site:
        url = site.origin + FIRST.path

        def again(settings: dict[str, Any], recheck: str = "5000w") -> Case:
            return Case(url, settings, {"recheck": recheck}, folder="story")

        runs = one_by_one({"dropped": again(drop("zh-CN"))}, folder)
        status = run(("status",), folder / "story").stdout
        runs |= one_by_one(
            {
                "never": again(drop("zh-CN"), "never"),
                "dropped again": again(drop("zh-CN")),
                "written": again({}),
                "dropped later": again(drop("zh-CN")),
            },
            folder,
        )
        site.pages[CHINESE] = site.pages[CHINESE].replace("佛山".encode(), "东莞".encode())
        runs |= one_by_one({"changed": again(drop("zh-CN")), "written later": again({})}, folder)
        return Story(runs, asked_for(site, runs), status)


def asked_for(site: FaultySite, runs: dict[str, Run]) -> dict[str, int]:
    """How many pages each run asked for, by the requests between two of robots.txt."""
    counts: list[int] = []
    for asked in site.asked:
        if asked.path == "/robots.txt":
            counts.append(0)
        else:
            counts[-1] += 1
    return dict(zip(runs, counts, strict=True))


def test_dropped_pages_are_counted(story: Story, expected: list[Record]) -> None:
    found = story.runs["dropped"]
    found.check(0)
    assert found.told == "done: everything that was asked for"
    assert comparable(found.lines()) == [line for line in expected if line["locale"] != "zh-CN"]
    counts = found.manifest["counts"]
    assert (counts["read"], counts["dropped"], counts["exceptions"], counts["rejected"]) == (12, 6, 0, 0)
    assert re.search(r"^  pages +6 dropped, 12 read; 0 queued, 0 leased$", story.status, re.MULTILINE)
    assert re.search(r"^  dropped +6 × not wanted: zh-CN$", story.status, re.MULTILINE)
    # One line in the log for each, as for any dropped item.
    assert found.stderr.count("WARNING: not wanted: zh-CN\n") == 6


def test_dropped_pages_are_rechecked_like_written_ones(story: Story) -> None:
    # What is known and old is not asked for: only the start is.
    assert story.asked["never"] == 1
    counts = manifests(story.runs["never"])[-1]["counts"]
    assert (counts["unchanged"], counts["skipped"] + counts["dropped"], counts["read"]) == (1, 17, 0)
    for name in ("dropped again", "written", "dropped later", "changed", "written later"):
        assert story.asked[name] == 18, name
    for name, found in story.runs.items():
        assert (found.status, found.told.partition(":")[0]) == (0, "done"), name
    counts = manifests(story.runs["dropped again"])[-1]["counts"]
    assert (counts["dropped"], counts["unchanged"], counts["read"]) == (6, 12, 0)


def test_what_is_no_longer_dropped_is_written(story: Story, expected: list[Record]) -> None:
    assert versions(story.runs["dropped again"]) == versions(story.runs["dropped"])
    assert comparable(story.runs["written"].lines()) == expected
    assert set(versions(story.runs["written"]).values()) == {1}
    assert manifests(story.runs["written"])[-1]["counts"]["read"] == 6


def test_what_was_written_keeps_its_version(story: Story, expected: list[Record]) -> None:
    # Pages that the site says are as they were (304) reach no pipeline; the changed one is dropped.
    for name, dropped in (("dropped later", 0), ("changed", 1)):
        assert comparable(story.runs[name].lines()) == expected
        counts = manifests(story.runs[name])[-1]["counts"]
        assert (counts["dropped"], counts["unchanged"]) == (dropped, 18 - dropped)
    newest = versions(story.runs["written later"])
    assert {uid for uid, version in newest.items() if version != 1} == {f"longbridge:{START}:zh-CN"}
    assert newest[f"longbridge:{START}:zh-CN"] == 2


@pytest.fixture(scope="module")
def others(site: FaultySite, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    url = site.origin + FIRST.path
    # All stories but the start's; and everything.
    but_start = rf":(?!{START}:)\d+:"
    folder = tmp_path_factory.mktemp("others")
    feed = {"FEEDS": {str(folder / "feed.jsonl"): {"format": "jsonlines"}}}
    return one_by_one(
        {
            "neighbours": Case(url, drop(but_start), {"depth": 2}),
            "everything": Case(url, drop("."), {"depth": 0}),
            "after the commit": Case(url, drop("zh-CN", 950) | feed),
        },
        folder,
    )


def test_links_of_dropped_pages_are_followed(others: dict[str, Run]) -> None:
    found = others["neighbours"]
    found.check(0)
    assert found.uids == STARTS
    uids, missing = reachable(FIRST, depth=2)
    near, _ = reachable(FIRST, depth=1)
    assert len(uids) > len(near)
    counts = found.manifest["counts"]
    assert (counts["dropped"], counts["missing"]) == (len(uids) - 3, len(missing))


def test_everything_may_be_dropped(others: dict[str, Run]) -> None:
    found = others["everything"]
    found.check(0)
    assert found.lines() == []
    assert found.manifest["counts"]["dropped"] == 3
    assert found.told == "done: nothing new"


def test_a_drop_after_the_commit_changes_nothing(others: dict[str, Run], expected: list[Record]) -> None:
    found = others["after the commit"]
    found.check(0)
    assert comparable(found.lines()) == expected
    assert found.manifest["counts"]["dropped"] == 0
    feed = (found.folder.parent / "feed.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(feed) == 12
