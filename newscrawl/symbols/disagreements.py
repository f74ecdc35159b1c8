"""Where lists of listings contradict each other, or the ranges of codes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from newscrawl.exceptions import Refused
from newscrawl.reference import Reference
from newscrawl.symbols.explaining import explain_conflict
from newscrawl.symbols.listed import combine
from newscrawl.symbols.resolving import range_facts


def disagreements(reference: Reference, day: date) -> Iterator[str]:
    """Yield a line for each fact that is null on a day because sources contradict each other, by symbol."""
    for symbol in reference.symbols():
        found = reference.on(symbol, day)
        if found is None:
            continue
        for conflict in found.conflicts:
            yield f"{symbol}: {explain_conflict(conflict)}"
        try:
            known = range_facts(symbol, day)
        except Refused:
            continue
        together = combine(known, found.listing)
        listed, sources = found.listing, ", ".join(found.sources)
        if listed.type is not None and together.type != listed.type:
            yield f"{symbol}: type: {listed.type} in {sources}, {known.type} by its range of codes"
        if listed.mic is not None and together.mic != listed.mic:
            yield f"{symbol}: mic: {listed.mic} in {sources}, {known.mic} by its range of codes"
