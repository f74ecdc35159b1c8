"""The whole job against a plain Scrapy spider, in the same run: ``python -m benchmarks.crawl``.

Serves a generated site from a process of its own and crawls it in turn with (a) ``plain_spider.py``
under Scrapy's stock settings, without delay, (b) newscrawl with the same concurrency, and (c) the same
with its state in memory, which shows what durability costs. Prints pages a second over the whole
process, start-up included, the ratios, and peak resident memory.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
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

_NAMES = ("plain", "newscrawl", "in memory")


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stories", type=int, default=3_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    total = options.stories * 3
    runs: dict[str, list[Figures]] = {name: [] for name in _NAMES}
    with generated_site(options.stories) as url:
        for number in range(1, options.rounds + 1):
            runs["plain"].append(_plain(url, total))
            runs["newscrawl"].append(_newscrawl(url, total))
            runs["in memory"].append(_newscrawl(url, total, "-s", "STATE_URL=sqlite://"))
            rates = ", ".join(f"{name} {total / runs[name][-1].seconds:.0f}" for name in _NAMES)
            print(f"round {number}: {rates} pages/s", flush=True)
    print(f"{total} pages, median of {options.rounds} rounds")
    for name in _NAMES:
        rate = statistics.median(total / run.seconds for run in runs[name])
        memory = statistics.median(run.memory for run in runs[name])
        print(f"  {name:10} {rate:7.0f} pages/s  {memory:5.0f} MB peak")
    _print_ratio("newscrawl / plain", runs["plain"], runs["newscrawl"])
    _print_ratio("newscrawl / in memory", runs["in memory"], runs["newscrawl"])


def _print_ratio(title: str, slow: list[Figures], fast: list[Figures]) -> None:
    ratios = [a.seconds / b.seconds for a, b in zip(slow, fast, strict=True)]
    print(f"  {title:22} {statistics.median(ratios):.2f} (min {min(ratios):.2f}, max {max(ratios):.2f})")


def _plain(url: str, total: int) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "pages.jsonl")
        spider = str(ROOT / "benchmarks" / "plain_spider.py")
        words = ["runspider", spider, "-a", f"url={url}", "-o", str(output), *concurrent(16)]
        # From a folder outside the project, so that no setting of the project counts.
        figures = run_scrapy(words, folder=Path(folder))
        count_lines(iter([output]), total)
        return figures


def _newscrawl(url: str, total: int, *settings: str) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        figures = run_scrapy([*fast_crawl(url, Path(folder)), *settings])
        count_lines(Path(folder).glob("articles/*/*.jsonl"), total)
        return figures


if __name__ == "__main__":
    main()
