"""The steps as pipelines: their order, what they pass on, and where they get the site from."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from scrapy.utils.misc import load_object
from scrapy.utils.test import get_crawler

from newscrawl.http_info import HttpInfo
from newscrawl.items import Article, Instrument, Rejection
from newscrawl.named_in_text import Mention
from newscrawl.pipelines import steps
from newscrawl.pipelines.steps import ChecksPipeline, SessionsPipeline, StepPipeline
from newscrawl.refine import PAGE_STEPS, refine
from newscrawl.settings import ITEM_PIPELINES
from newscrawl.sites.longbridge import LONGBRIDGE

ORDER = sorted(ITEM_PIPELINES, key=lambda name: ITEM_PIPELINES[name])
KINDS = [load_object(name) for name in ORDER if name.startswith(steps.__name__)]


def article() -> Article:
    return Article(
        story_id="longbridge:285741170",
        locale="en",
        body="A maker (02399.HK)",
        published_raw="2026-03-08T14:18:31.000Z",
        fetched_at="2026-05-08T14:33:31.000Z",
        instruments=[Instrument("02399.HK")],
        http=HttpInfo(200),
    )


def test_the_pipelines_are_the_steps_in_their_order() -> None:
    found = [kind.step for kind in KINDS if issubclass(kind, StepPipeline)]
    assert found == list(PAGE_STEPS)


def test_calendars_are_loaded_just_before_the_commit() -> None:
    assert ORDER[-2:] == [
        "newscrawl.pipelines.steps.SessionsPipeline",
        "newscrawl.pipelines.commit.CommitPipeline",
    ]


def test_the_pipelines_do_what_refine_does() -> None:
    piped, refined = article(), refine(article(), LONGBRIDGE)
    for kind in KINDS:
        pipeline = kind(LONGBRIDGE) if issubclass(kind, StepPipeline) else kind()
        assert pipeline.process_item(piped) is piped
    assert piped == refined
    assert piped.mentions == [Mention("2399.HK", "02399.HK", 9, 17, "symbol")]
    assert piped.warnings == ["id_date_differs"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("item", [Rejection(uid="longbridge:1:en", reason="html_document"), {"any": "item"}])
def test_other_items_pass_untouched(kind: Any, item: object) -> None:
    before = deepcopy(item)
    assert kind().process_item(item) is item
    assert item == before


class _Spider:
    name = "any"
    site = LONGBRIDGE


class _OtherSpider:
    name = "other"


@pytest.mark.parametrize(("spider", "warnings"), [(_Spider, ["id_date_differs"]), (_OtherSpider, [])])
@pytest.mark.parametrize("is_made", [True, False])
def test_the_site_is_the_spiders(spider: type[Any], warnings: list[str], *, is_made: bool) -> None:
    crawler: Any = get_crawler()
    crawler.spidercls = spider
    crawler.spider = spider() if is_made else None
    checked = article()
    checked.published_at = checked.published_raw
    ChecksPipeline.from_crawler(crawler).process_item(checked)
    assert checked.warnings == warnings


def test_loading_calendars_changes_nothing() -> None:
    before, item = article(), article()
    item.instruments[0].market = before.instruments[0].market = "HK"
    assert SessionsPipeline().process_item(item) == before
