"""robots.txt by RFC 9309, with the Crawl-delay that it does not define and many sites set.

Scrapy's own middleware parses the body of any answer, an error page's too, and allows everything
when the file cannot be fetched. Here a missing file (4xx) allows, and an unreachable one forbids all of
the site (section 2.3.1.4): the run ends, and its pages stay open for the next one. In the middle of a run
the rules that were read before still apply while a newer copy cannot be fetched. 429 says "not now"
and nothing about the file: where it is the answer to the last repeat as well, the file is unreachable, too.
"""

from __future__ import annotations

import asyncio
import logging
import math
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.httpobj import urlparse_cached

from newscrawl.lifecycle.run import lifecycle_of
from newscrawl.lifecycle.verdict import ROBOTS_UNREACHABLE
from newscrawl.middlewares.redirects import is_same_service, is_withheld, redirect_target, withhold
from newscrawl.middlewares.retry import RunEnds, end_run, end_run_if_too_long
from newscrawl.middlewares.robots_rules import RobotsRules
from newscrawl.network.answer import is_too_large
from newscrawl.queue.host_limiter import PROBE, ROBOTS_TXT
from newscrawl.refine.dates import format_instant
from newscrawl.warc.answer import answer_of

logger = logging.getLogger(__name__)

# RFC 9309, section 2.4: a crawler should not use a copy for longer than a day.
_LIFETIME = 24 * 3600.0
# RFC 9309, section 2.3.1.2: at least five redirects are followed, to other hosts as well.
_MOST_REDIRECTS = 5
# What another host, to which robots.txt was moved, is told of DEFAULT_REQUEST_HEADERS.
_FOR_ANYBODY = {"accept", "accept-encoding", "accept-language", "user-agent"}


class RobotsForbidden(IgnoreRequest):
    """robots.txt forbids the page. The page counts as forbidden."""


class _Unreachable(Exception):
    """robots.txt did not come; its text says what came instead."""


