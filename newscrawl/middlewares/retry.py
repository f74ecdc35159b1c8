"""Retries with growing delays. While a site asks for a pause (Retry-After), no request is sent to it."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Coroutine
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Self

import aiohttp
from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
)
from scrapy.http import Response
from twisted.internet.error import ConnectError, ConnectionDone, ConnectionLost

from newscrawl.lifecycle import verdict as verdicts
from newscrawl.lifecycle.run import lifecycle_of
from newscrawl.queue.host_limiter import PROBE, ROBOTS_TXT, HostLimiter
from newscrawl.queue.hosts import host_of
from newscrawl.refine.http_dates import parse_http_date

logger = logging.getLogger(__name__)

# The answers with which a site says that it has too much to do (RFC 6585, RFC 9110).
_BUSY = (429, 503)
_LONGEST_BACKOFF = 60.0
# A year: whoever asks for more means never.
_LONGEST_PAUSE = 366 * 86400.0
_NO_CONNECTION = (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    ConnectError,
    ConnectionDone,
    ConnectionLost,
)
# Seconds between looks at whether the run was stopped.
_POLL = 0.2


class RunEnds(IgnoreRequest):
    """The run ends before the page's turn came. The page has no outcome: it stays open."""


def end_run(crawler: Crawler, url: str, reason: str, text: str) -> IgnoreRequest:
    """End the run before its time; return the error to raise for the current request.

    ``reason`` is Scrapy's finish reason, ``text`` says more in one line. A request to another host than the
    site's, which only a spider of the user's makes, fails alone.
    """
    lifecycle = lifecycle_of(crawler)
    if lifecycle is not None and not lifecycle.is_of_site(url):
        logger.warning("not fetched: %s: %s", url, text)
        return IgnoreRequest(text)
    if lifecycle is not None:
        lifecycle.end_early(reason, text)
    return RunEnds(text)


def end_run_if_too_long(crawler: Crawler, url: str, seconds: float, header: str = "Retry-After") -> None:
    """End the run and raise RunEnds where the site asks for a longer wait than RETRY_AFTER_MAX.

    ``header`` is Retry-After or Crawl-delay; both are seconds without a request.
    """
    longest = crawler.settings.getfloat("RETRY_AFTER_MAX")
    if seconds > longest:
        text = f"expected a {header} of at most {longest:.0f} s (RETRY_AFTER_MAX), found {_seconds(seconds)}"
        raise end_run(crawler, url, verdicts.RETRY_AFTER_TOO_LONG, text)


