"""Commands that look at pages have Scrapy's scheduler and save nothing; a crawl without ours is refused."""

from __future__ import annotations

import re
from functools import partial

import pytest

from tests.crawl.crawl_runs import SINGLE, Run
from tests.crawl.faulty_site import FaultySite
from tests.crawl.sample_graph import Node, reachable
from tests.ways.programs import FIRST, at_once, scrapy_in

EN = ("-a", "locales=en")
WORDS: dict[str, tuple[str, ...]] = {
    "parse": ("parse", "URL", "--nolog", "--depth=3", "--pipelines", "-a", "depth=1", *EN),
    "parse, the story alone": ("parse", "URL", "--nolog", "-a", "depth=0", "-a", "locales=en,zh-CN"),
    "parse, no number": ("parse", "URL", "-a", "depth=x"),
    "shell": (
        "shell", "URL", "-c", "type(crawler.engine._slot.scheduler).__module__, spider.lifecycle.queue"
    ),
    "crawl": ("crawl", "longbridge", "-a", "url=URL", "-s", "QUEUE_ENABLED=False"),
    "runspider": ("runspider", "mine.py", "-a", "url=URL", "-s", "QUEUE_ENABLED=False"),
}  # fmt: skip


@pytest.fixture(scope="module")
def runs(site: FaultySite, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    folder = tmp_path_factory.mktemp("looking")
    (folder / "mine.py").write_text(
        "from newscrawl.spiders.longbridge import LongbridgeSpider\n\n\nclass Mine(LongbridgeSpider): ...\n"
    )
    url = site.origin + FIRST.path
    return at_once(
        {
            name: partial(
                scrapy_in,
                folder,
                [*(word.replace("URL", url) for word in words), *SINGLE],
                folder / "data",
                SCRAPY_SETTINGS_MODULE="newscrawl.settings",
            )
            for name, words in WORDS.items()
        }
    )


def _uids(text: str) -> list[str]:
    return sorted(re.findall(r"'uid': '(longbridge:[\w:-]+)'", text))


def _requests(text: str) -> set[str]:
    return set(re.findall(r"<GET http://127\.0\.0\.1:[0-9]+(/\S+)>", text))


def test_nothing_is_saved(runs: dict[str, Run]) -> None:
    folder = runs["parse"].folder.parent
    assert {path.name for path in folder.iterdir()} - {"__pycache__"} == {"mine.py"}
    for name, run in runs.items():
        assert "Traceback" not in run.stderr + run.stdout, name


def test_parse_has_the_rules_of_the_crawl(runs: dict[str, Run]) -> None:
    run = runs["parse"]
    assert run.status == 0
    assert _uids(run.stdout) == reachable(FIRST, depth=1, locales=("en",))[0]
    assert _requests(run.stdout) == set()
    run = runs["parse, the story alone"]
    assert run.status == 0
    assert _uids(run.stdout) == [FIRST.uid]
    assert _requests(run.stdout) == {Node("zh-CN", FIRST.id).path}


def test_parse_refuses_arguments(runs: dict[str, Run]) -> None:
    run = runs["parse, no number"]
    assert (run.status, run.stdout) == (2, "")
    (line,) = run.stderr.splitlines()
    assert line.startswith("scrapy parse: depth: expected a whole number")


def test_shell(runs: dict[str, Run]) -> None:
    assert runs["shell"].status == 0
    assert "('scrapy.core.scheduler', None)" in runs["shell"].stdout


@pytest.mark.parametrize("name", ["crawl", "runspider"])
def test_a_crawl_without_the_queue_is_refused(name: str, runs: dict[str, Run]) -> None:
    run = runs[name]
    assert run.status == 2
    told = [line for line in run.stderr.splitlines() if " ERROR: " in line or line.startswith("scrapy ")]
    assert len(told) == 1, run.stderr
    assert "QUEUE_ENABLED: expected" in told[0]
