"""Mentions in brackets: a code behind its exchange, in another tool's spelling, or alone.

The parts of a bracket are looked at one by one. Where the form leaves no doubt the part is a mention.
Elsewhere it waits until all texts of the story were searched, and counts for instruments that the story tags
or names, or whose name stands before the bracket.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from newscrawl.codes import MentionRule
from newscrawl.symbols.exchanges import EXCHANGES, MARKET_WORDS
from newscrawl.text.mention_forms import is_amount, is_certain_code, is_word_or_period, is_year
from newscrawl.text.mention_places import Places, Target, targets_of

# A bracket ends at its own end or where another one begins: `(HKEX: 9988 (HKD counter))`. What begins with a
# small letter is prose.
_INSIDE = r" ?([A-Z0-9.“\"\u3400-\u9fff][^()（）\n]{0,118})"
_IN_BRACKETS = re.compile(rf"[(（]{_INSIDE}([)）]|(?=[(（]))")
# The same for texts without full-width brackets: a pattern that begins with one fixed character is much
# faster.
_IN_ASCII_BRACKETS = re.compile(rf"\({_INSIDE}(\)|(?=\())")
_CODE_LIKE = re.compile(r"(?<![A-Za-z0-9])(?:[A-Z][A-Z0-9]{0,5}|[0-9]{3,6})(?![A-Za-z0-9])")
_LAST = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 \u3000\xa0")
# A stroke parts symbols, but not the class of a share from its ticker: `BRK/B`.
_SEPARATOR = re.compile(r"[,;，；、|]|/(?![A-Z](?![A-Za-z0-9]))| (?:and|or|&) |[及和与]")
_LAST_WORDS = ("Equity", "Report", "Reports", "Rating", "Ratings", "Analysis")
_ADVERTISEMENT = re.compile(r" ?[-–—] ?(?:Get |Free |Stock |Research )*(?:Report|Rating|Analysis)s?\Z")

_CODE = r"([A-Z0-9][A-Z0-9.\-/]{0,9})"
_PREFIXED = re.compile(
    rf"([A-Za-z][A-Za-z ]{{1,31}}|[\u3400-\u9fffA-Z]{{1,9}}) ?[:：][ \t\u3000\xa0]*{_CODE}"
)
_WITH_COUNTRY = re.compile(r"([A-Z0-9/]{1,7}) (HK|US|CH|SP)(?: Equity| EQUITY)?")
_COUNTRIES = {"HK": ("HK",), "US": ("US",), "CH": ("SH", "SZ", "BJ"), "SP": ("SG",)}
_COUNTRY_FIRST = re.compile(r"(HK|SH|SZ|US)\.([A-Z0-9][A-Z0-9.]{0,6})")
# Reuters' letters for the venues of the United States. `.A` is left out: it is a share class for others.
_WITH_VENUE = re.compile(r"([A-Z]{1,5})\.(?:OQ|[ONKP])")
_TICKER = re.compile(r"[A-Z][A-Z0-9]{1,5}(?:\.[A-Z])?")
_DIGITS = re.compile(r"[0-9]{4,6}")
_ONE_LETTER = re.compile(r"[A-Z]")

_LONGEST_WORD = 32
# How Hong Kong marks the short names of shares with weighted voting rights. Its other marks (`-B`, `-P`,
# `-S`) are the ends of other words as well: `vitamin-B`, `Model-S`, `乙肝-B`.
_MARKED_NAME = re.compile(r"(?:(?<![A-Za-z0-9])[A-Z][A-Za-z]+(?:\.com)?|[\u3400-\u9fff]{2} ?)-S?W ?\Z")
_NAME = re.compile(r"[^\W\d_][\"'”’」』》】.*]{0,3} ?\Z")
# The same with a capital letter or a Chinese character in the last word.
_PROPER_NAME = re.compile(r"(?:\b[A-Z][^\s()]*|[\u3400-\u9fff][\w\-]*)[\"'”’」』》】.*]{0,3} ?\Z")


class Part(NamedTuple):
    """A part of a bracket that may be a code."""

    text: str
    start: int
    end: int
    bracket: int
    """Where the bracket begins, which is where a name would end."""
    alone: bool
    """Whether it is all that the bracket holds."""


def brackets(text: str) -> list[re.Match[str]]:
    """Return the brackets that hold something like a code: group 1 is what they hold, group 2 their end."""
    found = (_IN_BRACKETS if "（" in text else _IN_ASCII_BRACKETS).finditer(text)
    return [group for group in found if _may_hold_code(group[1])]


def _may_hold_code(content: str) -> bool:
    # `(2.5%)` and `(The owl)` are far more frequent than codes, and this is faster than any pattern.
    if content[-1] in _LAST or ":" in content or "：" in content or content.endswith(_LAST_WORDS):
        return _CODE_LIKE.search(content) is not None
    return False


def exchange_codes(places: Places, groups: Iterable[re.Match[str]]) -> list[Part]:
    """Find codes behind the name of their exchange, and return the parts that are none by their form."""
    waiting: list[Part] = []
    for group in places.until_full(groups):
        market = None
        for part in _parts(group):
            prefixed = _prefixed(part.text)
            if prefixed is None:
                if market is None:
                    waiting.append(part)
                else:
                    # `(NASDAQ: GOOG, GOOGL)`: the second could be any word, so the story must tag it.
                    _take_tagged(places, part, market)
                continue
            market = EXCHANGES.get(prefixed[1].replace(" ", "").upper())
            if market is None:
                waiting.append(part)
                continue
            for target in places.targets(prefixed[2], market):
                if target.symbol in places.tagged or is_certain_code(
                    prefixed[2].replace("/", "."), target.market or "", target.type
                ):
                    places.take(target.symbol, part.start, part.end, MentionRule.EXCHANGE_CODE)
    places.settle()
    return waiting


def marked_names(places: Places, parts: Iterable[Part]) -> None:
    """Find Hong Kong's codes behind short names that only shares have: ``快手-W（01024）``."""
    for part in places.until_full(parts):
        # A leading zero excludes an amount.
        if part.alone and len(part.text) == 5 and part.text[0] == "0" and part.text.isdigit():
            before = places.text[max(0, part.bracket - _LONGEST_WORD) : part.bracket]
            target = places.resolve(f"{part.text}.HK") if _MARKED_NAME.search(before) else None
            if target is not None and target.type == "equity":
                places.take(target.symbol, part.start, part.end, MentionRule.CODE)
    places.settle()


