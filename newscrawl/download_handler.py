"""How pages are downloaded: over aiohttp, which takes less time than Scrapy's default over Twisted.

Scrapy 2.19 calls its handler experimental. What that one loses, compared with the default, is kept here, or
in ``network/``:

- Headers of up to 64 kB in all are read, in lines of any length and number (``network/connection.py``).
- The bytes of headers stay as they came. aiohttp's decoded values would change some of them.
- What aiohttp refuses to read, such as a header line without a colon, is put right before it is parsed
  (``network/heads.py``).
- Bytes that nobody asked for end a connection. aiohttp takes them for the answer to the next request; and
  where that answer is cut, it waits for the rest without a timeout.
- A request without a body is sent without a ``Content-Length``.
- A body whose end nothing announced has Scrapy's flag ``partial``.

No connection is made to an address that is not public, unless the start of the crawl names it
(``network/guard.py``).

A body that was cut, by whichever measure, is no page: content length, chunks, or its compression
(``middlewares/whole_body.py``). Where no measure tells, a page that lacks its end is asked for again
(``middlewares/page_end.py``).
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

import aiohttp
from scrapy import Request
from scrapy.core.downloader.handlers._aiohttp import AiohttpDownloadHandler, _ClientResponse
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadFailedError
from scrapy.http import Headers, Response
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.ssl import _make_ssl_context

from newscrawl.lifecycle.run import lifecycle_of
from newscrawl.network.answer import END_NOT_ANNOUNCED
from newscrawl.network.connection import MOST_HEADERS, Connection
from newscrawl.network.guard import Guarded, NotPublic, make_socket
from newscrawl.warc.answer import note_head

if TYPE_CHECKING:
    from scrapy.core.downloader.handlers._base_streaming import _BaseResponseArgs

logger = logging.getLogger(__name__)

_WITHOUT_BODY = (204, 304)


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
            socket_factory=make_socket,
        )
        # There is no other way to say which class the connections are of.
        connector._factory = partial(Connection, loop=asyncio.get_running_loop())  # noqa: SLF001
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            request_class=_Request,
            response_class=_ClientResponse,
            max_line_size=MOST_HEADERS,
            max_field_size=MOST_HEADERS,
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
        )
        self._allow_private = crawler.settings.getbool("ALLOW_PRIVATE")

    async def download_request(self, request: Request) -> Response:
        """Download a page. Raises Scrapy's errors, and NotPublic."""
        if self._ssl_context is True and (request.url[:5] != "http:" or "proxy" in request.meta):
            self._ssl_context = _make_ssl_context(self.crawler.settings)
        try:
            with self._guard(request):
                return await super().download_request(request)
        except NotPublic as error:
            if "lease" not in request.meta:
                # No outcome of a page tells it.
                logger.warning("not fetched: %s: %s", request.url, error)
            raise
        except DownloadFailedError as error:
            cause = error.__cause__
            if isinstance(cause, aiohttp.ClientHttpProxyError):
                # Its text is the proxy's own.
                text = f"the proxy answered HTTP {cause.status}"
            elif isinstance(cause, aiohttp.ClientResponseError):
                # Its number is 400, which no server said.
                text = f"the answer cannot be read: {cause.message}"
            elif isinstance(cause, aiohttp.ServerDisconnectedError):
                # Its text would be all headers that came.
                text = "the server closed the connection before the end of the headers"
            else:
                raise
            raise DownloadFailedError(text) from cause

    def _guard(self, request: Request) -> AbstractContextManager[None]:
        """Hold the request's connection to what the start of the crawl lets in."""
        if self._allow_private:
            return nullcontext()
        lifecycle = lifecycle_of(self.crawler)
        host = urlparse_cached(request).hostname or ""
        if lifecycle is not None and lifecycle.plan is not None:
            start = lifecycle.plan.origin.host
        else:
            # `scrapy shell` and others: whoever typed the address that was asked for first named the start.
            first = request.meta.get("redirect_urls")
            start = host if not first else urlsplit(first[0]).hostname or ""
        return Guarded(host, start, is_direct=not request.meta.get("proxy"))

    async def _read_response(self, response: _ClientResponse, request: Request) -> Response:
        result = await super()._read_response(response, request)
        headers = response.headers
        is_announced = (
            "Content-Length" in headers or "chunked" in headers.get("Transfer-Encoding", "").lower()
        )
        if not is_announced and request.method != "HEAD" and response.status not in _WITHOUT_BODY:
            result.flags.append(END_NOT_ANNOUNCED)
        return result

    @staticmethod
    def _request_headers(request: Request) -> Headers:
        # Scrapy's own, without spelling the names anew.
        headers = Headers()
        dict.update(headers, request.headers)
        dict.pop(headers, b"Proxy-Authorization", None)
        return headers

    @staticmethod
    def _build_base_response_args(
        response: _ClientResponse, request: Request, headers: Headers
    ) -> _BaseResponseArgs:
        version = response.version
        spelled = f"{version.major}.{version.minor}" if version else "1.1"
        note_head(request, spelled, response.status, response.reason or "", response.raw_headers)
        return AiohttpDownloadHandler._build_base_response_args(response, request, headers)  # noqa: SLF001

    @staticmethod
    def _extract_headers(response: aiohttp.ClientResponse) -> Headers:
        fields: dict[bytes, list[bytes]] = {}
        for name, value in response.raw_headers:
            # As Headers spells names.
            fields.setdefault(name.title(), []).append(value)
        headers = Headers()
        dict.update(headers, fields)
        return headers
