"""Which redirects are followed: those that stay on the start's own site."""

from __future__ import annotations

import pytest
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from newscrawl.middlewares.redirects import LeftTheSite, SameSiteRedirectMiddleware
from newscrawl.queue.leases import Lease
from newscrawl.spiders.longbridge import LongbridgeSpider


def _follow(start: str, to: str, own: str | None = None) -> str:
    """Return where a redirect of the start's request leads, or of a request of a spider's own."""
    # Without a run: nothing here is to watch signals.
    crawler = Crawler(LongbridgeSpider, {"QUEUE_ENABLED": False})
    crawler.spider = spider = LongbridgeSpider.from_crawler(crawler, url=start)
    assert spider.plan is not None
    middleware = SameSiteRedirectMiddleware.from_crawler(crawler)
    (page,) = spider.plan.starts
    request = spider.request(Lease(page)) if own is None else Request(own)
    response = Response(request.url, status=302, headers={"Location": to}, request=request)
    result = middleware.process_response(request, response)
    assert isinstance(result, Request)
    return result.url


MIRROR = "http://127.0.0.1:8000/en/news/1.md"
SOURCE = "https://longbridge.com/en/news/1.md"
# On the ports of their schemes.
PLAIN = "http://mirror.example/en/news/1.md"
SECURE = "https://mirror.example"


@pytest.mark.parametrize(
    ("start", "to", "url"),
    [
        (MIRROR, "/en/news/2.md", "http://127.0.0.1:8000/en/news/2.md"),
        (MIRROR, "http://127.0.0.1:8000/x", "http://127.0.0.1:8000/x"),
        # From http to https and back is no step to another service.
        (PLAIN, f"{SECURE}/en/news/1.md", f"{SECURE}/en/news/1.md"),
        (PLAIN, f"{SECURE}:443/x", f"{SECURE}:443/x"),
        (PLAIN, "//MIRROR.example./x", "http://mirror.example./x"),
        (f"{SECURE}/en/news/1.md", PLAIN, PLAIN),
        (f"{SECURE}:443/en/news/1.md", "/x", f"{SECURE}/x"),
        (SOURCE, "/login", "https://longbridge.com/login"),
        (SOURCE, "https://www.longbridge.com/en/news/1.md", "https://www.longbridge.com/en/news/1.md"),
    ],
)
def test_followed(start: str, to: str, url: str) -> None:
    assert _follow(start, to) == url


AWAY = [
    (MIRROR, "http://localhost:8000/en/news/1.md"),
    (MIRROR, "//example.com/en/news/1.md"),
    (MIRROR, "http://169.254.169.254/latest/meta-data"),
    (MIRROR, "http://127.0.0.1.example.com/"),
    # Whoever crawls a mirror or a replay does not ask the source itself.
    (MIRROR, "https://longbridge.com/en/news/1.md"),
    # Another port is another service, whatever the scheme.
    (MIRROR, "http://127.0.0.1:8001/en/news/1.md"),
    (MIRROR, "https://127.0.0.1/en/news/1.md"),
    (MIRROR, "http://127.0.0.1/en/news/1.md"),
    (PLAIN, f"{SECURE}:8443/en/news/1.md"),
    (PLAIN, "http://mirror.example:8080/en/news/1.md"),
    (PLAIN, "https://www.mirror.example/en/news/1.md"),
    (f"{SECURE}:8443/en/news/1.md", f"{SECURE}/en/news/1.md"),
    (f"{SECURE}/en/news/1.md", "http://mirror.example:8080/en/news/1.md"),
    (SOURCE, "http://127.0.0.1/en/news/1.md"),
    (SOURCE, "https://longbridge.com.example.com/"),
    (SOURCE, "https://notlongbridge.com/"),
    (SOURCE, "https://longbridge.com@example.com/"),
]


@pytest.mark.parametrize(("start", "to"), AWAY)
def test_not_followed(start: str, to: str) -> None:
    with pytest.raises(LeftTheSite):
        _follow(start, to)


@pytest.mark.parametrize(("start", "to"), AWAY)
def test_requests_of_a_spiders_own_do_not_leave_the_site_either(start: str, to: str) -> None:
    with pytest.raises(LeftTheSite):
        _follow(start, to, start)


def test_requests_of_a_spiders_own_to_another_host_stay_there() -> None:
    own = "https://example.com/prices"
    assert _follow(SOURCE, "/login", own) == "https://example.com/login"
    for to in ("http://169.254.169.254/", "https://example.com.other.example/", "//www.example.com/"):
        with pytest.raises(LeftTheSite):
            _follow(SOURCE, to, own)
