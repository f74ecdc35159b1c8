"""robots.txt by RFC 9309, with the Crawl-delay that it does not define and many sites set.

Scrapy's own middleware parses the body of any answer, an error page's too, and allows everything
when the file cannot be fetched. Here a missing file (4xx) allows, and an unreachable one forbids all of
the site (section 2.3.1.4): the run ends, and its pages stay open for the next one. In the middle of a run
the rules that were read before still apply while a newer copy cannot be fetched.
"""

from __future__ import annotations

import asyncio
import logging
import math
from time import monotonic
from typing import Self

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.httpobj import urlparse_cached

from newscrawl.lifecycle.run import lifecycle_of
from newscrawl.lifecycle.verdict import ROBOTS_UNREACHABLE
from newscrawl.middlewares.retry import RunEnds, end_run, end_run_if_too_long
from newscrawl.queue.host_gate import HAS_TURN, PROBE

logger = logging.getLogger(__name__)

# RFC 9309, section 2.4: a crawler should not use a copy for longer than a day.
_LIFETIME = 24 * 3600.0


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
        self._agent = settings["ROBOTSTXT_USER_AGENT"] or settings["USER_AGENT"]
        self._rules: dict[str, tuple[float, asyncio.Future[Protego]]] = {}

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
            before = known[1].result() if known is not None and known[1].done() else None
            has_turn = "lease" in request.meta
            fetch = asyncio.ensure_future(self._get(origin, before, has_turn=has_turn))
            known = self._rules[origin] = (monotonic() + _LIFETIME, fetch)
        # Several pages may wait for one fetch; one that is dropped must not cancel it for the rest.
        has_waited = not known[1].done()
        rules = await asyncio.shield(known[1]) if has_waited else known[1].result()
        if not rules.can_fetch(request.url, self._agent):
            if "lease" not in request.meta:
                # No outcome of a page tells it.
                logger.warning("forbidden: %s: %s/robots.txt forbids it", request.url, origin)
            raise RobotsForbidden(f"{origin}/robots.txt forbids it to {self._agent}")
        lifecycle = lifecycle_of(self.crawler)
        if not has_waited or lifecycle is None or lifecycle.queue is None or "lease" not in request.meta:
            return None
        # Its own moment has passed, or was that of the file.
        return request if lifecycle.queue.gate.pace.is_limited and PROBE not in request.meta else None

    async def _get(self, origin: str, before: Protego | None, *, has_turn: bool) -> Protego:
        """Return the rules, as they were ``before`` where they do not come. Raises RunEnds."""
        try:
            return await self._fetch(origin, has_turn=has_turn)
        except _Unreachable as error:
            text = f"expected {origin}/robots.txt to be readable, found {error}"
            if before is None:
                raise end_run(self.crawler, origin, ROBOTS_UNREACHABLE, text) from None
            logger.warning("%s: the rules that were read before still hold", text)
            return before

    async def _fetch(self, origin: str, *, has_turn: bool) -> Protego:
        """Return the rules. Raises _Unreachable, and RunEnds where the run is stopped meanwhile."""
        request = Request(
            f"{origin}/robots.txt",
            callback=NO_CALLBACK,
            meta={"dont_obey_robotstxt": True, HAS_TURN: has_turn},
        )
        try:
            # Behind the retry middleware: what comes here came after all attempts.
            response = await self.crawler.engine.download_async(request)
        except (RunEnds, IgnoreRequest):
            raise
        except Exception as error:  # noqa: BLE001  # any failure means that there are no rules
            raise _Unreachable(f"{type(error).__name__}: {error}".splitlines()[0]) from None
        if response.status == 200:
            return self._read(response.body, origin)
        if response.status >= 500:
            raise _Unreachable(f"HTTP {response.status}")
        return Protego.parse("")

    def _read(self, body: bytes, origin: str) -> Protego:
        rules = Protego.parse(body.decode("utf-8", errors="replace"))
        delay = rules.crawl_delay(self._agent)
        lifecycle = lifecycle_of(self.crawler)
        # A delay that is no number of seconds is none.
        if not delay or not math.isfinite(delay):
            delay = 0.0
        end_run_if_too_long(self.crawler, origin, float(delay), "Crawl-delay")
        if lifecycle is not None and lifecycle.queue is not None and lifecycle.is_of_site(origin):
            lifecycle.queue.gate.set_crawl_delay(float(delay))
            if delay:
                logger.info("robots.txt: Crawl-delay %g s", delay)
        return rules
