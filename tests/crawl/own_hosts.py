"""A spider that asks other hosts for pages, and an extension that notes which rules were read."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.robotstxt import RobotParser

from newscrawl.spiders.longbridge import LongbridgeSpider

logger = logging.getLogger(__name__)

PERSONAL = {"Referer": "http://desk.example/", "Cookie": "a=b", "Authorization": "Basic eA=="}


class HostsSpider(LongbridgeSpider):
    """Asks for the addresses of the setting OTHERS, with headers that say who asks."""

    name = "hosts"

    async def start(self) -> AsyncIterator[Any]:
        async for request in super().start():
            yield request
        for url in self.settings.getlist("OTHERS"):
            yield Request(url, self.parse_other, headers=PERSONAL)

    def parse_other(self, response: Response) -> Iterator[Any]:
        logger.info("read %s from %s", response.text, response.url)
        yield from ()


class NotesRules:
    """Says in the log what it is told by robots_parsed."""

    def __init__(self, crawler: Crawler) -> None:
        crawler.signals.connect(self._parsed, signals.robots_parsed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def _parsed(self, robotparser: RobotParser, request: Request) -> None:
        allowed = robotparser.allowed(request.url, "newscrawl")
        logger.info("robots_parsed: %s is %s", request.url, "allowed" if allowed else "forbidden")
