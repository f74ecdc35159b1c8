"""The end of a run: its verdict, its manifest, and a few lines for a person."""

from __future__ import annotations

import logging
import os
import signal
from types import FrameType
from typing import TYPE_CHECKING, Any, Self

from scrapy import Spider, signals
from scrapy.exceptions import NotConfigured

from newscrawl.archive.files import ARTICLES, OBSERVATIONS, REJECTED
from newscrawl.archive.segments import Segment
from newscrawl.codes import Outcome
from newscrawl.extensions.manifest import OUTCOMES, write_manifest
from newscrawl.items import Article
from newscrawl.queue.counts import Counts
from newscrawl.queue.crawl_queue import CrawlQueue
from newscrawl.queue.runs import finish_run
from newscrawl.queue.scheduler import scheduler_of, uses_queue
from newscrawl.verdict import Verdict, judge, judge_refusal

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

_ALWAYS_SHOWN = frozenset({Outcome.READ, Outcome.REJECTED, Outcome.FAILED})


class RunReport:
    """Watches one run, judges it, and writes ``runs/<run_id>.json`` when it ends."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.verdict: Verdict | None = None
        self._signum: int | None = None
        self._instruments: set[str] = set()
        self._counts: Counts | None = None
        self._files: list[Segment] = []
        crawler.signals.connect(self._item_scraped, signals.item_scraped)
        crawler.signals.connect(self._spider_closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not uses_queue(crawler.settings):
            raise NotConfigured
        report = cls(crawler)
        report._watch_signals()
        return report

    def finish(self, reason: str) -> Verdict:
        """Publish what is committed, judge the run and write its manifest; once."""
        if self.verdict is not None:
            return self.verdict
        scheduler = scheduler_of(self.crawler)
        if scheduler is None or scheduler.queue is None:
            refusal = scheduler.refusal if scheduler is not None else None
            self.verdict = judge_refusal(reason, refusal, self._signum)
        else:
            self.verdict = self._finish(scheduler.queue, scheduler.ended, reason)
        if scheduler is not None:
            scheduler.release()
        return self.verdict

    def _finish(self, queue: CrawlQueue, ended: str | None, reason: str) -> Verdict:
        queue.close()
        self._counts = counts = queue.counts(exact=True)
        self._files = queue.attempt(lambda: queue.segments.published(queue.run.run_id)) or []
        verdict = judge(
            reason=reason,
            signum=self._signum,
            outcomes=counts.outcomes,
            exceptions=queue.exceptions + counts.outcomes[Outcome.ERROR],
            failed_starts=counts.failed_starts,
            failure=queue.failure,
            waiting=counts.waiting + counts.leased,
            ended=ended,
        )
        try:
            write_manifest(
                queue,
                counts,
                verdict,
                reason=reason,
                settings=self.crawler.settings,
                stats=self.crawler.stats.get_stats(),
                instruments=self._instruments,
                files=self._files,
            )
        except OSError as error:
            # A run without its manifest is a broken promise, even when all lines are there.
            if verdict.status == 0:
                verdict = Verdict(1, "failed", f"the manifest cannot be written: {error}")
        else:
            # After the manifest and the last lines: a process that could not write them, or was killed in
            # between, is resumed, and writes them then.
            queue.attempt(lambda: finish_run(queue.run, verdict.word))
        if queue.failure is not None and verdict.status == 0:
            return Verdict(1, "failed", queue.failure)
        return verdict

    def _watch_signals(self) -> None:
        # Scrapy says that a signal stopped the run, not which; the exit status needs to know. Its own
        # handlers are installed by the time when extensions are made, which is before the state is opened.
        for signum in (signal.SIGINT, signal.SIGTERM):
            previous = signal.getsignal(signum)
            if callable(previous):
                signal.signal(signum, self._note_signal(previous))

    def _note_signal(self, previous: Any) -> Any:
        def handle(signum: int, frame: FrameType | None) -> None:
            self._signum = signum
            previous(signum, frame)

        return handle

    def _item_scraped(self, item: object) -> None:
        if isinstance(item, Article):
            self._instruments.update(found.symbol or found.raw for found in item.instruments)
            for code in item.warnings:
                self.crawler.stats.inc_value(f"warnings/{code}")

    def _spider_closed(self, spider: Spider, reason: str) -> None:
        self.finish(reason)

    def box(self) -> str:
        """Return the few lines for the person who started the run, once it is finished."""
        assert self.verdict is not None
        lines = [f"{self.verdict.word}: {self.verdict.text}"]
        scheduler = scheduler_of(self.crawler)
        if scheduler is not None and scheduler.queue is not None and self._counts is not None:
            lines += self._figures(scheduler.queue, self._counts)
        rule = "─" * min(78, max(len(line) for line in lines))
        return "\n".join([rule, *lines, rule])

    def _figures(self, queue: CrawlQueue, counts: Counts) -> list[str]:
        folder = queue.segments.data_dir
        shown = os.path.relpath(folder)
        if shown.startswith(".."):
            shown = str(folder)
        lines = [f"run       {queue.run.run_id}"]
        for kind, name in ((ARTICLES, "articles"), (OBSERVATIONS, "observed"), (REJECTED, "rejected")):
            found = [part for part in self._files if part.path.startswith(kind)]
            if found:
                days = ", ".join(sorted({part.path.split("/")[1] for part in found}))
                count = sum(part.lines for part in found)
                lines.append(f"{name}  {_plural(count, 'line')} in {shown}/{kind}/ ({days})")
        locales = ", ".join(f"{name} {number}" for name, number in counts.locales.items())
        lines.append(
            f"stories   {counts.stories_read} read"
            + (f" ({locales})" if locales else "")
            + f", {_plural(len(self._instruments), 'instrument')} in new lines"
        )
        outcomes = [
            f"{counts.outcomes[outcome]} {outcome}"
            for outcome in OUTCOMES
            if counts.outcomes[outcome] or outcome in _ALWAYS_SHOWN
        ]
        lines.append("pages     " + ", ".join(outcomes))
        return lines


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
