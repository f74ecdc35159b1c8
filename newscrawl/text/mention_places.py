"""The places that were found in one text, and which places are still free."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import lru_cache
from typing import NamedTuple, TypeVar

from newscrawl.exceptions import Refused
from newscrawl.named_in_text import Mention
from newscrawl.symbols.resolving import resolve
from newscrawl.text.mention_names import ends_in_name
from newscrawl.text.prose import Spans, hidden_spans, within

NamesOf = Callable[[str, date], tuple[str, ...]]
"""From a canonical symbol and a day to the names of its holder; empty where they are not known."""

# Of one story. News of a whole market names some hundreds.
MOST_MENTIONS = 1_000
# Of one text. Looking one up costs more than reading a line, and a page that was made for it has 100,000
# different ones.
MOST_LOOKED_UP = 10_000
# Each is looked at by several rules, and a page that was made for it has half a million.
MOST_BRACKETS = 20_000

_Place = TypeVar("_Place")

# The longest name that is looked for before a code, in characters.
_LONGEST_NAME = 64
_US_TICKER = re.compile(r"([A-Z]{1,5})(?:[.\-/]([A-Z]))?")
_SG_CODE = re.compile(r"[A-Z0-9]{3,4}")
_LONGEST_NUMBER = 6


class Target(NamedTuple):
    """What the rules ask of the instrument that a symbol stands for."""

    symbol: str
    market: str | None
    type: str


class Places:
    """What was found in one text. Each rule walks the text once, from front to back."""

    def __init__(
        self, text: str, field: str, tagged: frozenset[str], on: date, names_of: NamesOf | None = None
    ) -> None:
        self.text = text
        self.field = field
        self.tagged = tagged
        self.on = on
        self.found: list[Mention] = []
        self.is_exhausted = False
        """Whether there was more to look up than is looked up of one text."""
        self._looked_up: set[str] = set()
        self._known = tagged
        self._by_code: dict[str, list[str]] | None = None
        self._names_of = names_of
        self._taken: Spans = []
        self._refused: Spans = []
        self._settled = 0
        self._hidden: Spans = hidden_spans(text)

    def resolve(self, symbol: str) -> Target | None:
        """Return what a symbol with its market stands for on the day of the story; None for a broken one."""
        return _target(symbol, self.on) if self.may_look_up(symbol) else None

    def targets(self, code: str, market: str | None) -> tuple[Target, ...]:
        """Return what a code may stand for: in a market, or in each whose codes look like it."""
        key = code if market is None else f"{code}.{market}"
        return targets_of(code, market, self.on) if self.may_look_up(key) else ()

    def may_look_up(self, text: str) -> bool:
        """Count what is looked up; tell whether it is among the first ``MOST_LOOKED_UP`` of the text."""
        if text not in self._looked_up:
            if len(self._looked_up) >= MOST_LOOKED_UP:
                self.is_exhausted = True
                return False
            self._looked_up.add(text)
        return True

    def until_full(self, places: Iterable[_Place]) -> Iterator[_Place]:
        """Yield the places that a rule looks at, until it has taken more of them than a record holds."""
        before = len(self.found)
        for place in places:
            if len(self.found) - before > MOST_MENTIONS:
                return
            yield place

    def is_hidden(self, start: int, end: int) -> bool:
        """Tell whether a place overlaps code, an address or a link's target."""
        return within(self._hidden, start, end)

    def is_taken(self, start: int, end: int) -> bool:
        """Tell whether a place overlaps what an earlier rule found or refused."""
        return within(self._taken, start, end)

    def take(self, symbol: str, start: int, end: int, rule: str, *, hidden: bool = True) -> bool:
        """Note a mention, unless its place is taken or, with ``hidden``, no prose. Tell whether it was noted.

        The places that one rule finds come in order and do not overlap.
        """
        if self._taken and within(self._taken, start, end):
            return False
        if hidden and self._hidden and within(self._hidden, start, end):
            return False
        self.found.append(Mention(symbol, self.text[start:end], start, end, rule, self.field))
        return True

    def refuse(self, start: int, end: int) -> None:
        """Exclude a place without a mention from the rules that follow."""
        self._refused.append((start, end))

    def settle(self) -> None:
        """Exclude the places that a rule took from the rules that follow."""
        if len(self.found) > self._settled or self._refused:
            self._taken += [(found.start, found.end) for found in self.found[self._settled :]]
            self._taken += self._refused
            self._taken.sort()
            self._settled = len(self.found)
            self._refused.clear()

    def know(self, named: Iterable[str]) -> None:
        """Set which instruments the story names without doubt, besides those that it tags."""
        self._known = self.tagged.union(named)
        self._by_code = None

    def is_known(self, symbol: str) -> bool:
        """Tell whether the story tags an instrument, or names it somewhere without doubt."""
        return symbol in self._known

    def known_by_code(self, code: str) -> list[str]:
        """Return the known instruments of the markets with letters (US, SG) that have this code."""
        if self._by_code is None:
            self._by_code = {}
            for symbol in self._known:
                own, _, market = symbol.rpartition(".")
                if market in ("US", "SG"):
                    self._by_code.setdefault(own, []).append(symbol)
        return self._by_code.get(code, [])

    def confirmed(self, targets: Iterable[Target], start: int) -> str | None:
        """Return the one symbol of some that is known or, without any, whose name stands before ``start``."""
        symbols = [target.symbol for target in targets]
        known = [symbol for symbol in symbols if symbol in self._known]
        if known:
            return known[0] if len(known) == 1 else None
        named = [symbol for symbol in symbols if self.is_named_before(symbol, start)]
        return named[0] if len(named) == 1 else None

    def is_named_before(self, symbol: str, start: int) -> bool:
        """Tell whether a name of the instrument, by the reference of listings, ends at ``start``."""
        if self._names_of is None:
            return False
        names = self._names_of(symbol, self.on)
        return bool(names) and ends_in_name(self.text[max(0, start - _LONGEST_NAME) : start], names)


@lru_cache(maxsize=4096)
def targets_of(code: str, market: str | None, on: date) -> tuple[Target, ...]:
    """Return what a code may stand for on a day: in a market, or in each whose codes look like it."""
    if market is not None:
        symbols = [_symbol(code, market)]
    elif code.isdigit():
        markets = ("HK",) if len(code) < _LONGEST_NUMBER else ("SH", "SZ", "BJ")
        symbols = [f"{code}.{market}" for market in markets]
    else:
        symbols = [_symbol(code, "US"), _symbol(code, "SG")]
    return tuple(found for symbol in symbols if symbol and (found := _target(symbol, on)) is not None)


def _symbol(code: str, market: str) -> str | None:
    if market == "US":
        ticker = _US_TICKER.fullmatch(code)
        return f"{'.'.join(filter(None, ticker.groups()))}.US" if ticker else None
    if not (_SG_CODE.fullmatch(code) if market == "SG" else code.isdigit()):
        return None
    return f"{code}.{market}"


# The same few symbols stand in story after story, and `resolve` costs more than a rule.
@lru_cache(maxsize=4096)
def _target(text: str, on: date) -> Target | None:
    try:
        found = resolve(text, on)
    except Refused:
        return None
    if found.symbol is None or found.type == "industry":
        return None
    return Target(found.symbol, found.market, found.type)
