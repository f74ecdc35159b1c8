"""The headings above the lists that close a page: known names, and any other heading right before a list.

Line breaks count as any other white space. So a heading with another name ends where the list begins, and one
that ends like a sentence is none: its paragraph would be taken for a part of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from newscrawl.sites.longbridge.list_items import BULLET

STOCK_HEADINGS = frozenset({"Related Stocks", "相关股票", "相關股票"})
NEWS_HEADINGS = frozenset({"Related News & Research", "相关资讯与研究", "相關資訊與研究"})
KNOWN_HEADINGS = STOCK_HEADINGS | NEWS_HEADINGS

_NAMES = "|".join(re.escape(name).replace("&", "&(?:amp;)?") for name in sorted(KNOWN_HEADINGS))
_ITEM = rf"{BULLET}\s++(?:\*\*)?\["
# Text may stand between a known heading and its list. Where no list follows, only a heading with nothing
# behind it is one: `## Related Stocks rally` is not.
_KNOWN = re.compile(
    rf"(?:\#{{2,6}}\s++(?P<bold>\*\*)?|(?P<alone>\*\*))(?P<name>{_NAMES})(?P<colon>\s?[:：])?"
    rf"(?(bold)\*\*|(?(alone)\*\*))[:：]?(?:\s\#{{1,6}})?(?=\s*+\Z|\s++{BULLET}\s|\s[^#]{{0,300}}?\s{_ITEM})"
)
_OTHER = re.compile(rf"\#{{2,6}}\s++(?P<name>(?=\S)[^\[\]#]{{1,80}}?)(?:\s\#{{1,6}})?(?=\s++{_ITEM})")
_BOLD = re.compile(rf"\*\*(?P<name>(?=\S)[^*\[\]#]{{1,80}})\*\*[:：]?(?=\s++{_ITEM})")
_IN_TEXT = re.compile(rf"(?<!\S)(?:\#{{2,6}}\s++(?:\*\*)?|\*\*)(?P<name>{_NAMES})(?!\w)")
_SENTENCE_ENDS = (".", "。", "!", "！", ":", "：", ";", "；", ",", "，", "、")
# A bold word right before a list closes a sentence more often than it is a heading of its own.
_BEFORE_HEADINGS = frozenset(".。!！?？:：;；…)）]】”’」』\"'*|>-")

# In characters. Far more than a list of a page within DOWNLOAD_MAXSIZE has.
_LONGEST_SECTION = 16_000_000

Kind = Literal["stocks", "news"]


class Heading(NamedTuple):
    """Where a heading stands in the text, its name, and the list that belongs under it where that is known.

    A doubtful one may be the last words of a sentence, in bold.
    """

    start: int
    end: int
    name: str
    kind: Kind | None
    is_doubtful: bool = False


def headings_upwards(text: str) -> Iterator[Heading]:
    """Yield the headings that may stand above closing lists, the last one first.

    What belongs to a heading reaches to the start of the one that was yielded before.
    """
    end = len(text)
    marks, stars = text.rfind("##"), text.rfind("**")
    while marks >= 0 or stars >= 0:
        if marks > stars:
            start = marks
            while start > 0 and text[start - 1] == "#":
                start -= 1
            marks = text.rfind("##", 0, start)
        else:
            start = stars
            stars = text.rfind("**", 0, start)
        if end - start > _LONGEST_SECTION:
            return
        if start > 0 and not text[start - 1].isspace():
            continue
        if heading := _heading_at(text, start, end):
            yield heading
            end = start


def known_kinds_in(text: str) -> set[Kind]:
    """Return the lists whose known headings stand anywhere in a text."""
    if not any(name in text for name in KNOWN_HEADINGS):
        return set()
    return {_kind(found["name"]) for found in _IN_TEXT.finditer(text)}


def _heading_at(text: str, start: int, end: int) -> Heading | None:
    is_bold = text[start] == "*"
    before = text[max(0, start - 20) : start].rstrip()[-1:] if is_bold else ""
    if before == "#":
        # The heading begins with the marks.
        return None
    if found := _KNOWN.match(text, start, end):
        return Heading(start, found.end(), found["name"], _kind(found["name"]))
    found = (_BOLD if is_bold else _OTHER).match(text, start, end)
    if found is None:
        return None
    name = " ".join(found["name"].split())
    if not is_bold and name.endswith(_SENTENCE_ENDS):
        return None
    is_doubtful = before != "" and before not in _BEFORE_HEADINGS
    return Heading(start, found.end(), name.strip("* "), None, is_doubtful)


def _kind(name: str) -> Kind:
    return "stocks" if name in STOCK_HEADINGS else "news"
