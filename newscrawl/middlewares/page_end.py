"""A page whose end nothing announced must have the end that pages have.

Neither its length nor chunks told where the body ends, as in HTTP/1.0, or it was packed in a way that does
not tell here. A page that lacks its end is asked for once more. If it lacks it again it is taken, and
``spiders/answers.py`` warns.
"""

from __future__ import annotations

from collections.abc import Coroutine
from http import HTTPStatus
from typing import Any, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from newscrawl.lifecycle.run import lifecycle_of
from newscrawl.middlewares.whole_body import delayed, repeated
from newscrawl.network.answer import END_NOT_ANNOUNCED, source_of

# In a request's meta: the page lacked its end before.
_LACKED_END = "lacked_end"


class PageEndMiddleware:
    """Asks once more for a page that may be cut. It sees the body after Scrapy decompressed it."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_response(
        self, request: Request, response: Response
    ) -> Response | Coroutine[Any, Any, Request]:
        if END_NOT_ANNOUNCED not in response.flags or self._has_end(request, response):
            return response
        text = "expected a whole page, found one without an end, whose length was not announced"
        again = None if _LACKED_END in request.meta else repeated(self.crawler, request, text)
        if again is None:
            return response
        again.meta[_LACKED_END] = True
        return delayed(self.crawler, again, text)

    def _has_end(self, request: Request, response: Response) -> bool:
        lifecycle, lease = lifecycle_of(self.crawler), request.meta.get("lease")
        if response.status != HTTPStatus.OK or lease is None or lifecycle is None or lifecycle.plan is None:
            # No page's own answer.
            return True
        origin = lifecycle.plan.origin
        return origin.site.has_end(source_of(response, lease.page, origin))
