"""Every spelling of an article is one Address; nothing else is one."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newscrawl.exceptions import NotAnArticleAddress
from newscrawl.sites.longbridge.address import CANONICAL_ORIGIN, LONGBRIDGE, Address, Site, read_start
from newscrawl.sites.longbridge.locales import LOCALES

steady = settings(
    derandomize=True, deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow]
)

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

NOT_ADDRESSES = [
    "",
    " ",
    "285741170",
    "longbridge.com/en/news/285741170.md",
    "//longbridge.com/en/news/285741170.md",
    "ftp://longbridge.com/en/news/285741170.md",
    "file:///en/news/285741170.md",
    "javascript:alert(1)//https://longbridge.com/en/news/285741170.md",
    "https:///en/news/285741170.md",
    "https://long bridge.com/en/news/285741170.md",
    "https://longbridge.com\\/en/news/285741170.md",
    "https://../en/news/285741170.md",
    "https://mirror.example<b>/en/news/285741170.md",
    "https://%6Dirror.example/en/news/285741170.md",
    "https://longbridge.com/en/news/285741170.md" + "?" + "x" * 3_000,
]


@pytest.mark.parametrize(("url", "locale"), SPELLINGS.items())
def test_every_spelling_is_the_one_address(url: str, locale: str) -> None:
    assert LONGBRIDGE.address(url) == Address("285741170", locale)
    assert read_start(url) == (LONGBRIDGE, Address("285741170", locale))


@pytest.mark.parametrize("url", NOT_ARTICLES)
def test_what_is_no_article_has_no_address(url: str) -> None:
    assert LONGBRIDGE.address(url) is None
    assert LONGBRIDGE.address(url.removeprefix("https://longbridge.com")) is None
    with pytest.raises(NotAnArticleAddress, match="expected an article's address"):
        read_start(url)


@pytest.mark.parametrize("text", NOT_ADDRESSES)
def test_what_is_no_address_is_refused_on_one_short_line(text: str) -> None:
    assert LONGBRIDGE.address(text) is None
    with pytest.raises(NotAnArticleAddress) as caught:
        read_start(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


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
    assert LONGBRIDGE.address(url) is None
    assert not LONGBRIDGE.owns(url)


def test_names_of_an_address() -> None:
    assert ENGLISH.uid == "longbridge:285741170:en"
    assert ENGLISH.story_id == "longbridge:285741170"
    assert ENGLISH.url == "https://longbridge.com/en/news/285741170.md"
    assert LONGBRIDGE.url(ENGLISH) == ENGLISH.url


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("http://127.0.0.1:8123/en/news/285741170.md", "http://127.0.0.1:8123"),
        ("http://127.0.0.1:80/en/news/285741170.md", "http://127.0.0.1"),
        ("https://127.0.0.1:80/en/news/285741170.md", "https://127.0.0.1:80"),
        ("https://Mirror.Example:443/en/news/285741170", "https://mirror.example"),
        ("http://mirror.example:443/en/news/285741170/", "http://mirror.example:443"),
        ("HTTP://[::1]:8123/en/news/285741170.md?x=1", "http://[::1]:8123"),
        ("http://mirror.example:/en/news/285741170.md", "http://mirror.example"),
    ],
)
def test_a_mirror_keeps_its_own_origin(url: str, origin: str) -> None:
    site, address = read_start(url)
    assert address == ENGLISH
    assert site.origin == origin
    assert site.url(address) == f"{origin}/en/news/285741170.md"
    # What is written names the source, whichever mirror was asked.
    assert address.url == "https://longbridge.com/en/news/285741170.md"


def test_a_mirror_follows_its_own_links_on_any_port_the_sources_and_relative_ones() -> None:
    site, _ = read_start("http://127.0.0.1:8123/en/news/1.md")
    assert site.address("http://127.0.0.1:9999/zh-CN/news/285741170.md") == Address("285741170", "zh-CN")
    assert site.address("https://longbridge.com/en/news/285741170.md") == ENGLISH
    assert site.address("/en/news/285741170.md?x=1#y") == ENGLISH
    assert site.address("//127.0.0.1/en/news/285741170.md") is None
    assert site.address("http://127.0.0.2:8123/en/news/285741170.md") is None
    assert site.owns("http://127.0.0.1:8123/robots.txt")
    # Another port is another service: a link to it names an article, a redirect to it is not followed.
    assert not site.owns("http://127.0.0.1:1/robots.txt")
    assert not site.owns("http://127.0.0.2:8123/robots.txt")


def test_a_start_with_a_password_or_a_port_that_is_none_is_refused() -> None:
    with pytest.raises(NotAnArticleAddress, match="without user name") as caught:
        read_start("https://me:secret@longbridge.com/en/news/285741170.md")
    assert "secret" not in str(caught.value)
    with pytest.raises(NotAnArticleAddress, match="65535"):
        read_start("http://mirror.example:65536/en/news/285741170.md")
    with pytest.raises(NotAnArticleAddress, match="expected an article"):
        read_start("http://mirror.example:123456/en/news/285741170.md")


def test_white_space_around_a_start_does_not_matter() -> None:
    assert read_start("\t https://longbridge.com/en/news/285741170.md \n") == (LONGBRIDGE, ENGLISH)


addresses = st.builds(
    Address, st.integers(min_value=1, max_value=10**18 - 1).map(str), st.sampled_from(LOCALES)
)


@steady
@given(
    address=addresses,
    host=st.sampled_from(["longbridge.com", "LONGBRIDGE.CN", "m.longportapp.com", "web-origin.lbkrs.com"]),
    scheme=st.sampled_from(["http", "https", "HTTPS"]),
    quote=st.sampled_from(["", "quote/02399.HK/", "quote/.DJI.US/"]),
    end=st.sampled_from([".md", "", "/", "/llms.txt"]),
    rest=st.one_of(
        st.just(""),
        st.text(max_size=30).map(lambda text: "?" + text),
        st.text(max_size=30).map(lambda text: "#" + text),
    ),
)
def test_presentation_does_not_change_the_address(
    address: Address, host: str, scheme: str, quote: str, end: str, rest: str
) -> None:
    url = f"{scheme}://{host}/{address.locale}/{quote}news/{address.id}{end}{rest}"
    assert LONGBRIDGE.address(url) == address


@steady
@given(addresses)
def test_the_canonical_url_leads_back_to_its_address(address: Address) -> None:
    assert LONGBRIDGE.address(address.url) == address
    assert read_start(address.url) == (LONGBRIDGE, address)
    mirror = Site("http://127.0.0.1:8123", "127.0.0.1")
    assert mirror.address(mirror.url(address)) == address
    assert LONGBRIDGE.address(mirror.url(address)) is None


@steady
@given(st.text(max_size=120), st.sampled_from(["", CANONICAL_ORIGIN, CANONICAL_ORIGIN + "/en/news/", "/"]))
def test_any_text_is_an_address_or_none_and_a_start_or_refused(text: str, before: str) -> None:
    found = LONGBRIDGE.address(before + text)
    assert found is None or (found.id.isdecimal() and found.locale in LOCALES)
    LONGBRIDGE.owns(before + text)
    try:
        site, address = read_start(before + text)
    except NotAnArticleAddress:
        return
    assert site.address(site.url(address)) == address
