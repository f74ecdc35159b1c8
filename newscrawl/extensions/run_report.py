"""The end of a run: its manifest, its verdict, and a short box for the person in front of it."""

from __future__ import annotations

import json
import logging
import os
import platform
import signal
from dataclasses import asdict
from datetime import UTC, datetime
from types import FrameType
from typing import TYPE_CHECKING, Any, Self

import scrapy
from scrapy import Spider, signals
from scrapy.exceptions import NotConfigured
from scrapy.settings import BaseSettings

from newscrawl import __version__
from newscrawl.archive.files import write_whole
from newscrawl.archive.segments import Segment
from newscrawl.archive.versions import ARTICLES, OBSERVATIONS, REJECTED
from newscrawl.items import Article
from newscrawl.queue.counts import Tally
from newscrawl.queue.crawl_queue import Frontier
from newscrawl.queue.scheduler import FrontierScheduler, frontier_scheduler
from newscrawl.refine.dates import format_instant
from newscrawl.refine.sessions import calendars_version
from newscrawl.sites.longbridge.reader import READER
from newscrawl.verdict import Verdict, judge, judge_refusal

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

MANIFEST_SCHEMA = "newscrawl.run/1"
# Settings that change what a run does to a site or to the data; the manifest keeps them.
_KEPT_SETTINGS: dict[str, type] = {
    "USER_AGENT": str,
    "ROBOTSTXT_OBEY": bool,
    "CONCURRENT_REQUESTS": int,
    "CONCURRENT_REQUESTS_PER_DOMAIN": int,
    "DOWNLOAD_DELAY": float,
    "RETRY_TIMES": int,
}


# What can become of a page, in the order in which people ask.
_OUTCOMES = (
    "read",
    "unchanged",
    "kept",
    "withdrawn",
    "rejected",
    "missing",
    "forbidden",
    "failed",
)
_ALWAYS_SHOWN = ("read", "rejected", "failed")


