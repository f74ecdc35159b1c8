"""The last step: what is committed, what goes on to feeds, and what is dropped under which words."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy.exceptions import DropItem
from scrapy.utils.test import get_crawler

from newscrawl.codes import Outcome
from newscrawl.items import Article
from newscrawl.lifecycle.page_signals import NotCommitted
from newscrawl.lifecycle.run import RunLifecycle
from newscrawl.pipelines.commit import CommitPipeline
from newscrawl.queue.leases import Lease
from newscrawl.sites.base import Page

UID = "longbridge:7:zh-CN"
URL = "https://longbridge.com/zh-CN/news/7.md"


class Queue:
    """A queue that has one page on its way, and only remembers what was committed."""

    def __init__(self, outcome: Outcome | None) -> None:
        self.committed: list[tuple[str, object]] = []
        self.outcome = outcome

    def lease_of(self, article: Article) -> Lease | None:
        page = Page(UID, "longbridge:7", "zh-CN", URL)
        return Lease(page) if (article.uid, article.url) == (page.uid, page.url) else None

    async def commit(self, uid: str, result: object) -> Outcome | None:
        self.committed.append((uid, result))
        return self.outcome


class Lifecycle(RunLifecycle):
    """What the pipeline looks for the queue at, and tells of new lines."""

    def __init__(self, queue: Queue | None) -> None:
        super().__init__(get_crawler(), None)
        self.queue: Any = queue
        self.written: list[Article] = []

    def note_written(self, article: Article) -> None:
        self.written.append(article)


ANOTHER_SPIDER = SimpleNamespace()
WITH_A_LIFE_OF_ITS_OWN = SimpleNamespace(lifecycle="of a product")
WITHOUT_A_RUN = SimpleNamespace(lifecycle=Lifecycle(None))


def run(lifecycle: Lifecycle | SimpleNamespace, item: object) -> object:
    """Pass an item through, for a spider with a life cycle or the given one."""
    crawler: Any = get_crawler()
    is_spider = isinstance(lifecycle, SimpleNamespace)
    crawler.spider = lifecycle if is_spider else SimpleNamespace(lifecycle=lifecycle)
    return asyncio.run(CommitPipeline.from_crawler(crawler).process_item(item))


def test_a_new_version_is_committed_under_its_uid_and_goes_on() -> None:
    queue = Queue(Outcome.READ)
    lifecycle = Lifecycle(queue)
    article = Article(uid=UID, url=URL)
    assert run(lifecycle, article) is article
    assert queue.committed == [(UID, article)]
    assert lifecycle.written == [article]
    # The commit stamps; the pipeline does not.
    assert article.first_seen_at is None


@pytest.mark.parametrize(("outcome", "level"), [(Outcome.UNCHANGED, "DEBUG"), (None, "WARNING")])
def test_an_article_without_a_new_line_goes_no_further(outcome: Outcome | None, level: str) -> None:
    lifecycle = Lifecycle(Queue(outcome))
    with pytest.raises(DropItem, match=URL) as caught:
        run(lifecycle, Article(uid=UID, url=URL))
    assert caught.value.log_level == level
    assert lifecycle.written == []


@pytest.mark.parametrize(("uid", "url"), [("longbridge:8:zh-CN", URL), (UID, URL.replace("7", "8"))])
def test_an_article_of_no_page_that_was_asked_for_goes_no_further(uid: str, url: str) -> None:
    queue = Queue(Outcome.READ)
    lifecycle = Lifecycle(queue)
    with pytest.raises(NotCommitted, match=f"not committed: {uid}: expected") as caught:
        run(lifecycle, Article(uid=uid, url=url))
    assert caught.value.log_level == "ERROR"
    assert (queue.committed, lifecycle.written) == ([], [])


@pytest.mark.parametrize("spider", [ANOTHER_SPIDER, WITH_A_LIFE_OF_ITS_OWN, WITHOUT_A_RUN])
def test_without_a_queue_an_article_is_stamped_as_a_first_version(spider: SimpleNamespace) -> None:
    article = Article(uid=UID, published_at="2020-01-02T03:04:05.000Z")
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    assert run(spider, article) is article
    assert article.version == 1
    assert article.first_seen_at is not None
    assert before <= datetime.fromisoformat(article.first_seen_at) <= datetime.now(UTC)
    assert (article.available_at, article.available_rule) == ("2020-01-03T03:04:05.000Z", "backfill")


@pytest.mark.parametrize("is_ours", [True, False])
def test_other_items_pass_untouched(*, is_ours: bool) -> None:
    queue = Queue(Outcome.READ)
    lifecycle = Lifecycle(queue)
    item = {"any": "item"}
    assert run(lifecycle if is_ours else ANOTHER_SPIDER, item) is item
    assert item == {"any": "item"}
    assert (queue.committed, lifecycle.written) == ([], [])
