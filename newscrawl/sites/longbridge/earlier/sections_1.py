"""Where ``longbridge-markdown/1`` ends the body: at lists of links that nothing follows."""

from __future__ import annotations

import re
from urllib.parse import unquote

from newscrawl.sites.base import Origin
from newscrawl.sites.longbridge.links import Link, read_item

STOCK_HEADINGS = frozenset({"Related Stocks", "相关股票", "相關股票"})
NEWS_HEADINGS = frozenset({"Related News & Research", "相关资讯与研究", "相關資訊與研究"})
KNOWN_HEADINGS = STOCK_HEADINGS | NEWS_HEADINGS

_HEADING = re.compile(r"#{2,4} +(\S.*)")
_QUOTE = re.compile(
    r"(?:https?://[^/?#\s]+)?/(?:[a-z]{2}(?:-[a-z]{2})?/)?quote/(?P<symbol>[^?#\s]+?)(?:\.md)?/?(?:[?#]\S*)?",
    re.IGNORECASE | re.ASCII,
)


def end_of_body(lines: list[str], origin: Origin) -> int:
    """Return the number of the lines below the H1 that are body."""
    end = _skip_blank(lines, len(lines))
    kinds: set[str] = set()
    for _ in range(2):
        start, items = _items_above(lines, end)
        heading_at = _skip_blank(lines, start) - 1
        found = _HEADING.fullmatch(lines[heading_at].strip()) if heading_at >= 0 else None
        if found is None or not _take(kinds, found[1].rstrip(" #"), items, origin):
            break
        end = _skip_blank(lines, heading_at)
    return end


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


def _take(kinds: set[str], heading: str, items: list[Link], origin: Origin) -> bool:
    """Note the kind of a list; False where it is none of the two, or the second of its kind.

    A list without any link of its kind is not noted.
    """
    if "stocks" not in kinds and heading not in NEWS_HEADINGS:
        stocks = [(item.label.strip(), symbol) for item in items if (symbol := _symbol_in(item.url))]
        plain = bool(items) and len(stocks) == len(items) and all(label == symbol for label, symbol in stocks)
        if plain or heading in STOCK_HEADINGS:
            if stocks:
                kinds.add("stocks")
            return True
    if "news" not in kinds and heading not in STOCK_HEADINGS:
        news = [item for item in items if origin.page(item.url)]
        if (items and len(news) == len(items)) or heading in NEWS_HEADINGS:
            if news:
                kinds.add("news")
            return True
    return False


def _symbol_in(url: str) -> str | None:
    found = _QUOTE.fullmatch(url)
    if found is None or "/news/" in found["symbol"]:
        return None
    return unquote(found["symbol"])
