"""The steps of ``newscrawl.refine`` under names that ITEM_PIPELINES can order.

The commit needs HashPipeline; any other can be replaced or left out.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, ClassVar, Self

from newscrawl.items import Article
from newscrawl.lifecycle.run import lifecycle_of
from newscrawl.refine.checks import CHECKS
from newscrawl.refine.dates import DATES
from newscrawl.refine.hash import HASH
from newscrawl.refine.instruments import INSTRUMENTS
from newscrawl.refine.language import LANGUAGE
from newscrawl.refine.mentions import MENTIONS
from newscrawl.refine.sessions import load_calendars
from newscrawl.refine.step import Step
from newscrawl.sites.base import Site

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class StepPipeline:
    """Runs one step on every article; other items pass untouched."""

    step: ClassVar[Step]
    """What a subclass runs."""

    def __init__(self, site: Site | None = None) -> None:
        """Make a pipeline for the articles of a site; None where nothing is known of it."""
        self.site = site

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(getattr(crawler.spider or crawler.spidercls, "site", None))

    def process_item(self, item: object) -> object:
        return self.step(item, self.site) if isinstance(item, Article) else item


class DatesPipeline(StepPipeline):
    """``published_at``."""

    step = DATES


class InstrumentsPipeline(StepPipeline):
    """``instruments``; needs the dates."""

    step = INSTRUMENTS


class MentionsPipeline(StepPipeline):
    """``mentions``; needs the instruments, and after it nothing may change the body."""

    step = MENTIONS


class ChecksPipeline(StepPipeline):
    """Warnings about the date; needs dates and instruments."""

    step = CHECKS


class LanguagePipeline(StepPipeline):
    """``language``, ``script`` and ``region``."""

    step = LANGUAGE


class HashPipeline(StepPipeline):
    """``content_hash``; after it nothing may change title, description or body."""

    step = HASH


class SessionsPipeline:
    """Loads the trading calendars that the commit will need, once for each market.

    ``sessions`` follows from the time of the commit and is filled there. Loading takes up to a second, which
    should not pass inside a transaction, nor count as work on the page.
    """

    def __init__(self, crawler: Crawler | None = None) -> None:
        self.crawler = crawler
        self._loaded: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: object) -> object:
        if isinstance(item, Article):
            markets = {found.market for found in item.instruments if found.market is not None}
            if not markets <= self._loaded:
                self._load(item.uid, markets)
        return item

    def _load(self, uid: str, markets: set[str]) -> None:
        lifecycle = None if self.crawler is None else lifecycle_of(self.crawler)
        queue = None if lifecycle is None else lifecycle.queue
        with nullcontext() if queue is None else queue.in_progress.interrupted(uid):
            load_calendars(markets)
        self._loaded |= markets
