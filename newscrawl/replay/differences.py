"""Which fields of which lines would change, and which would become empty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from newscrawl.shown import shorten

_VERSIONS = "refined_with"
_MOST_EXAMPLES = 3
# Lists that a reader fills, object by object. In others what is empty depends on the time.
_READ_LISTS = frozenset({"alternates", "instruments", "related"})
# A page of which nobody has to be warned any more has lost nothing.
_NO_LOSS = frozenset({"warnings"})
_EMPTY: tuple[Any, ...] = (None, "", [], {})


@dataclass(slots=True)
class FieldChange:
    """What happens to one field over all lines."""

    count: int = 0
    emptied: int = 0
    """In how many lines it was filled and would be empty."""
    examples: list[str] = field(default_factory=list)
    emptied_examples: list[str] = field(default_factory=list)

    def add(self, example: str, *, is_emptied: bool) -> None:
        """Count one line."""
        self.count += 1
        self.emptied += is_emptied
        kept = self.emptied_examples if is_emptied else self.examples
        if len(kept) < _MOST_EXAMPLES:
            kept.append(example)

    def merge(self, other: Self) -> None:
        """Count the lines of another one."""
        self.count += other.count
        self.emptied += other.emptied
        self.examples = [*self.examples, *other.examples][:_MOST_EXAMPLES]
        self.emptied_examples = [*self.emptied_examples, *other.emptied_examples][:_MOST_EXAMPLES]

    @property
    def shown(self) -> list[str]:
        """Three examples, those that become empty first."""
        return [*self.emptied_examples, *self.examples][:_MOST_EXAMPLES]


@dataclass(slots=True)
class Differences:
    """Counts of lines, and of changes by field. Those of parts can be put together."""

    lines: int = 0
    changed: int = 0
    """Lines that change in a field other than ``refined_with``."""
    versions: int = 0
    """Lines of which ``refined_with`` changes."""
    fields: dict[str, FieldChange] = field(default_factory=dict)
    lost: FieldChange = field(default_factory=FieldChange)
    """Articles that could not be read any more."""
    won: FieldChange = field(default_factory=FieldChange)
    """Rejected pages that can be read now."""

    def add(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
        """Compare two states of one line; tell whether a field other than ``refined_with`` changes."""
        is_changed = False
        for name, value in after.items():
            old = before.get(name)
            # A key that is missing, as in older lines, is not the same as null.
            if name in before and old == value:
                continue
            if name == _VERSIONS:
                self.versions += 1
                continue
            is_changed = True
            self.note(name, after["uid"], old, value)
        self.changed += is_changed
        return is_changed

    def note(self, name: str, uid: str, old: object, new: object) -> None:
        """Count the change of one field of one line, and what its parts lose."""
        self._note(name, uid, old, new)
        if name in _READ_LISTS:
            for part in _emptied_parts(old, new):
                self._note(f"{name}[].{part}", uid, "filled", None)

    def _note(self, name: str, uid: str, old: object, new: object) -> None:
        is_emptied = name not in _NO_LOSS and old not in _EMPTY and new in _EMPTY
        example = f"{uid}: {shorten(old)} -> {shorten(new)}"
        self.fields.setdefault(name, FieldChange()).add(example, is_emptied=is_emptied)

    def merge(self, other: Self) -> None:
        """Put what was counted of other lines to this."""
        self.lines += other.lines
        self.changed += other.changed
        self.versions += other.versions
        for name, change in other.fields.items():
            self.fields.setdefault(name, FieldChange()).merge(change)
        self.lost.merge(other.lost)
        self.won.merge(other.won)

    @property
    def is_loss(self) -> bool:
        """Whether a field that was filled would be empty in any line, or a page could no longer be read."""
        return bool(self.lost.count) or any(change.emptied for change in self.fields.values())

    def report(self) -> Iterator[str]:
        """Yield lines of text for a person."""
        yield f"{self.lines} lines, {self.changed} would change"
        for name in sorted(self.fields):
            change = self.fields[name]
            emptied = f", {change.emptied} would be EMPTY" if change.emptied else ""
            yield f"  {name}: {change.count}{emptied}"
            yield from (f"    {example}" for example in change.shown)
        for what, change in (
            ("articles that could NOT be read any more", self.lost),
            ("rejected pages that can be read now", self.won),
        ):
            if change.count:
                yield f"  {what}: {change.count}"
                yield from (f"    {example}" for example in change.shown)
        if self.versions:
            yield f"other versions of steps or tables (refined_with): {self.versions}"


def _emptied_parts(old: object, new: object) -> list[str]:
    """Return the keys of a list's objects that are filled before, and empty in the same place after."""
    if not (isinstance(old, list) and isinstance(new, list) and len(old) == len(new)):
        return []
    found = {
        key
        for one, other in zip(old, new, strict=True)
        if isinstance(one, dict) and isinstance(other, dict)
        for key, value in one.items()
        if value not in _EMPTY and other.get(key) in _EMPTY
    }
    return sorted(found)
