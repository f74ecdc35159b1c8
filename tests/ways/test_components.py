"""Settings that replace what a crawl is made of: what is needed is there all the same, or is refused."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.crawl.crawl_runs import FAST, ROOT, Record, Run, comparable, crawl
from tests.crawl.faulty_site import FaultySite
from tests.ways.one_by_one import Case
from tests.ways.programs import FIRST, MISSING, at_once, last_word, one_by_one, scrapy_in

REPLACED = ("EXTENSIONS", "DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES", "ITEM_PIPELINES", "ADDONS")
ALL: dict[str, Any] = {name: {} for name in REPLACED}
ACCEPTED: dict[str, dict[str, Any]] = {
    **{name: {name: {}} for name in REPLACED},
    "all": ALL,
    "commit, a subclass": {
        "ITEM_PIPELINES": {
            "newscrawl.pipelines.commit.CommitPipeline": None,
            "newscrawl.pipelines.steps.HashPipeline": None,
            "tests.ways.parts.OwnCommit": 900,
            "tests.ways.parts.OwnHash": 300,
        }
    },
    "robots.txt, a subclass": {"DOWNLOADER_MIDDLEWARES": {"tests.ways.parts.OwnRobots": 100}},
    "Scrapy's scheduler": {"SCHEDULER": "scrapy.core.scheduler.Scheduler"},
    "scheduler, a subclass": {"SCHEDULER": "tests.ways.parts.OwnScheduler"},
}
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no commit": (
        {"ITEM_PIPELINES": {"newscrawl.pipelines.commit.CommitPipeline": None}},
        "ITEM_PIPELINES: expected newscrawl.pipelines.commit.CommitPipeline or a subclass of it, found None",
    ),
    "no hash": (
        {"ITEM_PIPELINES": {"newscrawl.pipelines.steps.HashPipeline": None}},
        "ITEM_PIPELINES: expected newscrawl.pipelines.steps.HashPipeline or a subclass of it, found None",
    ),
    "no robots.txt": (
        {"DOWNLOADER_MIDDLEWARES": {"newscrawl.middlewares.robots.RobotsMiddleware": None}},
        "DOWNLOADER_MIDDLEWARES: expected newscrawl.middlewares.robots.RobotsMiddleware",
    ),
    "retries twice": (
        {"DOWNLOADER_MIDDLEWARES": {"scrapy.downloadermiddlewares.retry.RetryMiddleware": 551}},
        "DOWNLOADER_MIDDLEWARES: expected BackoffRetryMiddleware in place of",
    ),
    "another scheduler": (
        {"SCHEDULER": "tests.ways.parts.NoScheduler"},
        "SCHEDULER: expected newscrawl.queue.scheduler.QueueScheduler, found tests.ways.parts.NoScheduler",
    ),
    "a pipeline that is not there": (
        {"ITEM_PIPELINES": {"no.such.Pipeline": 1}},
        "ITEM_PIPELINES: expected a class that can be imported, found no.such.Pipeline",
    ),
    "a scheduler that is not there": (
        {"SCHEDULER": "newscrawl.queue.scheduler.Missing"},
        "SCHEDULER: expected a class that can be imported, found newscrawl.queue.scheduler.Missing",
    ),
    "an add-on that is not there": (
        {"ADDONS": {"no.such.Addon": 1}},
        "ADDONS: expected a class that can be imported, found no.such.Addon",
    ),
    "delay no number": ({"DOWNLOAD_DELAY": "x"}, "DOWNLOAD_DELAY: expected a number from 0, found 'x'"),
    "requests no number": (
        {"CONCURRENT_REQUESTS": "many"},
        "CONCURRENT_REQUESTS: expected a whole number from 1, found 'many'",
    ),
    "neither true nor false": ({"ROBOTSTXT_OBEY": "perhaps"}, "ROBOTSTXT_OBEY: expected true or false"),
    "without the queue": ({"QUEUE_ENABLED": False}, "QUEUE_ENABLED: expected"),
}
BROKEN: dict[str, dict[str, Any]] = {
    "broken when made": {"ITEM_PIPELINES": {"tests.ways.parts.BrokenWhenMade": 950}},
    "broken when opened": {"ITEM_PIPELINES": {"tests.ways.parts.BrokenWhenOpened": 950}},
    "whole again": {},
}


def typed(settings: dict[str, Any]) -> tuple[str, ...]:
    """Settings as they are typed on a command line."""
    return tuple(part for name, value in as_text(settings) for part in ("-s", f"{name}={value}"))


def as_text(settings: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (name, value if isinstance(value, str) else json.dumps(value)) for name, value in settings.items()
    ]


TYPED = {
    **{name: (FIRST.path, ACCEPTED[name], 0) for name in ("all", "commit, a subclass")},
    "all, start missing": (MISSING, ALL, 1),
    **{
        name: ("", REFUSED[name][0], 2)
        for name in ("no commit", "retries twice", "another scheduler", "a pipeline that is not there")
    },
}


@pytest.fixture(scope="module")
def on_the_command_line(site: FaultySite, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    folder = tmp_path_factory.mktemp("typed")
    cases = {
        **{name: (path or FIRST.path, settings) for name, (path, settings, _) in TYPED.items()},
        **{name: (FIRST.path, BROKEN[name]) for name in ("broken when made", "broken when opened")},
    }
    return at_once(
        {
            name: partial(crawl, site.origin + path, folder / name, *FAST, *typed(settings))
            for name, (path, settings) in cases.items()
        }
    )


@pytest.mark.parametrize("name", TYPED)
def test_on_the_command_line(name: str, on_the_command_line: dict[str, Run], expected: list[Record]) -> None:
    run, (_, _, status) = on_the_command_line[name], TYPED[name]
    if status == 2:
        (line,) = run.stderr.splitlines()
        assert line.startswith(f"scrapy crawl: {REFUSED[name][1]}")
        assert run.status == 2
        assert not run.folder.exists()
    else:
        run.check(status)
        assert comparable(run.lines()) == ([] if status else expected)
        assert run.manifest["finish_reason"] == ("failed" if status else "finished")


def test_settings_of_a_spider_are_checked_before_the_crawl(site: FaultySite, tmp_path: Path) -> None:
    words = ("-a", f"url={site.origin}{FIRST.path}", "-s", "SPIDER_MODULES=tests.ways.spiders")
    run = scrapy_in(
        ROOT, ("crawl", "custom", *words, "-s", f"DATA_DIR={tmp_path / 'data'}"), tmp_path / "data"
    )
    assert run.status == 2
    (line,) = run.stderr.splitlines()
    assert line.startswith(
        "scrapy crawl: ITEM_PIPELINES: expected a class that can be imported, found no.such"
    )


@pytest.fixture(scope="module")
def in_a_script(site: FaultySite, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    first, missing = site.origin + FIRST.path, site.origin + MISSING
    return one_by_one(
        {
            **{name: Case(first, settings) for name, settings in ACCEPTED.items()},
            **{f"{name}, typed": Case(first, typed=dict(as_text(ACCEPTED[name]))) for name in REPLACED},
            **{f"{name}, start missing": Case(missing, ACCEPTED[name]) for name in (*REPLACED, "all")},
            **{name: Case(first, settings) for name, (settings, _) in REFUSED.items()},
            **{name: Case(first, settings, folder="broken") for name, settings in BROKEN.items()},
        },
        tmp_path_factory.mktemp("script"),
    )


@pytest.mark.parametrize("name", [*ACCEPTED, *(f"{name}, typed" for name in REPLACED)])
def test_accepted(name: str, in_a_script: dict[str, Run], expected: list[Record]) -> None:
    run = in_a_script[name]
    run.check(0)
    assert last_word(run) == [0, "done", 0, "finished"]
    assert comparable(run.lines()) == expected


@pytest.mark.parametrize("name", [*REPLACED, "all"])
def test_a_start_that_is_missing(name: str, in_a_script: dict[str, Run]) -> None:
    run = in_a_script[f"{name}, start missing"]
    run.check(1)
    assert last_word(run) == [1, "failed", 1, "failed"]


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str, in_a_script: dict[str, Run]) -> None:
    run = in_a_script[name]
    assert last_word(run) == [2, "failed", 2, "bad_arguments"]
    assert run.told.startswith(f"failed: {REFUSED[name][1]}")
    assert "Traceback" not in run.stderr
    assert run.stderr.count(" ERROR: ") == 1
    assert not run.folder.exists()


@pytest.mark.parametrize("name", ["broken when made", "broken when opened"])
def test_what_cannot_be_set_up(
    name: str, on_the_command_line: dict[str, Run], in_a_script: dict[str, Run]
) -> None:
    run = on_the_command_line[name]
    assert run.status == 1
    assert run.told.startswith("failed: the crawl could not be set up")
    assert run.stderr.count("Traceback") <= 1
    assert run.stderr.splitlines()[-1] == "scrapy crawl: OSError: no such index"
    run = in_a_script[name]
    assert run.status == 1
    # A script has the exception itself.
    assert "Traceback" not in run.stderr
    assert "raised no such index" in run.stderr
    assert run.told.startswith("failed: the crawl could not be set up")
    stats = last_word(run)
    assert stats == [1, "failed", 1, "not_begun"]


def test_what_could_not_be_set_up_is_forgotten(in_a_script: dict[str, Run], expected: list[Record]) -> None:
    run = in_a_script["whole again"]
    run.check(0)
    assert comparable(run.lines()) == expected
