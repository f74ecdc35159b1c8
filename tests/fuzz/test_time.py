"""The whole way from bytes to line: time that grows with the page, and lines that have an end."""

from __future__ import annotations

import pytest

from tests.fuzz.pages import write
from tests.sites.longbridge.test_reader import PLAIN
from tests.sites.longbridge.test_reader_time import assert_linear

pytestmark = pytest.mark.slow

# What takes refinement most, for each of its rules; and what makes lines long. `{}` counts.
REPEATED = {
    "symbols": "0700.HK ",
    "short symbols": "A.US ",
    "symbols that are none": "-.HK",
    "codes of no market": "(0{}.HK)",
    "different tickers": "X{}.US, ",
    "different symbols in one label": " X{}.US",
    "exchange codes": "(NYSE: ORCL, A, B, C)",
    "cashtags": "$A(0700.HK)",
    "codes behind names": "Tencent-W (00700) ",
    "tickers": "(NVDA) ",
    "quote links": "[A](https://longbridge.com/en/quote/A.US.md)",
    "open brackets": "(A",
    "full-width brackets": "（A",
    "fences": "```\n",
    "ticks": "` ",
    "tags": "<a",
    "addresses": "https://a ",
    "targets": "](a(",
    "C1": "\x9b",
    "C0": "\x1b",
    "overrides": "\u202e",
    "many controls": "\x7f\x9b\u202e\u2028",
    "quotation marks": '"',
    "marks out of order": "a\u0301\u0316",
    "Chinese": "长桥",
    "emoji": "\U0001f600",
    "related news": "\n- [a](/en/news/29{}.md)",
    "alternates": "\n- [en](/en/news/291000001.md)",
}
SECTIONS = "\n## Related News & Research\n"
SMALL, LARGE = 262_144, 1_048_576


def _page(name: str, size: int, place: str) -> bytes:
    text, page = REPEATED[name], PLAIN.decode()
    if name == "different symbols in one label":
        page = page.replace("The last boat", "[The last boat](https://longbridge.com/en/quote/A.US.md)")
    if "{}" in text:
        length = len(text.format(100_000).encode())
        whole = "".join(text.format(number) for number in range(100_000, 100_000 + size // length))
    else:
        whole = text * (size // len(text.encode()))
    if place == "end":
        return (page + SECTIONS + whole).encode()
    return page.replace({"body": "The last boat", "heading": "# Tallow"}[place], whole).encode()


@pytest.mark.parametrize("one_line", [False, True], ids=["line_breaks", "one_line"])
@pytest.mark.parametrize("place", ["body", "heading", "end"])
@pytest.mark.parametrize("name", REPEATED)
def test_the_whole_way_takes_linear_time(name: str, place: str, *, one_line: bool) -> None:
    def build(size: int) -> bytes:
        content = _page(name, size, place)
        return content.replace(b"\n", b" ") if one_line else content

    assert_linear(build, SMALL, write)


@pytest.mark.parametrize("name", REPEATED)
def test_no_page_makes_an_endless_line(name: str) -> None:
    for place in ("body", "end"):
        line = write(_page(name, LARGE, place))
        # A control character of one byte is an escape of six; lists add some hundred kB.
        assert len(line) < 6 * LARGE + 600_000
