"""The whole reader: encodings, identity, any bytes at all, and time that grows with the page."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newscrawl.codes import RejectionReason, WarningCode
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
    assert "unreadable_link" in read(content, asked).warnings


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
    started = time.perf_counter()
    with pytest.raises(PageError) as caught:
        read(content)
    assert caught.value.code == code
    assert len(str(caught.value)) < 300
    assert time.perf_counter() - started < 20


def test_a_long_article_that_quotes_the_notice_is_an_article() -> None:
    body = "某平台昨日对部分用户显示“该内容在当前地区不可见”，公司称系误操作。" + "此事仍在调查。" * 80
    content = PLAIN.decode().replace("The last boat", body + "\n\nThe last boat").encode()
    assert body in read(content).body


# --- Any bytes ----------------------------------------------------------------------------------


def _read(content: bytes, charset: str | None = None) -> Article | None:
    """Read any bytes: an article whose codes are known and that can be written, or a PageError."""
    for asked in (ASKED, ASKED_IN_CHINESE):
        try:
            article = read(content, asked, charset=charset)
        except PageError as error:
            assert error.code in set(RejectionReason)  # noqa: PT017 - being read is right, too
            continue
        assert set(article.warnings) <= set(WarningCode)
        assert article.title or article.description or article.body
        for text in (article.title or "", article.description or "", article.body):
            text.encode()
            assert "\x00" not in text
        assert article.uid == asked.uid
        assert [link.position for link in article.related] == list(range(1, len(article.related) + 1))
        assert asked.locale in [alternate.locale for alternate in article.alternates]
        return article
    return None


@steady
@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"---\n", b"--- ", b"\xff\xfe", b"\xef\xbb\xbf---\n"]),
    st.sampled_from([None, "utf-16", "gb18030", "utf-7", "cp037", "iso2022_kr"]),
)
def test_any_bytes_are_read_or_refused(content: bytes, before: bytes, charset: str | None) -> None:
    _read(before + content, charset)


@steady
@given(st.text(max_size=300), st.sampled_from(["---\n", "--- "]), st.sampled_from(["\n---\n\n# ", " --- # "]))
def test_any_text_around_a_header_is_read_or_refused(text: str, before: str, between: str) -> None:
    _read((before + text + between + text).encode(errors="ignore"))


TOKENS = [
    b"](http",
    b"- [",
    b"---",
    b"\n---\n",
    b" --- ",
    b"## ",
    b"### Related Stocks\n",
    b"\n# ",
    b'"',
    b'\\"',
    b"\\",
    b": ",
    b'title: "',
    b"locales:",
    b"\n",
    b"\r",
    b" ",
    b"]",
    b")",
    b"> ",
    b"&#34;",
    b"&#99999999999;",
    b"&#" + b"9" * 5_000 + b";",
    b"&amp;" * 7,
    b"\xff",
    b"\xe2\x80\xa8",
    b"\xc2\x85",
    b"\xcc\x81",
    b"\x1c",
    b"https://longbridge.com/en/quote/",
    b"/en/news/291000001.md",
    b"0" * 30,
]

edits = st.lists(
    st.tuples(
        st.sampled_from(["delete", "double", "splice", "splice", "cut", "swap"]),
        st.floats(min_value=0, max_value=1),
        st.integers(min_value=1, max_value=200),
        st.sampled_from(TOKENS),
    ),
    min_size=1,
    max_size=6,
)


def _mutate(page: bytes, changes: list[tuple[str, float, int, bytes]]) -> bytes:
    for kind, place, size, token in changes:
        at = int(place * len(page))
        piece = page[at : at + size]
        if kind == "delete":
            page = page[:at] + page[at + size :]
        elif kind == "double":
            page = page[:at] + piece + page[at:]
        elif kind == "splice":
            page = page[:at] + token + page[at:]
        elif kind == "cut":
            page = page[: at + size]
        else:
            page = piece + page[:at] + page[at + size :]
    return page


@settings(steady, max_examples=1_000)
@given(page=st.sampled_from(PAGES), changes=edits, one_line=st.booleans())
def test_damaged_pages_are_read_or_refused(
    page: bytes, changes: list[tuple[str, float, int, bytes]], *, one_line: bool
) -> None:
    content = _mutate(page, changes)
    _read(content.replace(b"\n", b" ") if one_line else content)


@settings(steady, max_examples=300)
@given(
    st.lists(st.tuples(st.floats(min_value=0.35, max_value=0.6), st.sampled_from(TOKENS[:20])), max_size=4)
)
def test_damage_below_the_heading_never_harms_the_header(changes: list[tuple[float, bytes]]) -> None:
    head, heading, rest = PLAIN.partition(b"night crossing\n\n")
    assert heading
    page = _mutate(rest, [("splice", place, 1, token) for place, token in changes])
    article = _read(head + heading + page)
    assert article is not None
    assert article.published_raw == "2026-06-30T09:12:44.108Z"
    assert [alternate.locale for alternate in article.alternates] == ["en", "zh-CN", "zh-HK"]


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


# --- Time ---------------------------------------------------------------------------------------

REPEATED = [
    "](http",
    "](https://a",
    "](/",
    "- [",
    " - [",
    "- [a](/b) ",
    "- [a](/b",
    "\n- [a](/en/news/1.md)",
    "- [a](/en/quote/A.US) ",
    "# ",
    "## ",
    "\n## ",
    "### a - [",
    "## x - [a](/en/news/1.md) ",
    "\n## x\n\n- [a](/en/news/1.md)\n",
    "### Related Stocks ",
    "\n### Related Stocks\n",
    "> [a](b) ",
    "\n> [a](b)\n",
    '"',
    '" ',
    '\\"',
    "\\",
    '"\\',
    '" k: \\"',
    "a: ",
    'a: "',
    ' a: "" ',
    'title: "x" ',
    '\ntitle: "x',
    "--- ",
    "\n---",
    "k: - [a](b) - [",
    "\n  - [a](b",
    " ",
    "\t",
    "\n",
    "\r",
    " | ",
    "[",
    "]",
    "(",
    "`",
    "&",
    "&#9",
    "&amp;",
    "&amp;amp;",
    "&#" + "9" * 4_301,
    "a\u0301\u0316",
    "\u0301\u0316",
    "\u0f73\u0316",
    "\u3000",
    "\u2028",
    "15:43 ET",
    "%25",
    ".md",
    "/news/",
    "?",
    "0",
]


def _places(text: str) -> Iterator[str]:
    """Put a text into every part of a page."""
    page = PLAIN.decode()
    yield text
    yield "--- " + text
    yield "---\n" + text
    yield page + text
    yield page.replace("The last boat", text)
    yield page.replace("Tallow Street Ferries adds", text)
    yield page.replace("Tallow Street Ferries will", text)
    yield page.replace("locales:", text + "\nlocales:")
    yield page.replace("[zh-CN]", "[" + text + "]")
    yield page.replace("# Tallow", text + "\n\n# Tallow")
    yield page.replace("[Why piers", "[" + text)
    yield page.replace("290874455", "290874455" + text)
    yield page.replace("quote/02093", "quote/" + text)


def _seconds(content: bytes) -> float:
    started = time.perf_counter()
    try:
        article = read(content)
    except PageError:
        pass
    else:
        content_hash(article.title, article.description, article.body)
    return time.perf_counter() - started


def _assert_linear(build: Callable[[int], bytes], small: int) -> None:
    """Four times the page may take four times as long; sixteen times would be quadratic.

    What is fast anyway says nothing: below the floor the machine is measured, not the reader.
    """
    large = _seconds(build(4 * small))
    if large < 0.25:
        return
    ratios = []
    for _ in range(3):
        ratios.append(_seconds(build(4 * small)) / _seconds(build(small)))
        if ratios[-1] < 10:
            return
    pytest.fail(f"four times the page took {ratios} times as long, three times over")


@pytest.mark.parametrize("text", REPEATED, ids=lambda text: ascii(text)[:30])
def test_repetition_anywhere_takes_linear_time(text: str) -> None:
    for number in range(len(list(_places("")))):
        for one_line in (False, True):

            def build(size: int, *, number: int = number, one_line: bool = one_line) -> bytes:
                repeated = text * (size // len(text.encode()))
                page = list(_places(repeated))[number].encode()
                return page.replace(b"\n", b" ") if one_line else page

            _assert_linear(build, 25_000)


WORST = {
    "marks out of order in the body": ("The last boat", "a" + "\u0301\u0316"),
    "marks out of order in a link": ("[Why piers", "[\u0301\u0316"),
    "links without end": ("The last boat", "- [a](https://b "),
    "headings before bullets": ("The last boat", "## abcdef - ["),
    "sections in the body": ("The last boat", "\n## x\n\n- [a](/en/news/1.md)\n"),
    "quotes and keys": ("Tallow Street Ferries will", '" k: \\" - [a](b) '),
    "keys": ('source: "', 'a: "" '),
    "half items": ("[zh-CN]", "[zh-CN - ["),
    "entities in entities": ("Tallow Street Ferries adds", "&amp;#38;#38;"),
}


@pytest.mark.parametrize("one_line", [False, True], ids=["line_breaks", "one_line"])
@pytest.mark.parametrize("name", WORST)
def test_megabytes_built_to_be_slow_take_linear_time(name: str, *, one_line: bool) -> None:
    place, text = WORST[name]
    page = PLAIN.decode().replace("locales:", 'source: "wire"\nlocales:')
    assert place in page

    def build(size: int) -> bytes:
        content = page.replace(place, text * (size // len(text.encode()))).encode()
        return content.replace(b"\n", b" ") if one_line else content

    _assert_linear(build, 262_144)


@pytest.mark.parametrize("one_line", [False, True], ids=["line_breaks", "one_line"])
def test_megabytes_of_random_pieces_take_linear_time(*, one_line: bool) -> None:
    pieces = [token.decode(errors="ignore") for token in TOKENS if len(token) < 1_000]

    def build(size: int) -> bytes:
        choose = random.Random(20260511)
        body = "".join(choose.choices(pieces, k=size // 10))[:size]
        content = PLAIN.decode().replace("The last boat", body).encode()
        return content.replace(b"\n", b" ") if one_line else content

    _assert_linear(build, 262_144)
