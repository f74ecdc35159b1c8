"""Promises with a fixed bound, from the setting PROMISES."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from newscrawl.promises.measures import MEASURES
from newscrawl.promises.profile import Profile
from newscrawl.promises.promise import Kept, exceeds

ENOUGH = 50
"""So many pages must have been read before what they hold is judged."""
# What became of pages is told sooner: a site that answers 404 leads to few pages.
ENOUGH_OUTCOMES = 10
"""So many pages must have been asked for before what became of them is judged."""


def hold_absolute(
    profile: Profile, bounds: Mapping[str, float | None], locales: Sequence[str], answered: int
) -> Iterator[Kept]:
    """Hold a profile to each bound that is no None.

    ``locales`` are those that the crawl asks for, ``answered`` the pages of the run itself, without what
    earlier runs lent to the profile.
    """
    bound = bounds.get("pages")
    if bound is not None:
        yield Kept("pages", bound, answered, answered, answered < bound, "pages that answered, at least")
    for measure in MEASURES:
        bound = bounds.get(measure.name)
        if bound is None:
            continue
        count, total = measure.measured(profile)
        enough = ENOUGH_OUTCOMES if measure.of_outcomes else ENOUGH
        # A locale is judged by its own pages, which are a part of all.
        is_enough = total >= enough or (measure.name.startswith("equal_") and profile.articles >= enough)
        broken = is_enough and exceeds(count, total, bound)
        yield Kept(measure.name, bound, count / total if total else None, total, broken, measure.what)
    bound = bounds.get("locale")
    if bound is not None and len(locales) > 1 and profile.articles:
        yield _least_locale(profile, bound, locales)


def _least_locale(profile: Profile, bound: float, locales: Sequence[str]) -> Kept:
    """Hold the locale with the fewest pages to its share of those of the one with the most."""
    most = max(profile.locales[locale] for locale in locales)
    least = min(locales, key=lambda locale: profile.locales[locale])
    count = profile.locales[least]
    broken = profile.articles >= ENOUGH and exceeds(most - count, most, 1 - bound)
    share = count / most if most else None
    return Kept(
        "locale", bound, share, most, broken, f"pages in {least}, beside the locale with the most, at least"
    )
