"""What is measured of the pages of a run: shares of pages on which something is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from newscrawl.codes import Outcome, WarningCode
from newscrawl.promises.facts import COUNTED_WARNINGS, FIELDS, PARTS, Facts
from newscrawl.promises.profile import NOW, REPEATED, Profile, effective_number, is_dated_now

# Pages that answered, whatever they held.
_ANSWERED = (
    Outcome.READ,
    Outcome.UNCHANGED,
    Outcome.DROPPED,
    Outcome.WITHDRAWN,
    Outcome.MISSING,
    Outcome.REJECTED,
    Outcome.FAILED,
)
_NOUNS = {
    "title": "a title",
    "description": "a description",
    "body": "a body of a plausible length",
    "published_at": "a date",
    "instruments": "instruments",
    "related": "related news",
    "alternates": "a second locale",
    "letters": "letters as the greater part of their text",
}

ENOUGH_ID_HOURS = 8
"""Over so many hours of the site's stream ids must be spread before dates are held to them."""

_PARTS = {
    "title_head": "beginning of the title",
    "title_tail": "end of the title",
    "head": "beginning of the body",
    "tail": "end of the body",
    "instruments": "list of instruments",
    "related": "list of related news",
}


class Measure(NamedTuple):
    """A share of pages, at most so large in a healthy run."""

    name: str
    """As in the setting PROMISES."""
    what: str
    measured: Callable[[Profile], tuple[float, float]]
    """Returns how many pages show it, and of how many."""
    shows: Callable[[str, Facts | None, Profile], bool]
    """Tells whether a page shows it, by its outcome and facts; the profile is that which was measured."""
    of_outcomes: bool = False
    """It is about what became of pages, not about what was read."""
    is_relative: bool = True
    """It is also held to earlier runs."""
    field: str | None = None
    """The field that is empty, of those that are counted by locale."""
    bounded: Callable[[Profile], tuple[float, float]] | None = None
    """What the fixed bound is held to, where that is not what earlier runs are compared by."""


def _outcome(outcome: Outcome, what: str) -> Measure:
    def count(profile: Profile) -> tuple[float, float]:
        return profile.outcomes[outcome], sum(profile.outcomes[name] for name in _ANSWERED)

    return Measure(str(outcome), what, count, lambda found, _, __: found == outcome, of_outcomes=True)


def _without(place: int, name: str) -> Measure:
    return Measure(
        f"without_{name}",
        f"pages without {_NOUNS[name]}",
        lambda profile: (profile.articles - profile.filled[name], profile.articles),
        lambda _, facts, __: facts is not None and not facts.filled >> place & 1,
        field=name,
    )


def _warned(place: int, code: str) -> Measure:
    return Measure(
        code,
        f"pages with the warning {code}",
        lambda profile: (profile.warned[code], profile.articles),
        lambda _, facts, __: facts is not None and bool(facts.warned >> place & 1),
        bounded=_ids_at_odds if code == WarningCode.ID_DATE_DIFFERS else None,
    )


def _ids_at_odds(profile: Profile) -> tuple[float, float]:
    """Return how many dates do not agree with ids, of those whose ids tell.

    None where all ids are of a few hours: no crawl of the site meets such, a made-up site that counts its
    pages does.
    """
    if effective_number(profile.ids) < ENOUGH_ID_HOURS:
        return 0, 0
    return profile.ids_at_odds, sum(profile.ids.values())


def _equal(name: str) -> Measure:
    field = REPEATED[name]
    noun = _PARTS.get(name, name)

    def shows(_: str, facts: Facts | None, profile: Profile) -> bool:
        if facts is None:
            return False
        counter = profile.repeated.get(name, {}).get(facts.locale)
        return counter is not None and getattr(facts, field) == counter.most_common(1)[0][0]

    return Measure(
        f"equal_{name}",
        f"pages of a locale with the same {noun}",
        lambda profile: profile.commonest(name),
        shows,
    )


def _changed(place: int, name: str) -> Measure:
    return Measure(
        f"changed_{name}",
        f"known pages whose {name} changed",
        lambda profile: (profile.changed[name], profile.known),
        lambda _, facts, __: facts is not None and bool(facts.changed >> place & 1),
    )


MEASURES = (
    _outcome(Outcome.REJECTED, "pages that were no articles"),
    _outcome(Outcome.MISSING, "pages that do not exist"),
    _outcome(Outcome.FAILED, "pages without an answer"),
    _outcome(Outcome.WITHDRAWN, "pages that were read before and are gone"),
    *(_without(place, name) for place, name in enumerate(FIELDS)),
    Measure(
        "dated_now",
        f"pages dated within {NOW} minutes of the fetch, or within {NOW + 1} minutes of the hour before it",
        lambda profile: (profile.dated_at_once(), profile.articles),
        lambda _, facts, __: facts is not None and is_dated_now(facts),
        # A crawl that catches up meets old pages, and then young ones.
        is_relative=False,
    ),
    *(_equal(name) for name in REPEATED),
    *(_warned(place, code) for place, code in enumerate(COUNTED_WARNINGS)),
    *(_changed(place, name) for place, name in enumerate(PARTS)),
)
"""Each is held to its bound in PROMISES, and to the median of earlier runs."""
