"""A body must be complete.

Of a compressed one Scrapy decompresses as much as there is: of a body that a server cut short, half an
article would be left without an error. Where nothing announced the end of a body (neither its length nor
chunks, as in HTTP/1.0), a page that lacks its end is asked for once more. If it lacks it again it is taken,
and ``spiders/answers.py`` warns.
"""

from __future__ import annotations

import zlib
from collections.abc import Coroutine
from http import HTTPStatus
from typing import Any, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import ResponseDataLossError
from scrapy.http import Response

from newscrawl.lifecycle.run import lifecycle_of
from newscrawl.middlewares.retry import backoff, delay_request
from newscrawl.network.answer import END_NOT_ANNOUNCED, source_of

_CHUNK = 1 << 20
_GZIP = 16 + zlib.MAX_WBITS
# In a request's meta: the page lacked its end before.
_LACKED_END = "lacked_end"


def is_whole(body: bytes, most: int) -> bool:
    """Tell whether a gzip stream (RFC 1952) reaches its end.

    One that decompresses to over ``most`` bytes counts as whole: it is refused for its size anyway.
    """
    stream = zlib.decompressobj(_GZIP)
    size = 0
    try:
        while body and not stream.eof:
            size += len(stream.decompress(body, _CHUNK))
            if 0 < most < size:
                return True
            body = stream.unconsumed_tail
    except zlib.error:
        return False
    return stream.eof


class WholeBodyMiddleware:
    """Asks again for a page whose body was cut, or may be. Only gzip is asked for (settings.py)."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._most = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        self._backoff = crawler.settings.getfloat("RETRY_BACKOFF")
        self._retries = crawler.settings.getbool("RETRY_ENABLED")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_response(
        self, request: Request, response: Response
    ) -> Response | Coroutine[Any, Any, Request]:
        encoding = (response.headers.get("Content-Encoding") or b"").strip().lower()
        if encoding in (b"gzip", b"x-gzip"):
            if not is_whole(response.body, self._most):
                return self._repeat(request)
            if END_NOT_ANNOUNCED in response.flags:
                # The stream tells its end.
                response.flags.remove(END_NOT_ANNOUNCED)
            return response
        if END_NOT_ANNOUNCED not in response.flags or self._has_end(request, response):
            return response
        text = "expected a whole page, found one without an end, whose length was not announced"
        again = None if _LACKED_END in request.meta else self._again(request, text)
        if again is None:
            return response
        again.meta[_LACKED_END] = True
        return self._delayed(again, text)

    def _has_end(self, request: Request, response: Response) -> bool:
        lifecycle, lease = lifecycle_of(self.crawler), request.meta.get("lease")
        if response.status != HTTPStatus.OK or lease is None or lifecycle is None or lifecycle.plan is None:
            # No page's own answer.
            return True
        origin = lifecycle.plan.origin
        return origin.site.has_end(source_of(response, lease.page, origin))

    async def _repeat(self, request: Request) -> Request:
        text = "expected a whole gzip body, found a cut one"
        again = self._again(request, text)
        if again is None:
            raise ResponseDataLossError(text)
        return await self._delayed(again, text)

    def _again(self, request: Request, text: str) -> Request | None:
        assert self.crawler.spider is not None
        if not self._retries or request.meta.get("dont_retry"):
            return None
        return get_retry_request(request, spider=self.crawler.spider, reason=text)

    async def _delayed(self, again: Request, text: str) -> Request:
        delay = backoff(self._backoff, again.meta["retry_times"])
        await delay_request(self.crawler, again, delay, text)
        return again
