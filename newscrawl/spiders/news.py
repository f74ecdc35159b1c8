"""The base of every spider: one article, its locales, and the news related to it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Coroutine, Iterable, Iterator
from typing import Any, ClassVar

from scrapy import Request, Spider
from scrapy.http import Response
from scrapy.settings import BaseSettings
from scrapy.spiderloader import get_spider_loader
from twisted.python.failure import Failure

from newscrawl.codes import Outcome
from newscrawl.exceptions import NotAnArticleAddress
from newscrawl.items import Article, Rejection
from newscrawl.middlewares.retry import RunEnds
from newscrawl.plan import Links, Plan
from newscrawl.queue.leases import Lease
from newscrawl.queue.scheduler import scheduler_of
from newscrawl.results import NoArticle, Result
from newscrawl.sites.base import Site, read_start
from newscrawl.spiders.answers import read_answer, read_failure
from newscrawl.spiders.unknowns import Unknowns
from newscrawl.spiders.visited import Visited

logger = logging.getLogger(__name__)


class NewsSpider(Spider):
    """Crawls one site: ``site`` is all that a subclass must say, beside its ``name``.

    Articles are yielded as items. Of all other pages the queue is told what came of them, and the log.
    Under ``scrapy crawl`` the queue decides what is asked next; under another scheduler (``scrapy parse``, a
    script) the spider yields the requests, by the same rules (``plan.py``).
    """

    site: ClassVar[Site]

    def __init__(self, name: str | None = None, **arguments: str) -> None:
        super().__init__(name)
        self.plan = Plan.from_arguments(self.site, arguments) if "url" in arguments else None
        self._visited: Visited | None = None
        self._unknowns = Unknowns()

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        super().update_settings(settings)
        if contact := settings.get("CONTACT"):
            settings.set("USER_AGENT", f"{settings['USER_AGENT']} (+{contact})", priority="spider")

    @classmethod
    def handles_request(cls, request: Request) -> bool:
        """Tell ``scrapy parse`` and ``scrapy shell`` which addresses are this spider's."""
        try:
            read_start(cls.site, request.url)
        except NotAnArticleAddress:
            return False
        return True

    async def start(self) -> AsyncIterator[Request]:
        if self.plan is not None and not self._has_queue():
            self._visited = Visited(self.plan)
            for found in self._visited.admit(self.plan.seeds()):
                yield self.request(Lease(found.page))

    def request(self, lease: Lease) -> Request:
        """Return the request for a page, conditional where a version of it is known."""
        assert self.plan is not None
        headers = {"Accept": self.site.accept}
        if lease.etag:
            headers["If-None-Match"] = lease.etag
        if lease.last_modified:
            headers["If-Modified-Since"] = lease.last_modified
        return Request(
            self.plan.origin.url(lease.page),
            self.parse,
            headers=headers,
            meta={"lease": lease},
            errback=self.fail,
            dont_filter=True,
        )

    def parse(self, response: Response) -> Iterable[Article | Request] | Coroutine[Any, Any, None]:
        """Yield the article; without the queue, also the requests for where it leads."""
        plan, lease = self._place(response)
        scheduler = scheduler_of(self.crawler)
        if scheduler is not None and scheduler.queue is not None:
            scheduler.queue.in_progress.begin(lease.page.uid)
        result = read_answer(response, lease, plan.origin, self._unknowns)
        if not isinstance(result, Article):
            return self._report(lease, result)
        if self._has_queue():
            return (result,)
        return self._with_requests(plan, lease, result)

    def fail(self, failure: Failure) -> Coroutine[Any, Any, None] | None:
        """Report what became of a page whose answer did not come."""
        # Scrapy sets the request on the failure; Twisted's class does not know it.
        request: Request = failure.request  # type: ignore[attr-defined]
        if isinstance(failure.value, RunEnds) or self.plan is None:
            return None
        lease: Lease = request.meta["lease"]
        return self._report(lease, read_failure(failure, lease, self.plan.origin))

    async def _report(self, lease: Lease, result: Result) -> None:
        """Commit and log what came of a page that gave no article."""
        scheduler = scheduler_of(self.crawler)
        if scheduler is not None and scheduler.queue is not None:
            outcome = await scheduler.queue.commit(lease.page.uid, result)
            if outcome is None:
                logger.warning("not committed: %s: another worker has the page, or see above", lease.page.url)
                return
        if isinstance(result, Rejection):
            logger.warning("rejected: %s: %s: %s", lease.page.url, result.reason, result.detail)
        elif isinstance(result, NoArticle):
            level = logging.INFO if result.outcome == Outcome.MISSING else logging.WARNING
            logger.log(level, "%s: %s: %s", result.outcome, lease.page.url, result.reason)

    def _has_queue(self) -> bool:
        return scheduler_of(self.crawler) is not None

    def _place(self, response: Response) -> tuple[Plan, Lease]:
        if self.plan is not None and "lease" in response.meta:
            return self.plan, response.meta["lease"]
        # `scrapy parse` and `scrapy shell` make the request themselves, from any spelling.
        origin, page = read_start(self.site, response.url)
        self.plan = self.plan or Plan(origin, (page,))
        return self.plan, Lease(page)

    def _with_requests(self, plan: Plan, lease: Lease, article: Article) -> Iterator[Article | Request]:
        yield article
        if self._visited is None:
            self._visited = Visited(plan)
            self._visited.admit(plan.seeds())
        page = lease.page._replace(story_id=article.story_id)
        self._visited.set_story(page)
        for found in self._visited.admit(plan.leads_to(page, Links.of(article), lease.depth)):
            yield self.request(Lease(found.page, found.depth, found.via, found.referrer))


def sites_of(settings: BaseSettings) -> dict[str, Site]:
    """Return the sites of the project's spiders, by name."""
    loader = get_spider_loader(settings)
    spiders = [loader.load(name) for name in loader.list()]
    return {spider.site.name: spider.site for spider in spiders if issubclass(spider, NewsSpider)}
