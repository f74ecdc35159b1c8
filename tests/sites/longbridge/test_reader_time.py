"""The whole reader: time that grows with the page, not with its square."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from newscrawl.exceptions import PageError
from newscrawl.text.cleaning import content_hash
from tests.sites.longbridge.test_reader import PLAIN, read
from tests.sites.longbridge.test_reader_any_bytes import TOKENS

pytestmark = pytest.mark.slow

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
    "**",
    "** ",
    "**a** ",
    "\n**a**\n\n- [a](/en/news/1.md)\n",
    "**Related Stocks** ",
    "1. [",
    "- [a](/en/news/1.md) b ",
    "- [a - [b] c](/en/news/1.md) ",
    "- [a](/en/topics/1) ",
    "](/en/news/1 ",
    "## a    ",
    "#",
    "…",
    ">  ",
    "\n> a",
    "\n- Datetime: 1",
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


def places(text: str) -> Iterator[str]:
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


def _read_and_hash(content: bytes) -> None:
    with suppress(PageError):
        article = read(content)
        content_hash(article.title, article.description, article.body)


def _seconds(content: bytes, work: Callable[[bytes], object]) -> float:
    """Processor time of this thread alone: neither other processes nor the garbage of other tests count."""
    gc.disable()
    try:
        started = time.thread_time()
        work(content)
        return time.thread_time() - started
    finally:
        gc.enable()


def assert_linear(
    build: Callable[[int], bytes], small: int, work: Callable[[bytes], object] = _read_and_hash
) -> None:
    """Four times the page may take four times as long; sixteen times would be quadratic.

    What is fast anyway says nothing: below the floor the machine is measured, not the reader. The least of
    several times is what the reader takes; the rest is the machine's.
    """
    short, long = build(small), build(4 * small)
    large = _seconds(long, work)
    for _ in range(10):
        if large < 0.25 or large / _seconds(short, work) < 10:
            return
        large = min(large, _seconds(long, work))
    pytest.fail(f"four times the page took over ten times as long, and never less than {large:.2f} s")


@pytest.mark.parametrize("text", REPEATED, ids=lambda text: ascii(text)[:30])
def test_repetition_anywhere_takes_linear_time(text: str) -> None:
    for number in range(len(list(places("")))):
        for one_line in (False, True):

            def build(size: int, *, number: int = number, one_line: bool = one_line) -> bytes:
                repeated = text * (size // len(text.encode()))
                page = list(places(repeated))[number].encode()
                return page.replace(b"\n", b" ") if one_line else page

            assert_linear(build, 25_000)


WORST = {
    "marks out of order in the body": ("The last boat", "a" + "\u0301\u0316"),
    "marks out of order in a link": ("[Why piers", "[\u0301\u0316"),
    "links without end": ("The last boat", "- [a](https://b "),
    "bold words before bullets": ("The last boat", "**ab** - [c](/en/news/1.md) d "),
    "items without an end": ("[Why piers", "[a - [b"),
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

    assert_linear(build, 262_144)


@pytest.mark.parametrize("one_line", [False, True], ids=["line_breaks", "one_line"])
def test_megabytes_of_random_pieces_take_linear_time(*, one_line: bool) -> None:
    pieces = [token.decode(errors="ignore") for token in TOKENS if len(token) < 1_000]

    def build(size: int) -> bytes:
        choose = random.Random(20260511)
        body = "".join(choose.choices(pieces, k=size // 10))[:size]
        content = PLAIN.decode().replace("The last boat", body).encode()
        return content.replace(b"\n", b" ") if one_line else content

    assert_linear(build, 262_144)
