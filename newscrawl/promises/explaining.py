"""A broken promise is shown by pages of the run itself, and some of them are named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from newscrawl.promises.facts import Facts
from newscrawl.promises.measures import MEASURES
from newscrawl.promises.profile import Profile
from newscrawl.promises.promise import Kept

_EXAMPLES = 3
_MEASURES = {measure.name: measure for measure in MEASURES}


class Shown(NamedTuple):
    """A page of a run, what became of it, and what it showed where it was read."""

    story_id: str | None
    """None for a page of which nothing is known."""
    url: str
    outcome: str
    facts: Facts | None


def confirmed(kept: Sequence[Kept], alone: Sequence[Kept]) -> list[Kept]:
    """Return promises as a small run kept them together with runs before it, where its own pages agree.

    ``alone`` are those of its own pages, however few. Pages that earlier runs lent may break a promise; they
    were told of when they were read, and the site may be as it was again.
    """
    own = {one.name: one for one in alone}
    return [
        one._replace(is_broken=False)
        if one.is_broken and _is_told_alone(one.name) and not _agrees(one, own.get(one.name))
        else one
        for one in kept
    ]


def _agrees(together: Kept, own: Kept | None) -> bool:
    """Tell whether a run's own value is beyond its bound, too, and on the same side: longer, or shorter."""
    if own is None or own.value is None or together.value is None:
        return False
    same_side = (own.value > own.bound) == (together.value > together.bound)
    return same_side and (own.is_broken or own.is_unsure)


def _is_told_alone(name: str) -> bool:
    """Tell whether a few pages have a value: what pages share, and a pattern of hours or ids, needs many."""
    measure = _MEASURES.get(name.partition("/")[0])
    if measure is None:
        return name != "hours"
    return measure.bounded is None and not measure.name.startswith("equal_")


def examples_of(pool: Profile, pages: Iterable[Shown], kept: Sequence[Kept]) -> dict[str, list[str]]:
    """Return up to three addresses of a run's pages for each broken promise; ``pool`` is what was held."""
    found: dict[str, list[str]] = {one.name: [] for one in kept if one.is_broken}
    if not found:
        return found
    for page in pages:
        for name, urls in found.items():
            if len(urls) < _EXAMPLES and _shows(name, page, pool):
                urls.append(page.url)
        if all(len(urls) == _EXAMPLES for urls in found.values()):
            break
    return found


def _shows(name: str, page: Shown, pool: Profile) -> bool:
    first, _, last = name.partition("/")
    measure = _MEASURES.get(first)
    if measure is None:
        # A promise about all pages together, such as a median, is shown by any page that was read.
        return page.facts is not None
    if page.facts is not None and last in pool.locales and page.facts.locale != last:
        return False
    return measure.shows(page.outcome, page.facts, pool)


def explained(kept: Kept, examples: Mapping[str, Sequence[str]]) -> Kept:
    """Return a promise with its examples. One that no page of the run shows is not broken by it."""
    if not kept.is_broken:
        return kept
    if not examples[kept.name] and kept.name.partition("/")[0] in _MEASURES:
        return kept._replace(is_broken=False)
    return kept._replace(examples=tuple(examples[kept.name]))
