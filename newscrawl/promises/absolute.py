"""Promises with a fixed bound, from the setting PROMISES."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from newscrawl.promises.measures import MEASURES, Measure
from newscrawl.promises.profile import Profile
from newscrawl.promises.promise import Kept, exceeds

ENOUGH = 50
"""So many pages must have been read before what they hold is judged."""
# What became of pages is told sooner: a site that answers 404 leads to few pages.
ENOUGH_OUTCOMES = 10
"""So many pages must have been asked for before what became of them is judged."""


def hold_absolute(
    profile: Profile,
    bounds: Mapping[str, float | None],
    locales: Sequence[str],
    answered: int,
    enough: float = ENOUGH,
) -> Iterator[Kept]:
    """Hold a profile to each bound that is no None.

    ``locales`` are those that the crawl asks for, ``answered`` the pages of the run itself, without what
    earlier runs lent to the profile. What pages hold is judged from ``enough`` articles on.
    """
    bound = bounds.get("pages")
    if bound is not None:
        yield Kept(
            "pages", bound, answered, answered, answered < bound, "pages that were met", expects="at least"
        )
    for measure in MEASURES:
        bound = bounds.get(measure.name)
        if bound is None:
            continue
        count, total = (measure.bounded or measure.measured)(profile)
        least = min(enough, ENOUGH_OUTCOMES) if measure.of_outcomes else enough
        # A locale is judged by its own pages, which are a part of all.
        is_enough = total >= least or (measure.name.startswith("equal_") and profile.articles >= enough)
        broken = is_enough and exceeds(count, total, bound)
        share = count / total if total else None
        yield Kept(measure.name, bound, share, total, broken, measure.what, is_share=True)
        if measure.field is not None and len(locales) > 1:
            yield from _by_locale(profile, measure, measure.field, bound, locales, enough)
    bound = bounds.get("locale")
    if bound is not None and len(locales) > 1 and profile.articles:
        yield _least_locale(profile, bound, locales, enough)


def _by_locale(
    profile: Profile,
    measure: Measure,
    field: str,
    bound: float,
    locales: Sequence[str],
    enough: float,
) -> Iterator[Kept]:
    """Hold each locale to a bound of its own: where one of three has lost a field, all have lost a third.

    Locales may differ, so the bound lies in the middle between that of all pages and all pages without it.
    """
    for locale in locales:
        total = profile.locales[locale]
        if not total:
            continue
        count = total - profile.filled_in.get(field, Counter())[locale]
        bound_here = (1 + bound) / 2
        broken = profile.articles >= enough and exceeds(count, total, bound_here)
        what = f"{measure.what} in {locale}"
        name = f"{measure.name}/{locale}"
        yield Kept(name, bound_here, count / total, total, broken, what, is_share=True)


def _least_locale(profile: Profile, bound: float, locales: Sequence[str], enough: float) -> Kept:
    """Hold the locale with the fewest pages to its share of those of the one with the most."""
    most = max(profile.locales[locale] for locale in locales)
    least = min(locales, key=lambda locale: profile.locales[locale])
    count = profile.locales[least]
    broken = profile.articles >= enough and exceeds(most - count, most, 1 - bound)
    share = count / most if most else None
    what = f"pages in {least}, beside those of the locale with the most"
    return Kept("locale", bound, share, most, broken, what, is_share=True, expects="at least")
