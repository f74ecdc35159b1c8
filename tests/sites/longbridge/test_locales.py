"""Three locales and one spelling of each."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newscrawl.sites.longbridge.locales import DEFAULT_LOCALE, LOCALES, canonical_locale, parts_of


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("en", "en"),
        ("EN", "en"),
        (" zh-cn ", "zh-CN"),
        ("ZH-HK", "zh-HK"),
        ("zh", None),
        ("zh-Hant", None),
        ("zh_CN", None),
        ("en-US", None),
        ("", None),
        ("简体中文", None),
    ],
)
def test_canonical_locale(text: str, locale: str | None) -> None:
    assert canonical_locale(text) == locale


def test_an_address_without_locale_is_english() -> None:
    assert DEFAULT_LOCALE == "en"


@settings(derandomize=True, deadline=None)
@given(
    st.text(max_size=12)
    | st.sampled_from(LOCALES).flatmap(lambda tag: st.sampled_from([tag.lower(), tag.upper()]))
)
def test_canonical_locale_agrees_with_itself(text: str) -> None:
    locale = canonical_locale(text)
    assert locale is None or (locale in LOCALES and canonical_locale(locale) == locale)


@pytest.mark.parametrize(
    ("locale", "parts"),
    [
        ("en", ("en", "Latn", None)),
        ("zh-CN", ("zh", "Hans", "CN")),
        ("zh-HK", ("zh", "Hant", "HK")),
        # Other spellings and tags are none of the site's; nothing is said of them.
        ("zh-cn", (None, None, None)),
        ("zh", (None, None, None)),
        ("en-US", (None, None, None)),
        ("", (None, None, None)),
        ("x-", (None, None, None)),
    ],
)
def test_parts_of_a_locale(locale: str, parts: tuple[str | None, ...]) -> None:
    assert parts_of(locale) == parts


def test_every_locale_of_the_site_has_language_and_script() -> None:
    for locale in LOCALES:
        language, script, region = parts_of(locale)
        assert language == locale.partition("-")[0]
        assert script
        assert region == (locale.partition("-")[2] or None)


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=40))
def test_any_text_has_parts_or_none(text: str) -> None:
    assert (parts_of(text).language is None) is (text not in LOCALES)
