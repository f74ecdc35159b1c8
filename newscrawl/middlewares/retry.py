"""Patience: an answer that says "later" is asked again later, and the whole site waits with it."""

from __future__ import annotations

import logging
import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from newscrawl.queue.scheduler import frontier_scheduler

logger = logging.getLogger(__name__)

RETRY_AFTER_TOO_LONG = "retry_after_too_long"
ROBOTS_UNREACHABLE = "robots_unreachable"
# The answers with which a site says that it has too much to do (RFC 6585, RFC 9110).
_BUSY = (429, 503)
_LONGEST_BACKOFF = 60.0


class RunEnds(IgnoreRequest):
    """The run ends before the page's turn came. The page has no outcome: it stays open."""


def end_run(crawler: Crawler, reason: str, text: str) -> RunEnds:
    """End the run before its time; return the error to raise for the page at hand.

    ``reason`` is a word for Scrapy's finish reason, ``text`` a line for a person.
    """
    scheduler = frontier_scheduler(crawler)
    if scheduler is not None:
        scheduler.end_run(reason, text)
    return RunEnds(text)


def too_long(crawler: Crawler, seconds: float, asked_by: str = "Retry-After") -> RunEnds | None:
    """End the run where the site asks for more patience than RETRY_AFTER_MAX; else None.

    ``asked_by`` is a Retry-After or a Crawl-delay; both are seconds without a request.
    """
    longest = crawler.settings.getfloat("RETRY_AFTER_MAX")
    if seconds <= longest:
        return None
    text = f"expected a {asked_by} of at most {longest:.0f} s (RETRY_AFTER_MAX), found {seconds:.0f} s"
    return end_run(crawler, RETRY_AFTER_TOO_LONG, text)


def retry_after(response: Response, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for, or None without a usable one.

    Both forms of RFC 9110, section 10.2.3: seconds, and an HTTP date (a past one asks for 0).
    """
    value = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if value.isascii() and value.isdigit():
        return float(value) if len(value) < 10 else math.inf
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def backoff(base: float, attempt: int) -> float:
    """Return the seconds before the given repeated attempt (from 1): base, doubled each time."""
    return float(min(base * 2 ** (attempt - 1), _LONGEST_BACKOFF))


class PatientRetryMiddleware(RetryMiddleware):
    """Scrapy's own retries, which come at once, with growing delays and Retry-After."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler.settings)
        self.crawler = crawler
        self._backoff = crawler.settings.getfloat("RETRY_BACKOFF")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> PatientRetryMiddleware:
        return cls(crawler)

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        asked = retry_after(response, datetime.now(UTC)) if response.status in _BUSY else None
        if asked is not None and (ends := too_long(self.crawler, asked)):
            raise ends
        result = super().process_response(request, response)
        delay = self._delay(result)
        if response.status in _BUSY:
            self._hold(delay if asked is None else asked)
        return result

    def process_exception(
        self, request: Request, exception: Exception, spider: Spider | None = None
    ) -> Request | Response | None:
        result = super().process_exception(request, exception)
        self._delay(result)
        return result

    def _delay(self, result: Request | Response | None) -> float:
        if not isinstance(result, Request):
            return 0.0
        delay = backoff(self._backoff, result.meta["retry_times"])
        result.meta["retry_delay"] = delay
        return delay

    def _hold(self, seconds: float) -> None:
        scheduler = frontier_scheduler(self.crawler)
        if seconds and scheduler is not None:
            logger.info("the site asks for patience: no request for %.0f s", seconds)
            scheduler.pace.hold(seconds)
