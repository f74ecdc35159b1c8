"""The steps behind the reading: ``python -m benchmarks.refining``.

Reads each page of ``data/sample`` and hands the article through every step of ``ITEM_PIPELINES`` but the
commit, one page after the other, as a crawl does. Prints the median microseconds a record for each step
and for all of them together, and what part that is of the time in which ``read_article`` read the same
page in the same run.
"""

from __future__ import annotations

import argparse
import statistics
from datetime import UTC, datetime
from email.utils import format_datetime
from time import perf_counter
from typing import Any

from scrapy.utils.misc import load_object

from newscrawl.items import Article, HttpInfo
from newscrawl.pipelines.commit import CommitPipeline
from newscrawl.refine.dates import format_instant
from newscrawl.sample_site import read_pages
from newscrawl.settings import ITEM_PIPELINES
from newscrawl.sites.longbridge.address import LONGBRIDGE, Address
from newscrawl.sites.longbridge.reader import read_article

# Hashing the text is a price for its length; the others have a budget for a record.
_BUDGET = 150
_NO_PART = "ContentPipeline"


def main() -> None:
    """Run the measurement and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    options = parser.parse_args()
    pages = {asked: page for path, page in read_pages().items() if (asked := _asked(path))}
    steps = _steps()
    # The first time around tables are loaded and patterns compiled.
    _run(pages, steps)
    rows = [row for _ in range(options.rounds) for row in _run(pages, steps)]
    reading = statistics.median(row["read_article"] for row in rows)
    checks = [sum(row[name] for name in steps if name != _NO_PART) for row in rows]
    print(
        f"{len(pages)} pages, {options.rounds} rounds; median µs a record, and in parts of reading the page"
    )
    for name in ("read_article", *steps):
        _print(name, statistics.median(row[name] for row in rows), reading)
    _print(f"all but {_NO_PART}", statistics.median(checks), reading)
    slow = statistics.quantiles(checks, n=100)[-1]
    print(f"  budget for the median {_BUDGET} µs; slowest in a hundred {slow:.1f} µs")


def _print(name: str, median: float, reading: float) -> None:
    print(f"  {name:28} {median:7.1f} µs  {median / reading:6.2f}")


def _asked(path: str) -> Address | None:
    return LONGBRIDGE.address(path) if path.endswith(".md") else None


def _steps() -> dict[str, Any]:
    places = sorted((place, name) for name, place in ITEM_PIPELINES.items())
    classes = [load_object(name) for _, name in places]
    return {step.__name__: step() for step in classes if step is not CommitPipeline}


def _run(pages: dict[Address, bytes], steps: dict[str, Any]) -> list[dict[str, float]]:
    rows = []
    for asked, page in pages.items():
        now = datetime.now(UTC)
        begin = perf_counter()
        article = read_article(page, asked)
        row = {"read_article": (perf_counter() - begin) * 1e6}
        article.fetched_at = format_instant(now)
        article.http = HttpInfo(200, date=format_datetime(now, usegmt=True), bytes=len(page))
        for name, step in steps.items():
            row[name] = _time(step, article)
        rows.append(row)
    return rows


def _time(step: Any, article: Article) -> float:
    begin = perf_counter()
    step.process_item(article)
    return (perf_counter() - begin) * 1e6


if __name__ == "__main__":
    main()
