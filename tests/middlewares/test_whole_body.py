"""Bodies that a server cut short are asked for again, and are no half of an article without a warning."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import ResponseDataLossError
from scrapy.http import Response

from newscrawl.middlewares.whole_body import WholeBodyMiddleware, is_whole
from newscrawl.network.answer import END_NOT_ANNOUNCED
from newscrawl.queue.leases import Lease
from newscrawl.sites.base import Source
from newscrawl.sites.longbridge import Longbridge
from newscrawl.spiders.longbridge import LongbridgeSpider

PLAIN = b"news " * 10_000
PACKED = gzip.compress(PLAIN)


@pytest.mark.parametrize("most", [0, 1, len(PLAIN) - 1, len(PLAIN), len(PLAIN) + 1])
def test_a_whole_body_is_whole_whatever_the_bound(most: int) -> None:
    assert is_whole(PACKED, most)


@pytest.mark.parametrize("cut", [1, 4, 8, len(PACKED) // 2, len(PACKED)])
def test_a_cut_body_is_not(cut: int) -> None:
    body = PACKED[:-cut]
    assert not is_whole(body, 10 * len(PLAIN))
    # 0 is no bound (DOWNLOAD_MAXSIZE).
    assert not is_whole(body, 0)


def test_a_body_over_the_bound_is_left_to_the_check_of_its_size() -> None:
    body = PACKED[:-4]
    assert is_whole(body, len(PLAIN) - 1)
    assert not is_whole(body, len(PLAIN))


@pytest.mark.parametrize("body", [b"", b"no gzip at all", PACKED[1:], b"\x1f\x8b"])
def test_what_is_no_gzip_is_not_whole(body: bytes) -> None:
    assert not is_whole(body, 0)


def _answer(
    body: bytes, encoding: str | None, meta: dict[str, Any] | None = None, **settings: Any
) -> Request | Response:
    """Return what the middleware makes of a page's answer; the page has a lease, so that nothing waits."""
    crawler = Crawler(Spider, {"RETRY_BACKOFF": 3.0, "RETRY_TIMES": 2, **settings})
    crawler.spider = Spider("any")
    crawler.spider.crawler = crawler
    crawler.stats = cast("Any", SimpleNamespace(inc_value=lambda *_: None))
    request = Request("http://127.0.0.1/", meta={"lease": None, **(meta or {})})
    headers = {} if encoding is None else {"Content-Encoding": encoding}
    response = Response(request.url, headers=headers, body=body, request=request)
    result = WholeBodyMiddleware.from_crawler(crawler).process_response(request, response)
    return result if isinstance(result, Response) else asyncio.run(_awaited(result))


async def _awaited(result: Awaitable[Request]) -> Request:
    return await result


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", " GZIP "])
def test_a_cut_body_is_asked_for_again_after_a_while(encoding: str) -> None:
    assert isinstance(_answer(PACKED, encoding), Response)
    again = _answer(PACKED[:-1], encoding)
    assert isinstance(again, Request)
    assert again.meta["retry_times"] == 1
    assert again.meta["retry_delay"] == 3.0


@pytest.mark.parametrize("encoding", [None, "", "identity", "br"])
def test_other_bodies_are_let_be(encoding: str | None) -> None:
    assert isinstance(_answer(PACKED[:-1], encoding), Response)


@pytest.mark.parametrize(
    ("meta", "settings"),
    [({"retry_times": 2}, {}), ({"dont_retry": True}, {}), ({}, {"RETRY_ENABLED": False})],
)
def test_a_cut_body_that_is_not_asked_for_again_is_an_error(
    meta: dict[str, Any], settings: dict[str, Any]
) -> None:
    with pytest.raises(ResponseDataLossError, match="expected a whole gzip body, found a cut one"):
        _answer(PACKED[:-1], "gzip", meta, **settings)


# --- Bodies whose end was not announced -------------------------------------------------------------


class Ends(Longbridge):
    """A site whose pages say where they end."""

    def has_end(self, source: Source) -> bool:
        return source.content.endswith(b"end")


class EndsSpider(LongbridgeSpider):
    """Of that site."""

    site = Ends()


START = "http://127.0.0.1/en/news/1.md"


def _page(body: bytes, meta: dict[str, Any] | None = None, *, status: int = 200, **settings: Any) -> Any:
    """Return what the middleware makes of a page's answer that ended with its connection."""
    crawler = Crawler(EndsSpider, {"QUEUE_ENABLED": False, "RETRY_BACKOFF": 3.0, **settings})
    crawler.stats = cast("Any", SimpleNamespace(inc_value=lambda *_: None))
    crawler.spider = spider = EndsSpider.from_crawler(crawler, url=START)
    assert spider.plan is not None
    request = spider.request(Lease(spider.plan.starts[0])).replace(url=START)
    request.meta.update(meta or {})
    response = Response(START, status=status, body=body, flags=[END_NOT_ANNOUNCED], request=request)
    result = WholeBodyMiddleware.from_crawler(crawler).process_response(request, response)
    return result if isinstance(result, Response) else asyncio.run(_awaited(result))


def test_a_page_without_an_end_is_asked_for_once_more() -> None:
    assert isinstance(_page(b"all to the end"), Response)
    again = _page(b"all to the")
    assert isinstance(again, Request)
    assert (again.meta["retry_times"], again.meta["retry_delay"]) == (1, 3.0)
    # What comes then is taken, with its end or without, and after further failures too.
    for body in (b"all to the", b"all", b"all to the end"):
        assert isinstance(_page(body, again.meta), Response)
    assert isinstance(_page(b"all", {**again.meta, "retry_times": 3}), Response)


@pytest.mark.parametrize(
    ("meta", "settings"),
    [({"retry_times": 4}, {}), ({"dont_retry": True}, {}), ({}, {"RETRY_ENABLED": False})],
)
def test_a_page_that_is_not_asked_for_again_is_taken(meta: dict[str, Any], settings: dict[str, Any]) -> None:
    assert isinstance(_page(b"all", meta, **settings), Response)


def test_other_answers_need_no_end() -> None:
    assert isinstance(_page(b"gone", status=404), Response)
    # No page: a robots.txt, a request of a spider's own.
    assert isinstance(_page(b"rules", {"lease": None}), Response)


def test_a_whole_gzip_stream_tells_its_end() -> None:
    crawler = Crawler(Spider, {})
    request = Request(START)
    headers = {"Content-Encoding": "gzip"}
    response = Response(START, headers=headers, body=PACKED, flags=[END_NOT_ANNOUNCED], request=request)
    assert WholeBodyMiddleware.from_crawler(crawler).process_response(request, response) is response
    assert response.flags == []
