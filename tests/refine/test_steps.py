"""The steps that look symbols up, and the hash: one by one."""

from __future__ import annotations

import re
from datetime import date

import pytest

from newscrawl.codes import WarningCode
from newscrawl.items import Article, Instrument, VendorSymbols
from newscrawl.named_in_text import Mention
from newscrawl.refine.hash import HASH
from newscrawl.refine.instruments import INSTRUMENTS, day_of
from newscrawl.refine.mentions import MENTIONS, MentionsStep
from newscrawl.text.cleaning import content_hash

# --- Instruments --------------------------------------------------------------------------------


FETCHED = "2026-11-23T00:00:00.000Z"


def instruments_of(*raws: str, published_at: str | None = None, fetched_at: str | None = FETCHED) -> Article:
    article = Article(
        published_at=published_at,
        fetched_at=fetched_at,
        instruments=[Instrument(raw=raw) for raw in raws],
    )
    return INSTRUMENTS(article)


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
    assert found.vendor == VendorSymbols("80700.HK", None, "HK.80700")


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
        ("873167.BJ", ["unknown_code"]),
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


def test_symbols_are_looked_up_as_of_the_articles_day_in_china() -> None:
    before, after = "2025-10-08T15:59:59.999Z", "2025-10-08T16:00:00.000Z"
    old, new = ("833819.BJ", "equity"), ("920819.BJ", "equity")
    cases = [
        (before, after, old),
        (after, before, new),
        # Without a date the day on which the page was fetched counts, and without that the newest rows.
        (None, before, old),
        (None, after, new),
        (None, None, new),
    ]
    for published, fetched, expected in cases:
        (found,) = instruments_of("833819.BJ", published_at=published, fetched_at=fetched).instruments
        assert (found.symbol, found.type) == expected
        assert found.raw == "833819.BJ"


@pytest.mark.parametrize("year", ["0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"])
def test_the_ends_of_the_calendar_are_days_too(year: str) -> None:
    article = instruments_of("AAPL.US", published_at=year)
    assert article.instruments[0].symbol == "AAPL.US"
    assert day_of(article).year == int(year[:4])


def test_both_codes_of_a_renamed_share_are_one_instrument() -> None:
    article = instruments_of("833819.BJ", "920819.BJ", published_at="2026-05-08T00:00:00.000Z")
    assert [(found.raw, found.symbol) for found in article.instruments] == [("833819.BJ", "920819.BJ")]


def test_running_the_step_twice_changes_nothing() -> None:
    article = instruments_of("02399.HK", "XDDX.DE", "", "BRK.B.US")
    once = (list(article.instruments), list(article.warnings))
    INSTRUMENTS(article)
    assert (article.instruments, article.warnings) == once
    assert article.warnings == ["bad_symbol", "unknown_market"]


def test_a_warning_that_is_no_longer_right_goes_but_for_symbols_that_were_left_out() -> None:
    article = instruments_of("02399.HK")
    article.warnings = ["bad_symbol", "unknown_code", "unknown_market", "unreadable_item"]
    INSTRUMENTS(article)
    assert article.warnings == ["bad_symbol", "unreadable_item"]


def test_the_version_holds_the_tables() -> None:
    assert re.fullmatch(r"2\+[0-9a-f]{8}\+reference-[0-9a-f]{8}", INSTRUMENTS.version())
    # Mentions are looked up in the same tables and lists.
    assert MENTIONS.version().partition("+")[2] == INSTRUMENTS.version().partition("+")[2]


# --- Mentions -----------------------------------------------------------------------------------


def test_mentions_are_read_from_the_body_with_the_tags_of_the_story() -> None:
    article = instruments_of("NVDA.US", "25049.HK")
    article.body = "輝達 (NVDA) 与 $TENCENT(00700.HK)。"
    MENTIONS(article)
    assert article.mentions == [
        Mention("NVDA.US", "NVDA", 4, 8, "ticker", "body"),
        Mention("700.HK", "$TENCENT(00700.HK)", 12, 30, "cashtag", "body"),
    ]
    assert [found.symbol for found in article.instruments] == ["NVDA.US", "25049.HK"]
    once = list(article.mentions)
    MENTIONS(article)
    assert article.mentions == once


def test_what_the_title_names_counts_as_named() -> None:
    article = Article(title="Nvidia (NASDAQ:NVDA) rises", body="Nvidia (NVDA) said so. So did ACME (ACME).")
    MENTIONS(article)
    assert article.mentions == [
        Mention("NVDA.US", "NASDAQ:NVDA", 8, 19, "exchange_code", "title"),
        Mention("NVDA.US", "NVDA", 8, 12, "ticker", "body"),
    ]


