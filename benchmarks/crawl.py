"""The whole job against a plain Scrapy spider, in the same run: ``python -m benchmarks.crawl``.

Serves a generated site from a process of its own and crawls it in turn with (a) ``plain_spider.py`` with
Scrapy's stock settings and no delay, (b) the same with Scrapy's handler over aiohttp, (c) newscrawl with the
same concurrency, and (d) the same with its state in memory, which shows what durability costs. Then the same
for one story alone. Prints processor seconds of the whole process, start-up included, and pages a second; the
ratios are those of processor seconds, which other programs on the machine change least.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.processes import (
    ROOT,
    Figures,
    concurrent,
    count_lines,
    fast_crawl,
    generated_site,
    run_scrapy,
)
from benchmarks.static_server import requests_per_second

_HANDLER = "scrapy.core.downloader.handlers._aiohttp.AiohttpDownloadHandler"
_AIOHTTP = ("-s", f'DOWNLOAD_HANDLERS={{"http": "{_HANDLER}", "https": "{_HANDLER}"}}')
_IN_MEMORY = ("-s", "STATE_URL=sqlite://")
# How much faster than the fastest crawl the site must be, so as not to be what is measured.
_LEAST = 5

Runs = dict[str, list[Figures]]


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stories", type=int, default=3_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    total = options.stories * 3
    with generated_site(options.stories) as url:
        whole = _measure(
            options.rounds,
            {
                "plain": lambda: _plain(url, total),
                "plain, aiohttp": lambda: _plain(url, total, *_AIOHTTP),
                "newscrawl": lambda: _newscrawl(url, total),
                "in memory": lambda: _newscrawl(url, total, *_IN_MEMORY),
            },
        )
        _print(f"{total} pages", whole, total)
        site = requests_per_second(url)
        fastest = max(total / run.seconds for runs in whole.values() for run in runs)
        note = (
            "" if site >= _LEAST * fastest else f": less than {_LEAST} times, it may limit what is measured"
        )
        print(f"  the site answers {site:.0f} requests/s, {site / fastest:.1f} times the fastest crawl{note}")
    with generated_site(1) as url:
        alone = _measure(
            options.rounds,
            {
                "plain": lambda: _plain(url, 1, "-s", "CLOSESPIDER_PAGECOUNT=1", *concurrent(1)),
                "newscrawl": lambda: _newscrawl(url, 3, "-a", "depth=0"),
            },
        )
        _print("one page of a plain spider, one story in three locales", alone, 1)


def _measure(rounds: int, crawls: dict[str, Callable[[], Figures]]) -> Runs:
    runs: Runs = {name: [] for name in crawls}
    for number in range(1, rounds + 1):
        for name, crawl in crawls.items():
            runs[name].append(crawl())
        spent = ", ".join(f"{name} {found[-1].processor:.1f}" for name, found in runs.items())
        print(f"round {number}, processor seconds: {spent}", flush=True)
    return runs


def _print(title: str, runs: Runs, pages: int) -> None:
    print(f"{title}, median of {len(runs['plain'])} rounds")
    for name, found in runs.items():
        processor, seconds = (statistics.median(run[number] for run in found) for number in (1, 0))
        ratios = sorted(a.processor / b.processor for a, b in zip(runs["plain"], found, strict=True))
        memory = statistics.median(run.memory for run in found)
        print(
            f"  {name:15} {processor:6.2f} s of processor time, {seconds:6.2f} s "
            f"({pages / seconds:.0f} pages/s), {memory:.0f} MB"
        )
        print(f"{'':18}plain / {name}: {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})")


def _plain(url: str, total: int, *settings: str) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "pages.jsonl")
        spider = str(ROOT / "benchmarks" / "plain_spider.py")
        words = ["runspider", spider, "-a", f"url={url}", "-o", str(output), *concurrent(16), *settings]
        # From a folder outside the project, so that no setting of the project counts.
        figures = run_scrapy(words, folder=Path(folder))
        count_lines(iter([output]), total)
        return figures


def _newscrawl(url: str, total: int, *words: str) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        figures = run_scrapy([*fast_crawl(url, Path(folder)), *words])
        count_lines(Path(folder).glob("articles/*/*.jsonl"), total)
        return figures


if __name__ == "__main__":
    main()
