"""Locale twins of one story whose dates disagree."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from newscrawl.plan import Plan
from newscrawl.queue.runs import Store
from tests.queue.outcomes import address, article, plan

NewStore = Callable[..., Store]
LATE = "2026-05-08T22:18:31.000Z"


def opened(store: Store, which: Plan) -> Store:
    store.open_run(which, "longbridge")
    return store


def lines(store: Store) -> list[dict[str, Any]]:
    engine = store.engine
    rows = engine.read(lambda: engine.execute("SELECT content FROM line ORDER BY id"))
    return [json.loads(bytes(row[0])) for row in rows]


def test_twins_that_disagree_are_flagged_on_the_later_line(new_store: NewStore) -> None:
    which = plan(1, locales="en,zh-CN,zh-HK")
    store = opened(new_store(), which)
    (lease,) = store.claim(1)
    locales = ("en", "zh-CN", "zh-HK")
    store.commit([(lease, article(lease.address, locales=locales))])
    simplified, traditional = store.claim(2)
    store.commit(
        [
            (simplified, article(simplified.address, published_at=LATE)),
            (traditional, article(traditional.address, published_at=None)),
        ]
    )
    flagged = {line["locale"]: line["warnings"] for line in lines(store)}
    assert flagged == {"en": [], "zh-CN": ["locale_dates_differ"], "zh-HK": []}


def test_twins_in_one_commit_see_each_other(new_store: NewStore) -> None:
    url = f"{address(1).url},{address(1, 'zh-CN').url}"
    store = opened(new_store(), Plan.from_arguments({"url": url}))
    first, second = store.claim(2)
    batch = [(first, article(first.address)), (second, article(second.address, published_at=LATE))]
    store.commit(batch)
    assert [line["warnings"] for line in lines(store)] == [[], ["locale_dates_differ"]]
