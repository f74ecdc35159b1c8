"""Redirects are followed on the start's own site only."""

from __future__ import annotations

from typing import Self

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response


class LeftTheSite(IgnoreRequest):
    """A redirect leads away from the start's site. The page counts as failed."""


class SameSiteRedirectMiddleware(RedirectMiddleware):
    """Scrapy's own, which would follow a redirect to any host."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        # Theirs looks for a RefererMiddleware when the engine starts, and warns without one.
        middleware = cls(crawler.settings)
        middleware.crawler = crawler
        return middleware

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        result = super().process_response(request, response)
        if isinstance(result, Request):
            plan = getattr(self.crawler.spider, "plan", None)
            if plan is not None and not plan.origin.owns(result.url):
                raise LeftTheSite(f"redirected to another site: {result.url[:200]}")
        return result

    def handle_referer(self, request: Request, response: Response) -> None:
        """Send no Referer: the crawl sends none anywhere, so nothing is to be mended here."""