class RobotsMiddleware:
    """Asks each host for its rules once a day, before the first page."""

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        if not settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        self.crawler = crawler
        self._agent = settings["ROBOTSTXT_USER_AGENT"] or settings["USER_AGENT"] or ""
        self._rules: dict[str, tuple[float, asyncio.Future[RobotsRules]]] = {}
        self._for_us_alone = [
            name for name in settings.getdict("DEFAULT_REQUEST_HEADERS") if name.lower() not in _FOR_ANYBODY
        ]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> Request | None:
        """Raise RobotsForbidden where the page must not be asked for.

        Returns the request where its turn has not come yet: asking for robots.txt was a request too,
        and the page waits in the scheduler, where a stop does not wait for it.
        """
        if request.meta.get("dont_obey_robotstxt"):
            return None
        parts = urlparse_cached(request)
        origin = f"{parts.scheme}://{parts.netloc}"
        known = self._rules.get(origin)
        if known is None or monotonic() > known[0]:
            before = None if known is None else _rules_of(known[1])
            fetch = asyncio.ensure_future(self._get(origin, before, request))
            known = self._rules[origin] = (monotonic() + _LIFETIME, fetch)
        # Several pages may wait for one fetch; one that is dropped must not cancel it for the rest.
        has_waited = not known[1].done()
        rules = await asyncio.shield(known[1]) if has_waited else known[1].result()
        if not rules.allowed(request.url, self._agent):
            self._count("forbidden")
            if "lease" not in request.meta:
                # No outcome of a page tells it.
                logger.warning("forbidden: %s: %s/robots.txt forbids it", request.url, origin)
            raise RobotsForbidden(f"{origin}/robots.txt forbids it to {self._agent}")
        lifecycle = lifecycle_of(self.crawler)
        if not has_waited or lifecycle is None or lifecycle.queue is None or "lease" not in request.meta:
            return None
        # Its own moment has passed, or was that of the file.
        return request if lifecycle.queue.limiter.pace.is_limited and PROBE not in request.meta else None

    async def _get(self, origin: str, before: RobotsRules | None, page: Request) -> RobotsRules:
        """Return the rules, as they were ``before`` where they do not come. Raises RunEnds."""
        try:
            return await self._fetch(origin, page)
        except _Unreachable as error:
            text = f"expected {origin}/robots.txt to be readable, found {error}"
            if before is None:
                raise end_run(self.crawler, origin, ROBOTS_UNREACHABLE, text) from None
            logger.warning("%s: the rules that were read before still hold", text)
            return before

    async def _fetch(self, origin: str, page: Request) -> RobotsRules:
        """Return the rules. Raises _Unreachable, and RunEnds where the run is stopped meanwhile."""
        self._count("request_count")
        response = await self._answer(origin, page)
        self._count("response_count")
        self._count(f"response_status_count/{response.status}")
        if response.status // 100 not in (2, 4) or response.status == 429:
            # Neither the file nor that there is none: 304 and 101, which nobody asked for, say nothing of it.
            raise _Unreachable(f"HTTP {response.status}{_elsewhere(response.url, origin)}")
        self._archive(response, origin)
        # The body of another answer is an error page, whatever it looks like.
        rules = RobotsRules(response.body if response.status < 300 else b"")
        await self.crawler.signals.send_catch_log_async(
            signal=signals.robots_parsed, robotparser=rules, request=page
        )
        return self._obeyed(rules, origin)

    def _archive(self, response: Response, origin: str) -> None:
        lifecycle = lifecycle_of(self.crawler)
        if lifecycle is None or lifecycle.queue is None or not lifecycle.is_of_site(origin):
            return
        if (archiving := lifecycle.queue.archiving) is not None:
            asked = f"{origin}/robots.txt"
            answer = answer_of(response, format_instant(datetime.now(UTC)))
            # Redirects are followed here, and the request's own list of them begins with the page.
            archiving.keep_robots(answer._replace(asked_for=None if answer.url == asked else asked))

    async def _answer(self, origin: str, page: Request) -> Response:
        """Return the answer that is no redirect. Raises as _fetch does.

        The rules count for the origin, whichever host they come from. More redirects than are followed, and
        one that cannot be, leave the rules unknown. The RFC allows to take the file for missing then, and all
        for allowed; what is not known is not allowed here.
        """
        url = f"{origin}/robots.txt"
        for _ in range(_MOST_REDIRECTS + 1):
            response = await self._download(url, origin, page)
            try:
                target = redirect_target(response)
            except ValueError as error:
                raise _Unreachable(str(error)) from None
            if target is None:
                return response
            url = target
        raise _Unreachable(f"more than {_MOST_REDIRECTS} redirects")

    async def _download(self, url: str, origin: str, page: Request) -> Response:
        try:
            return await self.crawler.engine.download_async(self._request(url, origin, page))
        except RunEnds:
            raise
        except IgnoreRequest as error:
            if is_same_service(origin, url) and not is_too_large(error):
                raise
            # Another host is not asked, or the file is too large unpacked; what is not known then is the
            # origin's rules.
            raise _Unreachable(f"{error}{_elsewhere(url, origin)}") from None
        except Exception as error:  # noqa: BLE001  # any failure means that there are no rules
            self._count(f"exception_count/{type(error)}")
            text = f"{type(error).__name__}: {error}".splitlines()[0]
            raise _Unreachable(text + _elsewhere(url, origin)) from None

    def _request(self, url: str, origin: str, page: Request) -> Request:
        # Behind the retry middleware: what comes back came after all attempts. Redirects are followed in
        # _answer: the middleware for them would not leave the site.
        has_turn = "lease" in page.meta and url == f"{origin}/robots.txt"
        meta: dict[str, Any] = {"dont_obey_robotstxt": True, "dont_redirect": True, ROBOTS_TXT: has_turn}
        # Whose start it is that lets in an address which is not public (network/guard.py).
        meta["redirect_urls"] = page.meta.get("redirect_urls", [page.url])[:1]
        request = Request(url, callback=NO_CALLBACK, meta=meta)
        # The page may itself come from a redirect to another host.
        if not is_same_service(origin, url) or is_withheld(page):
            request.meta["dont_merge_cookies"] = True
            withhold(request, self._for_us_alone)
        return request

    def _obeyed(self, rules: RobotsRules, origin: str) -> RobotsRules:
        delay = rules.crawl_delay(self._agent)
        lifecycle = lifecycle_of(self.crawler)
        # A delay that is no number of seconds is none.
        if not delay or not math.isfinite(delay):
            delay = 0.0
        if lifecycle is not None and lifecycle.queue is not None and lifecycle.is_of_site(origin):
            # Kept also where the run ends here: the next one has to know.
            lifecycle.queue.limiter.set_crawl_delay(float(delay))
            if delay:
                logger.info("robots.txt: Crawl-delay %g s", delay)
        end_run_if_too_long(self.crawler, origin, float(delay), "Crawl-delay")
        return rules

    def _count(self, name: str) -> None:
        # Under the names of Scrapy's own middleware.
        self.crawler.stats.inc_value(f"robotstxt/{name}")


def _rules_of(fetch: asyncio.Future[RobotsRules]) -> RobotsRules | None:
    """Return the rules that a fetch ended with; None where it is under way, or failed."""
    if not fetch.done() or fetch.cancelled() or fetch.exception() is not None:
        return None
    return fetch.result()


def _elsewhere(url: str, origin: str) -> str:
    return "" if url == f"{origin}/robots.txt" else f" at {url[:200]}"
