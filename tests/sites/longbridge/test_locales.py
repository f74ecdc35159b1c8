"""Three locales and one spelling of each."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newscrawl.sites.longbridge import LONGBRIDGE
from newscrawl.sites.longbridge.locales import DEFAULT_LOCALE, LOCALES, canonical_locale


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
    assert LONGBRIDGE.locale(text) == locale


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
