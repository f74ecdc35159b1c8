"""Mentions that name code and market together: links, stock tags, cashtags, codes with a suffix."""

from __future__ import annotations

import re
from collections.abc import Iterable

from newscrawl.codes import MentionRule
from newscrawl.text.mention_forms import is_certain_symbol
from newscrawl.text.mention_places import Places

# The markets' own suffixes, and those of other tools that pages print. `.O` and `.N` are no more than a
# letter: `mention_brackets` has them.
SUFFIX = re.compile(
    r"\.(?=[A-Z]{2})(?:HK|SH|SZ|BJ|US|SG|HAS|BKKT|OSL|CN|SS|SSE|SZSE|XSHG|XSHE|SI)"
    r"(?![A-Za-z0-9_$]|\.[A-Za-z0-9])"
)
ANY_SYMBOL = re.compile(r"\.?[A-Z0-9][A-Z0-9.\-]{0,24}\.[A-Z]{2,4}")
_LONGEST_CODE = 24
_CODE_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")
_WORD_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@/\\=&#%~+.")
_OPENING = frozenset("(（[【")
_CLOSING = frozenset(")）]】")

_CASHTAG_NAME = re.compile(r"\$(?=[^\s$])([^$()（）\n,;:!?，。；：！？、]{1,60})\Z")
_LONGEST_NAME = 61
_QUOTE_LINK = re.compile(
    r"\[([^\[\]\n]*+)\]\(https?://(?:[a-z]+\.)?"
    r"(?:longbridge\.(?:com|cn)|longbridgeapp\.com|longportapp\.(?:com|cn))"
    r"/(?:[A-Za-z\-]{2,5}/)?quote/(\.?[A-Za-z0-9.\-]{1,30}?)(?:\.md)?(?:[?#][^\s()]*+)?\)"
)
_STOCK_TAG = re.compile(r"\[[Ss][Tt]\]ST/([A-Z]{2,4})/([A-Z0-9.\-]{1,24})(?:#[^\[\]\n]{0,80})?\[/[Ss][Tt]\]")


def quote_links(places: Places) -> None:
    """Find links to an instrument's own page."""
    text = places.text
    for link in places.until_full(_QUOTE_LINK.finditer(text)):
        image = text[max(0, link.start() - 1) : link.start()] == "!"
        resolved = places.resolve(link[2])
        # What follows `](` always counts as hidden, so the label tells whether the link is shown at all.
        if image or resolved is None or places.is_hidden(link.start(), link.end(1)):
            continue
        label = {places.resolve(symbol) for symbol in ANY_SYMBOL.findall(link[1])} - {None, resolved}
        if label:
            # The label names another instrument than the target: neither counts.
            places.refuse(*link.span())
            continue
        places.take(resolved.symbol, *link.span(), MentionRule.QUOTE_LINK, hidden=False)
    places.settle()


def stock_tags(places: Places) -> None:
    """Find the source's own marks for an instrument, ``[st]ST/US/NVDA#英伟达.US[/st]``."""
    for tag in places.until_full(_STOCK_TAG.finditer(places.text)):
        resolved = places.resolve(f"{tag[2]}.{tag[1]}")
        if resolved is None or resolved.market is None:
            places.refuse(*tag.span())
        else:
            places.take(resolved.symbol, *tag.span(), MentionRule.STOCK_TAG)
    places.settle()


def cashtags(places: Places, groups: Iterable[re.Match[str]]) -> None:
    """Find brackets that hold a symbol behind a dollar sign and a name."""
    text = places.text
    for group in places.until_full(groups):
        before = text[max(0, group.start() - _LONGEST_NAME) : group.start()]
        name = _CASHTAG_NAME.search(before) if "$" in before else None
        # `$5 billion of Tencent(00700.HK)` and `$5亿腾讯(00700.HK)` are amounts: a name begins with a
        # letter, or with the star of a share under special treatment (`*ST`).
        if name is None or not (name[1][0].isalpha() or name[1][0] == "*"):
            continue
        symbol = group[1].strip()
        resolved = places.resolve(symbol)
        # Markets that are not in the table have two letters on pages (`XDDX.DE`), unlike `ASP.NET`.
        if resolved is not None and (resolved.market is not None or symbol[-3] == "."):
            start = group.start() - len(before) + name.start()
            places.take(resolved.symbol, start, group.end(), MentionRule.CASHTAG)
    places.settle()


def suffixed(places: Places) -> None:
    """Find codes with the suffix of their market, in brackets or not."""
    text = places.text
    last = -1
    for suffix in places.until_full(SUFFIX.finditer(text)):
        start, end = suffix.span()
        lowest = max(0, start - _LONGEST_CODE)
        while start > lowest and text[start - 1] in _CODE_CHARACTERS:
            start -= 1
        while start < end and text[start] == "-":
            start += 1
        before = text[start - 1 : start] if start else ""
        # `601318.SH/02318.HK`: a symbol in the place before the stroke.
        joined = before == "/" and last == start - 1
        if not joined and _is_part_of_more(text, start, before):
            continue
        resolved = places.resolve(text[start:end])
        if resolved is None:
            continue
        framed = (
            joined
            or before in _OPENING
            or text[end : end + 1] in _CLOSING
            or (text[end : end + 1] == "/" and ANY_SYMBOL.match(text, end + 1) is not None)
        )
        if resolved.symbol in places.tagged or is_certain_symbol(
            text, start, end, resolved.type, framed=framed
        ):
            last = end
            places.take(resolved.symbol, start, end, MentionRule.SYMBOL)
    places.settle()


def _is_part_of_more(text: str, start: int, before: str) -> bool:
    """Tell whether the characters before a code belong to it, so that it is none."""
    # In `１0700.HK` the character before the code is a digit, a full-width one. The dot of `上涨.AAPL.US`
    # ends a sentence, that of `指数.DJI.US` belongs to an index: nothing tells which.
    return (
        before in _WORD_CHARACTERS
        or before.isdigit()
        or (before == "," and text[start - 2 : start - 1].isdigit())
        or (text[start] == "." and not (before.isspace() or before in _OPENING or not before))
    )
