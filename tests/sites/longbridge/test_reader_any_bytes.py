"""The whole reader: any bytes at all, and pages that are damaged."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newscrawl.codes import RejectionReason, WarningCode
from newscrawl.exceptions import PageError
from newscrawl.items import Article
from tests.sites.longbridge.test_reader import ASKED, ASKED_IN_CHINESE, PAGES, PLAIN, read

steady = settings(
    derandomize=True, deadline=None, max_examples=250, suppress_health_check=[HealthCheck.too_slow]
)


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


def mutate(page: bytes, changes: list[tuple[str, float, int, bytes]]) -> bytes:
    """Damage a page. A change is what to do, where (0 to 1), to how many bytes, and what to put in."""
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


@pytest.mark.slow
@settings(steady, max_examples=1_000)
@given(page=st.sampled_from(PAGES), changes=edits, one_line=st.booleans())
def test_damaged_pages_are_read_or_refused(
    page: bytes, changes: list[tuple[str, float, int, bytes]], *, one_line: bool
) -> None:
    content = mutate(page, changes)
    _read(content.replace(b"\n", b" ") if one_line else content)


@settings(steady, max_examples=300)
@given(
    st.lists(st.tuples(st.floats(min_value=0.35, max_value=0.6), st.sampled_from(TOKENS[:20])), max_size=4)
)
def test_damage_below_the_heading_never_harms_the_header(changes: list[tuple[float, bytes]]) -> None:
    head, heading, rest = PLAIN.partition(b"night crossing\n\n")
    assert heading
    page = mutate(rest, [("splice", place, 1, token) for place, token in changes])
    article = _read(head + heading + page)
    assert article is not None
    assert article.published_raw == "2026-06-30T09:12:44.108Z"
    assert [alternate.locale for alternate in article.alternates] == ["en", "zh-CN", "zh-HK"]
