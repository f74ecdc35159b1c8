"""The lists that close a page: the stocks it is tagged with and the news related to it.

They are looked for from the end up, heading by heading. A list under a known heading is one whatever stands
in it. The Chinese headings are not known, so a list under any other heading is known by its shape: all its
links lead to quote pages, to articles or to topics. What stands beside the lists is counted and costs none of
them.

Line breaks count as any other white space, so that both forms of a page give the same lists.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, NamedTuple
from urllib.parse import unquote

from newscrawl.codes import WarningCode
from newscrawl.sites.base import Origin, Page
from newscrawl.sites.longbridge.headings import Heading, headings_upwards, known_kinds_in
from newscrawl.sites.longbridge.list_items import read_items, visible_size

# Visible characters that may stand behind and between the lists, such as a disclaimer. More than that is the
# article, and a list above it is part of the article.
_MOST_PROSE = 600
# What may stand under a known heading in the place of a list.
_NO_LIST = 80

_LOCALE = r"(?:https?://[^/?#\s]+)?/(?:[a-z]{2}(?:-[a-z]{2})?/)?"
_QUOTE = re.compile(rf"{_LOCALE}quote/([^?#\s]+)(?:[?#]\S*)?", re.IGNORECASE | re.ASCII)
_TOPIC = re.compile(rf"{_LOCALE}topics/[0-9]", re.IGNORECASE | re.ASCII)
_DISCLAIMER = re.compile(
    r"disclaimer|not (?:constitute |intended as |be taken as )?(?:an? )?(?:investment|financial) advice"
    r"|免责|免責|风险提示|風險提示|不构成|不構成",
    re.IGNORECASE,
)
_OPENING = {")": "(", "）": "（", "]": "["}

Kind = Literal["stocks", "news", "topics"]


class Stock(NamedTuple):
    """A stock link: its text, and the symbol that its address names."""

    label: str
    symbol: str

    @property
    def is_named(self) -> bool:
        """Tell whether the text says the symbol: ``09988.HK``, ``BABA-W (09988.HK)``, ``BABA-W (9988)``."""
        if self.label == self.symbol:
            return True
        said = _spelled(_bracketed(self.label))
        return said != "" and said in (_spelled(self.symbol), _spelled(self.symbol.rpartition(".")[0]))


class News(NamedTuple):
    """A news link: its text, and the article that its address names."""

    label: str
    page: Page


@dataclass(slots=True)
class Sections:
    """A page below its H1, taken apart: the ``body`` as it stands, ``stocks`` and ``news`` links."""

    body: str
    stocks: list[Stock] = field(default_factory=list)
    news: list[News] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    unknown_headings: list[str] = field(default_factory=list)


class _Section(NamedTuple):
    heading: Heading
    kind: Kind
    stocks: list[Stock]
    news: list[News]
    odd: int
    prose: int


def symbol_in(url: str) -> str | None:
    """Return the symbol that the address of a quote page names, as printed, or None."""
    found = _QUOTE.fullmatch(url)
    if found is None:
        return None
    symbol = found[1].removesuffix("/")
    if symbol[-3:].lower() == ".md":
        symbol = symbol[:-3]
    if not symbol or "/news/" in symbol:
        return None
    return unquote(symbol) if "%" in symbol else symbol


def split_sections(text: str, origin: Origin) -> Sections:
    """Cut the closing lists off the text below the H1.

    At most one list of each kind is taken, from the end; a list of links elsewhere is body.
    """
    taken, odd = _closing_sections(text, origin)
    result = Sections(body=text)
    for section in reversed(taken):
        result.stocks += section.stocks
        result.news += section.news
        if section.heading.kind is None:
            result.warnings.append(WarningCode.UNKNOWN_HEADING)
            result.unknown_headings.append(section.heading.name)
    if odd:
        result.warnings.append(WarningCode.UNREADABLE_ITEM)
    if taken:
        result.body = text[: taken[-1].heading.start]
    if not (result.stocks and result.news) and known_kinds_in(result.body) - {one.kind for one in taken}:
        result.warnings.append(WarningCode.NO_SECTIONS)
    return result


def _closing_sections(text: str, origin: Origin) -> tuple[list[_Section], int]:
    """Return the closing lists, the last one first, and how much beside them could not be used."""
    taken: list[_Section] = []
    kinds: set[Kind] = set()
    end, odd, prose, beside = len(text), 0, 0, 0
    for heading in headings_upwards(text):
        section = _read(text, heading, end, origin)
        if section is None:
            # Above a list it is body. Behind the lists it is one more thing that does not fit.
            if taken:
                break
            odd += 1
            prose += visible_size(text[heading.start : end])
        elif section.kind in kinds or (taken and section.prose and heading.kind is None):
            break
        else:
            prose += section.prose
        if prose > _MOST_PROSE:
            break
        if section is not None:
            taken.append(section)
            kinds.add(section.kind)
            odd += section.odd
            beside = prose
        end = heading.start
    return (taken, odd) if _are_certain(taken, text, beside) else ([], 0)


def _are_certain(taken: list[_Section], text: str, prose: int) -> bool:
    """Tell whether lists are those that close the page, and not some of its text.

    A known heading says so, and both kinds together, and a list with nothing or a disclaimer behind it.
    ``prose`` counts the visible characters of what stands beside them.
    """
    if all(section.kind == "topics" for section in taken):
        return False
    if len(taken) > 1 or taken[0].heading.kind is not None:
        return True
    return prose == 0 or _DISCLAIMER.search(text, taken[0].heading.end) is not None


def _read(text: str, heading: Heading, end: int, origin: Origin) -> _Section | None:
    """Return what stands under a heading, or None where that is no list of one of the kinds."""
    items = read_items(text, heading.end, end)
    kind, prose, odd = heading.kind, items.prose, items.odd
    stocks: list[Stock] = []
    news: list[News] = []
    if kind != "news":
        stocks = [Stock(link.label, symbol) for link in items.links if (symbol := symbol_in(link.url))]
    if kind == "news" or (kind is None and not stocks):
        news = [News(link.label, page) for link in items.links if (page := origin.page(link.url))]
    links, fitting = len(items.links), len(stocks) + len(news)
    if kind is not None:
        if not fitting and prose > _NO_LIST:
            return None
        return _Section(heading, kind, stocks, news, odd + links - fitting, prose)
    if fitting == links > 0:
        if stocks and any(stock.is_named for stock in stocks):
            return _Section(heading, "stocks", stocks, news, odd, prose)
        if news and not heading.is_doubtful:
            return _Section(heading, "news", stocks, news, odd, prose)
    elif (
        links
        and not fitting
        and not heading.is_doubtful
        and all(_TOPIC.match(link.url) for link in items.links)
    ):
        # The record has no place for topics.
        return _Section(heading, "topics", [], [], odd + links, prose)
    return None


def _bracketed(label: str) -> str:
    opening = _OPENING.get(label[-1:])
    return "" if opening is None else label[label.rfind(opening) + 1 : -1]


def _spelled(symbol: str) -> str:
    # Codes of Hong Kong are printed with and without zeros in front.
    return symbol.strip().upper().lstrip("0")
