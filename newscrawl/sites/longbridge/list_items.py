"""The items of a closing list, and what else stands among them.

The text is read without regard to its line breaks, so that a page and the same page on one line give the
same items. An item begins at a bullet or a number before ``[`` and ends with its link. Text that belongs to
no link is counted, and costs no other item anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from newscrawl.sites.longbridge.links import Link

BULLET = r"(?:[-*+]|[0-9]{1,3}[.)])"

_OF_THE_SITE = r"(?:https?://[^/\s()?#]{1,100})?/(?:[A-Za-z-]{1,10}/)?(?:news|quote|topics)/"
_START = re.compile(rf"(?<!\S){BULLET}\s+(?:\*\*)?(?=\[)")
_LINK_END = re.compile(r'\]\s*+\(\s*+((?:https?://|/)[^()\[\]"]*+)(?:"[^"]{0,200}"\s*+)?\)', re.IGNORECASE)
_SITE_LINK = re.compile(_OF_THE_SITE, re.IGNORECASE)
_NESTED = re.compile(rf"{BULLET}\s")
_WORD = re.compile(r"[^\W_]")
_ADDRESS = re.compile(r"\]\([^()\s]*+\)")

# In visible characters: nested lines such as `- Datetime: 2026-05-08T14:18:31.000Z`, and an item whose link
# is cut. What is longer is prose.
_LONGEST_NESTED = 120
_LONGEST_CUT = 300


@dataclass(slots=True)
class ListItems:
    """``links`` in page order; ``odd`` counts the pieces of text that belong to none of them, and ``prose``
    the visible characters of those that are neither a nested line nor an item whose link is cut.
    """

    links: list[Link] = field(default_factory=list)
    odd: int = 0
    prose: int = 0

    def add_rest(self, text: str) -> None:
        """Count what stands behind an item or before the first one."""
        text = text.strip()
        if _WORD.search(text) is None:
            return
        self.odd += 1
        size = visible_size(text)
        if size > _LONGEST_NESTED or _NESTED.match(text) is None:
            self.prose += size

    def add_cut(self, text: str) -> None:
        """Count an item without an end."""
        self.odd += 1
        size = visible_size(text)
        if size > _LONGEST_CUT:
            self.prose += size


def visible_size(text: str) -> int:
    """Return how many characters of a text are neither white space nor part of a link's address."""
    return len("".join(_ADDRESS.sub("]", text).split()))


def read_items(text: str, start: int, end: int) -> ListItems:
    """Return what stands in a part of a text, in a time linear in its length."""
    if (links := _plain_links(text[start:end])) is not None:
        return ListItems(links)
    items = ListItems()
    _read_with_care(text, start, end, items)
    return items


def _plain_links(text: str) -> list[Link] | None:
    """Return the links of a list in which nothing is odd, as nearly all are, or None. It is faster."""
    links = []
    for line in text.split("\n"):
        if not line:
            continue
        label, _, url = line.partition("](")
        if line[:3] != "- [" or url[-1:] != ")" or "[" in line[3:] or "]" in url or "]" in label:
            return None
        url = url[:-1]
        if (
            not url.startswith(("http", "/"))
            or "(" in url
            or ")" in url
            or '"' in url
            or len(url.split()) > 1
        ):
            return None
        links.append(Link(_one_line(label[3:]), url))
    return links


def _one_line(label: str) -> str:
    # A line break is any white space in the other form of the page.
    return " ".join(label.split())


def _read_with_care(text: str, start: int, end: int, items: ListItems) -> None:
    starts = list(_START.finditer(text, start, end))
    items.add_rest(text[start : starts[0].start() if starts else end])
    if not starts:
        return
    ends = [found.start() for found in starts[1:]] + [end]
    cut: tuple[int, int, int] | None = None
    for begin, until in zip((found.end() for found in starts), ends, strict=True):
        found, depth = _link_end(text, begin + 1, until)
        # `- [Boats - [new] and old](…)`: what looks like an item of its own is the end of a title.
        joined = found is not None and cut is not None and depth < 0 and cut[2] + 1 + depth == 0
        if cut is not None and not joined:
            items.add_cut(text[cut[0] : cut[1]])
        if found is None:
            cut = (begin, until, depth)
            continue
        label_start = cut[0] if joined and cut is not None else begin
        cut = None
        label = _one_line(text[label_start + 1 : found.start()])
        items.links.append(Link(label, "".join(found[1].split())))
        items.add_rest(text[found.end() : until])
    if cut is not None:
        items.add_cut(text[cut[0] : cut[1]])


def _link_end(text: str, start: int, end: int) -> tuple[re.Match[str] | None, int]:
    """Return the end of the link whose label begins at ``start``, and how many brackets of the label are open
    there; without an end, how many are open at ``end``.

    A label may hold any brackets and other links. So the first link to the site's own pages counts before
    which all brackets are closed, then the last one to such pages, then the last one at all.
    """
    best: tuple[re.Match[str], int] | None = None
    best_is_ours = False
    depth, at = 0, start
    for found in _LINK_END.finditer(text, start, end):
        depth += text.count("[", at, found.start()) - text.count("]", at, found.start())
        is_ours = _SITE_LINK.match(found[1]) is not None
        if is_ours and depth == 0:
            return found, 0
        if is_ours or not best_is_ours:
            best, best_is_ours = (found, depth), is_ours
        depth -= 1
        at = found.start() + 1
    if best is not None:
        return best
    return None, depth + text.count("[", at, end) - text.count("]", at, end)
