"""The whole reader: encodings, identity, and pages that are none."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from newscrawl.exceptions import PageError
from newscrawl.items import Article
from newscrawl.sites.base import Origin, Page, Source, read_start
from newscrawl.sites.longbridge import LONGBRIDGE
from newscrawl.sites.longbridge.address import Address
from newscrawl.text.cleaning import content_hash

steady = settings(
    derandomize=True, deadline=None, max_examples=250, suppress_health_check=[HealthCheck.too_slow]
)

ASKED = Address("291000001", "en").page
ASKED_IN_CHINESE = Address("291000001", "zh-CN").page
RECORDED = Path(__file__).parent / "recorded"
PAGES = [path.read_bytes() for path in sorted(RECORDED.glob("*/page.*"))]
PLAIN = (RECORDED / "plain" / "page.md").read_bytes()
CHINESE = (RECORDED / "chinese_headings_unlisted" / "page.md").read_text(encoding="utf-8")


def read(
    content: bytes, asked: Page = ASKED, *, charset: str | None = None, origin: Origin = LONGBRIDGE.home
) -> Article:
    return LONGBRIDGE.read(Source(content, asked, origin, charset))


def code_of(content: bytes, asked: Page = ASKED) -> str:
    with pytest.raises(PageError) as caught:
        read(content, asked)
    return caught.value.code


# --- Encodings ----------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_is_believed(encoding: str) -> None:
    article = read(CHINESE.encode(encoding), ASKED_IN_CHINESE, charset="iso-8859-1")
    assert article.title == "塔洛街渡轮增开夜航"
    assert ("encoding_not_utf8" in article.warnings) == (encoding != "utf-8-sig")


@pytest.mark.parametrize("charset", ["gb18030", "GBK", "gb2312"])
def test_a_declared_charset_is_tried_after_utf_8_and_reported(charset: str) -> None:
    article = read(CHINESE.encode(charset), ASKED_IN_CHINESE, charset=charset)
    assert article.title == "塔洛街渡轮增开夜航"
    assert "encoding_not_utf8" in article.warnings
    assert "encoding_replaced" not in article.warnings


@pytest.mark.parametrize(
    "charset",
    [
        None,
        "",
        "utf-8",
        "ascii",
        "no-such-charset",
        "x" * 300,
        "a\x00b",
        "é",
        "hex",
        "rot13",
        "idna",
        "punycode",
        "undefined",
        "unicode_escape",
        "raw_unicode_escape",
        "utf-7",
        "UTF_7",
    ],
)
def test_bytes_that_fit_no_character_set_are_never_mojibake_in_silence(charset: str | None) -> None:
    content = PLAIN.replace(b"The last", b"Caf\xe9 \\ud800 +2AA- \\x the last")
    article = read(content, ASKED, charset=charset)
    assert "encoding_replaced" in article.warnings
    assert article.body.startswith("Caf\ufffd \\ud800 +2AA- \\x the last boat")
    assert content_hash(article.title, article.description, article.body)


def test_utf_8_is_utf_8_whatever_the_server_says() -> None:
    article = read(CHINESE.encode(), ASKED_IN_CHINESE, charset="big5")
    assert article.title == "塔洛街渡轮增开夜航"
    assert article.warnings == ["unknown_heading"]


# --- Identity -----------------------------------------------------------------------------------


def test_the_page_must_be_the_one_asked_for() -> None:
    assert code_of(PLAIN, Address("291000002", "en").page) == "wrong_article"
    assert code_of(PLAIN, ASKED_IN_CHINESE) == "wrong_locale"
    assert read(PLAIN).uid == "longbridge:291000001:en"


@pytest.mark.parametrize(
    "spelling",
    [
        "https://longbridge.com/en/news/291000001",
        "HTTPS://LONGBRIDGE.COM/EN/news/291000001.md?channel=WHAB0001#x",
        "https://longbridge.com/news/291000001/llms.txt",
        " https://longportapp.com/en/news/291000001 ",
    ],
)
def test_the_headers_address_counts_in_any_spelling(spelling: str) -> None:
    content = PLAIN.replace(b"https://longbridge.com/en/news/291000001.md", spelling.encode(), 1)
    assert read(content).url == "https://longbridge.com/en/news/291000001.md"


def test_the_locale_counts_in_any_case_and_a_page_without_it_goes_by_its_address() -> None:
    assert read(PLAIN.replace(b'locale: "en"', b'locale: " EN "')).locale == "en"
    assert read(PLAIN.replace(b'locale: "en"\n', b"")).locale == "en"
    assert code_of(PLAIN.replace(b'locale: "en"', b'locale: "en-US"')) == "wrong_locale"
    assert code_of(PLAIN.replace(b'locale: "en"', b'locale: ""')) == "wrong_locale"


def test_a_page_of_a_mirror_names_the_source_and_links_to_either() -> None:
    origin, asked = read_start(LONGBRIDGE, "http://127.0.0.1:8123/en/news/291000001.md")
    content = PLAIN.replace(
        b"https://longbridge.com/en/news/290874455.md", b"http://127.0.0.1:9/en/news/290874455.md"
    )
    article = read(content, asked, origin=origin)
    assert article.url == "https://longbridge.com/en/news/291000001.md"
    assert [link.url for link in article.related] == [
        "https://longbridge.com/en/news/290999120.md",
        "https://longbridge.com/en/news/290874455.md",
    ]
    # The same page from the source itself: a list that leads elsewhere is none of its own.
    assert "unreadable_item" in read(content, asked).warnings


# --- Pages that are none ------------------------------------------------------------------------

MEGABYTES = 10 * 1024 * 1024


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_document"),
        (b"\xef\xbb\xbf\n", "empty_document"),
        (b" " * MEGABYTES, "empty_document"),
        (b"x" * MEGABYTES, "no_front_matter"),
        (bytes(range(1, 128)) * (MEGABYTES // 127), "no_front_matter"),
        (b"\xff" * MEGABYTES, "no_front_matter"),
        (b"\x00" * MEGABYTES, "nul_bytes"),
        (b"---\n" * (MEGABYTES // 4), "header_broken"),
        (b"---\n" + b"a: b\n" * (MEGABYTES // 5), "header_truncated"),
        (b"---\n" + b"a" * MEGABYTES, "header_truncated"),
        (b"----", "no_front_matter"),
        (b"---", "header_truncated"),
        (b"--- ", "header_truncated"),
        (b"---title: x", "no_front_matter"),
        (b"  \n<!doctype HTML><p>", "html_document"),
        (b"<HTML>", "html_document"),
        (b'<?xml version="1.0"?><rss/>', "html_document"),
        (b"<!-- a comment --><html>", "html_document"),
        ("<html>该内容在当前地区不可见</html>".encode(), "region_notice"),
        (b"[" * 1_000_000, "no_front_matter"),
    ],
    ids=lambda value: value if isinstance(value, str) else repr(value[:20]),
)
def test_what_is_no_article_is_refused_with_one_clear_reason(content: bytes, code: str) -> None:
    with pytest.raises(PageError) as caught:
        read(content)
    assert caught.value.code == code
    assert len(str(caught.value)) < 300


def test_a_long_article_that_quotes_the_notice_is_an_article() -> None:
    body = "某平台昨日对部分用户显示“该内容在当前地区不可见”，公司称系误操作。" + "此事仍在调查。" * 80
    content = PLAIN.decode().replace("The last boat", body + "\n\nThe last boat").encode()
    assert body in read(content).body


def test_a_numeric_entity_of_thousands_of_digits_is_text() -> None:
    long = "&#" + "9" * 5_000 + ";"
    article = read(PLAIN.decode().replace("adds a night", long).encode())
    assert article.title == f"Tallow Street Ferries {long} crossing"


def test_unknown_keys_and_headings_are_told_by_name() -> None:
    content = PLAIN.replace(b"locales:", b'mood: "calm"\nlocales:').replace(
        b"### Related Stocks", b"### Shares"
    )
    told: list[tuple[str, str]] = []
    source = Source(content, ASKED, LONGBRIDGE.home, notice=lambda code, name: told.append((code, name)))
    article = LONGBRIDGE.read(source)
    assert told == [("unknown_key", "mood"), ("unknown_heading", "Shares")]
    assert article.warnings == ["unknown_heading", "unknown_key"]
    # Nobody has to listen.
    assert read(content) == article


def test_reading_twice_gives_the_same_and_no_list_is_shared() -> None:
    first, second = read(PLAIN), read(PLAIN)
    assert first == second
    first.warnings.append("x")
    first.related.clear()
    assert read(PLAIN) == second


@pytest.mark.parametrize("count", [1_500, 15_000, 100_000])
def test_a_very_long_list_gives_its_first_thousand(count: int) -> None:
    links = "".join(f"- [a](https://longbridge.com/en/news/{280_000_000 + n}.md)\n" for n in range(count))
    article = read(PLAIN.rstrip() + b"\n" + links.encode())
    assert len(article.related) == 1_000
    assert "related_cut" in article.warnings
    assert "280000000" not in article.body
