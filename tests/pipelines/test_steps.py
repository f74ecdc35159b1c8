"""The steps of the assembly line, one by one and in their order."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from scrapy.utils.test import get_crawler

from newscrawl.codes import WarningCode
from newscrawl.items import Article, Instrument, Mention, Miss, Rejection, Unmodified, VendorSymbols
from newscrawl.pipelines.commit import (
    CommitPipeline,
    NotCommitted,
    PageFailed,
    PageForbidden,
    PageMissing,
    PageRejected,
    PageUnchanged,
)
from newscrawl.pipelines.content import ContentPipeline
from newscrawl.pipelines.dates import DatesPipeline, set_published
from newscrawl.pipelines.instruments import InstrumentsPipeline, set_instruments
from newscrawl.pipelines.mentions import MentionsPipeline, set_mentions
from newscrawl.pipelines.sessions import SessionsPipeline
from newscrawl.settings import ITEM_PIPELINES
from newscrawl.sites.longbridge.address import Address
from newscrawl.text.cleaning import content_hash

TODAY = datetime(2026, 11, 23, tzinfo=UTC)
STEPS = (DatesPipeline(), InstrumentsPipeline(), MentionsPipeline(), ContentPipeline(), SessionsPipeline())


# --- Dates --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "published", "warnings"),
    [
        ("2026-05-08T14:18:31.000Z", "2026-05-08T14:18:31.000Z", []),
        ("2026-05-08T22:18:31+08:00", "2026-05-08T14:18:31.000Z", []),
        ("2026-05-08T14:18:31", None, ["date_without_zone"]),
        ("yesterday", None, ["date_unreadable"]),
        ("", None, ["date_unreadable"]),
        (None, None, ["date_missing"]),
    ],
)
def test_the_printed_date_becomes_a_time_or_a_warning(
    raw: str | None, published: str | None, warnings: list[str]
) -> None:
    article = Article(published_raw=raw)
    set_published(article)
    assert (article.published_at, article.published_raw, article.warnings) == (published, raw, warnings)
    assert set(warnings) <= set(WarningCode)


# --- Instruments --------------------------------------------------------------------------------


def instruments_of(*raws: str, published_at: str | None = None, now: datetime = TODAY) -> Article:
    article = Article(published_at=published_at, instruments=[Instrument(raw=raw) for raw in raws])
    set_instruments(article, now)
    return article


def test_instruments_stand_in_page_order_one_per_symbol() -> None:
    article = instruments_of("25049.HK", "02399.HK", "2399.HK", "AAPL.US", "25049.HK")
    assert [(found.raw, found.symbol) for found in article.instruments] == [
        ("25049.HK", "25049.HK"),
        ("02399.HK", "2399.HK"),
        ("AAPL.US", "AAPL.US"),
    ]
    assert article.instruments[1] == Instrument(
        raw="02399.HK",
        symbol="2399.HK",
        code="02399",
        market="HK",
        mic="XHKG",
        type="equity",
        type_source="code_range",
        currency="HKD",
        vendor=VendorSymbols("2399.HK", "2399.HK", "HK.02399"),
    )
    assert article.warnings == []


def test_a_counter_in_a_second_currency_names_the_primary_one() -> None:
    (found,) = instruments_of("80700.HK").instruments
    assert (found.symbol, found.currency, found.primary_symbol) == ("80700.HK", "CNY", "700.HK")
    assert found.vendor == VendorSymbols(None, None, "HK.80700")


def test_bad_symbols_are_left_out_and_unknown_markets_kept_each_told_once() -> None:
    article = instruments_of("", "00000.HK", "XDDX.DE", "XDDX.UK", "D05.SG")
    assert [found.symbol for found in article.instruments] == ["XDDX.DE", "XDDX.UK", "D05.SG"]
    assert article.instruments[0].market is None
    assert sorted(article.warnings) == ["bad_symbol", "unknown_market"]


@pytest.mark.parametrize(
    ("raw", "warnings"),
    [
        ("30000.HK", ["unknown_code"]),
        ("2900.HK", ["unknown_code"]),
        ("602000.SH", ["unknown_code"]),
        ("831167.BJ", ["unknown_code"]),
        ("700-R.HK", ["unknown_code"]),
        ("XDDX.UK", ["unknown_market"]),
        # Nothing to count: no table is expected to tell.
        ("AAPL.US", []),
        ("D05.SG", []),
        ("HSI.HK", []),
        ("02399.HK", []),
    ],
)
def test_codes_and_markets_that_the_table_does_not_know_are_told(raw: str, warnings: list[str]) -> None:
    article = instruments_of(raw)
    assert article.warnings == warnings
    assert set(warnings) <= set(WarningCode)
    assert article.instruments[0].raw == raw


def test_symbols_are_read_as_of_the_articles_day_in_china_and_today_without_one() -> None:
    before = datetime(2025, 10, 8, 15, 59, 59, tzinfo=UTC)
    after = datetime(2025, 10, 8, 16, tzinfo=UTC)
    old, new = ("833819.BJ", "equity"), ("920819.BJ", "equity")
    cases = [
        ("2025-10-08T15:59:59.999Z", after, old),
        ("2025-10-08T16:00:00.000Z", before, new),
        (None, before, old),
        (None, after, new),
    ]
    for published, now, expected in cases:
        (found,) = instruments_of("833819.BJ", published_at=published, now=now).instruments
        assert (found.symbol, found.type) == expected
        assert found.raw == "833819.BJ"


@pytest.mark.parametrize("year", ["0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"])
def test_the_ends_of_the_calendar_are_days_too(year: str) -> None:
    (found,) = instruments_of("AAPL.US", published_at=year).instruments
    assert found.symbol == "AAPL.US"


def test_both_codes_of_a_renamed_share_are_one_instrument() -> None:
    article = instruments_of("833819.BJ", "920819.BJ", published_at="2026-05-08T00:00:00.000Z")
    assert [(found.raw, found.symbol) for found in article.instruments] == [("833819.BJ", "920819.BJ")]


def test_setting_instruments_twice_changes_nothing() -> None:
    article = instruments_of("02399.HK", "XDDX.DE", "", "BRK.B.US")
    once = (list(article.instruments), list(article.warnings))
    set_instruments(article, TODAY)
    assert (article.instruments, article.warnings) == once


# --- Mentions -----------------------------------------------------------------------------------


def test_mentions_are_read_from_the_body_with_the_tags_of_the_story() -> None:
    article = instruments_of("NVDA.US", "25049.HK")
    article.body = "輝達 (NVDA) 与 $TENCENT(00700.HK)。"
    tagged = list(article.instruments)
    set_mentions(article, TODAY)
    assert article.mentions == [
        Mention("NVDA.US", "NVDA", 4, 8, "ticker"),
        Mention("700.HK", "$TENCENT(00700.HK)", 12, 30, "cashtag"),
    ]
    assert article.instruments == tagged
    once = list(article.mentions)
    set_mentions(article, TODAY)
    assert article.mentions == once


def test_what_the_title_names_counts_as_named() -> None:
    article = Article(title="Nvidia (NASDAQ:NVDA) rises", body="Nvidia (NVDA) said so. So did ACME (ACME).")
    set_mentions(article, TODAY)
    assert article.mentions == [Mention("NVDA.US", "NVDA", 8, 12, "ticker")]


def test_mentions_stand_on_the_body_that_is_written(settings_order: list[str]) -> None:
    # Instruments first, for the tags; the hash and the commit after, so that no body changes between.
    names = [name.rpartition(".")[2] for name in settings_order]
    assert names.index("InstrumentsPipeline") < names.index("MentionsPipeline")
    assert names[names.index("MentionsPipeline") + 1 :] == [
        "ClocksPipeline",
        "LanguagePipeline",
        "ContentPipeline",
        "SessionsPipeline",
        "CommitPipeline",
    ]


@pytest.fixture
def settings_order() -> list[str]:
    return sorted(ITEM_PIPELINES, key=lambda name: ITEM_PIPELINES[name])


# --- Content ------------------------------------------------------------------------------------


def test_the_hash_is_over_the_texts_and_nothing_else() -> None:
    article = Article(
        title="Owls", description="They sail", body="At night.", warnings=["url_missing", "date_missing"]
    )
    ContentPipeline().process_item(article)
    assert article.content_hash == content_hash("Owls", "They sail", "At night.")
    assert article.warnings == ["date_missing", "url_missing"]
    other = Article(
        title="Owls",
        description=" They  sail ",
        body="At\n\nnight.\n",
        wire_time="15:43 ET",
        published_raw="x",
        instruments=[Instrument("A.US")],
        locale="zh-CN",
    )
    ContentPipeline().process_item(other)
    assert other.content_hash == article.content_hash


def test_steps_leave_other_outcomes_alone() -> None:
    rejection = Rejection(uid="longbridge:1:en", reason="html_document")
    miss = Miss("longbridge:1:en", "https://longbridge.com/en/news/1.md", "missing", "HTTP 404")
    for outcome in (rejection, miss):
        for step in STEPS:
            assert step.process_item(outcome) is outcome
    assert rejection == Rejection(uid="longbridge:1:en", reason="html_document")


def test_steps_hand_the_article_itself_on() -> None:
    article = Article(published_raw="2026-05-08T14:18:31.000Z", instruments=[Instrument("02399.HK")])
    article.body = "A maker (02399.HK)"
    for step in STEPS:
        assert step.process_item(article) is article
    assert article.published_at == "2026-05-08T14:18:31.000Z"
    assert article.instruments[0].symbol == "2399.HK"
    assert article.mentions == [Mention("2399.HK", "02399.HK", 9, 17, "symbol")]
    assert article.content_hash is not None


# --- Commit -------------------------------------------------------------------------------------


class Ledger:
    """A frontier that only remembers what was committed."""

    def __init__(self, word: str = "read") -> None:
        self.committed: list[tuple[Address, object]] = []
        self.word = word

    async def commit(self, address: Address, outcome: object) -> str:
        self.committed.append((address, outcome))
        return self.word


class _Spider:
    name = "any"
    frontier: Ledger


def commit_step(frontier: Ledger | None) -> CommitPipeline:
    crawler: Any = get_crawler()
    crawler.spider = _Spider()
    if frontier is not None:
        crawler.spider.frontier = frontier
    return CommitPipeline.from_crawler(crawler)


URL = "https://longbridge.com/zh-CN/news/7.md"


def test_an_article_is_committed_under_its_address_and_goes_on() -> None:
    ledger = Ledger()
    article = Article(uid="longbridge:7:zh-CN", url=URL)
    assert asyncio.run(commit_step(ledger).process_item(article)) is article
    assert ledger.committed == [(Address("7", "zh-CN"), article)]
    # The frontier stamps; this step does not.
    assert article.first_seen_at is None


@pytest.mark.parametrize(
    ("outcome", "drop", "level"),
    [
        (
            Rejection(uid="longbridge:7:zh-CN", url=URL, reason="html_document", detail="x"),
            PageRejected,
            "WARNING",
        ),
        (Miss("longbridge:7:zh-CN", URL, "missing", "HTTP 404"), PageMissing, "INFO"),
        (Miss("longbridge:7:zh-CN", URL, "forbidden", "robots.txt"), PageForbidden, "WARNING"),
        (Miss("longbridge:7:zh-CN", URL, "failed", "HTTP 500"), PageFailed, "WARNING"),
    ],
    ids=["rejected", "missing", "forbidden", "failed"],
)
@pytest.mark.parametrize("with_frontier", [True, False])
def test_other_outcomes_are_committed_and_dropped_under_their_own_name(
    outcome: Rejection | Miss, drop: type[Exception], level: str, *, with_frontier: bool
) -> None:
    ledger = Ledger()
    step = commit_step(ledger if with_frontier else None)
    with pytest.raises(drop, match=URL) as caught:
        asyncio.run(step.process_item(outcome))
    assert type(caught.value) is drop
    assert getattr(caught.value, "log_level", None) == level
    assert ledger.committed == ([(Address("7", "zh-CN"), outcome)] if with_frontier else [])


def test_without_a_frontier_an_article_is_stamped_as_a_first_version() -> None:
    published = "2020-01-02T03:04:05.000Z"
    article = Article(uid="longbridge:7:zh-CN", published_at=published)
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    asyncio.run(commit_step(None).process_item(article))
    assert article.version == 1
    assert article.first_seen_at is not None
    assert before <= datetime.fromisoformat(article.first_seen_at) <= datetime.now(UTC)
    assert (article.available_at, article.available_rule) == ("2020-01-02T04:04:05.000Z", "backfill")


@pytest.mark.parametrize(
    ("word", "drop"), [("unchanged", PageUnchanged), ("stale", NotCommitted), ("lost", NotCommitted)]
)
def test_an_article_without_a_new_line_goes_no_further(word: str, drop: type[Exception]) -> None:
    article = Article(uid="longbridge:7:zh-CN", url=URL)
    with pytest.raises(drop, match=URL):
        asyncio.run(commit_step(Ledger(word)).process_item(article))


def test_a_page_not_modified_has_no_line() -> None:
    outcome = Unmodified("longbridge:7:zh-CN", URL)
    with pytest.raises(PageUnchanged, match=URL):
        asyncio.run(commit_step(Ledger("unchanged")).process_item(outcome))