def test_what_the_body_names_counts_in_the_title() -> None:
    article = Article(title="Nvidia (NVDA) rises", description="Of $NVDA", body="Nvidia (NASDAQ:NVDA) rose.")
    MENTIONS(article)
    assert [(found.field, found.text) for found in article.mentions] == [
        ("title", "NVDA"),
        ("description", "$NVDA"),
        ("body", "NASDAQ:NVDA"),
    ]
    for mention in article.mentions:
        assert getattr(article, mention.field)[mention.start : mention.end] == mention.text


def test_a_reference_of_listings_confirms_by_name() -> None:
    days = []

    def names_of(symbol: str, day: date) -> tuple[str, ...]:
        days.append(day)
        return ("NVIDIA CORP",) if symbol == "NVDA.US" else ()

    article = Article(published_at="2026-05-08T20:00:00.000Z", body="Nvidia's (NVDA) chips; ACME (ACME)")
    MentionsStep()(article)
    assert article.mentions == []
    MentionsStep(names_of)(article)
    assert article.mentions == [Mention("NVDA.US", "NVDA", 10, 14, "ticker", "body")]
    # The day of the article in China.
    assert set(days) == {date(2026, 5, 9)}
    # The step that a crawl runs uses the lists that come with newscrawl.
    article.mentions = []
    MENTIONS(article)
    assert [mention.symbol for mention in article.mentions] == ["NVDA.US"]


# --- Hash ---------------------------------------------------------------------------------------


def test_the_hash_is_over_the_texts_and_nothing_else() -> None:
    article = HASH(
        Article(
            title="Owls",
            description="They sail",
            body="At night.",
            warnings=["unreadable_item", "date_missing"],
        )
    )
    assert article.content_hash == content_hash("Owls", "They sail", "At night.")
    assert article.warnings == ["date_missing", "unreadable_item"]
    other = HASH(
        Article(
            title="Owls",
            description=" They  sail ",
            body="At\n\nnight.\n",
            wire_time="15:43 ET",
            published_raw="x",
            instruments=[Instrument("A.US")],
            locale="zh-CN",
        )
    )
    assert other.content_hash == article.content_hash


# --- Many mentions ------------------------------------------------------------------------------


def test_of_very_many_mentions_the_first_are_taken_and_the_rest_is_told() -> None:
    whole = MENTIONS(Article(body="0700.HK " * 1_000))
    assert (len(whole.mentions), whole.warnings) == (1_000, [])
    # By several rules in turn: the first of the text, whichever rule found them.
    article = Article(body="$Tencent(00700.HK) 9049.HK (NYSE:ORCL) " * 400)
    MENTIONS(article)
    assert article.warnings == ["mentions_cut"]
    assert [mention.rule for mention in article.mentions[:3]] == ["cashtag", "symbol", "exchange_code"]
    assert [mention.rule for mention in article.mentions[-2:]] == ["exchange_code", "cashtag"]
    assert len(article.mentions) == 1_000
    # Or of very many symbols that are looked up and are none.
    tried = [f"X{number}.US" for number in range(10_001)]
    assert MENTIONS(Article(body=" ".join(tried))).warnings == ["mentions_cut"]
    assert MENTIONS(Article(body=" ".join(tried[:-1] + tried[:-1]))).warnings == []
    assert MENTIONS(Article(body=f"0700.HK {' '.join(tried)}")).mentions[0].symbol == "700.HK"
    # Also in brackets, whatever their form, and in all texts together.
    for form in ("X ({})", "X ({}, {})", "$ {}", "(OTC: {})", "({} US)"):
        codes = [
            "".join(chr(65 + number // 26**place % 26) for place in range(5)) for number in range(20_000)
        ]
        story = Article(body=" ".join(form.replace("{}", code).replace("$ ", "$") for code in codes))
        assert (MENTIONS(story).mentions, story.warnings) == ([], ["mentions_cut"])
    story = Article(title="0700.HK " * 600, body="0700.HK " * 600)
    assert (len(MENTIONS(story).mentions), story.warnings) == (1_000, ["mentions_cut"])
    assert {mention.field for mention in story.mentions} == {"title", "body"}
    # Or of very many brackets.
    assert MENTIONS(Article(body="(A) " * 20_000)).warnings == []
    assert MENTIONS(Article(body="(A) " * 20_001)).warnings == ["mentions_cut"]
    article.body = "0700.HK"
    MENTIONS(article)
    assert (len(article.mentions), article.warnings) == (1, [])
