"""One article of longbridge.com, its locales, and the news related to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from scrapy import Request, Spider
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from newscrawl.exceptions import NotAnArticleAddress
from newscrawl.items import Article, Miss, Rejection, Unmodified
from newscrawl.middlewares.retry import RunEnds
from newscrawl.plan import Links, Plan
from newscrawl.queue.crawl_queue import Frontier
from newscrawl.queue.leases import Lease
from newscrawl.sites.longbridge.address import Address, read_start
from newscrawl.spiders.outcomes import outcome_of, outcome_of_failure
from newscrawl.spiders.unknowns import Oddities


class LongbridgeSpider(Spider):
    """Yields one outcome a page: an Article, a Rejection or a Miss.

    Under ``scrapy crawl`` the frontier decides what is asked next. Under another scheduler (``scrapy
    parse``, a script) there is none, and the spider yields the requests too.
    """

    name = "longbridge"

    def __init__(self, **arguments: str) -> None:
        super().__init__(self.name)
        self.plan = Plan.from_arguments(arguments) if "url" in arguments else None
        self.frontier: Frontier | None = None
        self._asked: set[Address] = set()
        self._oddities = Oddities()

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        super().update_settings(settings)
        if contact := settings.get("CONTACT"):
            settings.set("USER_AGENT", f"{settings['USER_AGENT']} (+{contact})", priority="spider")

    @classmethod
    def handles_request(cls, request: Request) -> bool:
        """Tell ``scrapy parse`` and ``scrapy shell`` which addresses are this spider's."""
        try:
            read_start(request.url)
        except NotAnArticleAddress:
            return False
        return True

    async def start(self) -> AsyncIterator[Request]:
        if self.frontier is None and self.plan is not None:
            for address in self.plan.starts:
                yield self.request(Lease(address))

    def request(self, lease: Lease) -> Request:
        """Return the request for a page: its Markdown form at the start's site."""
        assert self.plan is not None
        headers = {}
        if lease.etag:
            headers["If-None-Match"] = lease.etag
        if lease.last_modified:
            headers["If-Modified-Since"] = lease.last_modified
        return Request(
            self.plan.site.url(lease.address),
            self.parse,
            headers=headers,
            meta={"lease": lease},
            errback=self.fail,
            dont_filter=True,
        )

    def parse(self, response: Response) -> Iterator[Article | Rejection | Miss | Unmodified | Request]:
        """Yield what became of a page; without a frontier, also the requests for where it leads."""
        plan, lease = self._place(response)
        outcome = outcome_of(response, lease.address, plan.site, self._oddities)
        yield outcome
        if self.frontier is None and isinstance(outcome, Article):
            yield from self._follow(plan, lease, outcome)

    def fail(self, failure: Failure) -> Iterator[Rejection | Miss]:
        """Yield what became of a page whose answer did not come."""
        # Scrapy sets the request on the failure; Twisted's class does not know it.
        request: Request = failure.request  # type: ignore[attr-defined]
        if not isinstance(failure.value, RunEnds) and self.plan is not None:
            lease: Lease = request.meta["lease"]
            yield outcome_of_failure(failure, lease.address, self.plan.site)

    def _place(self, response: Response) -> tuple[Plan, Lease]:
        if self.plan is not None and "lease" in response.meta:
            return self.plan, response.meta["lease"]
        # `scrapy parse` and `scrapy shell` make the request themselves, from any spelling.
        site, address = read_start(response.url)
        self.plan = self.plan or Plan(site, (address,))
        return self.plan, Lease(address)

    def _follow(self, plan: Plan, lease: Lease, article: Article) -> Iterator[Request]:
        self._asked.add(lease.address)
        for via, address in plan.leads_to(lease.address, Links.of(article)):
            depth = lease.depth + (via == "related")
            if depth <= plan.depth and address not in self._asked:
                self._asked.add(address)
                yield self.request(Lease(address, depth, via, lease.address.url))
