"""Which redirects are followed: those that stay on the start's own site."""

from __future__ import annotations

import pytest
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from newscrawl.middlewares.redirects import LeftTheSite, SameSiteRedirectMiddleware, is_same_service
from newscrawl.middlewares.request_defaults import RequestDefaultsMiddleware
from newscrawl.queue.leases import Lease
from newscrawl.spiders.longbridge import LongbridgeSpider


def _follow(start: str, to: str, own: str | None = None) -> str:
    """Return where a redirect of the start's request leads, or of a request of a spider's own."""
    return _redirected(start, to, None if own is None else Request(own)).url


def _redirected(start: str, to: str, own: Request | None = None, **settings: object) -> Request:
    """Return the request that follows a redirect, as it is sent."""
    # Without a run: nothing here is to watch signals.
    crawler = Crawler(LongbridgeSpider, {"QUEUE_ENABLED": False, **settings})
    crawler.spider = spider = LongbridgeSpider.from_crawler(crawler, url=start)
    assert spider.plan is not None
    middleware = SameSiteRedirectMiddleware.from_crawler(crawler)
    (page,) = spider.plan.starts
    request = spider.request(Lease(page)) if own is None else own
    defaults = RequestDefaultsMiddleware.from_crawler(crawler)
    defaults.process_request(request)
    response = Response(request.url, status=302, headers={"Location": to}, request=request)
    result = middleware.process_response(request, response)
    assert isinstance(result, Request)
    # It passes all middlewares once more.
    defaults.process_request(result)
    return result


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
        # From http to https is no step to another service.
        (PLAIN, f"{SECURE}/en/news/1.md", f"{SECURE}/en/news/1.md"),
        (PLAIN, f"{SECURE}:443/x", f"{SECURE}:443/x"),
        (PLAIN, "//MIRROR.example./x", "http://mirror.example./x"),
        ("http://mirror.example:8000/en/news/1.md", f"{SECURE}:8000/x", f"{SECURE}:8000/x"),
        (f"{SECURE}:443/en/news/1.md", "/x", f"{SECURE}/x"),
        (SOURCE, "/login", "https://longbridge.com/login"),
        (SOURCE, "https://www.longbridge.com/en/news/1.md", "https://www.longbridge.com/en/news/1.md"),
        (SOURCE, "https://longbridge.cn:443/x", "https://longbridge.cn:443/x"),
        ("http://[::1]:8000/en/news/1.md", "http://[::1]:8000/x", "http://[::1]:8000/x"),
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
    # From https to http whoever listens could write the page.
    (f"{SECURE}/en/news/1.md", PLAIN),
    (f"{SECURE}:8443/en/news/1.md", "http://mirror.example:8443/en/news/1.md"),
    (f"{SECURE}/en/news/1.md", "http://mirror.example:443/en/news/1.md"),
    (SOURCE, "http://longbridge.com/en/news/1.md"),
    (SOURCE, "http://www.longbridge.com/en/news/1.md"),
    (SOURCE, "http://longbridge.com:443/en/news/1.md"),
    (SOURCE, "https://longbridge.com:8443/en/news/1.md"),
    (SOURCE, "https://longbridge.cn:80/en/news/1.md"),
    ("http://[::1]:8000/en/news/1.md", "http://[::2]:8000/x"),
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
    for to in (
        "http://169.254.169.254/",
        "https://example.com.other.example/",
        "//www.example.com/",
        "http://example.com/",
    ):
        with pytest.raises(LeftTheSite):
            _follow(SOURCE, to, own)


# --- What a request says of whoever asks -----------------------------------------------------------

PERSONAL = {
    "Referer": "https://private.example/desk",
    "Cookie": "session=1",
    "Authorization": "Basic dXNlcjpwYXNz",
}
WWW = "https://www.longbridge.com/en/news/1.md"
# Each step, and what of PERSONAL is sent behind it.
STEPS = [
    (SOURCE, "/login", set(PERSONAL)),
    (MIRROR, "http://127.0.0.1:8000/x", set(PERSONAL)),
    # Scrapy holds Authorization to the scheme.
    (PLAIN, f"{SECURE}/x", {"Referer", "Cookie"}),
    (SOURCE, WWW, set()),
]


@pytest.mark.parametrize(("start", "to", "kept"), STEPS)
def test_headers_of_a_users_own_request(start: str, to: str, kept: set[str]) -> None:
    sent = _redirected(start, to, Request(start, headers={**PERSONAL, "X-Name": "a"})).headers
    assert {name for name in PERSONAL if sent.get(name)} == kept
    assert {name: value for name, value in sent.to_unicode_dict().items() if name in kept} == {
        name: PERSONAL[name] for name in kept
    }
    assert sent["X-Name"] == b"a"


@pytest.mark.parametrize("is_own", [False, True])
@pytest.mark.parametrize(("start", "to", "kept"), STEPS)
def test_headers_of_the_settings(start: str, to: str, kept: set[str], *, is_own: bool) -> None:
    own = Request(start) if is_own else None
    sent = _redirected(start, to, own, DEFAULT_REQUEST_HEADERS=PERSONAL).headers
    # For the same host on https, those for all requests are meant for this one, too.
    assert {name for name in PERSONAL if sent.get(name)} == (set(PERSONAL) if kept else set())


def test_no_header_stays_where_the_next_step_leads_back() -> None:
    # The first step took them away, and the second does not know what they were.
    there = _redirected(SOURCE, WWW, Request(SOURCE, headers=PERSONAL), DEFAULT_REQUEST_HEADERS=PERSONAL)
    back = _redirected(SOURCE, SOURCE, there, DEFAULT_REQUEST_HEADERS=PERSONAL)
    assert (there.url, back.url) == (WWW, SOURCE)
    assert [name for name in PERSONAL if back.headers.get(name)] == []


@pytest.mark.parametrize(
    ("source", "target", "same"),
    [
        ("https://a.example/x", "https://A.example:443/y?z", True),
        ("http://a.example/x", "https://a.example/x", True),
        ("https://a.example/x", "http://a.example/x", False),
        ("http://a.example:8000/x", "https://a.example/x", False),
        ("http://a.example/x", "https://a.example:8443/x", False),
        ("http://a.example:8000/x", "http://a.example:8001/x", False),
        ("http://a.example/x", "http://b.a.example/x", False),
        ("http://a.example/x", "http://a.example@b.example/x", False),
        ("http://a.example/x", "http://a.example./x", False),
        ("http://a.example/x", "http://a.example:99999/x", False),
    ],
)
def test_what_is_the_same_service(source: str, target: str, *, same: bool) -> None:
    assert is_same_service(source, target) == same
