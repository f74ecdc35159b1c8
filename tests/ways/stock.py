"""A spider as anybody writes it, in the same project: it knows nothing of newscrawl."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import scrapy
from scrapy.http import Response


class StockSpider(scrapy.Spider):
    """Yields what Scrapy gave it, then pages: two with a cookie, one forbidden, one missing."""

    name = "stock"

    def __init__(self, url: str, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.start_urls = [url]

    def parse(self, response: Response, **arguments: Any) -> Iterator[Any]:
        engine, settings = self.crawler.engine, self.crawler.settings
        assert engine._slot is not None
        assert engine._slot.scheduler is not None
        yield {
            "page": "first",
            "scheduler": _name(engine._slot.scheduler),
            "downloader": [_name(part) for part in engine.downloader.middleware.middlewares],
            "spider": [_name(part) for part in engine.scraper.spidermw.middlewares],
            "extensions": sorted(_name(part) for part in self.crawler.extensions.middlewares),
            "settings": {name: settings[name] for name in ("CONCURRENT_ITEMS", "COOKIES_ENABLED")},
            "manners": {name: settings[name] for name in ("DOWNLOAD_DELAY", "USER_AGENT", "ROBOTSTXT_OBEY")},
        }
        for path in ("/second", "/second", "/private", "/missing"):
            yield response.follow(path, self.parse_other)

    def parse_other(self, response: Response) -> Iterator[Any]:
        sent = response.request.headers.get("Cookie") if response.request else None
        yield {"page": response.url.rpartition("/")[2], "cookie": (sent or b"").decode()}


def _name(part: object) -> str:
    return f"{type(part).__module__}.{type(part).__qualname__}"
