"""The life of a run in one process: begun or resumed, published, judged, and let go."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from scrapy import Spider, signals
from scrapy.exceptions import CloseSpider

from newscrawl.archive.segments import Segment
from newscrawl.exceptions import AlreadyFinished, AlreadyRunning, NewscrawlError, StoppedEarly, describe
from newscrawl.lifecycle import verdict as verdicts
from newscrawl.lifecycle.beginning import begin_run, find_obstacle
from newscrawl.lifecycle.ending import end_run, log_verdict, open_stats, published_files, set_stats
from newscrawl.lifecycle.feeds import Feeds
from newscrawl.lifecycle.judging import judge_run
from newscrawl.lifecycle.page_signals import PageSignals
from newscrawl.lifecycle.stop_signals import StopDeadline, StopSignals
from newscrawl.lifecycle.timers import Timers
from newscrawl.lifecycle.verdict import Verdict
from newscrawl.queue.counts import NO_COUNTS, Counts

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from newscrawl.items import Article
    from newscrawl.plan import Plan
    from newscrawl.queue.crawl_queue import CrawlQueue

logger = logging.getLogger(__name__)

_REFUSED_AS = {AlreadyRunning: verdicts.ALREADY_RUNNING, AlreadyFinished: verdicts.ALREADY_FINISHED}


def lifecycle_of(crawler: Crawler) -> RunLifecycle | None:
    """Return the life cycle of a crawl's run; None for a spider of another kind.

    The one way in which other components reach the queue.
    """
    lifecycle = getattr(crawler.spider, "lifecycle", None)
    return lifecycle if isinstance(lifecycle, RunLifecycle) else None


class RunLifecycle:
    """One run in one process. A spider of this project makes it, so that no setting can leave it out.

    The scheduler begins and closes it. ``queue`` is None where no run has begun, and under ``scrapy parse``,
    ``shell`` and ``fetch``, which have no run.
    """

    def __init__(self, crawler: Crawler, plan: Plan | None) -> None:
        self.crawler = crawler
        self.plan = plan
        self.queue: CrawlQueue | None = None
        self.refusal: str | None = None
        """Why no run begins, in one line."""
        self.ended: str | None = None
        """Why the run was ended before its time, in one line."""
        self.reason: str | None = None
        """Scrapy's finish reason, once the crawl is closed."""
        self.counts: Counts = NO_COUNTS
        """The pages of the run, once the crawl is closed."""
        self.files: list[Segment] = []
        """Those that the run published, once the verdict is known."""
        self.instruments: set[str] = set()
        """Those of the lines that this process wrote."""
        self.verdict: Verdict | None = None
        """Known once everything is done, the feeds included."""
        self._refused_as = verdicts.BAD_ARGUMENTS
        self._ended_as = ""
        self._is_queue_closed = False
        self._has_begun = self._is_open = False
        self._feeds: Feeds | None = None
        self._page_signals: PageSignals | None = None
        self._timers: Timers | None = None
        self._stop_deadline: StopDeadline | None = None
        self._closing: asyncio.Task[None] | None = None
        self._signals = StopSignals()
        self._loop: asyncio.AbstractEventLoop | None = None

    def watch(self) -> None:
        """Follow the crawl from now on. To be called once, for a crawl that is to have a run."""
        self._signals.watch()
        self.crawler.signals.connect(self._spider_opened, signals.spider_opened)
        self.crawler.signals.connect(self._spider_closed, signals.spider_closed)

    def refuse(self, text: str, reason: str = verdicts.BAD_ARGUMENTS) -> None:
        """Let no run begin, for a cause told in one line; the spider is closed as soon as it is opened."""
        if self.refusal is None:
            self.refusal, self._refused_as = text, reason

    async def begin(self) -> None:
        """Begin or resume the run, unless something stands against it. The scheduler calls this."""
        self._has_begun = True
        self._feeds = Feeds(self.crawler)
        if text := find_obstacle(self.crawler, self._feeds):
            self.refuse(text)
        if self.refusal is not None:
            return
        assert self.plan is not None
        # In Scrapy's CrawlerProcess the event loop, and with it Scrapy's signal handlers, begin here.
        await asyncio.sleep(0)
        self._loop = asyncio.get_running_loop()
        self._signals.watch()
        try:
            queue = await begin_run(
                self.plan,
                self.crawler.settings,
                on_failure=lambda: self._close_spider(verdicts.STATE_UNUSABLE),
                on_blocked=lambda text: self.end_early(verdicts.BLOCKED, text),
                on_paused=lambda text: self.end_early(verdicts.RETRY_AFTER_TOO_LONG, text),
                is_stopped=lambda: self._signals.last is not None,
            )
        except StoppedEarly:
            # The spider is closed as soon as it is opened.
            return
        except NewscrawlError as error:
            self.refuse(str(error), _REFUSED_AS.get(type(error), verdicts.STATE_UNUSABLE))
        except Exception as error:
            logger.exception("the state cannot be opened")
            self.refuse(describe(error), verdicts.STATE_UNUSABLE)
        else:
            self._begin(queue)

    def _begin(self, queue: CrawlQueue) -> None:
        run = queue.run
        logger.info("%s run %s", "resuming" if run.resumed else "beginning", run.run_id)
        self.queue = queue
        self._page_signals = PageSignals(self.crawler, queue)
        self._timers = Timers(queue, self.crawler.settings)
        self._stop_deadline = StopDeadline(self._signals, queue.calls)

    def _spider_opened(self) -> None:
        self._signals.watch()
        self._is_open = True
        if not self._has_begun:
            self.refuse("SCHEDULER: expected newscrawl.queue.scheduler.QueueScheduler, found another one")
        if self.refusal is not None:
            raise CloseSpider(self._refused_as)
        if not self.crawler.crawling:
            # Told to stop in the meantime.
            raise CloseSpider("shutdown")
        if self.ended is not None:
            raise CloseSpider(self._ended_as)
        self.crawler.signals.connect(self._spider_idle, signals.spider_idle)

    def note_written(self, article: Article) -> None:
        """Count what a new line holds."""
        self.instruments.update(found.symbol or found.raw for found in article.instruments)
        for code in article.warnings:
            self.crawler.stats.inc_value(f"warnings/{code}")

    def end_early(self, reason: str, text: str) -> None:
        """End the run, for a ``reason`` that Scrapy notes and ``text`` explains; other pages stay open."""
        if self.ended is None:
            self.ended, self._ended_as = text, reason
            logger.error("%s: the run ends here", text)
            self._close_spider(reason)

    def is_of_site(self, url: str) -> bool:
        """Tell whether an address lies on the site that is crawled; all do where no plan names one."""
        return self.plan is None or self.plan.origin.owns(url)

    def is_closing(self) -> bool:
        """Tell whether the crawl was told to stop, by whomever."""
        slot = getattr(self.crawler.engine, "_slot", None)
        return not self.crawler.crawling or slot is None or slot.closing is not None

    def _close_spider(self, reason: str) -> None:
        if self._closing is None and not self.is_closing():
            self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason=reason))

    def _spider_idle(self) -> None:
        # `finished` is a success to whoever reads the stats.
        if self.queue is not None:
            self.counts = self.queue.counts()
            verdict = self._judge("finished")
            if verdict.word != "done":
                raise CloseSpider(self._reason_of(verdict))

    def _reason_of(self, verdict: Verdict) -> str:
        is_feed = self._feeds is not None and verdict.text == self._feeds.failure()
        return verdicts.FEED_FAILED if is_feed else verdict.word

    async def close(self, reason: str) -> None:
        """Publish what is committed, and count; once. The scheduler calls this before feeds are stored."""
        if self.reason is not None:
            return
        self._note_reason(reason)
        if self.queue is not None:
            await self.queue.close()
            self._is_queue_closed = True
        self._set_stats()

    def _close_now(self, reason: str) -> None:
        """Do the same where no event loop is running any more; also where it was stopped in the middle."""
        if self.reason is None:
            self._note_reason(reason)
        if self.queue is not None and not self._is_queue_closed:
            self._is_queue_closed = True
            self.queue.close_now()
        self._set_stats()

    def _note_reason(self, reason: str) -> None:
        if reason == "shutdown" and not self._is_open and self._signals.last is None:
            # Scrapy's way to close what it could not open.
            reason = verdicts.NOT_BEGUN
            open_stats(self.crawler)
        self.reason = reason
        if self._timers is not None:
            self._timers.stop()
        if self.queue is None and self._feeds is not None:
            # An empty feed must not take the place of one that is there, or that another crawl writes.
            self._feeds.discard()

    def _set_stats(self) -> None:
        """Count, for the end and for extensions that report when the spider is closed."""
        self.counts = self.queue.counts() if self.queue is not None else self.counts
        set_stats(self.crawler, self._judge(self.reason or ""))

    async def _spider_closed(self, spider: Spider, reason: str) -> None:
        await self.close(reason)
        # First the other handlers, as far as they go at once: Scrapy's own notes the finish reason.
        await asyncio.sleep(0)
        if self._feeds is not None:
            await self._feeds.wait()
        self.finish()

    @property
    def is_running(self) -> bool:
        """Tell whether the crawl is under way, or being closed."""
        engine = getattr(self.crawler, "_engine", None)
        return (
            engine is not None
            and engine.spider is not None
            and self._loop is not None
            and self._loop.is_running()
        )

    def finish(self, error: BaseException | None = None) -> Verdict:
        """Judge the run, write its manifest, let go of the state, and say how it ended; once.

        ``error`` is what Scrapy raised where the crawl could not be set up.

        Where the spider was never closed (two signals, a set-up that failed) whoever started the crawl has to
        call this; ``newscrawl.exit_status`` does.
        """
        if self.verdict is not None:
            return self.verdict
        if error is not None and self.refusal is None:
            self.ended = self.refusal = f"the crawl could not be set up: {describe(error)}"
            self._refused_as = verdicts.NOT_BEGUN
        if self._signals.last is not None:
            self._close_now("killed")
        else:
            self._close_now(verdicts.NOT_BEGUN if self.queue is None else "not_closed")
        if self._feeds is not None and self._feeds.is_storing:
            # The process was told to stop in between.
            self.reason = "killed"
        assert self.reason is not None
        try:
            self.verdict = self._end()
        except Exception as unexpected:
            logger.exception("the run cannot be ended")
            self.verdict = Verdict(1, "failed", describe(unexpected))
        if self._stop_deadline is not None:
            self._stop_deadline.cancel()
        if self.queue is not None:
            # After this another process may run the same crawl.
            self.queue.calls.close()
        set_stats(self.crawler, self.verdict, self.reason)
        log_verdict(self.crawler, self.verdict, self.counts.report)
        return self.verdict

    def _end(self) -> Verdict:
        assert self.reason is not None
        verdict = self._judge(self.reason)
        if self.reason == "finished" and verdict.word != "done":
            # A feed most likely; whatever else can fail was known when the spider was idle.
            self.reason = self._reason_of(verdict)
        if self.queue is None:
            return verdict
        self.files = published_files(self.queue)
        return end_run(
            self.queue,
            self.counts,
            verdict,
            reason=self.reason,
            crawler=self.crawler,
            instruments=self.instruments,
            files=self.files,
        )

    def _judge(self, reason: str) -> Verdict:
        if self.queue is None:
            refused_as = reason if self.refusal is None else self._refused_as
            return verdicts.judge_refusal(refused_as, self.refusal, self._signals.last)
        return judge_run(self.queue, self.counts, self._feeds, reason, self._signals.last, self.ended)
