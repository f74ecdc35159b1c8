"""The steps of ``newscrawl.refine`` under names that ITEM_PIPELINES can order.

The commit needs HashPipeline; any other can be replaced or left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from newscrawl.items import Article
from newscrawl.queue.opening import reference_dir
from newscrawl.reference import use
from newscrawl.refine.calendars import load_calendars
from newscrawl.refine.checks import CHECKS
from newscrawl.refine.dates import DATES
from newscrawl.refine.hash import HASH
from newscrawl.refine.instruments import INSTRUMENTS
from newscrawl.refine.language import LANGUAGE
from newscrawl.refine.mentions import MENTIONS
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
        if cls.step.uses_reference:
            use(reference_dir(crawler.settings))
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

    ``sessions`` follows from the time of the commit and is filled there, inside a transaction, where no table
    should be read.
    """

    def process_item(self, item: object) -> object:
        if isinstance(item, Article):
            load_calendars(found.market for found in item.instruments if found.market is not None)
        return item
