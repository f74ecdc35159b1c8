"""Which redirects are followed: those that stay on the start's own site."""

from __future__ import annotations

import pytest
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from newscrawl.middlewares.redirects import LeftTheSite, SameSiteRedirectMiddleware
from newscrawl.spiders.longbridge import LongbridgeSpider


def _follow(start: str, to: str) -> str:
    spider = LongbridgeSpider(url=start)
    assert spider.plan is not None
    crawler = Crawler(LongbridgeSpider)
    crawler.spider = spider
    middleware = SameSiteRedirectMiddleware.from_crawler(crawler)
    (page,) = spider.plan.starts
    request = Request(spider.plan.origin.url(page))
    response = Response(request.url, status=302, headers={"Location": to}, request=request)
    result = middleware.process_response(request, response)
    assert isinstance(result, Request)
    return result.url


MIRROR = "http://127.0.0.1:8000/en/news/1.md"
SOURCE = "https://longbridge.com/en/news/1.md"


@pytest.mark.parametrize(
    ("start", "to", "url"),
    [
        (MIRROR, "/en/news/2.md", "http://127.0.0.1:8000/en/news/2.md"),
        (MIRROR, "http://127.0.0.1:8000/x", "http://127.0.0.1:8000/x"),
        (SOURCE, "/login", "https://longbridge.com/login"),
        (SOURCE, "https://www.longbridge.com/en/news/1.md", "https://www.longbridge.com/en/news/1.md"),
    ],
)
def test_followed(start: str, to: str, url: str) -> None:
    assert _follow(start, to) == url


@pytest.mark.parametrize(
    ("start", "to"),
    [
        (MIRROR, "http://localhost:8000/en/news/1.md"),
        (MIRROR, "//example.com/en/news/1.md"),
        (MIRROR, "http://169.254.169.254/latest/meta-data"),
        (MIRROR, "http://127.0.0.1.example.com/"),
        # Whoever crawls a mirror or a replay does not ask the source itself.
        (MIRROR, "https://longbridge.com/en/news/1.md"),
        (SOURCE, "http://127.0.0.1/en/news/1.md"),
        (SOURCE, "https://longbridge.com.example.com/"),
        (SOURCE, "https://notlongbridge.com/"),
        (SOURCE, "https://longbridge.com@example.com/"),
    ],
)
def test_not_followed(start: str, to: str) -> None:
    with pytest.raises(LeftTheSite):
        _follow(start, to)
