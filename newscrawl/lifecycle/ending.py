"""What is written and said when a run has ended."""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import TYPE_CHECKING

from scrapy.extensions.corestats import CoreStats

from newscrawl.archive.segments import Segment
from newscrawl.lifecycle.manifest import write_manifest
from newscrawl.lifecycle.verdict import DEGRADED, Verdict
from newscrawl.promises.assessing import store_report
from newscrawl.queue.runs import finish_run

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from newscrawl.promises.assessing import Report
    from newscrawl.queue.counts import Counts
    from newscrawl.queue.crawl_queue import CrawlQueue

# How the run ended is said in the project's name.
_logger = logging.getLogger("newscrawl")

LEVELS = {
    "done": logging.INFO,
    DEGRADED: logging.WARNING,
    "stopped": logging.WARNING,
    "running": logging.WARNING,
    "failed": logging.ERROR,
}
# Of a run that wrote what it promised.
_WELL = ("done", DEGRADED)


def published_files(queue: CrawlQueue) -> list[Segment]:
    """Return the files of a run; none where the state cannot be used any more."""
    return queue.calls.attempt(lambda: queue.segments.published(queue.run.run_id)) or []


def end_run(
    queue: CrawlQueue,
    counts: Counts,
    verdict: Verdict,
    *,
    reason: str,
    crawler: Crawler,
    instruments: Collection[str],
    files: list[Segment],
) -> Verdict:
    """Write the manifest and note in the state how the run ended; return the verdict, which that may change.

    ``reason`` is Scrapy's finish reason; ``instruments`` are those of the new lines of this process.
    """
    try:
        write_manifest(
            queue,
            counts,
            verdict,
            reason=reason,
            settings=crawler.settings,
            stats=crawler.stats.get_stats(),
            instruments=instruments,
            files=files,
        )
    except OSError as error:
        # A run without its manifest is a broken promise, even when all lines are there.
        if verdict.word in _WELL:
            verdict = Verdict(1, "failed", f"the manifest cannot be written: {error}")
    else:
        # After the manifest and the last lines: a process that could not write them, or was killed in
        # between, is resumed, and writes them then.
        queue.calls.attempt(lambda: _finish(queue, counts, verdict))
    if queue.failure is not None and verdict.word in _WELL:
        return Verdict(1, "failed", queue.failure)
    return verdict


def _finish(queue: CrawlQueue, counts: Counts, verdict: Verdict) -> None:
    if (report := counts.report) is not None and verdict.word in _WELL:
        store_report(queue.run, report, is_healthy=not report.broken)
    finish_run(queue.run, verdict.word)


def open_stats(crawler: Crawler) -> None:
    """Open Scrapy's core stats of a spider that was never opened.

    They cannot be closed unopened: their exception would hide the one that says why.
    """
    stats = crawler.get_extension(CoreStats)
    if stats is not None and crawler.spider is not None:
        stats.spider_opened(crawler.spider)


def set_stats(crawler: Crawler, verdict: Verdict, reason: str | None = None) -> None:
    """Put the verdict, and the finish reason where it is given, into Scrapy's stats, if there are any yet."""
    if getattr(crawler, "_stats", None) is None:
        return
    crawler.stats.set_value("newscrawl/verdict", verdict.word)
    crawler.stats.set_value("newscrawl/exit_status", verdict.status)
    if reason is not None:
        crawler.stats.set_value("finish_reason", reason)


def log_verdict(crawler: Crawler, verdict: Verdict, report: Report | None = None) -> None:
    """Log the verdict, once, at a level that says how bad it is; before it each broken promise.

    What was measured is put into Scrapy's stats: ``promises/rejected`` and so on.
    """
    for kept in () if report is None else report.promises:
        if kept.value is not None and getattr(crawler, "_stats", None) is not None:
            crawler.stats.set_value(f"promises/{kept.name}", round(kept.value, 6))
        if kept.is_broken:
            _logger.warning("broken promise: %s", kept.sentence, extra={"spider": crawler.spider})
    level = LEVELS[verdict.word]
    # The word is part of the message itself: whoever collects records by their messages keeps them apart.
    _logger.log(level, f"{verdict.word}: %s", verdict.text, extra={"spider": crawler.spider})
