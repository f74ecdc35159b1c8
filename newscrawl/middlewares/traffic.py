"""Counts of requests and answers, under the names that Scrapy's own middleware gives them."""

from __future__ import annotations

from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.stats import DownloaderStats
from scrapy.exceptions import NotConfigured
from scrapy.http import Headers, Response


class TrafficStats(DownloaderStats):
    """Scrapy's own, which writes each request out to measure it. Here the sizes are added up.

    ``request_bytes`` and ``response_bytes`` are sizes of headers and bodies, without the first lines.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler.stats)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not crawler.settings.getbool("DOWNLOADER_STATS"):
            raise NotConfigured
        return cls(crawler)

    def process_request(self, request: Request, spider: object = None) -> None:
        count = self.stats.inc_value
        count("downloader/request_count")
        count(f"downloader/request_method_count/{request.method}")
        count("downloader/request_bytes", _size(request.headers) + len(request.body))

    def process_response(self, request: Request, response: Response, spider: object = None) -> Response:
        count = self.stats.inc_value
        count("downloader/response_count")
        count(f"downloader/response_status_count/{response.status}")
        count("downloader/response_bytes", _size(response.headers) + len(response.body))
        return response


def _size(headers: Headers) -> int:
    # `name: value` and a line end for each.
    return sum(len(name) + len(value) + 4 for name, values in dict.items(headers) for value in values)
