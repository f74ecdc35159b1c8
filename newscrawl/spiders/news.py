"""The base of every spider: one article, its locales, and the news related to it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from scrapy import Request, Spider, signals
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from scrapy.settings import BaseSettings
from scrapy.spiderloader import get_spider_loader
from twisted.python.failure import Failure

from newscrawl.checked_settings import find_problems, use_default
from newscrawl.codes import Outcome
from newscrawl.components import add_addon
from newscrawl.exceptions import ArgumentError, NotAnArticleAddress
from newscrawl.items import Article, Rejection
from newscrawl.lifecycle.run import RunLifecycle
from newscrawl.middlewares.redirects import LeftTheSite
from newscrawl.middlewares.retry import RunEnds
from newscrawl.middlewares.robots import RobotsForbidden
from newscrawl.plan import Links, Plan
from newscrawl.queue.host_limiter import PROBE
from newscrawl.queue.leases import Lease
from newscrawl.quiet import QuickSignals
from newscrawl.refine.dates import format_instant
from newscrawl.results import NoArticle, Result
from newscrawl.safe_logs import escape_logs
from newscrawl.sites.base import Site, read_start
from newscrawl.spiders.answers import read_answer, read_failure
from newscrawl.spiders.unknowns import Unknowns
from newscrawl.warc.answer import answer_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)


class NewsSpider(Spider):
    """Crawls one site: ``site`` is all that a subclass must say, beside its ``name``.

    Articles are yielded as items. Of all other pages the queue is told what came of them, and the log. Which
    page is asked next is the queue's decision (``plan.py`` has the rules). Requests that a subclass yields
    itself are fetched too (``queue/own_requests.py``).
    """

    site: ClassVar[Site]

    lifecycle: RunLifecycle
    """Of the run of this crawl."""

    def __init__(self, name: str | None = None, **arguments: Any) -> None:
        super().__init__(name)
        self.plan: Plan | None = None
        self.refusal: str | None = None
        """What is wrong with the arguments, in one line."""
        self._unknowns = Unknowns()
        try:
            self.plan = Plan.from_arguments(self.site, arguments)
        except ArgumentError as error:
            self.refusal = str(error)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        # Receivers are known by their sender, the crawler: those that are connected already stay so.
        crawler.signals = QuickSignals(crawler)
        spider = super().from_crawler(crawler, *args, **kwargs)
        # Not before: Scrapy makes its handler anew when it has read the settings.
        crawler.signals.connect(escape_logs, signals.spider_opened)
        spider.lifecycle = RunLifecycle(crawler, spider.plan)
        if spider.refusal is not None:
            spider.lifecycle.refuse(spider.refusal)
        if not crawler.settings.frozen:
            for name, text in find_problems(crawler.settings):
                spider.lifecycle.refuse(text)
                use_default(crawler.settings, name)
        if crawler.settings.getbool("QUEUE_ENABLED", default=True):
            spider.lifecycle.watch()
        return spider

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        super().update_settings(settings)
        # Also where settings of the user's name other add-ons, and outside of this project.
        add_addon(settings)

    @classmethod
    def handles_request(cls, request: Request) -> bool:
        """Tell ``scrapy parse`` and ``scrapy shell`` which addresses are this spider's."""
        try:
            read_start(cls.site, request.url)
        except NotAnArticleAddress:
            return False
        return True

    async def start(self) -> AsyncIterator[Any]:
        """Yield nothing: the queue knows where a crawl begins."""
        if self.lifecycle.queue is None:
            self.lifecycle.refuse("QUEUE_ENABLED: expected true, found false, which is for parse and shell")
            # Nothing else will: the life cycle follows only crawls with the queue.
            self.lifecycle.finish()
            raise CloseSpider("bad_arguments")
        requests: tuple[Request, ...] = ()
        for request in requests:
            yield request

    def request(self, lease: Lease) -> Request:
        """Return the request for a page, conditional where a version of it is known."""
        assert self.plan is not None
        request = Request(
            self.plan.origin.url(lease.page),
            self.parse,
            # Addresses are built here, canonical: Scrapy need not escape them again.
            meta={"lease": lease, "verbatim_url": True},
            errback=self.fail,
            dont_filter=True,
        )
        headers = request.headers
        # Set past Headers, which would spell name and value anew for each page.
        dict.__setitem__(headers, b"Accept", [self.site.accept.encode()])
        if lease.etag:
            headers["If-None-Match"] = lease.etag
        if lease.last_modified:
            headers["If-Modified-Since"] = lease.last_modified
        return request

    def parse(self, response: Response) -> Iterable[Any]:
        """Yield the article; under ``scrapy parse``, also the requests for where it leads.

        Of a page that is no article nothing is yielded.
        """
        plan, lease = self._place(response)
        queue = self.lifecycle.queue
        now = format_instant(datetime.now(UTC))
        if queue is not None:
            queue.in_progress.begin(lease.page.uid)
            queue.results.note(lease.page.uid, answer_of(response, now))
        result = read_answer(response, lease, plan.origin, self._unknowns, now)
        if not isinstance(result, Article):
            self._report(lease, result)
            return ()
        return (result,) if queue is not None else (result, *self._leads_to(plan, lease, result))

    def fail(self, failure: Failure) -> None:
        """Report what became of a page whose answer did not come."""
        # Scrapy sets the request on the failure; Twisted's class does not know it.
        request: Request = failure.request  # type: ignore[attr-defined]
        lease: Lease | None = request.meta.get("lease")
        if lease is not None and self.plan is not None and not isinstance(failure.value, RunEnds):
            if self._is_refused(request, lease, failure.value):
                # It waits in the scheduler until the host answers.
                self.crawler.engine.crawl(self.request(lease))
                return
            self._report(lease, read_failure(failure, lease, self.plan.origin))

    def _is_refused(self, request: Request, lease: Lease, error: BaseException | None) -> bool:
        """Count a redirect to another site (a login) as a refusal; tell whether the host refuses."""
        queue = self.lifecycle.queue
        is_probe = PROBE in request.meta and not isinstance(error, RobotsForbidden)
        if queue is None or not (is_probe or isinstance(error, LeftTheSite)):
            return False
        what = next(iter(str(error).splitlines()), type(error).__name__)
        queue.limiter.note_refusal(request, what[:100])
        return queue.limiter.pace.refused and queue.holds(lease)

    def _report(self, lease: Lease, result: Result) -> None:
        """Have committed what came of a page that gave no article, and log it then."""
        queue = self.lifecycle.queue
        if queue is None:
            _log_result(lease, result)
            return
        committed = queue.submit(lease.page.uid, result)
        if committed is None:
            _log_not_committed(lease)
        else:
            committed.add_done_callback(
                lambda done: (
                    _log_not_committed(lease) if done.result() is None else _log_result(lease, result)
                )
            )

    def _place(self, response: Response) -> tuple[Plan, Lease]:
        if self.plan is not None and "lease" in response.meta:
            return self.plan, response.meta["lease"]
        # `scrapy parse` and `scrapy shell` make the request themselves, from any spelling.
        origin, page = read_start(self.site, response.url)
        self.plan = self.plan or Plan(origin, (page,))
        return self.plan, Lease(page)

    def _leads_to(self, plan: Plan, lease: Lease, article: Article) -> Iterator[Request]:
        page = lease.page._replace(story_id=article.story_id)
        for found in plan.leads_to(page, Links.of(article), lease.depth):
            # Scrapy's own scheduler knows which pages it has seen.
            yield self.request(Lease(found.page, found.depth, found.via, found.referrer)).replace(
                dont_filter=False
            )


def _log_result(lease: Lease, result: Result) -> None:
    if isinstance(result, Rejection):
        logger.warning("rejected: %s: %s: %s", lease.page.url, result.reason, result.detail)
    elif isinstance(result, NoArticle):
        level = logging.INFO if result.outcome == Outcome.MISSING else logging.WARNING
        logger.log(level, "%s: %s: %s", result.outcome, lease.page.url, result.reason)


def _log_not_committed(lease: Lease) -> None:
    logger.warning("not committed: %s: another worker has the page, or see above", lease.page.url)


def sites_of(settings: BaseSettings) -> dict[str, Site]:
    """Return the sites of the project's spiders, by name."""
    loader = get_spider_loader(settings)
    spiders = [loader.load(name) for name in loader.list()]
    return {spider.site.name: spider.site for spider in spiders if issubclass(spider, NewsSpider)}
