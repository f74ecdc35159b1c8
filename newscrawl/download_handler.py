"""How pages are downloaded: over aiohttp, which takes less time than Scrapy's default over Twisted.

Scrapy 2.19 calls its handler experimental. What that one loses, compared with the default, is kept here:

- Header lines of up to 64 kB are read; aiohttp refuses lines of more than 8 kB, Twisted of more than 16.
- The bytes of headers stay as they came. aiohttp's decoded values would change some of them.
- What aiohttp refuses to read (a header line without a colon, a NUL in a value, a content length said twice,
  more bytes than announced) is left to Scrapy's default, which is less strict, when the page is asked for
  again.
- Bytes that nobody asked for end a connection. aiohttp takes them for the answer to the next request; and
  where that answer is cut, it waits for the rest without a timeout.
- A request without a body is sent without a ``Content-Length``.

A body that was cut, by whichever measure, is no page: content length, chunks, or gzip
(``middlewares/whole_body.py``).
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import aiohttp
from aiohttp.client_proto import ResponseHandler
from scrapy import Request
from scrapy.core.downloader.handlers._aiohttp import AiohttpDownloadHandler, _ClientResponse
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadFailedError, NotConfigured
from scrapy.http import Headers, Response
from scrapy.utils.ssl import _make_ssl_context

if TYPE_CHECKING:
    from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler

_LONGEST_LINE = 64 * 1024
# In a request's meta: aiohttp refused the answer. A repetition takes it along.
_REFUSED = "answer_refused"


class _Connection(ResponseHandler):
    def is_connected(self) -> bool:
        # The pool asks this of a connection that waits there, where no bytes should have come.
        return super().is_connected() and not self.should_close


class _Request(aiohttp.ClientRequest):
    def update_body_from_data(self, body: Any, _stacklevel: int = 3) -> None:
        # Scrapy has b"" where there is none.
        super().update_body_from_data(body or None, _stacklevel + 1)


class PageDownloadHandler(AiohttpDownloadHandler):
    """Scrapy's handler over aiohttp. It needs the asyncio reactor, or none."""

    # A session needs a running event loop; Scrapy's CrawlerProcess makes its handlers before there is one.
    lazy = True
    experimental: ClassVar[bool] = False

    def __init__(self, crawler: Crawler) -> None:
        # The class between makes what is made below, otherwise.
        super(AiohttpDownloadHandler, self).__init__(crawler)
        # Verifies, as aiohttp does by default. Scrapy's own is made where a request needs it: that reads all
        # certificates of the system, which takes as long as twenty pages.
        self._ssl_context: Any = True
        connector: Any = aiohttp.TCPConnector(
            local_addr=self._bind_address,
            limit=self._pool_size_total,
            limit_per_host=self._pool_size_per_host,
        )
        # There is no other way to say which class the connections are of.
        connector._factory = partial(_Connection, loop=asyncio.get_running_loop())  # noqa: SLF001
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            request_class=_Request,
            response_class=_ClientResponse,
            max_line_size=_LONGEST_LINE,
            max_field_size=_LONGEST_LINE,
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
        )
        self._less_strict: HTTP11DownloadHandler | None = None

    async def download_request(self, request: Request) -> Response:
        """Download a page. Raises Scrapy's errors."""
        if _REFUSED in request.meta and (handler := self._default()) is not None:
            return await handler.download_request(request)
        if self._ssl_context is True and (request.url[:5] != "http:" or "proxy" in request.meta):
            self._ssl_context = _make_ssl_context(self.crawler.settings)
        try:
            return await super().download_request(request)
        except DownloadFailedError as error:
            cause = error.__cause__
            if isinstance(cause, aiohttp.ClientResponseError):
                request.meta[_REFUSED] = True
                # Its number is 400, which no server said.
                text = f"the answer cannot be read: {cause.message}"
            elif isinstance(cause, aiohttp.ServerDisconnectedError):
                # Its text would be all headers that came.
                text = "the server closed the connection before the end of the headers"
            else:
                raise
            raise DownloadFailedError(text) from cause

    async def close(self) -> None:
        await super().close()
        if self._less_strict is not None:
            await self._less_strict.close()

    def _default(self) -> HTTP11DownloadHandler | None:
        if self._less_strict is None:
            # Not at the top: loading it takes a tenth of the time of a small crawl.
            from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler  # noqa: PLC0415

            try:
                self._less_strict = HTTP11DownloadHandler(self.crawler)
            except NotConfigured:
                # There is no reactor: what is refused fails.
                return None
        return self._less_strict

    @staticmethod
    def _request_headers(request: Request) -> Headers:
        # Scrapy's own, without spelling the names anew.
        headers = Headers()
        dict.update(headers, request.headers)
        dict.pop(headers, b"Proxy-Authorization", None)
        return headers

    @staticmethod
    def _extract_headers(response: aiohttp.ClientResponse) -> Headers:
        fields: dict[bytes, list[bytes]] = {}
        for name, value in response.raw_headers:
            # As Headers spells names.
            fields.setdefault(name.title(), []).append(value)
        headers = Headers()
        dict.update(headers, fields)
        return headers
