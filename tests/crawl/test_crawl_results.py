"""What a crawl of the undisturbed sample site writes, by the arguments that were given."""

from __future__ import annotations

import dataclasses
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from newscrawl.http_info import HttpInfo
from newscrawl.items import Alternate, Article, CrawlInfo, Instrument, RelatedLink, VendorSymbols
from tests.archived import archive_files
from tests.crawl.crawl_runs import FAST, SINGLE, START, Run, Words, comparable, crawl, crawl_each
from tests.crawl.faulty_site import FaultySite, late
from tests.crawl.sample_graph import Node, first_stories, leads, reachable

FIRST = Node("en", str(START))
SINCE = "2026-06-12"
# Two stories that do not link to each other, the second one in another locale.
FAR = Node("en", "277643038")
OTHER = Node("zh-CN", "283659375")

# The site is made up, but its ids, dates, clocks and characters agree with each other.
DISAGREEMENTS = {
    "clock_differs",
    "date_after_server",
    "date_before_source",
    "date_in_future",
    "id_date_differs",
    "locale_mismatch",
    "wire_time_differs",
}

# Some spellings of one address, below the origin; the tests of addresses know them all.
SPELLINGS = {
    "no locale, html": "/news/290118204",
    "small letters": "/EN/News/290118204.MD",
    "quote page": "/en/quote/09876.HK/news/290118204",
    "llms.txt": "/en/news/290118204/llms.txt",
    "query and fragment": "/en/news/290118204.md?channel=WHAB0001&x=y#top",
    "escaped": "/en/news/%32%390118204%2Emd",
}


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, Run], FaultySite]]:
    folder = tmp_path_factory.mktemp("results")
    starts = folder / "starts.txt"
    with FaultySite().serving() as site:

        def at(node: Node) -> str:
            return site.origin + node.path

        def words(url: str, *arguments: str, speed: Words = FAST) -> Words:
            given = [word for argument in arguments for word in ("-a", argument)]
            return ("longbridge", "-a", f"url={url}", *given, *speed)

        starts.write_text(f"# two\n\n{at(FAR)}\r\n  {at(OTHER)}  \n", encoding="utf-8")
        start = at(FIRST)
        cases: dict[str, Words] = {
            **{f"depth={depth}": words(start, f"depth={depth}") for depth in (0, 1, 2, 4)},
            "depth=2, one at a time": words(start, "depth=2", speed=SINGLE),
            "no depth": words(start),
            "locales": words(start, "locales=en,zh-cn", "depth=2"),
            "foreign start": words(start, "locales=zh-HK,zh-CN", "depth=1"),
            "limit=1": words(start, "limit=1", "depth=4", speed=SINGLE),
            "limit=9": words(start, "limit=9", "depth=4", speed=SINGLE),
            "since": words(start, f"since={SINCE}", "depth=4"),
            "since a moment": words(start, f"since={SINCE}T08:00:00+08:00", "depth=4"),
            "commas": words(f" {at(FAR)}, {at(OTHER)},{at(FAR)}", "depth=1"),
            "file": words(f"@{starts}", "depth=1"),
            "feed": (*words(start, "depth=4"), "-O", str(folder / "feed.jsonl")),
            "segments": (*words(start, "depth=4", speed=SINGLE), "-s", "PUBLISH_INTERVAL=0.01"),
            **{name: words(site.origin + path, "depth=0") for name, path in SPELLINGS.items()},
        }
        yield crawl_each(cases, folder), site


@pytest.fixture(scope="module")
def runs(outcome: tuple[dict[str, Run], FaultySite]) -> dict[str, Run]:
    return outcome[0]


def test_every_run_is_sound(runs: dict[str, Run]) -> None:
    for run in runs.values():
        run.check(0)
        assert run.rejected == {}
        assert max(Counter(run.uids).values()) == 1
        assert run.stdout == ""


