"""The lists that close a page: the stocks it is tagged with and the news related to it.

They are known by their shape, because the Chinese headings are not known: a list at the very end in
which every item links to a quote page, or every item links to an article, under a heading of its
own. The heading's text is a hint: a known one forgives an odd item, an unknown one is reported.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import unquote

from newscrawl.codes import WarningCode
from newscrawl.sites.base import Origin, Page
from newscrawl.sites.longbridge.links import Link, read_item

STOCK_HEADINGS = frozenset({"Related Stocks", "相关股票", "相關股票"})
NEWS_HEADINGS = frozenset({"Related News & Research", "相关资讯与研究", "相關資訊與研究"})
KNOWN_HEADINGS = STOCK_HEADINGS | NEWS_HEADINGS

_HEADING = re.compile(r"#{2,4} +(\S.*)")
_QUOTE = re.compile(
    r"(?:https?://[^/?#\s]+)?/(?:[a-z]{2}(?:-[a-z]{2})?/)?quote/(?P<symbol>[^?#\s]+?)(?:\.md)?/?(?:[?#]\S*)?",
    re.IGNORECASE | re.ASCII,
)


class Stock(NamedTuple):
    """A stock link: its text, and the symbol that its address names."""

    label: str
    symbol: str


class News(NamedTuple):
    """A news link: its text, and the article that its address names."""

    label: str
    page: Page


@dataclass(slots=True)
class Sections:
    """A page below its H1, taken apart: ``body`` lines, ``stocks`` and ``news`` links."""

    body: list[str]
    stocks: list[Stock] = field(default_factory=list)
    news: list[News] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    unknown_headings: list[str] = field(default_factory=list)


def symbol_in(url: str) -> str | None:
    """Return the symbol that the address of a quote page names, as printed, or None."""
    found = _QUOTE.fullmatch(url)
    if found is None or "/news/" in found["symbol"]:
        return None
    return unquote(found["symbol"])


def split_sections(lines: list[str], origin: Origin) -> Sections:
    """Cut the closing lists off the lines below the H1.

    At most one list of each kind is taken, from the end; a list of links elsewhere is body.
    """
    result = Sections(body=lines)
    end = _skip_blank(lines, len(lines))
    found_any = False
    for _ in range(2):
        start, items = _items_above(lines, end)
        heading_at = _skip_blank(lines, start) - 1
        found = _HEADING.fullmatch(lines[heading_at].strip()) if heading_at >= 0 else None
        if found is None or not _take(result, found[1].rstrip(" #"), items, origin):
            break
        found_any = True
        end = _skip_blank(lines, heading_at)
    if not found_any and any(_is_known_heading(line) for line in lines):
        result.warnings.append(WarningCode.NO_SECTIONS)
    result.body = lines[:end]
    return result


def _skip_blank(lines: list[str], end: int) -> int:
    while end > 0 and not lines[end - 1].strip():
        end -= 1
    return end


def _items_above(lines: list[str], end: int) -> tuple[int, list[Link]]:
    items: list[Link] = []
    start = end
    while start > 0:
        line = lines[start - 1]
        if item := read_item(line):
            items.append(item)
        elif line.strip():
            break
        start -= 1
    items.reverse()
    return start, items


def _take(result: Sections, heading: str, items: list[Link], origin: Origin) -> bool:
    """Add a list to the result; False where it is none of the two, or the second of its kind."""
    if not result.stocks and heading not in NEWS_HEADINGS:
        stocks = [Stock(item.label.strip(), symbol) for item in items if (symbol := symbol_in(item.url))]
        plain = bool(items) and len(stocks) == len(items) and all(s.label == s.symbol for s in stocks)
        if plain or heading in STOCK_HEADINGS:
            result.stocks = stocks
            _report(result, heading, len(items) - len(stocks))
            return True
    if not result.news and heading not in STOCK_HEADINGS:
        news = [News(item.label, page) for item in items if (page := origin.page(item.url))]
        if (items and len(news) == len(items)) or heading in NEWS_HEADINGS:
            result.news = news
            _report(result, heading, len(items) - len(news))
            return True
    return False


def _report(result: Sections, heading: str, unreadable: int) -> None:
    if heading not in KNOWN_HEADINGS:
        result.warnings.append(WarningCode.UNKNOWN_HEADING)
        result.unknown_headings.append(heading)
    if unreadable:
        result.warnings.append(WarningCode.UNREADABLE_LINK)


def _is_known_heading(line: str) -> bool:
    found = _HEADING.fullmatch(line.strip()) if line.startswith("#") else None
    return found is not None and found[1].rstrip(" #") in KNOWN_HEADINGS
