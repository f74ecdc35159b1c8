"""Subclasses of the project's spider that yield more than its articles."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

from scrapy import Request
from scrapy.http import Response

from newscrawl.spiders.longbridge import LongbridgeSpider


class CustomSpider(LongbridgeSpider):
    """Has a class in its own settings that is not there."""

    name = "custom"
    custom_settings = {"ITEM_PIPELINES": {"no.such.Pipeline": 1}}  # noqa: RUF012  # as users write it


class MoreSpider(LongbridgeSpider):
    """Yields something beside each article."""

    name = "more"

    def parse(self, response: Response) -> Iterable[Any]:
        found = list(super().parse(response))
        return [*found, *self.more(response)] if found else found

    def more(self, response: Response) -> Iterator[Any]:
        """What is yielded beside the article of a page."""
        yield {"note": response.url}


class RequestingSpider(MoreSpider):
    """Yields requests from the start's English page: a page of another kind, and another article."""

    name = "requesting"
    paths: tuple[tuple[str, bool], ...] = (("/other/list", False), ("/en/news/297232425.md", True))
    """What is asked for, and whether as an article."""

    def more(self, response: Response) -> Iterator[Any]:
        if "/en/news/290118204" in response.url:
            for path, is_article in self.paths * 2:
                yield Request(response.urljoin(path), self.parse if is_article else self.parse_other)

    def parse_other(self, response: Response) -> Iterator[Any]:
        yield {"other": response.text}
        yield Request(response.urljoin("/other/next"), self.parse_next)

    def parse_next(self, response: Response) -> Iterator[Any]:
        yield {"other": response.text}


class BeginningSpider(RequestingSpider):
    """Yields the same requests from ``start``."""

    name = "beginning"

    async def start(self) -> AsyncIterator[Any]:
        async for request in super().start():
            yield request
        assert self.plan is not None
        for path, is_article in self.paths:
            yield Request(self.plan.origin.root + path, self.parse if is_article else self.parse_other)

    def more(self, response: Response) -> Iterator[Any]:
        yield from ()


class MistakenSpider(RequestingSpider):
    """Asks for a page of another kind as if it were an article."""

    name = "mistaken"
    paths = (("/other/list", True),)

    def more(self, response: Response) -> Iterator[Any]:
        yield from list(super().more(response))[:1]


class FailingSpider(RequestingSpider):
    """Has a callback that fails."""

    name = "failing"
    paths = (("/other/list", False),)

    def parse_other(self, response: Response) -> Iterator[Any]:
        raise LookupError("no such list")