@pytest.mark.parametrize(
    ("name", "pages"),
    [
        ("depth=0", reachable(FIRST, depth=0)),
        ("depth=1", reachable(FIRST, depth=1)),
        ("no depth", reachable(FIRST, depth=1)),
        ("depth=2", reachable(FIRST, depth=2)),
        ("depth=2, one at a time", reachable(FIRST, depth=2)),
        ("depth=4", reachable(FIRST, depth=4)),
        ("segments", reachable(FIRST, depth=4)),
        ("locales", reachable(FIRST, depth=2, locales=("en", "zh-CN"))),
        ("foreign start", reachable(Node("zh-HK", FIRST.id), depth=1, locales=("zh-HK", "zh-CN"))),
        ("since", reachable(FIRST, depth=4, since=SINCE)),
        ("since a moment", reachable(FIRST, depth=4, since=SINCE)),
        ("commas", reachable(FAR, OTHER, depth=1)),
        ("file", reachable(FAR, OTHER, depth=1)),
    ],
)
def test_pages(runs: dict[str, Run], name: str, pages: tuple[list[str], set[str]]) -> None:
    read, missing = pages
    assert runs[name].uids == read
    assert runs[name].manifest["counts"]["missing"] == len(missing)


def test_the_cases_differ() -> None:
    # Else the test above could not tell one argument from another.
    sizes = [len(reachable(FIRST, depth=depth)[0]) for depth in (0, 1, 2, 4)]
    assert sizes == sorted(set(sizes))
    assert len(reachable(FIRST, depth=4, since=SINCE)[0]) < sizes[-1]
    assert len(reachable(FAR, OTHER, depth=1)[0]) > len(reachable(FAR, depth=1)[0])


@pytest.mark.parametrize("number", [1, 9])
def test_limit_counts_stories_breadth_first(runs: dict[str, Run], number: int) -> None:
    run = runs[f"limit={number}"]
    stories = first_stories(FIRST, number)
    assert {line["story_id"] for line in run.lines()} == {f"longbridge:{story}" for story in stories}
    # Each of them in all its locales.
    whole = [uid for uid in reachable(FIRST, depth=4)[0] if uid.split(":")[1] in stories]
    assert run.uids == whole
    assert run.manifest["counts"]["stories"] == number


def test_alternates_of_a_story_come_before_the_next_story(runs: dict[str, Run]) -> None:
    for name in ("depth=2, one at a time", "limit=9"):
        stories = [line["story_id"] for line in runs[name].lines()]
        changes = sum(one != other for one, other in pairwise(stories))
        assert changes == len(set(stories)) - 1
        depths = [line["crawl"]["depth"] for line in runs[name].lines()]
        assert depths == sorted(depths)


def test_lines_do_not_depend_on_speed_or_on_other_pages(runs: dict[str, Run]) -> None:
    whole = {line["uid"]: line for line in comparable(runs["depth=4"].lines())}
    for run in runs.values():
        lines = comparable(run.lines())
        assert lines == [whole[line["uid"]] for line in lines]


def test_any_spelling_gives_the_same_lines(runs: dict[str, Run]) -> None:
    expected = comparable(runs["depth=0"].lines())
    for name in SPELLINGS:
        assert comparable(runs[name].lines()) == expected, name
        assert runs[name].manifest["arguments"] == {"url": _canonical(FIRST), "depth": "0"}


def test_requests(outcome: tuple[dict[str, Run], FaultySite]) -> None:
    runs, site = outcome
    asked = Counter(request.path for request in site.asked)
    assert asked.pop("/robots.txt") == len(runs)
    assert all(re.fullmatch(r"/(en|zh-CN|zh-HK)/news/[0-9]+\.md", path) for path in asked)
    # Over all runs together: each asks once for what it read or found missing.
    expected: Counter[str] = Counter()
    for run in runs.values():
        counts = run.manifest["counts"]
        expected.update(Node(line["locale"], line["uid"].split(":")[1]).path for line in run.lines())
        expected["missing"] += counts["missing"]
    missing = sum(number for path, number in asked.items() if path not in expected)
    assert missing == expected.pop("missing")
    assert {path: number for path, number in asked.items() if path in expected} == expected
    agents = {request.agent for request in site.asked}
    assert len(agents) == 1
    assert agents.pop().startswith("newscrawl/")


