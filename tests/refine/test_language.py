"""The step that says in which language and script a text is, and warns where it is in another."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newscrawl.items import Article
from newscrawl.refine.language import LANGUAGE, split_locale
from newscrawl.sites.base import Source
from newscrawl.sites.longbridge import LONGBRIDGE
from newscrawl.sites.longbridge.locales import LOCALES

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
PAGES = sorted(SAMPLE.glob("*/news/*.md"))

SIMPLIFIED = "港口公司说，两艘渡轮将从下周开始为岛上居民运送邮件和药品，费用由政府承担，直到桥梁检修结束。"
TRADITIONAL = "港口公司說，兩艘渡輪將從下週開始為島上居民運送郵件和藥品，費用由政府承擔，直到橋樑檢修結束。"
ENGLISH = "Two ferries will carry letters and medicine to the island from next week, their company said. " * 3


@pytest.mark.parametrize(
    ("locale", "language", "script", "region"),
    [
        ("en", "en", "Latn", None),
        ("zh-CN", "zh", "Hans", "CN"),
        ("zh-HK", "zh", "Hant", "HK"),
        ("ja", "ja", "Jpan", None),
        ("", None, None, None),
    ],
)
def test_the_locale_says_language_script_and_region(
    locale: str, language: str | None, script: str | None, region: str | None
) -> None:
    article = Article(locale=locale, body=ENGLISH if locale == "en" else "")
    LANGUAGE(article)
    assert (article.language, article.script, article.region) == (language, script, region)
    assert article.warnings == []


@pytest.mark.parametrize(
    ("locale", "text", "mismatch"),
    [
        ("en", ENGLISH, False),
        ("en", SIMPLIFIED, True),
        ("en", TRADITIONAL, True),
        ("zh-CN", SIMPLIFIED, False),
        ("zh-CN", TRADITIONAL, True),
        ("zh-CN", ENGLISH, True),
        ("zh-HK", TRADITIONAL, False),
        ("zh-HK", SIMPLIFIED, True),
        ("zh-HK", ENGLISH, True),
        ("ja", SIMPLIFIED, False),
    ],
)
@pytest.mark.parametrize("where", ["body", "description"])
def test_a_text_in_another_script_is_told_once(locale: str, text: str, where: str, *, mismatch: bool) -> None:
    article = Article(locale=locale, title=text[:12], warnings=["unreadable_item"])
    setattr(article, where, text)
    for _ in range(2):
        LANGUAGE(article)
        assert article.warnings == [*["locale_mismatch"] * mismatch, "unreadable_item"]


def test_an_article_without_texts_has_no_mismatch() -> None:
    for locale in ("en", "zh-CN", "zh-HK"):
        article = Article(locale=locale)
        LANGUAGE(article)
        assert article.warnings == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_pages_of_the_sample_are_what_they_say_and_nothing_else(path: Path) -> None:
    locale = path.parts[-3]
    asked = LONGBRIDGE.page(f"/{path.relative_to(SAMPLE).as_posix()}")
    assert asked is not None
    article = LONGBRIDGE.read(Source(path.read_bytes(), asked, LONGBRIDGE.home))
    LANGUAGE(article)
    assert "locale_mismatch" not in article.warnings
    for other in {"en", "zh-CN", "zh-HK"} - {locale}:
        article.locale, article.warnings = other, []
        LANGUAGE(article)
        # One flash of 69 characters is too short to be called simplified.
        is_short = (locale, path.stem, other) == ("zh-HK", "286889147", "zh-CN")
        assert article.warnings == ([] if is_short else ["locale_mismatch"])


@pytest.mark.parametrize(
    ("locale", "parts"),
    [
        ("en", ("en", "Latn", None)),
        ("zh-CN", ("zh", "Hans", "CN")),
        ("zh-HK", ("zh", "Hant", "HK")),
        # Case does not matter (RFC 5646, section 2.1.1).
        ("zh-cn", ("zh", "Hans", "CN")),
        ("ZH-HK", ("zh", "Hant", "HK")),
        ("zh", ("zh", "Hans", None)),
        ("zh-TW", ("zh", "Hant", "TW")),
        ("zh-Hant", ("zh", "Hant", None)),
        ("zh-Latn-CN", ("zh", "Latn", "CN")),
        ("en-US", ("en", "Latn", "US")),
        ("de-CH-1901", ("de", "Latn", "CH")),
        ("ko-KR", ("ko", "Kore", "KR")),
        # A region of UN M.49 is none of ISO 3166.
        ("es-419", ("es", "Latn", None)),
        # No language, or no tag at all.
        ("und", (None, None, None)),
        ("x-owls", (None, None, None)),
        ("zz", (None, None, None)),
        ("zh_CN", (None, None, None)),
        (" zh-CN", (None, None, None)),
        ("zh-", (None, None, None)),
        ("x-", (None, None, None)),
        ("", (None, None, None)),
        ("english", (None, None, None)),
        ("en-" + "a" * 500, (None, None, None)),
    ],
)
def test_parts_of_a_locale(locale: str, parts: tuple[str | None, ...]) -> None:
    assert split_locale(locale) == parts


def test_every_locale_of_the_site_has_language_and_script() -> None:
    for locale in LOCALES:
        language, script, region = split_locale(locale)
        assert language == locale.partition("-")[0]
        assert script
        assert region == (locale.partition("-")[2] or None)


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=40) | st.from_regex(r"[a-zA-Z]{1,4}([-_][a-zA-Z0-9]{1,8}){0,3}", fullmatch=True))
def test_any_text_has_parts_or_none(text: str) -> None:
    language, script, region = split_locale(text)
    assert (language is None) == (script is None)
    assert language is not None or region is None
