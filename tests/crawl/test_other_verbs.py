"""The verbs of ``scrapy`` besides ``crawl``: they work, and leave no data folder behind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.crawl.crawl_runs import SINGLE, START, Run, crawl, run
from tests.crawl.faulty_site import FaultySite, first, status
from tests.crawl.sample_graph import SAMPLE, Node

FIRST = Node("en", str(START))


@pytest.fixture(scope="module")
def verbs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Run]]:
    folder = tmp_path_factory.mktemp("verbs")
    with FaultySite().serving() as site:
        url = site.origin + FIRST.path
        cases: dict[str, tuple[str, ...]] = {
            "list": ("list",),
            "check": ("check",),
            "parse": ("parse", "--spider", "longbridge", url, "--nolog"),
            "parse, spider found": ("parse", site.origin + "/news/290118204", "--nolog", "--noitems"),
            "parse, two levels": ("parse", "--spider=longbridge", "--depth=2", "--pipelines", url, "--nolog"),
            "fetch": ("fetch", "--nolog", url),
            "shell": ("shell", "--nolog", "-c", "type(spider).__name__, response.status", url),
            "settings": ("settings", "--get", "DOWNLOAD_DELAY"),
            "head": ("head",),
        }
        with ThreadPoolExecutor(2) as pool:
            runs = pool.map(lambda name: run((*cases[name], *_quick(name)), folder / name), cases)
            yield dict(zip(cases, runs, strict=True))


def _quick(name: str) -> tuple[str, ...]:
    return () if name == "settings" else ("-s", "DOWNLOAD_DELAY=0")


def test_no_verb_makes_a_data_folder(verbs: dict[str, Run]) -> None:
    for name, found in verbs.items():
        assert not found.folder.exists(), name
        assert "Traceback" not in found.stderr + found.stdout, name
        assert found.status == (1 if name == "head" else 0), name


def test_list(verbs: dict[str, Run]) -> None:
    assert verbs["list"].stdout == "longbridge\n"


def test_check(verbs: dict[str, Run]) -> None:
    assert verbs["check"].stderr.rstrip().endswith("OK")


def test_parse(verbs: dict[str, Run]) -> None:
    text = verbs["parse"].stdout
    assert f"longbridge:{START}:en" in text
    assert "Lantern Bay Logistics opened its second cold-chain hub" in text
    requests = set(re.findall(r"<GET http://127\.0\.0\.1:[0-9]+(/\S+)>", text))
    assert requests == {
        *(f"/{locale}/news/{START}.md" for locale in ("zh-CN", "zh-HK")),
        *(f"/en/news/{story}.md" for story in (289868449, 289323489, 290435674, 290643280, 278852763)),
    }


def test_parse_finds_the_spider(verbs: dict[str, Run]) -> None:
    # The address without .md has no page on the sample site; which spider it is for is known anyway.
    text = verbs["parse, spider found"]
    assert "Unable to find spider" not in text.stderr + text.stdout
    assert "# Requests" in text.stdout


def test_parse_with_pipelines(verbs: dict[str, Run]) -> None:
    text = verbs["parse, two levels"].stdout
    assert "'content_hash': '" in text
    assert {f"longbridge:{START}:zh-CN", f"longbridge:{START}:zh-HK"} <= set(
        re.findall(r"longbridge:[\w:-]+", text)
    )


def test_parse_of_a_busy_site(tmp_path: Path) -> None:
    # What needs the scheduler of a crawl does without it here.
    faults = {"/robots.txt": status(200, b"User-agent: *\nCrawl-delay: 1\n"), FIRST.path: first(status(429))}
    with FaultySite(faults).serving() as site:
        found = run(("parse", site.origin + FIRST.path, *SINGLE), tmp_path / "data")
    assert found.status == 0
    assert "Traceback" not in found.stderr
    assert f"longbridge:{START}:en" in found.stdout


def test_fetch(verbs: dict[str, Run]) -> None:
    assert (
        verbs["fetch"].stdout.strip() == SAMPLE.joinpath(FIRST.path[1:]).read_text(encoding="utf-8").strip()
    )


def test_shell(verbs: dict[str, Run]) -> None:
    assert "('LongbridgeSpider', 200)" in verbs["shell"].stdout


def test_settings(verbs: dict[str, Run]) -> None:
    assert verbs["settings"].stdout == "1.0\n"


def test_publish_for_a_worker_that_nobody_knows(tmp_path: Path) -> None:
    with FaultySite().serving() as site:
        crawl(site.origin + FIRST.path, tmp_path, "-a", "depth=0", "-a", "locales=en", *SINGLE)
    told = run(("publish", "--worker", "no-such-worker"), tmp_path)
    assert told.status == 1
    assert told.stderr == (
        "scrapy publish: expected a worker that committed lines, found none named no-such-worker\n"
    )


def test_head_without_lines(verbs: dict[str, Run]) -> None:
    assert len(verbs["head"].stderr.splitlines()) == 1


def test_head(tmp_path: Path) -> None:
    with FaultySite().serving() as site:
        crawled = crawl(site.origin + FIRST.path, tmp_path, "-a", "depth=0", "-a", "locales=en", *SINGLE)
    (path,) = crawled.files()
    shown = run(("head",), tmp_path)
    assert (shown.status, shown.stderr) == (0, "")
    # A long path may have a line of its own.
    assert f"{path.name} 1 line" in " ".join(shown.stdout.split())
    assert FIRST.uid in shown.stdout
    line = run(("head", "--json"), tmp_path)
    assert (line.status, line.stderr) == (0, "")
    assert line.stdout == path.read_text(encoding="utf-8")