def test_locales_never_narrows_alternates(runs: dict[str, Run]) -> None:
    lines = runs["foreign start"].lines()
    assert {line["locale"] for line in lines} == {"zh-HK", "zh-CN"}
    for line in lines:
        found = leads(Node(line["locale"], line["uid"].split(":")[1]))
        assert found is not None
        assert [other["locale"] for other in line["alternates"]] == sorted(
            {other.locale for other in found.alternates} | {line["locale"]}
        )


def test_form_of_lines(runs: dict[str, Run]) -> None:
    keys = [field.name for field in dataclasses.fields(Article)]
    parts = {
        "alternates": Alternate,
        "instruments": Instrument,
        "related": RelatedLink,
        "crawl": CrawlInfo,
        "http": HttpInfo,
    }
    for path in runs["depth=4"].files():
        for text in path.read_text(encoding="utf-8").splitlines():
            line = json.loads(text)
            assert list(line) == keys
            assert text == json.dumps(line, ensure_ascii=False, separators=(",", ":"))
            for key, kind in parts.items():
                entries = line[key] if isinstance(line[key], list) else [line[key]]
                for entry in entries:
                    assert list(entry) == [field.name for field in dataclasses.fields(kind)]
            for instrument in line["instruments"]:
                assert list(instrument["vendor"]) == [f.name for f in dataclasses.fields(VendorSymbols)]
    # Raw UTF-8: the sample has Chinese text and an emoji.
    content = b"".join(path.read_bytes() for path in runs["depth=4"].files())
    assert "【".encode() in content
    assert b"\\u" not in content


def test_values_of_lines(runs: dict[str, Run]) -> None:
    run = runs["depth=4"]
    moment = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
    for line in run.lines():
        _, story, locale = line["uid"].split(":")
        node = Node(locale, story)
        assert (line["schema"], line["version"], line["status"]) == ("newscrawl.article/1", 1, "usable")
        assert line["story_id"] == f"longbridge:{story}"
        assert line["locale"] == locale
        parts = {"en": ("en", "Latn", None), "zh-CN": ("zh", "Hans", "CN"), "zh-HK": ("zh", "Hant", "HK")}
        assert (line["language"], line["script"], line["region"]) == parts[locale]
        assert DISAGREEMENTS.isdisjoint(line["warnings"])
        assert line["url"] == _canonical(node)
        assert re.fullmatch(rf"http://127\.0\.0\.1:[0-9]+{re.escape(node.path)}", line["fetched_url"])
        for key in ("first_seen_at", "fetched_at", "available_at"):
            assert moment.fullmatch(line[key])
        assert line["fetched_at"] <= line["first_seen_at"]
        assert line["published_at"] is None or moment.fullmatch(line["published_at"])
        assert line["available_rule"] in ("observed", "backfill")
        assert line["crawl"]["run_id"] == run.manifest["run_id"]
        found = leads(node)
        assert found is not None
        expected = [other.id for other in found.related if other.id != story]
        assert [link["story_id"].split(":")[1] for link in line["related"]] == expected
        assert [link["position"] for link in line["related"]] == list(range(1, len(expected) + 1))
        assert all(link["observed_at"] == line["fetched_at"] for link in line["related"])
        http = line["http"]
        assert http["status"] == 200
        assert http["content_type"] == "text/markdown; charset=utf-8"
        assert http["etag"]
        assert http["date"]
        assert http["bytes"] > len(line["body"].encode())


