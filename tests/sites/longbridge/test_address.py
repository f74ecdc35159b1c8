"""Every spelling of an article is one Page; nothing else is one. ``tests/sites/test_base.py`` shows hosts and
mirrors.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newscrawl.exceptions import NotAnArticleAddress
from newscrawl.sites.base import Origin, read_start
from newscrawl.sites.longbridge import LONGBRIDGE
from newscrawl.sites.longbridge.address import ROOT, Address, id_of, read_path
from newscrawl.sites.longbridge.locales import LOCALES
from newscrawl.sites.longbridge.news_ids import id_window

steady = settings(
    derandomize=True, deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow]
)

HOME = LONGBRIDGE.home
ENGLISH = Address("285741170", "en")

SPELLINGS = {
    "https://longbridge.com/en/news/285741170.md": "en",
    "https://longbridge.com/zh-CN/news/285741170.md": "zh-CN",
    "https://longbridge.com/zh-HK/news/285741170.md": "zh-HK",
    "https://longbridge.com/en/news/285741170": "en",
    "https://longbridge.com/en/news/285741170/": "en",
    "https://longbridge.com/en/news/285741170.md/": "en",
    "https://longbridge.com/zh-HK/news/285741170/llms.txt": "zh-HK",
    "https://longbridge.com/news/285741170.md": "en",
    "https://longbridge.com/news/285741170": "en",
    "https://longbridge.com/news/285741170/llms.txt": "en",
    "https://longbridge.com/en/quote/02399.HK/news/285741170": "en",
    "https://longbridge.com/zh-CN/quote/BRK.B.US/news/285741170.md": "zh-CN",
    "https://longbridge.com/quote/AAPL.US/news/285741170": "en",
    "https://longbridge.com/en/news/285741170?channel=WHAB0001": "en",
    "https://longbridge.com/en/news/285741170.md?channel=WHAB0001&utm_source=a/b#top": "en",
    "https://longbridge.com/zh-CN/news/285741170#comments": "zh-CN",
    "https://longbridge.com/en/news/285741170.md#https://longbridge.com/en/news/1.md": "en",
    "http://longbridge.com/en/news/285741170.md": "en",
    "HTTPS://LONGBRIDGE.COM/en/news/285741170.md": "en",
    "https://Longbridge.com/EN/News/285741170.MD": "en",
    "https://longbridge.com/zh-cn/news/285741170.md": "zh-CN",
    "https://longbridge.com:443/en/news/285741170.md": "en",
    "https://longbridge.com./en/news/285741170.md": "en",
    "https://www.longbridge.com/en/news/285741170": "en",
    "https://longbridge.cn/zh-CN/news/285741170": "zh-CN",
    "https://longportapp.com/en/news/285741170": "en",
    "https://longbridgeapp.com/en/news/285741170": "en",
    "https://www.longbridgeapp.com/zh-CN/quote/02399.HK/news/285741170.md": "zh-CN",
    "https://longportapp.cn/zh-HK/news/285741170/llms.txt?channel=1#x": "zh-HK",
    "http://m.longportapp.cn/news/post/285741170": "en",
    "https://web-origin.lbkrs.com/zh-HK/news/285741170.md": "zh-HK",
    "https://m.lbctrl.com/news/post/285741170": "en",
    "https://longbridge.com/en/%6Eews/285741170.md": "en",
}

NOT_ARTICLES = [
    "https://longbridge.com",
    "https://longbridge.com/",
    "https://longbridge.com/en",
    "https://longbridge.com/news",
    "https://longbridge.com/news/",
    "https://longbridge.com/news.md",
    "https://longbridge.com/en/news.md",
    "https://longbridge.com/news/live",
    "https://longbridge.com/en/news/live",
    "https://longbridge.com/news/feed",
    "https://longbridge.com/news/live/feed",
    "https://longbridge.com/news/node/285741170",
    "https://longbridge.com/en/news/node/285741170.md",
    "https://longbridge.com/en/topics/285741170.md",
    "https://longbridge.com/en/topics/285741170",
    "https://longbridge.com/en/quote/02399.HK.md",
    "https://longbridge.com/en/quote/02399.HK",
    "https://longbridge.com/en/quote/02399.HK/news",
    "https://longbridge.com/en/quote/02399 HK/news/285741170",
    "https://longbridge.com/profiles/285741170.md",
    "https://longbridge.com/sg/support/topics/285741170",
    "https://longbridge.com/hk/support/topics/285741170.md",
    "https://longbridge.com/nz/support/topics/news/285741170",
    "https://longbridge.com/en/news/285741170.html",
    "https://longbridge.com/en/news/285741170.md.md",
    "https://longbridge.com/en/news/285741170/comments",
    "https://longbridge.com/en/news/285741170a.md",
    "https://longbridge.com/en/news/0.md",
    "https://longbridge.com/en/news/0285741170.md",
    "https://longbridge.com/en/news/-285741170.md",
    "https://longbridge.com/en/news/+285741170.md",
    "https://longbridge.com/en/news/2857 41170.md",
    "https://longbridge.com/en/news/２８５７４１１７０.md",
    "https://longbridge.com/en/news/1234567890123456789.md",
    "https://longbridge.com/ja/news/285741170.md",
    "https://longbridge.com/en/zh-CN/news/285741170.md",
    "https://longbridge.com/?url=/en/news/285741170.md",
    "https://longbridge.com/#/en/news/285741170.md",
    "https://longbridge.com?/en/news/285741170.md",
]


@pytest.mark.parametrize(("url", "locale"), SPELLINGS.items())
def test_every_spelling_is_the_one_page(url: str, locale: str) -> None:
    expected = Address("285741170", locale).page
    assert HOME.page(url) == expected
    assert read_start(LONGBRIDGE, url) == (HOME, expected)


@pytest.mark.parametrize("url", NOT_ARTICLES)
def test_what_is_no_article_has_no_page(url: str) -> None:
    assert HOME.page(url) is None
    assert HOME.page(url.removeprefix("https://longbridge.com")) is None
    with pytest.raises(NotAnArticleAddress, match="expected an article's address"):
        read_start(LONGBRIDGE, url)


@pytest.mark.parametrize(
    "url",
    [
        "https://longbridge.com.evil.example/en/news/285741170.md",
        "https://evil.example/longbridge.com/en/news/285741170.md",
        "https://notlongbridge.com/en/news/285741170.md",
        "https://longbridge.com@evil.example/en/news/285741170.md",
        "https://evil.example/en/news/285741170.md",
        "https://evil.example?longbridge.com/en/news/285741170.md",
    ],
)
def test_links_to_other_sites_are_no_articles_of_this_one(url: str) -> None:
    assert HOME.page(url) is None
    assert not HOME.owns(url)


def test_names_of_a_page() -> None:
    page = ENGLISH.page
    assert page.uid == "longbridge:285741170:en"
    assert page.story_id == "longbridge:285741170"
    assert page.locale == "en"
    assert page.url == ENGLISH.url == "https://longbridge.com/en/news/285741170.md"
    assert HOME.url(page) == page.url


def test_the_other_locales_of_a_page_are_the_same_story() -> None:
    for locale in LOCALES:
        other = LONGBRIDGE.in_locale(ENGLISH.page, locale)
        assert other == Address("285741170", locale).page
        assert other.story_id == ENGLISH.page.story_id
        assert LONGBRIDGE.in_locale(other, "en") == ENGLISH.page


def test_the_window_of_a_story_is_that_of_its_id() -> None:
    assert id_of(ENGLISH.page.story_id) == 285741170
    assert LONGBRIDGE.published_window(ENGLISH.page.story_id) == id_window(285741170)


addresses = st.builds(
    Address, st.integers(min_value=1, max_value=10**18 - 1).map(str), st.sampled_from(LOCALES)
)


@steady
@given(
    address=addresses,
    host=st.sampled_from(["LONGBRIDGE.CN", "m.longportapp.com", "longportapp.cn", "LongbridgeApp.com"]),
    scheme=st.sampled_from(["http", "https", "HTTPS"]),
    quote=st.sampled_from(["", "quote/02399.HK/", "quote/.DJI.US/"]),
    end=st.sampled_from([".md", "", "/", "/llms.txt"]),
    rest=st.one_of(
        st.just(""),
        st.text(max_size=30).map(lambda text: "?" + text),
        st.text(max_size=30).map(lambda text: "#" + text),
    ),
)
def test_presentation_does_not_change_the_page(
    address: Address, host: str, scheme: str, quote: str, end: str, rest: str
) -> None:
    path = f"/{address.locale}/{quote}news/{address.id}{end}"
    assert HOME.page(f"{scheme}://{host}{path}{rest}") == address.page
    assert HOME.page(path + rest) == address.page
    assert read_path(path) == address


@steady
@given(addresses)
def test_the_canonical_url_leads_back_to_its_page(address: Address) -> None:
    assert Address.of(address.page) == address
    assert HOME.page(address.url) == address.page
    assert read_start(LONGBRIDGE, address.url) == (HOME, address.page)
    mirror = Origin(LONGBRIDGE, "http://127.0.0.1:8123", "127.0.0.1")
    assert mirror.page(mirror.url(address.page)) == address.page
    assert HOME.page(mirror.url(address.page)) is None


@steady
@given(st.text(max_size=120), st.sampled_from(["", ROOT, ROOT + "/en/news/", "/", "/quote/"]))
def test_any_text_is_a_page_or_none_and_a_start_or_refused(text: str, before: str) -> None:
    found = HOME.page(before + text)
    if found is not None:
        assert Address.of(found).id.isdecimal()
        assert found.locale in LOCALES
    HOME.owns(before + text)
    try:
        origin, page = read_start(LONGBRIDGE, before + text)
    except NotAnArticleAddress:
        return
    assert origin.page(origin.url(page)) == page
