"""What becomes of a page whose article was not committed."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy.exceptions import DropItem
from scrapy.utils.test import get_crawler

from newscrawl.items import Article
from newscrawl.lifecycle.page_signals import NotCommitted, PageSignals
from newscrawl.queue.leases import Lease
from newscrawl.results import Dropped
from newscrawl.sites.base import Page

PAGE = Page("longbridge:1:en", "longbridge:1", "en", "https://longbridge.com/en/news/1.md")
LEASE = Lease(PAGE)


class Queue:
    """Remembers what it is told."""

    def __init__(self, *, is_held: bool) -> None:
        self.is_held = is_held
        self.exceptions = 0
        self.told: list[str] = []

    def holds(self, lease: Lease) -> bool:
        return self.is_held

    def lease_of(self, article: Article) -> Lease | None:
        return None

    def fail_page(self, lease: Lease, reason: str) -> None:
        self.told.append(f"failed {lease.page.uid}")

    async def commit(self, uid: str, result: object) -> None:
        assert isinstance(result, Dropped)
        self.told.append(f"dropped {uid}: {result.reason}")


ANSWER = SimpleNamespace(request=SimpleNamespace(meta={"lease": LEASE}))
OTHER = SimpleNamespace(request=SimpleNamespace(meta={}))
REFUSED = NotCommitted("not committed")

CASES: list[tuple[str, bool, str, Any, Exception, list[str], int]] = [
    # Name, whether the page is handed out, the article's uid, the answer, what dropped it; told, counted.
    ("by the user", True, PAGE.uid, ANSWER, DropItem("\ntoo short\nby far"), ["too short"], 0),
    ("after the commit", False, PAGE.uid, ANSWER, DropItem("too late"), [], 0),
    ("another uid", True, "longbridge:2:en", ANSWER, REFUSED, ["failed"], 0),
    ("yielded twice", False, PAGE.uid, ANSWER, REFUSED, [], 0),
    ("a second article", False, "longbridge:2:en", ANSWER, REFUSED, [], 1),
    ("of no page", False, PAGE.uid, OTHER, REFUSED, [], 1),
]


@pytest.mark.parametrize(
    ("name", "is_held", "uid", "answer", "error", "told", "exceptions"),
    CASES,
    ids=[case[0] for case in CASES],
)
def test_dropped(
    name: str,
    is_held: bool,  # noqa: FBT001
    uid: str,
    answer: Any,
    error: Exception,
    told: list[str],
    exceptions: int,
) -> None:
    queue: Any = Queue(is_held=is_held)
    page_signals = PageSignals(get_crawler(), queue)
    article = Article(uid=uid, url=PAGE.url)
    asyncio.run(page_signals._item_dropped(article, answer, error))
    assert len(queue.told) == len(told)
    assert all(word in line and PAGE.uid in line for word, line in zip(told, queue.told, strict=True))
    assert queue.exceptions == exceptions
