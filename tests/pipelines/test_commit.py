"""The last step: what is committed, what goes on to feeds, and what is dropped under which words."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from scrapy.exceptions import DropItem
from scrapy.utils.test import get_crawler

from newscrawl.codes import Outcome
from newscrawl.items import Article
from newscrawl.pipelines import commit
from newscrawl.pipelines.commit import CommitPipeline

UID = "longbridge:7:zh-CN"
URL = "https://longbridge.com/zh-CN/news/7.md"


class Queue:
    """A queue that only remembers what was committed."""

    def __init__(self, outcome: Outcome | None) -> None:
        self.committed: list[tuple[str, object]] = []
        self.outcome = outcome

    async def commit(self, uid: str, result: object) -> Outcome | None:
        self.committed.append((uid, result))
        return self.outcome


class Scheduler:
    """What the pipeline looks for the queue at."""

    def __init__(self, queue: Queue | None) -> None:
        self.queue = queue


def run(monkeypatch: pytest.MonkeyPatch, scheduler: Scheduler | None, item: object) -> object:
    monkeypatch.setattr(commit, "scheduler_of", lambda crawler: scheduler)
    crawler: Any = get_crawler()
    return asyncio.run(CommitPipeline.from_crawler(crawler).process_item(item))


def test_a_new_version_is_committed_under_its_uid_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    queue = Queue(Outcome.READ)
    article = Article(uid=UID, url=URL)
    assert run(monkeypatch, Scheduler(queue), article) is article
    assert queue.committed == [(UID, article)]
    # The commit stamps; the pipeline does not.
    assert article.first_seen_at is None


@pytest.mark.parametrize(("outcome", "level"), [(Outcome.UNCHANGED, "DEBUG"), (None, "WARNING")])
def test_an_article_without_a_new_line_goes_no_further(
    outcome: Outcome | None, level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DropItem, match=URL) as caught:
        run(monkeypatch, Scheduler(Queue(outcome)), Article(uid=UID, url=URL))
    assert caught.value.log_level == level


@pytest.mark.parametrize("scheduler", [None, Scheduler(None)])
def test_without_a_queue_an_article_is_stamped_as_a_first_version(
    scheduler: Scheduler | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    article = Article(uid=UID, published_at="2020-01-02T03:04:05.000Z")
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    assert run(monkeypatch, scheduler, article) is article
    assert article.version == 1
    assert article.first_seen_at is not None
    assert before <= datetime.fromisoformat(article.first_seen_at) <= datetime.now(UTC)
    assert (article.available_at, article.available_rule) == ("2020-01-02T04:04:05.000Z", "backfill")


def test_other_items_pass_untouched(monkeypatch: pytest.MonkeyPatch) -> None:
    queue = Queue(Outcome.READ)
    assert run(monkeypatch, Scheduler(queue), {"any": "item"}) == {"any": "item"}
    assert queue.committed == []
