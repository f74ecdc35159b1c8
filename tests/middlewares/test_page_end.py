"""A page whose end nothing announced, and that lacks it, is asked for once more."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from newscrawl.middlewares.page_end import PageEndMiddleware
from newscrawl.network.answer import END_NOT_ANNOUNCED
from newscrawl.queue.leases import Lease
from newscrawl.sites.base import Source
from newscrawl.sites.longbridge import Longbridge
from newscrawl.spiders.longbridge import LongbridgeSpider


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
    result = PageEndMiddleware.from_crawler(crawler).process_response(request, response)
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


async def _awaited(result: Awaitable[Request]) -> Request:
    return await result
