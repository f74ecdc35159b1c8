"""The step that says in which language and script a text is, and warns where it is in another."""

from __future__ import annotations

from pathlib import Path

import pytest

from newscrawl.items import Article, Rejection
from newscrawl.pipelines.language import LanguagePipeline, set_language
from newscrawl.sites.longbridge.address import Address
from newscrawl.sites.longbridge.reader import read_article

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
        ("ja", None, None, None),
        ("", None, None, None),
    ],
)
def test_the_locale_says_language_script_and_region(
    locale: str, language: str | None, script: str | None, region: str | None
) -> None:
    article = Article(locale=locale, body=ENGLISH if locale == "en" else "")
    set_language(article)
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
    article = Article(locale=locale, title=text[:12], warnings=["url_missing"])
    setattr(article, where, text)
    for _ in range(2):
        set_language(article)
        assert article.warnings == ["url_missing", *["locale_mismatch"] * mismatch]


def test_an_article_without_texts_has_no_mismatch() -> None:
    for locale in ("en", "zh-CN", "zh-HK"):
        article = Article(locale=locale)
        set_language(article)
        assert article.warnings == []


def test_step_hands_on_what_it_gets() -> None:
    article = Article(locale="zh-HK")
    assert LanguagePipeline().process_item(article) is article
    assert article.script == "Hant"
    rejection = Rejection(uid="longbridge:1:en", reason="html_document")
    assert LanguagePipeline().process_item(rejection) is rejection


@pytest.mark.parametrize("path", PAGES, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_pages_of_the_sample_are_what_they_say_and_nothing_else(path: Path) -> None:
    locale = path.parts[-3]
    article = read_article(path.read_bytes(), Address(path.stem, locale))
    set_language(article)
    assert "locale_mismatch" not in article.warnings
    for other in {"en", "zh-CN", "zh-HK"} - {locale}:
        article.locale, article.warnings = other, []
        set_language(article)
        # One flash of 69 characters is too short to be called simplified.
        is_short = (locale, path.stem, other) == ("zh-HK", "286889147", "zh-CN")
        assert article.warnings == ([] if is_short else ["locale_mismatch"])