def test_how_the_crawl_came_there(runs: dict[str, Run]) -> None:
    lines = {line["uid"]: line for line in runs["depth=2, one at a time"].lines()}
    by_url = {line["url"]: line for line in lines.values()}
    seed = lines[FIRST.uid]["crawl"]
    assert (seed["depth"], seed["via"], seed["referrer"]) == (0, "seed", None)
    assert {line["crawl"]["via"] for line in lines.values()} == {"seed", "locale", "related"}
    for uid, line in lines.items():
        crawl = line["crawl"]
        if crawl["via"] == "seed":
            assert uid == FIRST.uid
            continue
        parent = by_url[crawl["referrer"]]
        if crawl["via"] == "locale":
            assert parent["story_id"] == line["story_id"]
            assert crawl["depth"] == parent["crawl"]["depth"]
        else:
            assert line["story_id"] in [link["story_id"] for link in parent["related"]]
            assert crawl["depth"] == parent["crawl"]["depth"] + 1


def test_file_names(runs: dict[str, Run]) -> None:
    for run in runs.values():
        run_id = run.manifest["run_id"]
        assert re.fullmatch(r"[0-9]{8}T[0-9]{6}Z-longbridge-[0-9a-f]{4}", run_id)
        for path in run.files():
            assert re.fullmatch(rf"{run_id}-[0-9]{{6}}\.jsonl", path.name)
            day = path.parent.name.removeprefix("dt=")
            assert datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC)
        for line in run.lines():
            assert line["first_seen_at"][:10] in {path.parent.name[3:] for path in run.files()}
    assert [path.name[-12:] for path in runs["depth=4"].files()] == ["000001.jsonl"]
    # Lines and records share the numbers.
    names = [path.name.partition(".")[0] for path in runs["segments"].files()]
    assert len(names) > 2
    names += [path.name.partition(".")[0] for path in archive_files(runs["segments"].folder)]
    assert sorted(int(name[-6:]) for name in names) == list(range(1, len(names) + 1))


def test_manifest(runs: dict[str, Run]) -> None:
    manifest = runs["since a moment"].manifest
    assert manifest["arguments"] == {
        "url": _canonical(FIRST),
        "depth": "4",
        "since": f"{SINCE}T00:00:00.000Z",
    }
    foreign = runs["foreign start"].manifest["arguments"]
    assert foreign["url"] == _canonical(Node("zh-HK", FIRST.id))
    assert foreign["locales"] == "zh-HK,zh-CN"
    whole = runs["depth=4"]
    manifest, lines = whole.manifest, whole.lines()
    assert manifest["schema"] == "newscrawl.run/1"
    assert manifest["started_at"] <= manifest["finished_at"]
    assert manifest["finish_reason"] == "finished"
    counts = manifest["counts"]
    assert counts["stories"] == 30
    assert counts["stories_met"] == 31
    assert counts["waiting"] == counts["failed"] == counts["forbidden"] == 0
    assert counts["locales"] == dict(sorted(Counter(line["locale"] for line in lines).items()))
    symbols = {found["symbol"] for line in lines for found in line["instruments"]}
    assert counts["instruments"] == len(symbols)
    assert manifest["warnings"] == dict(Counter(code for line in lines for code in line["warnings"]))


def test_feed_has_the_same_records(runs: dict[str, Run]) -> None:
    feed = (runs["feed"].folder.parent / "feed.jsonl").read_text(encoding="utf-8")
    records = [json.loads(text) for text in feed.splitlines()]
    lines = runs["feed"].lines()

    def in_order(found: list[dict[str, object]]) -> list[str]:
        return sorted(json.dumps(record) for record in found)

    assert in_order(records) == in_order(lines)


def test_a_start_that_comes_late_leads_as_far(tmp_path: Path) -> None:
    # What it leads to was read meanwhile, at a depth from which nothing more is asked for.
    late_start = Node("en", "282960967")
    with FaultySite({late_start.path: late(1.5)}).serving() as site:
        url = f"{site.origin}{FIRST.path},{site.origin}{late_start.path}"
        run = crawl(url, tmp_path, "-a", "depth=2", *FAST)
    run.check(0)
    expected, _ = reachable(FIRST, late_start, depth=2)
    assert len(expected) > len(set(reachable(FIRST, depth=2)[0]) | set(reachable(late_start, depth=1)[0]))
    assert run.uids == expected
    assert max(Counter(site.paths).values()) == 1


def _canonical(node: Node) -> str:
    return f"https://longbridge.com{node.path}"
