"""Symbols that the texts of a story name, in forms that leave no doubt.

Precision before recall: a form that could also be a word, a year or an amount counts only where the story
tags the instrument, names it elsewhere in a form without doubt, or has its name before the code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from newscrawl.named_in_text import Mention
from newscrawl.text.mention_brackets import (
    Part,
    brackets,
    confirmed_parts,
    exchange_codes,
    marked_names,
)
from newscrawl.text.mention_labels import dollar_tickers, has_label, labelled_codes
from newscrawl.text.mention_places import MOST_BRACKETS, MOST_MENTIONS, NamesOf, Places
from newscrawl.text.mention_symbols import (
    ANY_SYMBOL,
    SUFFIX,
    cashtags,
    quote_links,
    stock_tags,
    suffixed,
)


def find_mentions(
    texts: Mapping[str, str], tagged: Iterable[str], on: date, names_of: NamesOf | None = None
) -> list[Mention]:
    """Return what the texts of a story mention, text by text, each in its order and without overlap.

    ``texts`` holds them by the name of their field, ``tagged`` the canonical symbols of the story's
    instruments, ``on`` is its day. ``names_of`` tells the names of a symbol's holder on a day, by a reference
    of listings; without it no name confirms a code. Code, addresses and link targets do not count, except a
    link to an instrument's own page. Offsets are in Unicode characters of that text. The time is linear in
    the texts. Of very many the first ones are returned, see ``find_first_mentions``.
    """
    return find_first_mentions(texts, tagged, on, names_of)[0]


def find_first_mentions(
    texts: Mapping[str, str], tagged: Iterable[str], on: date, names_of: NamesOf | None = None
) -> tuple[list[Mention], bool]:
    """Return the first ``MOST_MENTIONS`` mentions of a story, and whether there may be more.

    Of one text no more than ``MOST_LOOKED_UP`` different symbols are looked up, in the order of the rules,
    and no more than ``MOST_BRACKETS`` brackets are looked at; what else could be one is left out.
    """
    known = frozenset(tagged)
    searched: list[tuple[Places, list[Part]]] = []
    for field, text in texts.items():
        if (
            "(" in text
            or "（" in text
            or "$" in text
            or ("[" in text and "]ST/" in text)
            or has_label(text)
            or SUFFIX.search(text) is not None
        ):
            places = Places(text, field, known, on, names_of)
            searched.append((places, _find_certain(places)))
    named = {mention.symbol for places, _ in searched for mention in places.found}
    for places, waiting in searched:
        places.know(named)
        dollar_tickers(places)
        confirmed_parts(places, waiting)
        labelled_codes(places)
    # No rule stops before it has so many, so these are the first ones.
    found = [mention for places, _ in searched for mention in sorted(places.found, key=_start)]
    is_exhausted = any(places.is_exhausted for places, _ in searched)
    return found[:MOST_MENTIONS], len(found) > MOST_MENTIONS or is_exhausted


def _find_certain(places: Places) -> list[Part]:
    """Find what needs nothing else of the story, and return the parts of brackets that do."""
    text = places.text
    groups = brackets(text) if "(" in text or "（" in text else []
    if len(groups) > MOST_BRACKETS:
        places.is_exhausted = True
        del groups[MOST_BRACKETS:]
    # The most certain rule comes first: where two fit, the first one counts.
    if "[" in text and "/quote/" in text:
        quote_links(places)
    if "[" in text and "]ST/" in text:
        stock_tags(places)
    if "$" in text:
        cashtags(places, (group for group in groups if group[2] and ANY_SYMBOL.fullmatch(group[1].strip())))
    suffixed(places)
    waiting = exchange_codes(places, groups)
    marked_names(places, waiting)
    return waiting


def _start(mention: Mention) -> int:
    return mention.start
