"""Whether a page reaches its end: asked where the server did not announce it."""

from __future__ import annotations

import pytest

from newscrawl.sites.base import Source, read_start
from newscrawl.sites.longbridge import LONGBRIDGE
from tests.crawl.sample_graph import SAMPLE

PAGE = SAMPLE.joinpath("en/news/290118204.md").read_bytes()
LISTS = PAGE.index(b"\n### Related Stocks")
FLAT = PAGE.replace(b"\n", b" ")


def _has_end(content: bytes, charset: str | None = None, start: str = LONGBRIDGE.example) -> bool:
    origin, page = read_start(LONGBRIDGE, start)
    return LONGBRIDGE.has_end(Source(content, page, origin, charset))


def test_whole_pages_have_an_end() -> None:
    pages = sorted(SAMPLE.glob("*/news/*.md"))
    assert len(pages) > 80
    # The pages of one story have no list: they cannot be told from cut ones.
    without = {path.name for path in pages if not _has_end(path.read_bytes())}
    assert without == {"296572512.md"}
    assert _has_end(PAGE.replace(b"\n", b"\r\n"))
    assert _has_end(b"\xef\xbb\xbf\n" + PAGE + b"\n\n", "utf-8")
    assert _has_end(PAGE, "no-such-charset")


def test_the_form_without_line_breaks() -> None:
    assert _has_end(FLAT)
    assert _has_end(FLAT.rstrip())
    # Of the last item only the end is needed.
    last = FLAT.rstrip().rindex(b"- [")
    for size in range(last + 2, len(FLAT.rstrip()), 7):
        assert not _has_end(FLAT[:size]), FLAT[:size][-40:]


def test_a_page_that_is_cut_before_its_lists_has_none() -> None:
    for size in range(0, LISTS, 3):
        assert not _has_end(PAGE[:size]), PAGE[:size][-40:]


def test_a_page_that_is_cut_in_its_lists_has_one_only_between_two_items() -> None:
    for size in range(LISTS, len(PAGE)):
        line = PAGE[:size].rstrip(b"\n").rpartition(b"\n")[2]
        is_item = line.startswith(b"- [") and line.endswith(b".md)")
        between = PAGE[:size].endswith(b"\n") and is_item
        assert _has_end(PAGE[:size]) == between, PAGE[:size][-40:]


def test_the_links_of_a_mirror_close_its_pages() -> None:
    mirrored = PAGE.replace(b"https://longbridge.com/", b"http://mirror.example/")
    stocks = mirrored.index(b"\n### Related Stocks")
    news = mirrored.index(b"\n## Related News")
    only_news = mirrored[:stocks] + mirrored[news:].replace(b"Related News & Research", b"More to read")
    assert _has_end(only_news, start="http://mirror.example/en/news/290118204.md")
    assert not _has_end(only_news)


@pytest.mark.parametrize("content", [b"<html><body>Log in", b"no article", b"{", b"--x", b"---x"])
def test_what_does_not_begin_like_an_article_is_not_called_cut(content: bytes) -> None:
    assert _has_end(content)


@pytest.mark.parametrize("content", [b"", b" \n", b"-", b"---", b"---\n", b"---\ntitle: ", b'--- title: "x'])
def test_the_beginning_of_an_article_is_no_end(content: bytes) -> None:
    assert not _has_end(content)
