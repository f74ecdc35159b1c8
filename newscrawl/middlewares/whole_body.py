"""A compressed body must be complete.

Scrapy decompresses as much as there is: of a body that a server cut short, half an article would be left
without an error.
"""

from __future__ import annotations

import zlib
from collections.abc import Coroutine
from typing import Any, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import ResponseDataLossError
from scrapy.http import Response

from newscrawl.middlewares.retry import backoff, delay_request

_CHUNK = 1 << 20
_GZIP = 16 + zlib.MAX_WBITS


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
    """Asks again for a page whose compressed body was cut. Only gzip is asked for (settings.py)."""

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
        if encoding not in (b"gzip", b"x-gzip") or is_whole(response.body, self._most):
            return response
        return self._repeat(request)

    async def _repeat(self, request: Request) -> Request:
        text = "expected a whole gzip body, found a cut one"
        assert self.crawler.spider is not None
        again = None
        if self._retries and not request.meta.get("dont_retry"):
            again = get_retry_request(request, spider=self.crawler.spider, reason=text)
        if again is None:
            raise ResponseDataLossError(text)
        delay = backoff(self._backoff, again.meta["retry_times"])
        await delay_request(self.crawler, again, delay, text)
        return again
