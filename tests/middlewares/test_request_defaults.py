"""One middleware in place of three of Scrapy's: the same headers and the same timeout."""

from __future__ import annotations

from typing import Any

import pytest
from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.defaultheaders import DefaultHeadersMiddleware
from scrapy.downloadermiddlewares.downloadtimeout import DownloadTimeoutMiddleware
from scrapy.downloadermiddlewares.useragent import UserAgentMiddleware

from newscrawl.middlewares.request_defaults import RequestDefaultsMiddleware

URL = "http://127.0.0.1/en/news/1.md"
SETTINGS: dict[str, dict[str, Any]] = {
    "ours": {
        "DEFAULT_REQUEST_HEADERS": {"Accept-Encoding": "gzip"},
        "USER_AGENT": "newscrawl/1 (+me)",
        "DOWNLOAD_TIMEOUT": 30.0,
    },
    "Scrapy's": {},
    "a value that is None": {"DEFAULT_REQUEST_HEADERS": {"Accept": None, "accept-LANGUAGE": "en"}},
    "several values": {"DEFAULT_REQUEST_HEADERS": {"X-Name": ["a", "b"]}},
    "a user agent among the headers": {"DEFAULT_REQUEST_HEADERS": {"User-Agent": "browser"}},
    "the same in small letters": {"DEFAULT_REQUEST_HEADERS": {"user-agent": "browser"}},
    "one header twice": {"DEFAULT_REQUEST_HEADERS": {"accept": "a", "Accept": "b"}},
    "no user agent": {"USER_AGENT": None},
    "an empty user agent": {"USER_AGENT": ""},
    "no timeout": {"DOWNLOAD_TIMEOUT": 0},
    "a timeout in words": {"DOWNLOAD_TIMEOUT": "2.5"},
}
REQUESTS: dict[str, dict[str, Any]] = {
    "a page's": {"headers": {"Accept": "text/markdown", "If-None-Match": '"a"'}, "meta": {"lease": None}},
    "bare": {},
    "with all of its own": {
        "headers": {"user-agent": "own", "accept-encoding": "own", "Accept": "own", "X-Name": "own"},
        "meta": {"download_timeout": 1.0},
    },
    "with an empty header": {"headers": {"User-Agent": "", "Accept-Encoding": []}},
    "with a header that is None": {"headers": {"User-Agent": None}},
    "with a timeout that is None": {"meta": {"download_timeout": None}},
    "with a body": {"method": "POST", "body": b"a=1"},
}


def _crawler(settings: dict[str, Any]) -> Crawler:
    return Crawler(Spider, settings)


@pytest.mark.parametrize("of_request", REQUESTS)
@pytest.mark.parametrize("name", SETTINGS)
def test_the_same_as_of_the_three(name: str, of_request: str) -> None:
    ours, theirs = (Request(URL, **REQUESTS[of_request]) for _ in range(2))
    crawler = _crawler(SETTINGS[name])
    for kind in (DownloadTimeoutMiddleware, DefaultHeadersMiddleware, UserAgentMiddleware):
        assert kind.from_crawler(crawler).process_request(theirs) is None
    RequestDefaultsMiddleware.from_crawler(crawler).process_request(ours)
    assert ours.headers == theirs.headers
    assert sorted(ours.headers.to_string().splitlines()) == sorted(theirs.headers.to_string().splitlines())
    assert ours.meta == theirs.meta


def test_lists_are_not_shared() -> None:
    middleware = RequestDefaultsMiddleware.from_crawler(_crawler(SETTINGS["ours"]))
    one, other = Request(URL), Request(URL)
    for request in (one, other):
        middleware.process_request(request)
    one.headers.appendlist("Accept-Encoding", "br")
    one.headers["User-Agent"] = "changed"
    assert one.headers.getlist("Accept-Encoding") == [b"gzip", b"br"]
    third = Request(URL)
    middleware.process_request(third)
    for request in (other, third):
        assert request.headers.getlist("Accept-Encoding") == [b"gzip"]
        assert request.headers["User-Agent"] == b"newscrawl/1 (+me)"


def test_a_second_time_changes_nothing() -> None:
    middleware = RequestDefaultsMiddleware.from_crawler(_crawler(SETTINGS["ours"]))
    request = Request(URL)
    middleware.process_request(request)
    # A repetition is a copy, and passes all middlewares again.
    again = request.copy()
    middleware.process_request(again)
    assert (again.headers, again.meta) == (request.headers, request.meta)
