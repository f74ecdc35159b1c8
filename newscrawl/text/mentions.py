"""Symbols that a text itself names, in forms that leave no doubt.

Precision before recall: a form that could also be a word, a year or an amount counts only where the story
tags the instrument, or names it elsewhere in a form without doubt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from newscrawl.codes import MentionRule
from newscrawl.exceptions import Refused
from newscrawl.items import Mention
from newscrawl.symbols.exchanges import EXCHANGES
from newscrawl.symbols.resolving import resolve
from newscrawl.text.mention_forms import is_certain_code, is_certain_symbol, is_word_or_period
from newscrawl.text.prose import Spans, hidden_spans, within

# Of one text. News of a whole market names some hundreds.
MOST_MENTIONS = 1_000
# Looking one up costs more than reading a line, and a page that was made for it has 100,000 different ones.
MOST_LOOKED_UP = 10_000

_SUFFIX = re.compile(
    r"\.(?:HK|SH|SZ|BJ|US|SG|CN|SS|SI|XSHG|XSHE|SSE|SZSE|HAS|BKKT|OSL)(?![A-Za-z0-9_$]|\.[A-Za-z0-9])"
)
_LONGEST_CODE = 24
_CODE_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")
_WORD_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@/\\=&#%~+.")
_OPENING = frozenset("(（[【")
_CLOSING = frozenset(")）]】")

_INSIDE = r" ?([A-Z0-9.][^()（）\n]{0,78}[A-Z0-9]) ?[)）]"
_IN_BRACKETS = re.compile(rf"[(（]{_INSIDE}")
# The same for texts without full-width brackets: a pattern that begins with one fixed character is much
# faster.
_IN_ASCII_BRACKETS = re.compile(rf"\({_INSIDE}")
_ANY_SYMBOL = re.compile(r"\.?[A-Z0-9][A-Z0-9.\-]{0,24}\.[A-Z]{2,4}")
_CASHTAG_NAME = re.compile(r"\$(?=[^\s$])([^$()（）\n,;:!?，。；：！？、]{1,60})\Z")
_LONGEST_NAME = 61
_LONGEST_WORD = 32
_PART = re.compile(r"[^,;，；、]+")
_PREFIXED = re.compile(r"\s*([A-Za-z][A-Za-z ]{1,19})[:：][ \t\u3000]*([A-Z0-9][A-Z0-9.\-]{0,9})\s*")
_SG_CODE = re.compile(r"[A-Z0-9]{3,4}")
_US_TICKER = re.compile(r"([A-Z]{1,5})(?:[.\-]([A-Z]))?")
_TICKER = re.compile(r"[A-Z][A-Z0-9]{1,5}(?:\.[A-Z])?")
_DIGITS = re.compile(r"[0-9]{5,6}")
# How Hong Kong marks the short names of shares with weighted voting rights. Its other marks (`-B`, `-P`,
# `-S`) are the ends of other words as well: `vitamin-B`, `Model-S`, `乙肝-B`.
_MARKED_NAME = re.compile(r"(?:(?<![A-Za-z0-9])[A-Z][A-Za-z]+|[\u3400-\u9fff]{2})-S?W ?\Z")
# `总计(25049)亿元`, `revenue (10000) million`: an amount, whatever the story tags.
_UNIT = re.compile(r" ?(?:[亿億万萬元%％]|(?:million|billion|trillion|mn|bn|yuan|points)\b)")
_NAME = re.compile(r"[^\W\d_][\"'”’」』》】.*]{0,3} ?\Z")

_QUOTE_LINK = re.compile(
    r"\[([^\[\]\n]*+)\]\(https?://(?:[a-z]+\.)?(?:longbridge\.(?:com|cn)|longportapp\.com)"
    r"/(?:[A-Za-z\-]{2,5}/)?quote/(\.?[A-Za-z0-9.\-]{1,30}?)(?:\.md)?(?:[?#][^\s()]*+)?\)"
)


def find_mentions(body: str, tagged: Iterable[str], on: date, named: Iterable[str] = ()) -> list[Mention]:
    """Return what a text mentions, in its order and without overlap.

    ``tagged`` holds the canonical symbols of the story's instruments, ``on`` is its day, ``named`` holds the
    symbols that the story mentions in another text, such as its title. Code, addresses and link targets do
    not count, except a link to an instrument's own page. Offsets are in Unicode characters. The time is
    linear in the text. Of very many the first ones are returned, see ``find_first_mentions``.
    """
    return find_first_mentions(body, tagged, on, named)[0]


def find_first_mentions(
    body: str, tagged: Iterable[str], on: date, named: Iterable[str] = ()
) -> tuple[list[Mention], bool]:
    """Return the first ``MOST_MENTIONS`` mentions of a text, and whether it may hold more.

    No more than ``MOST_LOOKED_UP`` different symbols are looked up, in the order of the rules; what else could be
    one is left out.
    """
    wide = "（" in body
    if not wide and "(" not in body and _SUFFIX.search(body) is None:
        return [], False
    finder = _Finder(body, frozenset(tagged), on, frozenset(named))
    groups = list((_IN_BRACKETS if wide else _IN_ASCII_BRACKETS).finditer(body))
    # The most certain rule comes first: where two fit, the first one counts.
    if "/quote/" in body:
        finder.quote_links()
    finder.cashtags(group for group in groups if _ANY_SYMBOL.fullmatch(group[1]))
    finder.suffixed()
    finder.exchange_codes(group for group in groups if ":" in group[1] or "：" in group[1])
    finder.codes(group for group in groups if _DIGITS.fullmatch(group[1]))
    finder.tickers(group for group in groups if _TICKER.fullmatch(group[1]))
    # No rule stops before it has so many, so these are the first ones of the text.
    found = sorted(finder.found, key=lambda mention: mention.start)
    return found[:MOST_MENTIONS], len(found) > MOST_MENTIONS or finder.is_exhausted


class _Target(NamedTuple):
    """What the rules ask of the instrument that a symbol stands for."""

    symbol: str
    market: str | None
    type: str


class _Finder:
    """Runs the rules over one text; each walks it once, from front to back."""

    def __init__(self, body: str, tagged: frozenset[str], on: date, named: frozenset[str]) -> None:
        self.body = body
        self.tagged = tagged
        self.named = named
        self.on = on
        self.found: list[Mention] = []
        self.is_exhausted = False
        self._looked_up: set[str] = set()
        self._taken: Spans = []
        self._mislabelled: Spans = []
        self._hidden: Spans = hidden_spans(body)

    def quote_links(self) -> None:
        for link in self._until_full(_QUOTE_LINK.finditer(self.body)):
            image = self.body[max(0, link.start() - 1) : link.start()] == "!"
            resolved = self._resolve(link[2])
            # What follows `](` always counts as hidden, so the label tells whether the link is shown at all.
            if image or resolved is None or within(self._hidden, link.start(), link.end(1)):
                continue
            label = {self._resolve(symbol) for symbol in _ANY_SYMBOL.findall(link[1])} - {None, resolved}
            if label:
                # The label names another instrument than the target: neither counts.
                self._mislabelled.append(link.span())
                continue
            self._take(resolved.symbol, *link.span(), MentionRule.QUOTE_LINK, hidden=False)
        self._settle()

    def cashtags(self, groups: Iterable[re.Match[str]]) -> None:
        for group in self._until_full(groups):
            before = self.body[max(0, group.start() - _LONGEST_NAME) : group.start()]
            name = _CASHTAG_NAME.search(before) if "$" in before else None
            # `$5 billion of Tencent(00700.HK)` and `$5亿腾讯(00700.HK)` are amounts: a name begins with a
            # letter, or with the star of a share under special treatment (`*ST`).
            if name is None or not (name[1][0].isalpha() or name[1][0] == "*"):
                continue
            resolved = self._resolve(group[1])
            # Markets that are not in the table have two letters on pages (`XDDX.DE`), unlike `ASP.NET`.
            if resolved is not None and (resolved.market is not None or group[1][-3] == "."):
                start = group.start() - len(before) + name.start()
                self._take(resolved.symbol, start, group.end(), MentionRule.CASHTAG)
        self._settle()

    def suffixed(self) -> None:
        body = self.body
        for suffix in self._until_full(_SUFFIX.finditer(body)):
            start, end = suffix.span()
            lowest = max(0, start - _LONGEST_CODE)
            while start > lowest and body[start - 1] in _CODE_CHARACTERS:
                start -= 1
            while start < end and body[start] == "-":
                start += 1
            before = body[start - 1 : start] if start else ""
            # In `１0700.HK` the character before the code is a digit, a full-width one. The dot of
            # `上涨.AAPL.US` ends a sentence, that of `指数.DJI.US` belongs to an index: nothing tells which.
            if (
                before in _WORD_CHARACTERS
                or before.isdigit()
                or (before == "," and body[start - 2 : start - 1].isdigit())
                or (body[start] == "." and not (before.isspace() or before in _OPENING or not before))
            ):
                continue
            resolved = self._resolve(body[start:end])
            if resolved is None:
                continue
            framed = before in _OPENING or body[end : end + 1] in _CLOSING
            if resolved.symbol in self.tagged or is_certain_symbol(
                body, start, end, resolved.type, framed=framed
            ):
                self._take(resolved.symbol, start, end, MentionRule.SYMBOL)
        self._settle()

    def exchange_codes(self, groups: Iterable[re.Match[str]]) -> None:
        for group in self._until_full(groups):
            market = None
            for part in _PART.finditer(self.body, *group.span(1)):
                prefixed = _PREFIXED.fullmatch(self.body, *part.span())
                if prefixed is not None:
                    market = EXCHANGES.get(prefixed[1].replace(" ", "").upper())
                    resolved = self._of_market(prefixed[2], market)
                    if resolved is not None and (
                        resolved.symbol in self.tagged
                        or is_certain_code(prefixed[2], resolved.market or "", resolved.type)
                    ):
                        self._take(
                            resolved.symbol, prefixed.start(1), prefixed.end(2), MentionRule.EXCHANGE_CODE
                        )
                    continue
                # `(NASDAQ: GOOG, GOOGL)`: the second could be any word, so the story must tag it.
                code = part[0].strip()
                resolved = self._of_market(code, market)
                if resolved is not None and resolved.symbol in self.tagged:
                    start = self.body.index(code, part.start())
                    self._take(resolved.symbol, start, start + len(code), MentionRule.EXCHANGE_CODE)
        self._settle()

    def codes(self, groups: Iterable[re.Match[str]]) -> None:
        for group in self._until_full(groups):
            # No amount has a leading zero.
            if group[1][0] != "0" and _UNIT.match(self.body, group.end()):
                continue
            symbol = self._digits(group[1], group.start())
            if symbol is not None:
                self._take(symbol, *group.span(1), MentionRule.CODE)
        self._settle()

    def tickers(self, groups: Iterable[re.Match[str]]) -> None:
        by_code: dict[str, list[str]] | None = None
        for group in self._until_full(groups):
            code = group[1]
            if is_word_or_period(code):
                continue
            if by_code is None:
                by_code = self._by_code()
            symbols = by_code.get(code, [])
            if len(symbols) == 1:
                self._take(symbols[0], *group.span(1), MentionRule.TICKER)
        self._settle()

    def _digits(self, code: str, bracket: int) -> str | None:
        before = self.body[max(0, bracket - _LONGEST_WORD) : bracket]
        if not _NAME.search(before):
            return None
        markets = ("HK",) if len(code) == 5 else ("SH", "SZ", "BJ")
        targets = [self._resolve(f"{code}.{market}") for market in markets]
        symbols = [
            found.symbol
            for found in targets
            # `Revenue (10000)`, also where the story tags the warrant 10000.
            if found and found.symbol in self.tagged and is_certain_code(code, found.market or "", found.type)
        ]
        if len(symbols) == 1:
            return symbols[0]
        # Not tagged: a leading zero excludes an amount, and only names of shares end like this.
        if len(code) == 5 and code[0] == "0" and _MARKED_NAME.search(before) and targets[0]:
            return targets[0].symbol if targets[0].type == "equity" else None
        return None

    def _by_code(self) -> dict[str, list[str]]:
        by_code: dict[str, list[str]] = {}
        for symbol in self.tagged.union(self.named, (mention.symbol for mention in self.found)):
            code, _, market = symbol.rpartition(".")
            if market in ("US", "SG"):
                by_code.setdefault(code, []).append(symbol)
        return by_code

    def _of_market(self, code: str, market: str | None) -> _Target | None:
        if market == "US":
            ticker = _US_TICKER.fullmatch(code)
            return self._resolve(f"{'.'.join(filter(None, ticker.groups()))}.US") if ticker else None
        if market is None or not (_SG_CODE.fullmatch(code) if market == "SG" else code.isdigit()):
            return None
        return self._resolve(f"{code}.{market}")

    def _resolve(self, text: str) -> _Target | None:
        if text not in self._looked_up:
            if len(self._looked_up) >= MOST_LOOKED_UP:
                self.is_exhausted = True
                return None
            self._looked_up.add(text)
        return _target(text, self.on)

    def _take(self, symbol: str, start: int, end: int, rule: str, *, hidden: bool = True) -> None:
        # The places that one rule finds come in order and do not overlap.
        if not within(self._taken, start, end) and not (hidden and within(self._hidden, start, end)):
            self.found.append(Mention(symbol, self.body[start:end], start, end, rule))

    def _until_full(self, places: Iterable[re.Match[str]]) -> Iterator[re.Match[str]]:
        """Yield the places that a rule looks at, until it has taken more of them than a record holds."""
        before = len(self.found)
        for place in places:
            if len(self.found) - before > MOST_MENTIONS:
                return
            yield place

    def _settle(self) -> None:
        """Exclude the places that a rule took from the rules that follow."""
        if len(self.found) + len(self._mislabelled) > len(self._taken):
            taken = [(mention.start, mention.end) for mention in self.found]
            self._taken = sorted(taken + self._mislabelled)


# The same few symbols stand in story after story, and `resolve` costs more than a rule.
@lru_cache(maxsize=4096)
def _target(text: str, on: date) -> _Target | None:
    try:
        found = resolve(text, on)
    except Refused:
        return None
    if found.symbol is None or found.type == "industry":
        return None
    return _Target(found.symbol, found.market, found.type)
