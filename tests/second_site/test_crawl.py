"""What a crawl of the second site writes, by the arguments that were given."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.crawl.crawl_runs import FAST, SINGLE, Run, comparable
from tests.postgres import database
from tests.second_site.crawls import WHOLE, HarbourSite, crawl
from tests.second_site.pages import KEYS, START, STORIES, Key, reachable, related

GERMAN = Key("cranes", "de")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> Iterator[dict[str, Run]]:
    folder = tmp_path_factory.mktemp("runs")
    state = database(postgres_url, "harbour_whole")
    with HarbourSite().serving() as site, ThreadPoolExecutor(2) as pool:
        first = ("-a", "limit=5", "-a", "depth=9", *SINGLE)
        cases: dict[str, tuple[str, ...]] = {
            "whole": (site.start, *WHOLE),
            # Larger than the site.
            "limit=99": (site.start, "-a", "limit=99", *WHOLE, "-s", f"STATE_URL={state}"),
            "depth=2": (site.start, "-a", "depth=2", *FAST),
            "locales=en": (site.start, "-a", "locales=en", *WHOLE),
            "locales=de,fr": (site.start, "-a", "locales=de,fr", *WHOLE),
            "limit=5": (site.start, *first),
            "limit=5, again": (site.start, *first),
            "limit=9": (site.origin + GERMAN.path, "-a", "limit=9", "-a", "depth=9", *SINGLE),
            "Scrapy's own scheduler": (
                *(site.start, "-a", "limit=1", *WHOLE, "-O", str(folder / "feed.jsonl")),
                *("-s", "SCHEDULER=scrapy.core.scheduler.Scheduler"),
            ),
        }
        started = {
            name: pool.submit(crawl, url, folder / f"{number:02d}", *words)
            for number, (name, (url, *words)) in enumerate(cases.items())
        }
        yield {name: future.result() for name, future in started.items()}


def expected(key: Key) -> dict[str, Any]:
    """What the site says of a page."""
    story = STORIES[key.story]
    text = story.texts[key.locale]
    return {
        "uid": key.uid,
        "story_id": key.story_id,
        "version": 1,
        "status": "usable",
        "url": key.url,
        "locale": key.locale,
        "alternates": [
            {"locale": locale, "url": Key(key.story, locale).url} for locale in sorted(story.texts)
        ],
        "title": text.title,
        "description": f"{text.title}.",
        "body": "\n\n".join(text.paragraphs),
        "published_at": f"{story.day}T09:30:00.000Z",
        "parser": "harbour-html/1",
        "warnings": [],
        "language": key.locale,
        "script": "Latn",
        "region": None,
    }


@pytest.mark.parametrize("name", ["whole", "limit=99"])
def test_lines_are_what_the_site_says(runs: dict[str, Run], name: str) -> None:
    run = runs[name]
    run.check(0)
    lines = {line["uid"]: line for line in run.lines()}
    assert len(lines) == len(run.lines()) == len(KEYS)
    for key in KEYS:
        line, wanted = lines[key.uid], expected(key)
        assert {name: line[name] for name in wanted} == wanted
        assert [(link["url"], link["title"], link["position"]) for link in line["related"]] == [
            (other.url, other.title, position) for position, other in enumerate(related(key), 1)
        ]
        ticker = STORIES[key.story].ticker
        assert [instrument["symbol"] for instrument in line["instruments"]] == ([ticker] if ticker else [])
        assert line["http"]["content_type"] == "text/html; charset=utf-8"
    assert comparable(run.lines()) == comparable(runs["whole"].lines())


def test_translations_are_one_story(runs: dict[str, Run]) -> None:
    stories = Counter(line["story_id"] for line in runs["whole"].lines())
    assert sorted(stories.values()) == sorted(
        len(story.texts) for name, story in STORIES.items() if name != "lost"
    )
    assert runs["whole"].manifest["counts"]["stories"] == len(stories)


@pytest.mark.parametrize(
    ("name", "depth", "locales"),
    [
        ("whole", 9, ("de", "en", "fr")),
        ("depth=2", 2, ("de", "en", "fr")),
        ("locales=en", 9, ("en",)),
        # Only the English start tells where the German page is: it is read for that, and written.
        ("locales=de,fr", 9, ("de", "fr")),
    ],
)
def test_pages(runs: dict[str, Run], name: str, depth: int, locales: tuple[str, ...]) -> None:
    pages, missing = reachable(START, depth=depth, locales=locales)
    runs[name].check(0)
    assert runs[name].uids == sorted(pages)
    assert runs[name].manifest["counts"]["missing"] == missing
    whole = {line["uid"]: line for line in comparable(runs["whole"].lines())}
    lines = comparable(runs[name].lines())
    assert lines == [whole[line["uid"]] for line in lines]


def test_the_cases_differ() -> None:
    every = ("de", "en", "fr")
    sizes = {
        len(reachable(depth=depth, locales=locales)[0])
        for depth, locales in [(9, every), (2, every), (0, every), (9, ("en",)), (9, ("de", "fr"))]
    }
    assert len(sizes) == 5


@pytest.mark.parametrize("limit", [5, 9, 99])
def test_limit_counts_stories(runs: dict[str, Run], limit: int) -> None:
    run = runs[f"limit={limit}"]
    run.check(0)
    stories = {line["story_id"] for line in run.lines()}
    # Some were met as two, a translation before anything said so. In the end there are as many as the limit,
    # each in all its locales. Of the page that is linked and gone, nothing says that its three addresses are
    # one story.
    assert len(stories) + run.manifest["counts"]["missing"] == min(limit, len(STORIES) - 1 + 3)
    assert run.uids == sorted(key.uid for key in KEYS if key.story_id in stories)
    assert START.story_id in stories


def test_limit_with_one_request_at_a_time_gives_the_same_again(runs: dict[str, Run]) -> None:
    assert comparable(runs["limit=5"].lines()) == comparable(runs["limit=5, again"].lines())


def test_the_same_rules_where_a_setting_names_another_scheduler(runs: dict[str, Run]) -> None:
    run = runs["Scrapy's own scheduler"]
    run.check(0)
    assert run.uids == sorted(key.uid for key in KEYS if key.story == "cranes")
    assert {line["story_id"] for line in run.lines()} == {START.story_id}
    feed = (run.folder.parent / "feed.jsonl").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in feed.splitlines()]
    assert sorted(map(json.dumps, lines)) == sorted(map(json.dumps, run.lines()))


def test_dates_that_differ_between_translations_are_told(tmp_path: Path) -> None:
    french = Key("cranes", "fr")
    with HarbourSite().serving() as site:
        site.edit(french.path, "2026-03-02T10:30:00+01:00", "2026-03-02T10:30:00Z")
        run = crawl(site.start, tmp_path, "-a", "depth=0", *SINGLE)
    run.check(0)
    # The line that is written last carries the warning.
    assert {line["uid"]: line["warnings"] for line in run.lines()} == {
        START.uid: [],
        GERMAN.uid: [],
        french.uid: ["locale_dates_differ"],
    }


def test_what_the_reader_refuses_is_rejected_with_the_reason(tmp_path: Path) -> None:
    french = Key("cranes", "fr")
    with HarbourSite().serving() as site:
        site.edit(french.path, f'canonical" href="{french.url}', f'canonical" href="{START.url}')
        for paragraph in STORIES["cranes"].texts["de"].paragraphs:
            site.edit(GERMAN.path, f"<p>{paragraph}</p>", "")
        run = crawl(site.start, tmp_path, "-a", "depth=1", *FAST)
    run.check(0)
    assert {uid: line["reason"] for uid, line in run.rejected.items()} == {
        GERMAN.uid: "body_missing",
        french.uid: "wrong_article",
    }
    assert run.rejected[french.uid]["detail"] == f"expected {french.url}, found '{START.url}'"
    # Only the German page had led to the grain.
    lost = {GERMAN.uid, french.uid, *(key.uid for key in KEYS if key.story == "grain")}
    assert set(run.uids) == reachable(depth=1)[0] - lost
