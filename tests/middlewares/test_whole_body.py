"""Compressed bodies that a server cut short are asked for again, and are no half of an article."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Awaitable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import ResponseDataLossError
from scrapy.http import Response

from newscrawl.middlewares.whole_body import WholeBodyMiddleware
from newscrawl.network.answer import END_NOT_ANNOUNCED

PLAIN = b"news " * 10_000
PACKED = gzip.compress(PLAIN)


def _answer(
    body: bytes, encoding: str | list[str] | None, meta: dict[str, Any] | None = None, **settings: Any
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


def test_a_whole_gzip_stream_tells_its_end() -> None:
    crawler = Crawler(Spider, {})
    request = Request("http://127.0.0.1/")
    headers = {"Content-Encoding": "gzip"}
    response = Response(request.url, headers=headers, body=PACKED, flags=[END_NOT_ANNOUNCED], request=request)
    assert WholeBodyMiddleware.from_crawler(crawler).process_response(request, response) is response
    assert response.flags == []


@pytest.mark.parametrize(
    ("lines", "is_cut"),
    [
        (["gzip", "deflate"], True),
        (["gzip, deflate"], True),
        (["identity, deflate"], True),
        # Scrapy unpacks nothing of these.
        (["deflate, identity"], False),
        (["deflate", "unknown"], False),
    ],
)
def test_codings_are_read_in_the_order_in_which_they_are_unpacked(lines: list[str], *, is_cut: bool) -> None:
    # A whole stream of one kind, with a cut one of the other in it.
    body = zlib.compress(PACKED[:-1]) if "gzip" in lines[0] else zlib.compress(PLAIN)[:-1]
    result = _answer(body, lines)
    assert isinstance(result, Request) == is_cut


@pytest.mark.parametrize("encoding", ["br", "zstd", "br, gzip"])
def test_of_other_codings_the_page_has_to_tell_the_end(encoding: str) -> None:
    result = _answer(PACKED, encoding)
    assert isinstance(result, Response)
    assert result.flags == [END_NOT_ANNOUNCED]
