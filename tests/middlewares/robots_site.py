"""A site that stands in for the crawler: what it answers for robots.txt, and what was asked of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.robotstxt import RobotParser
from scrapy.settings import Settings
from scrapy.signalmanager import SignalManager
from scrapy.statscollectors import MemoryStatsCollector

from newscrawl.middlewares.robots import RobotsMiddleware

PAGE = "https://courier.example/en/7.html"
ROBOTS = "https://courier.example/robots.txt"
FORBID = b"User-agent: *\nDisallow: /\n"
Answer = Callable[[Request], Response]


class Site:
    """Stands in for the crawler: answers for robots.txt as ``answer`` says, and notes the requests."""

    def __init__(self, answer: Answer, **settings: object) -> None:
        self.answer = answer
        self.requests: list[Request] = []
        self.parsed: list[tuple[RobotParser, Request]] = []
        crawler = SimpleNamespace(
            settings=Settings(
                {"ROBOTSTXT_OBEY": True, "USER_AGENT": "newscrawl/1", "RETRY_AFTER_MAX": 900, **settings}
            ),
            engine=SimpleNamespace(download_async=self._download),
            signals=SignalManager(),
            # Without a run: what ends it is the exception alone.
            spider=None,
        )
        crawler.stats = MemoryStatsCollector(cast("Crawler", SimpleNamespace(settings=crawler.settings)))
        crawler.signals.connect(self._robots_parsed, signals.robots_parsed)
        self.middleware = RobotsMiddleware.from_crawler(cast("Crawler", crawler))

    def _robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        self.parsed.append((robotparser, request))

    async def _download(self, request: Request) -> Response:
        assert request.meta["dont_obey_robotstxt"]
        # They are followed here alone.
        assert request.meta["dont_redirect"]
        self.requests.append(request)
        await asyncio.sleep(0)
        return self.answer(request)

    @property
    def asked(self) -> list[str]:
        return [request.url for request in self.requests]

    @property
    def stats(self) -> dict[str, object]:
        return {
            name.removeprefix("robotstxt/"): value
            for name, value in self.middleware.crawler.stats.get_stats().items()
        }

    async def ask(self, url: str = PAGE) -> Request | None:
        return await self.middleware.process_request(Request(url))


def of_status(status: int, body: bytes = FORBID) -> Answer:
    return lambda request: Response(request.url, status=status, body=body)


def moved(request: Request, to: str, status: int = 302) -> Response:
    return Response(request.url, status=status, headers={"Location": to}, body=FORBID)


def along(*chain: str, then: Answer) -> Answer:
    """Redirect from each address to the next, in whatever way, and answer at the last."""
    statuses = (301, 302, 303, 307, 308)

    def answer(request: Request) -> Response:
        if (place := chain.index(request.url)) == len(chain) - 1:
            return then(request)
        return moved(request, chain[place + 1], statuses[place % len(statuses)])

    return answer
