"""A body that was packed is whole, or it is no answer.

Scrapy unpacks as much as there is: of a packed body that a server cut short, half an article would be
left, and nothing would tell.
"""

from __future__ import annotations

import zlib
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import ResponseDataLossError
from scrapy.http import Response

from newscrawl.middlewares.retry import backoff

_CHUNK = 1 << 20
_GZIP = 16 + zlib.MAX_WBITS


def is_whole(packed: bytes, most: int) -> bool:
    """Tell whether a gzip stream (RFC 1952) reaches its end.

    One that unpacks to over ``most`` bytes counts as whole: it is refused for its size anyway.
    """
    stream = zlib.decompressobj(_GZIP)
    size = 0
    try:
        while packed and not stream.eof:
            size += len(stream.decompress(packed, _CHUNK))
            if 0 < most < size:
                return True
            packed = stream.unconsumed_tail
    except zlib.error:
        return False
    return stream.eof


class WholeBodyMiddleware:
    """Asks again for a page whose packed body was cut. Only gzip is asked for (settings.py)."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._most = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        self._backoff = crawler.settings.getfloat("RETRY_BACKOFF")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        encoding = (response.headers.get("Content-Encoding") or b"").strip().lower()
        if encoding not in (b"gzip", b"x-gzip") or is_whole(response.body, self._most):
            return response
        text = "expected a whole gzip body, found a cut one"
        assert self.crawler.spider is not None
        again = get_retry_request(request, spider=self.crawler.spider, reason=text)
        if again is None or request.meta.get("dont_retry"):
            raise ResponseDataLossError(text)
        again.meta["retry_delay"] = backoff(self._backoff, again.meta["retry_times"])
        return again
