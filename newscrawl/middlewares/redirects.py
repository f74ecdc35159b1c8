"""Redirects are followed on the start's own site only."""

from __future__ import annotations

import logging
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from newscrawl.lifecycle.run import lifecycle_of

logger = logging.getLogger(__name__)


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
            lifecycle = lifecycle_of(self.crawler)
            if lifecycle is None or lifecycle.is_of_site(result.url):
                return result
            # A request of a spider's own may have been to another host from the start.
            is_own = "lease" not in request.meta and not lifecycle.is_of_site(request.url)
            if is_own and urlsplit(result.url).hostname == urlsplit(request.url).hostname:
                return result
            text = f"redirected to another site: {result.url[:200]}"
            if "lease" not in request.meta:
                logger.warning("not fetched: %s: %s", request.url, text)
            raise LeftTheSite(text)
        return result

    def handle_referer(self, request: Request, response: Response) -> None:
        """Send no Referer: the crawl sends none anywhere, so nothing is to be mended here."""
