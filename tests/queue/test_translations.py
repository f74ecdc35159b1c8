"""Translations of one story whose dates differ."""

from __future__ import annotations

from newscrawl.plan import Plan
from newscrawl.results import Dropped
from newscrawl.sites.longbridge import LONGBRIDGE
from tests.queue.results import article, page, plan
from tests.queue.workers import NewWorker, opened

LATE = "2026-05-08T22:18:31.000Z"


def test_dates_that_differ_are_told_on_the_later_line(new_worker: NewWorker) -> None:
    worker = opened(new_worker(), plan(1, locales="en,zh-CN,zh-HK"))
    lease = worker.claim_one()
    worker.commit((lease, article(lease.page, locales=("en", "zh-CN", "zh-HK"))))
    simplified, traditional = worker.claim(2)
    worker.commit(
        (simplified, article(simplified.page, published_at=LATE)),
        (traditional, article(traditional.page, published_at=None)),
    )
    warnings = {line["locale"]: line["warnings"] for line in worker.lines()}
    assert warnings == {"en": [], "zh-CN": ["locale_dates_differ"], "zh-HK": []}


def test_translations_in_one_commit_are_compared(new_worker: NewWorker) -> None:
    url = f"{page(1).url},{page(1, 'zh-CN').url}"
    worker = opened(new_worker(), Plan.from_arguments(LONGBRIDGE, {"url": url}))
    first, second = worker.claim(2)
    worker.commit((first, article(first.page)), (second, article(second.page, published_at=LATE)))
    assert [line["warnings"] for line in worker.lines()] == [[], ["locale_dates_differ"]]


def test_a_warning_of_an_earlier_attempt_is_not_repeated(new_worker: NewWorker) -> None:
    worker = opened(new_worker(), plan(1))
    lease = worker.claim_one()
    result = article(lease.page)
    result.warnings = ["heading_differs", "locale_dates_differ"]
    worker.commit((lease, result))
    (line,) = worker.lines()
    assert line["warnings"] == ["heading_differs"]


def test_a_page_is_not_compared_with_its_own_earlier_date(new_worker: NewWorker) -> None:
    worker = opened(new_worker(), plan(1))
    lease = worker.claim_one()
    worker.commit((lease, article(lease.page, text="one")))
    worker.finish()
    worker.close()
    worker = opened(new_worker(), plan(1))
    lease = worker.claim_one()
    worker.commit((lease, article(lease.page, text="two", published_at=LATE)))
    assert [(line["version"], line["warnings"]) for line in worker.lines()] == [(1, []), (2, [])]


def test_a_page_is_not_compared_with_one_that_was_never_written(new_worker: NewWorker) -> None:
    url = f"{page(1).url},{page(1, 'zh-CN').url}"
    worker = opened(new_worker(), Plan.from_arguments(LONGBRIDGE, {"url": url}))
    first, second = worker.claim(2)
    assert worker.commit((first, Dropped(article(first.page), "not wanted"))) == ["dropped"]
    worker.commit((second, article(second.page, published_at=LATE)))
    assert [line["warnings"] for line in worker.lines()] == [[]]
