"""What a line says of the instruments that its texts name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Mention:
    """A place where the text itself names an instrument, whether the source tagged it or not."""

    symbol: str
    """The canonical symbol, as in ``Instrument``."""
    text: str
    """What was matched, as it stands in the field."""
    start: int
    """Where it begins in the field, in Unicode characters from 0."""
    end: int
    """Where it ends, exclusive: ``body[start:end] == text``."""
    rule: str
    """The form in which it was found: a ``newscrawl.codes.MentionRule``."""
    field: str = "body"
    """The text that it stands in: title, description or body."""


@dataclass(slots=True)
class Relevance:
    """How much a story speaks of an instrument that it is tagged with, counted from ``mentions``."""

    place: str = "tagged_only"
    """The most prominent place that names it: a ``newscrawl.codes.Place``."""
    mentions: int = 0
    """How many entries of ``mentions`` have its symbol."""
