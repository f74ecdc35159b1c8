"""When a feed counts as complete."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy import signals
from scrapy.extensions.feedexport import FeedExporter
from scrapy.utils.test import get_crawler

from newscrawl.lifecycle.feeds import Feeds


class Slot(SimpleNamespace):
    """What is looked at of a feed's slot."""

    def __hash__(self) -> int:  # type: ignore[override]
        return id(self)


def slot(uri: str, *, items: int = 0, store_empty: bool = True, batch: int = 1) -> Any:
    return Slot(uri=uri, uri_template=uri, itemcount=items, store_empty=store_empty, batch_id=batch)


def feeds_of(slots: list[Any], templates: list[str]) -> Feeds:
    crawler = get_crawler(settings_dict={"FEEDS": {uri: {"format": "jsonl"} for uri in templates}})
    feeds = Feeds(crawler)
    assert feeds.exporter is not None
    feeds.exporter.slots = slots
    return feeds


def closed(feeds: Feeds, *those: Any) -> str | None:
    """Close the spider; ``those`` slots say that they are closed."""

    async def close() -> None:
        waiting = asyncio.ensure_future(feeds.wait())
        await asyncio.sleep(0)
        for one in those:
            feeds.crawler.signals.send_catch_log(signals.feed_slot_closed, slot=one)
        feeds.crawler.signals.send_catch_log(signals.feed_exporter_closed)
        await waiting

    asyncio.run(close())
    return feeds.failure()


CASES: list[tuple[str, Any, bool, bool]] = [
    # Name, slot, whether it says that it is closed, whether the feed is complete.
    ("items, closed", slot("a", items=3), True, True),
    ("items, not closed", slot("a", items=3), False, False),
    # An empty file was to be made, and was not: it could not be opened.
    ("none, to be stored", slot("a"), False, False),
    ("none, not to be stored", slot("a", store_empty=False), False, True),
    # Behind a full batch nothing is stored where nothing follows.
    ("none in a later batch", slot("a", batch=2), False, True),
]


@pytest.mark.parametrize(("name", "only", "is_closed", "is_complete"), CASES, ids=[case[0] for case in CASES])
def test_a_feed_is_complete_when_its_slot_is_closed(
    name: str,
    only: Any,
    is_closed: bool,  # noqa: FBT001
    is_complete: bool,  # noqa: FBT001
) -> None:
    failure = closed(feeds_of([only], ["a"]), *([only] if is_closed else []))
    assert (failure is None) is is_complete
    if failure is not None:
        assert failure.startswith("the feed a is not complete")


def test_a_feed_that_was_never_opened_is_not_complete() -> None:
    first = slot("a", items=1)
    failure = closed(feeds_of([first], ["a", "b"]), first)
    assert failure is not None
    assert failure.startswith("the feed b is not complete")


def test_nobody_waits_for_an_exporter_that_does_not_close_with_the_spider() -> None:
    feeds = feeds_of([slot("a", items=1)], ["a"])
    assert feeds.exporter is not None
    feeds.crawler.signals.disconnect(feeds.exporter.close_spider, signals.spider_closed)
    assert isinstance(feeds.exporter, FeedExporter)
    asyncio.run(feeds.wait())
    assert feeds.failure() is None