class RunReport:
    """Watches one run under the frontier and writes ``runs/<run_id>.json`` when it ends."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.verdict: Verdict | None = None
        self._scheduler: FrontierScheduler | None = None
        self._signum: int | None = None
        self._instruments: set[str] = set()
        self._tally: Tally | None = None
        self._files: list[Segment] = []
        crawler.signals.connect(self._spider_opened, signals.spider_opened)
        crawler.signals.connect(self._item_scraped, signals.item_scraped)
        crawler.signals.connect(self._spider_closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not uses_frontier(crawler.settings):
            raise NotConfigured
        report = cls(crawler)
        report._watch_signals()
        return report

    def finish(self, reason: str) -> Verdict:
        """Publish what is committed, judge the run and write its manifest; once."""
        if self.verdict is not None:
            return self.verdict
        scheduler = self._scheduler
        if scheduler is None or scheduler.frontier is None:
            refusal = scheduler.refusal if scheduler is not None else None
            self.verdict = judge_refusal(reason, refusal, self._signum)
        else:
            self.verdict = self._finish(scheduler.frontier, scheduler.ended, reason)
        if scheduler is not None:
            scheduler.release()
        return self.verdict

    def _finish(self, frontier: Frontier, ended: str | None, reason: str) -> Verdict:
        frontier.close()
        self._tally = tally = frontier.tally(exact=True)
        self._files = frontier.published()
        exceptions = frontier.counts["exceptions"] + tally.outcomes["error"]
        verdict = judge(
            reason=reason,
            signum=self._signum,
            outcomes=tally.outcomes,
            exceptions=exceptions,
            failed_starts=tally.failed_starts,
            failure=frontier.failure,
            waiting=tally.waiting + tally.leased,
            ended=ended,
        )
        try:
            self._write_manifest(frontier, tally, verdict, reason)
        except OSError as error:
            # A run without its manifest is a broken promise, even when all lines are there.
            if verdict.status == 0:
                verdict = Verdict(1, "failed", f"the manifest cannot be written: {error}")
        else:
            # After the manifest and the last lines: a process that could not write them, or was killed in
            # between, is resumed, and writes them then.
            if frontier.failure is None:
                frontier.finish(verdict.word)
        if frontier.failure is not None and verdict.status == 0:
            return Verdict(1, "failed", frontier.failure)
        return verdict

    def _spider_opened(self, spider: Spider) -> None:
        # The engine forgets its scheduler before the end; the last words are about it.
        self._scheduler = frontier_scheduler(self.crawler)

    def _watch_signals(self) -> None:
        # Scrapy says that a signal stopped the run, not which; the exit status needs to know. Its own
        # handlers stand by the time when extensions are made, which is before the state is opened.
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

    def _write_manifest(self, frontier: Frontier, tally: Tally, verdict: Verdict, reason: str) -> None:
        settings = self.crawler.settings
        stats = self.crawler.stats.get_stats()
        manifest = {
            "schema": MANIFEST_SCHEMA,
            "run_id": frontier.run_id,
            "started_at": frontier.store.started_at,
            "finished_at": format_instant(datetime.now(UTC)),
            "arguments": frontier.plan.as_arguments(),
            "site": frontier.plan.site.origin,
            "settings": {name: _typed(settings, name) for name in _KEPT_SETTINGS},
            "verdict": verdict._asdict(),
            "finish_reason": reason,
            "counts": {
                "stories": tally.stories_read,
                "stories_met": tally.stories,
                **{name: tally.outcomes[name] for name in _OUTCOMES},
                "exceptions": frontier.counts["exceptions"] + tally.outcomes["error"],
                "waiting": tally.waiting + tally.leased,
                "locales": tally.locales,
                "instruments": len(self._instruments),
            },
            "warnings": {
                name.removeprefix("warnings/"): stats[name]
                for name in sorted(stats)
                if name.startswith("warnings/")
            },
            "versions": {
                "newscrawl": __version__,
                "scrapy": scrapy.__version__,
                "python": platform.python_version(),
                "parser": READER,
                # None where it is not installed: what `sessions` holds depends on it.
                "exchange-calendars": calendars_version(),
            },
            "files": [asdict(segment) for segment in self._files],
            "unpublished": frontier.unpublished(),
        }
        text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
        write_whole(frontier.segments.data_dir / "runs" / f"{frontier.run_id}.json", [text.encode()])

    def box(self) -> str:
        """Return the few lines for the person in front of the run, once it is finished."""
        assert self.verdict is not None
        lines = [f"{self.verdict.word}: {self.verdict.text}"]
        frontier = self._scheduler.frontier if self._scheduler is not None else None
        if frontier is not None and self._tally is not None:
            lines += self._figures(frontier, self._tally)
        rule = "─" * min(78, max(len(line) for line in lines))
        return "\n".join([rule, *lines, rule])

    def _figures(self, frontier: Frontier, tally: Tally) -> list[str]:
        folder = frontier.segments.data_dir
        shown = os.path.relpath(folder)
        if shown.startswith(".."):
            shown = str(folder)
        lines = [f"run       {frontier.run_id}"]
        for kind, name in ((ARTICLES, "articles"), (OBSERVATIONS, "observed"), (REJECTED, "rejected")):
            found = [part for part in self._files if part.path.startswith(kind)]
            if found:
                days = ", ".join(sorted({part.path.split("/")[1] for part in found}))
                count = sum(part.lines for part in found)
                lines.append(f"{name}  {_plural(count, 'line')} in {shown}/{kind}/ ({days})")
        locales = ", ".join(f"{name} {number}" for name, number in tally.locales.items())
        lines.append(
            f"stories   {tally.stories_read} read"
            + (f" ({locales})" if locales else "")
            + f", {_plural(len(self._instruments), 'instrument')} in new lines"
        )
        shown_outcomes = [
            f"{tally.outcomes[kind]} {kind}"
            for kind in _OUTCOMES
            if tally.outcomes[kind] or kind in _ALWAYS_SHOWN
        ]
        lines.append("pages     " + ", ".join(shown_outcomes))
        return lines


def uses_frontier(settings: BaseSettings) -> bool:
    """Tell whether this process crawls with the frontier (``scrapy crawl``) or without."""
    return str(settings["SCHEDULER"]).startswith("newscrawl.queue.")


def _typed(settings: BaseSettings, name: str) -> str | int | float | bool:
    # On the command line every value is text.
    kind = _KEPT_SETTINGS[name]
    if kind is bool:
        return settings.getbool(name)
    if kind is int:
        return settings.getint(name)
    return settings.getfloat(name) if kind is float else str(settings[name])


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
