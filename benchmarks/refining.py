"""The cost of refining a page: ``python -m benchmarks.refining``.

Reads each page of ``data/sample`` and passes the article through every pipeline of ``ITEM_PIPELINES`` but the
commit, one page after the other, as a crawl does. Prints the median microseconds a page for each of them
and for all together, and the ratio to the time in which ``Site.read`` read the same page in the same run.
"""

from __future__ import annotations

import argparse
import statistics
from datetime import UTC, datetime
from email.utils import format_datetime
from time import perf_counter
from typing import Any

from scrapy.utils.misc import load_object

from newscrawl.http_info import HttpInfo
from newscrawl.items import Article
from newscrawl.pipelines.steps import HashPipeline, StepPipeline
from newscrawl.refine.dates import format_instant
from newscrawl.sample_site import read_pages
from newscrawl.settings import ITEM_PIPELINES
from newscrawl.sites.base import Page, Source
from newscrawl.sites.longbridge import LONGBRIDGE

# The hash costs what the text is long; the others together have a budget for a page.
_BUDGET = 150
_NOT_IN_BUDGET = HashPipeline.__name__


def main() -> None:
    """Run the measurement and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    options = parser.parse_args()
    pages = {asked: content for path, content in read_pages().items() if (asked := _asked(path))}
    pipelines = _pipelines()
    # The first round loads tables and compiles patterns.
    _run(pages, pipelines)
    rows = [row for _ in range(options.rounds) for row in _run(pages, pipelines)]
    reading = statistics.median(row["Site.read"] for row in rows)
    totals = [sum(row[name] for name in pipelines if name != _NOT_IN_BUDGET) for row in rows]
    print(f"{len(pages)} pages, {options.rounds} rounds; median µs a page, and the ratio to reading the page")
    for name in ("Site.read", *pipelines):
        _print(name, statistics.median(row[name] for row in rows), reading)
    _print(f"all but {_NOT_IN_BUDGET}", statistics.median(totals), reading)
    slow = statistics.quantiles(totals, n=100)[-1]
    print(f"  budget for the median {_BUDGET} µs; slowest in a hundred {slow:.1f} µs")


def _print(name: str, median: float, reading: float) -> None:
    print(f"  {name:28} {median:7.1f} µs  {median / reading:6.2f}")


def _asked(path: str) -> Page | None:
    return LONGBRIDGE.page(path) if path.endswith(".md") else None


def _pipelines() -> dict[str, Any]:
    places = sorted((place, name) for name, place in ITEM_PIPELINES.items())
    kinds = [load_object(name) for _, name in places if name.startswith(StepPipeline.__module__)]
    return {kind.__name__: kind(LONGBRIDGE) if issubclass(kind, StepPipeline) else kind() for kind in kinds}


def _run(pages: dict[Page, bytes], pipelines: dict[str, Any]) -> list[dict[str, float]]:
    rows = []
    for asked, content in pages.items():
        now = datetime.now(UTC)
        begin = perf_counter()
        article = LONGBRIDGE.read(Source(content, asked, LONGBRIDGE.home))
        row = {"Site.read": (perf_counter() - begin) * 1e6}
        article.fetched_at = format_instant(now)
        article.http = HttpInfo(200, date=format_datetime(now, usegmt=True), bytes=len(content))
        for name, pipeline in pipelines.items():
            row[name] = _time(pipeline, article)
        rows.append(row)
    return rows


def _time(pipeline: Any, article: Article) -> float:
    begin = perf_counter()
    pipeline.process_item(article)
    return (perf_counter() - begin) * 1e6


if __name__ == "__main__":
    main()