def retry_after(response: Response, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for, or None without a usable one.

    Both forms of RFC 9110, section 10.2.3: seconds, and an HTTP date (a past one asks for 0).
    """
    value = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if value.isascii() and value.isdigit():
        return float(value) if len(value) < 10 else math.inf
    moment = parse_http_date(value)
    return None if moment is None else max(0.0, (moment - now).total_seconds())


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f} s" if math.isfinite(seconds) else "a number of more than nine digits"


def backoff(base: float, attempt: int) -> float:
    """Return the seconds before the given repeated attempt (from 1): base, doubled each time."""
    return float(min(base * 2 ** (attempt - 1), _LONGEST_BACKOFF))


async def delay_request(crawler: Crawler, request: Request, seconds: float, reason: str) -> None:
    """Delay the repetition of a request: a page's in the scheduler, any other (robots.txt) here and now.

    Raises RunEnds where the run is stopped while the request waits here.
    """
    if "lease" in request.meta:
        request.meta["retry_delay"] = seconds
        return
    logger.info("%s: %s; asking again in %.0f s", request.url, reason, seconds)
    end = monotonic() + seconds
    lifecycle = lifecycle_of(crawler)
    while (left := end - monotonic()) > 0:
        if lifecycle.is_closing() if lifecycle is not None else not crawler.crawling:
            raise RunEnds("the run was stopped")
        await asyncio.sleep(min(left, _POLL))


class BackoffRetryMiddleware(RetryMiddleware):
    """Scrapy's own retries, which come at once, with growing delays and Retry-After.

    A page goes back to the scheduler and waits there; see :func:`delay_request` for other requests.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings.copy()
        if not settings.getbool("RETRY_ENABLED"):
            # Scrapy's middleware would be left out then; the pauses that a site asks for must not be.
            settings.setdict({"RETRY_ENABLED": True, "RETRY_TIMES": 0}, priority="cmdline")
        super().__init__(settings)
        self.crawler = crawler
        self._backoff = crawler.settings.getfloat("RETRY_BACKOFF")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    # Scrapy awaits what these return; its annotations do not say so.

    def process_response(  # type: ignore[override]
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response | Coroutine[Any, Any, Request | Response]:
        status = response.status
        is_refused = False
        if (limiter := self._limiter(request)) is not None:
            is_refused = limiter.note_response(request, status, response.body)
        if status in self.retry_http_codes or status in _BUSY:
            return self._answer_later(request, response, is_refused=is_refused)
        return _in_turn(request) if is_refused else response

    async def process_exception(  # type: ignore[override]
        self, request: Request, exception: Exception, spider: Spider | None = None
    ) -> Request | Response | None:
        is_cause = _is_no_connection(exception) or PROBE in request.meta
        if (limiter := self._limiter(request)) is not None and is_cause:
            limiter.note_refusal(request, type(exception).__name__)
            if limiter.pace.refused:
                return _in_turn(request)
        result = super().process_exception(request, exception)
        if isinstance(result, Request):
            delay = backoff(self._backoff, result.meta["retry_times"])
            await delay_request(self.crawler, result, delay, type(exception).__name__)
        return result

    async def _answer_later(
        self, request: Request, response: Response, *, is_refused: bool
    ) -> Request | Response:
        is_busy = response.status in _BUSY
        asked = retry_after(response, datetime.now(UTC)) if is_busy else None
        if asked is not None:
            # Kept also where the run ends here: the next one has to know.
            self._pause(request.url, asked)
            end_run_if_too_long(self.crawler, request.url, asked)
        if is_refused:
            return _in_turn(request)
        result = super().process_response(request, response)
        is_retry = isinstance(result, Request)
        delay = backoff(self._backoff, result.meta["retry_times"]) if is_retry else 0.0
        if is_busy and asked is None:
            self._pause(request.url, delay)
        if isinstance(result, Request):
            await delay_request(
                self.crawler, result, delay if asked is None else asked, f"HTTP {response.status}"
            )
        return result

    def _limiter(self, request: Request) -> HostLimiter | None:
        """Return the limiter of the host that is crawled; None for robots.txt, and other hosts' requests."""
        lifecycle = lifecycle_of(self.crawler)
        if lifecycle is None or lifecycle.queue is None or ROBOTS_TXT in request.meta:
            return None
        limiter = lifecycle.queue.limiter
        is_own = "lease" not in request.meta
        return None if is_own and host_of(request.url) != limiter.budget.host else limiter

    def _pause(self, url: str, seconds: float) -> None:
        lifecycle = lifecycle_of(self.crawler)
        if lifecycle is None or lifecycle.queue is None or not lifecycle.is_of_site(url):
            return
        if seconds:
            seconds = min(seconds, _LONGEST_PAUSE)
            logger.info("the site asks for a pause: no request for %.0f s", seconds)
            lifecycle.queue.limiter.pause(seconds)


def _is_no_connection(error: Exception) -> bool:
    """Tell whether the host, and not one answer of it, is the cause of an error."""
    if isinstance(error, DownloadFailedError):
        # An answer that came and cannot be read.
        return not isinstance(error.__cause__, aiohttp.ClientResponseError)
    return isinstance(error, _NO_CONNECTION)


def _in_turn(request: Request) -> Request:
    """Return a page's request for the scheduler, where it waits until the host answers.

    It is no further attempt.
    """
    again = request.replace(dont_filter=True)
    again.meta.pop(PROBE, None)
    return again
