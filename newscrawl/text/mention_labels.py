"""Codes behind a mark that says that they are one: ``$NVDA``, ``stock code: 1810``.

The mark says that a code is meant, not which market's: they count for instruments that the story tags or
names, or whose name stands before.
"""

from __future__ import annotations

import re

from newscrawl.codes import MentionRule
from newscrawl.text.mention_places import Places

_DOLLAR_TICKER = re.compile(r"\$([A-Z]{1,5}(?:\.[A-Z])?)(?![A-Za-z0-9_(（]|\.[A-Za-z0-9])")
_CURRENCY_WORDS = "A AUD B C CAD CNY EUR HK HKD K M NT NZ NZD R RMB S SG SGD T TWD US USD"
_CURRENCIES = frozenset(_CURRENCY_WORDS.split())
# `行动代号：7` may be anything: without the word for shares a code has four digits or more.
_LABEL = re.compile(
    r"(?:(?<![A-Za-z])[Ss]tock [Cc]odes?|(?:股[票份]|[证證]券)代[码碼号號]"
    r"|代[码碼号號](?=\W{0,3}[0-9]{4}))"
    r"[ \t\u3000]?(?:[:：︰为為]|is)?[ \t\u3000]?"
    r"([0-9]{1,6}|[A-Z]{1,5}(?:\.[A-Z])?)(?![A-Za-z0-9_%％]|[.,][A-Za-z0-9])"
)
_OPENING = re.compile(r"[(（]")
_FAR = 80


def has_label(text: str) -> bool:
    """Tell whether a text may hold a word that says that a code follows."""
    # Not a loop: this runs over every text, and most have none.
    if "ode" in text and ("code" in text or "Code" in text):
        return True
    return not text.isascii() and ("代码" in text or "代碼" in text or "代号" in text or "代號" in text)


def dollar_tickers(places: Places) -> None:
    """Find tickers behind a dollar sign."""
    text = places.text
    if "$" not in text:
        return
    for found in places.until_full(_DOLLAR_TICKER.finditer(text)):
        before = text[found.start() - 1 : found.start()] if found.start() else ""
        # `US$C`, and `$US` or `$HKD`, are currencies.
        if (before.isascii() and (before.isalnum() or before in "$_")) or found[1] in _CURRENCIES:
            continue
        if symbol := places.confirmed(places.targets(found[1], "US"), found.start()):
            places.take(symbol, *found.span(), MentionRule.DOLLAR_TICKER)
    places.settle()


def labelled_codes(places: Places) -> None:
    """Find codes behind words such as stock code; a name may stand before the bracket around it."""
    text = places.text
    if not has_label(text):
        return
    for found in places.until_full(_LABEL.finditer(text)):
        name_ends = found.start()
        low = max(0, found.start() - _FAR)
        brackets = list(_OPENING.finditer(text, low, found.start()))
        if brackets and not any(mark in text[brackets[-1].start() : found.start()] for mark in ")）\n"):
            name_ends = brackets[-1].start()
        if symbol := places.confirmed(places.targets(found[1], None), name_ends):
            places.take(symbol, *found.span(1), MentionRule.LABELLED_CODE)
    places.settle()
