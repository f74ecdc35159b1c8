"""A compressed body must be complete.

Of a compressed one Scrapy decompresses as much as there is: of a body that a server cut short, half an
article would be left without an error.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import ResponseDataLossError
from scrapy.http import Response

from newscrawl.middlewares.retry import backoff, delay_request
from newscrawl.network.answer import END_NOT_ANNOUNCED
from newscrawl.network.packed import KNOWN, is_whole
from newscrawl.warc.answer import note_encoded

# Scrapy's downloader unpacks these, too. Nobody asks for them (settings.py), and nothing here tells where
# such a body ends.
_OTHERS = {b"br", b"zstd"}


def codings(response: Response) -> list[bytes]:
    """Return what a body is packed with, the outermost first, in small letters."""
    values = response.headers.getlist("Content-Encoding")
    names = (name.strip().lower() for value in values for name in value.split(b","))
    return [name for name in names if name][::-1]


class WholeBodyMiddleware:
    """Asks again for a body that was cut. It sees the body before Scrapy decompresses it."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._most = crawler.settings.getint("DOWNLOAD_MAXSIZE")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_response(
        self, request: Request, response: Response
    ) -> Response | Coroutine[Any, Any, Request]:
        note_encoded(request, response)
        if b"Content-Encoding" not in response.headers or request.method == "HEAD":
            return response
        names = codings(response)
        # Scrapy unpacks until it meets one that it does not know.
        known = next((at for at, name in enumerate(names) if name not in KNOWN), len(names))
        if not is_whole(response.body, self._most, names[:known]):
            return self._repeat(request, b", ".join(names[:known]).decode())
        if names[known : known + 1] and names[known] in _OTHERS:
            # Whether it is whole the page has to tell (page_end.py).
            mark_end(response, is_known=False)
        elif known:
            # The stream tells its end.
            mark_end(response, is_known=True)
        return response

    async def _repeat(self, request: Request, name: str) -> Request:
        text = f"expected a whole {name} body, found a cut one"
        again = repeated(self.crawler, request, text)
        if again is None:
            raise ResponseDataLossError(text)
        return await delayed(self.crawler, again, text)


def mark_end(response: Response, *, is_known: bool) -> None:
    """Note whether something besides the page itself told where a body ends."""
    if END_NOT_ANNOUNCED in response.flags:
        response.flags.remove(END_NOT_ANNOUNCED)
    if not is_known:
        response.flags.append(END_NOT_ANNOUNCED)


def repeated(crawler: Crawler, request: Request, text: str) -> Request | None:
    """Return the request to be made again; None where it must not be, or was often enough."""
    assert crawler.spider is not None
    if not crawler.settings.getbool("RETRY_ENABLED") or request.meta.get("dont_retry"):
        return None
    return get_retry_request(request, spider=crawler.spider, reason=text)


async def delayed(crawler: Crawler, again: Request, text: str) -> Request:
    """Delay a repeated request as any other retry is."""
    delay = backoff(crawler.settings.getfloat("RETRY_BACKOFF"), again.meta["retry_times"])
    await delay_request(crawler, again, delay, text)
    return again