def confirmed_parts(places: Places, parts: Iterable[Part]) -> None:
    """Find what counts only for an instrument that the story knows or names before the bracket."""
    for part in places.until_full(parts):
        # Most are symbols with their suffix, found before.
        if not places.is_taken(part.start, part.end):
            for symbol, rule in _confirmed(places, part):
                places.take(symbol, part.start, part.end, rule)
    places.settle()


def _parts(group: re.Match[str]) -> list[Part]:
    content, begin, bracket = group[1], group.start(1), group.start()
    if content.endswith(_LAST_WORDS) and (advertisement := _ADVERTISEMENT.search(content)):
        content = content[: advertisement.start()]
    if _SEPARATOR.search(content) is None:
        text = content.rstrip()
        return [Part(text, begin, begin + len(text), bracket, alone=bool(group[2]))]
    parts = []
    start = 0
    for end, following in (*(found.span() for found in _SEPARATOR.finditer(content)), (len(content), 0)):
        text = content[start:end].strip()
        if text and text[-1] in _LAST:
            first = begin + content.index(text, start)
            parts.append(Part(text, first, first + len(text), bracket, alone=False))
        start = following
    return parts


def _prefixed(text: str) -> re.Match[str] | None:
    # Most parts have no colon, and looking for one takes less time than the pattern.
    return _PREFIXED.fullmatch(text) if ":" in text or "：" in text else None


def _take_tagged(places: Places, part: Part, market: str) -> None:
    for target in places.targets(part.text, market):
        if target.symbol in places.tagged:
            places.take(target.symbol, part.start, part.end, MentionRule.EXCHANGE_CODE)


def _confirmed(places: Places, part: Part) -> Iterator[tuple[str, MentionRule]]:
    text = part.text
    if prefixed := _prefixed(text):
        word = prefixed[1].replace(" ", "").upper()
        if word in MARKET_WORDS:
            targets = [
                target for market in MARKET_WORDS[word] for target in places.targets(prefixed[2], market)
            ]
            if symbol := places.confirmed(targets, part.bracket):
                yield symbol, MentionRule.EXCHANGE_CODE
    elif text.isdigit():
        if _DIGITS.fullmatch(text) and (symbol := _digits(places, part)):
            yield symbol, MentionRule.CODE
    elif symbol := _ticker(places, part):
        yield symbol, MentionRule.TICKER
    elif places.may_look_up(text) and (symbol := places.confirmed(_elsewhere(text, places.on), part.bracket)):
        yield symbol, MentionRule.VENDOR_SYMBOL


def _ticker(places: Places, part: Part) -> str | None:
    code = part.text
    if not (_TICKER.fullmatch(code) or (part.alone and _ONE_LETTER.fullmatch(code))):
        return None
    known = places.known_by_code(code)
    if known and len(code) > 1 and not is_word_or_period(code):
        return known[0] if len(known) == 1 else None
    if not part.alone:
        return None
    # A word counts behind the company's name: `Energy Transfer (ET)`, not `15:43 ET (ET)`.
    named = [found.symbol for found in places.targets(code, None)]
    named = [symbol for symbol in named if places.is_named_before(symbol, part.bracket)]
    return named[0] if len(named) == 1 else None


def _digits(places: Places, part: Part) -> str | None:
    code = part.text
    before = places.text[max(0, part.bracket - _LONGEST_WORD) : part.bracket]
    if not _NAME.search(before):
        return None
    # No amount has a leading zero.
    if code[0] != "0" and part.alone and is_amount(places.text, part.end + 1):
        return None
    # `Revenue (10000)`, also where the story tags the warrant 10000.
    targets = [
        target
        for target in places.targets(code, None)
        if is_certain_code(code, target.market or "", target.type)
    ]
    if len(code) == 4 and code[0] != "0" and (is_year(code) or not _PROPER_NAME.search(before)):
        targets = [target for target in targets if places.is_named_before(target.symbol, part.bracket)]
    return places.confirmed(targets, part.bracket)


@lru_cache(maxsize=4096)
def _elsewhere(text: str, on: date) -> tuple[Target, ...]:
    """Return what a code with its market, as other tools write them, may stand for."""
    if found := _WITH_COUNTRY.fullmatch(text):
        pairs = [(found[1], market) for market in _COUNTRIES[found[2]]]
    elif found := _COUNTRY_FIRST.fullmatch(text):
        pairs = [(found[2], found[1])] if found[1] != "HK" or len(found[2]) == 5 else []
    elif found := _WITH_VENUE.fullmatch(text):
        pairs = [(found[1], "US")]
    else:
        return ()
    return tuple(target for code, market in pairs for target in targets_of(code, market, on))
