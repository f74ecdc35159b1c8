"""Counts of traffic: Scrapy's numbers, and sizes of headers and bodies."""

from __future__ import annotations

from typing import Any

import pytest
from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.stats import DownloaderStats
from scrapy.exceptions import NotConfigured
from scrapy.http import Response
from scrapy.statscollectors import MemoryStatsCollector

from newscrawl.middlewares.traffic import TrafficStats

URL = "http://127.0.0.1/en/news/1.md"
SIZES = {"downloader/request_bytes", "downloader/response_bytes"}
EXCHANGES = [
    (Request(URL, headers={"Accept": "a", "User-Agent": "newscrawl"}), Response(URL, body=b"text")),
    (Request(URL, method="POST", body=b"a=1"), Response(URL, status=404)),
    (Request(URL), Response(URL, status=304, headers={"ETag": '"a"', "X-Name": ["a", "bc"]})),
    (Request(URL, method="HEAD"), Response(URL, status=599, headers={"X-Empty": ""})),
]


def _stats_of(kind: Any) -> dict[str, Any]:
    crawler = Crawler(Spider)
    crawler.stats = MemoryStatsCollector(crawler)
    middleware = kind.from_crawler(crawler)
    for request, response in EXCHANGES:
        assert middleware.process_request(request) is None
        assert middleware.process_response(request, response) is response
    for error in (ValueError("a"), ValueError("b"), TimeoutError()):
        assert middleware.process_exception(EXCHANGES[0][0], error) is None
    return crawler.stats.get_stats()


def test_counts_are_those_of_scrapy() -> None:
    ours, theirs = _stats_of(TrafficStats), _stats_of(DownloaderStats)
    assert set(ours) == set(theirs)
    assert set(ours) >= SIZES
    assert {name: count for name, count in ours.items() if name not in SIZES} == {
        name: count for name, count in theirs.items() if name not in SIZES
    }


def test_sizes_are_those_of_headers_and_bodies() -> None:
    stats = _stats_of(TrafficStats)
    sent = b"Accept: a\r\nUser-Agent: newscrawl\r\n" + b"a=1"
    received = b"text" + b'Etag: "a"\r\nX-Name: a\r\nX-Name: bc\r\nX-Empty: \r\n'
    assert stats["downloader/request_bytes"] == len(sent)
    assert stats["downloader/response_bytes"] == len(received)


def test_can_be_left_out() -> None:
    with pytest.raises(NotConfigured):
        TrafficStats.from_crawler(Crawler(Spider, {"DOWNLOADER_STATS": False}))
