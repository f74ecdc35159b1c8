"""What a list of listings adds to what form and range of a code tell, and where the two do not fit."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from newscrawl.reference import Listing, listing

# Ranges are for these and "other listed securities", or for funds of any kind: a list tells more.
_GENERAL = frozenset({"equity", "fund", "unknown"})


class Facts(NamedTuple):
    """What is known of a code so far; None for what is not."""

    type: str = "unknown"
    type_source: str = "none"
    mic: str | None = None
    currency: str | None = None


def with_listing(symbol: str, on: date, facts: Facts) -> Facts:
    """Return the facts about a canonical symbol with what the reference adds on a day.

    A listing tells what a general range leaves open. Where it contradicts a range that is for one kind alone,
    the type is unknown; where it contradicts the venue, that is.
    """
    found = listing(symbol, on)
    return facts if found is None else combine(facts, found)


def combine(facts: Facts, found: Listing) -> Facts:
    """Return what range and form of a code, and a listing, tell together."""
    kind, source = facts.type, facts.type_source
    if found.type is not None and found.type != kind:
        kind, source = (found.type, "reference") if kind in _GENERAL else ("unknown", "none")
    mic = found.mic if facts.mic is None else facts.mic
    if None not in (found.mic, facts.mic) and found.mic != facts.mic:
        mic = None
    # A range has one currency for thousands of codes, a list has that of the security.
    return Facts(kind, source, mic, found.currency or facts.currency)
