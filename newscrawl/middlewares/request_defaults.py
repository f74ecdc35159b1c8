"""What each request gets before it leaves: headers and a timeout from the settings, and its turn."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Headers

from newscrawl.lifecycle.run import lifecycle_of
from newscrawl.middlewares.retry import RunEnds
from newscrawl.queue.host_limiter import ROBOTS_TXT, HostLimiter
from newscrawl.queue.turns import wait_for_turn


class RequestDefaultsMiddleware:
    """Does in one call what three of Scrapy's middlewares do: headers, user agent, timeout.

    What a request has already stays. One call for a page costs less than three.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        settings = crawler.settings
        named = Headers()
        for name, value in settings.getdict("DEFAULT_REQUEST_HEADERS").items():
            if value is not None:
                named.setdefault(name, value)
        if agent := settings["USER_AGENT"]:
            named.setdefault("User-Agent", agent)
        self._headers = [(name, tuple(values)) for name, values in named.items()]
        self._timeout = settings.getfloat("DOWNLOAD_TIMEOUT")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> Coroutine[Any, Any, None] | None:
        headers = request.headers
        for name, values in self._headers:
            # The names are spelled as Headers spells them already.
            if not dict.__contains__(headers, name):
                dict.__setitem__(headers, name, list(values))
        if self._timeout:
            request.meta.setdefault("download_timeout", self._timeout)
        # A page has had its turn in the scheduler, and robots.txt may have that of a page, once.
        if "lease" in request.meta:
            return None
        if request.meta.get(ROBOTS_TXT):
            request.meta[ROBOTS_TXT] = False
            return None
        lifecycle = lifecycle_of(self.crawler)
        limiter = lifecycle.queue.limiter if lifecycle is not None and lifecycle.queue is not None else None
        return None if lifecycle is None or limiter is None else _wait(request, limiter, lifecycle.is_closing)


async def _wait(request: Request, limiter: HostLimiter, is_closing: Callable[[], bool]) -> None:
    """Wait until the host's budget has room for a request that is no page's."""
    if not await wait_for_turn(limiter, request, is_closing):
        raise RunEnds("the run was stopped")
