"""What a competent person writes in ten minutes: a plain Scrapy spider with stock settings."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response, TextResponse


class PlainSpider(Spider):
    """Follows every article link and yields every page as it is."""

    name = "plain"
    link = re.compile(r"\(https://longbridge\.com(/[^)]*/news/[0-9]+\.md)\)")

    def __init__(self, url: str) -> None:
        super().__init__(self.name)
        self.url = url

    async def start(self) -> AsyncIterator[Request]:
        yield Request(self.url)

    def parse(self, response: Response, **_: Any) -> Iterator[Request | dict[str, str]]:
        assert isinstance(response, TextResponse)
        yield {"url": response.url, "text": response.text}
        for path in self.link.findall(response.text):
            yield response.follow(path)
