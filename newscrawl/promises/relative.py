"""Promises relative to earlier healthy runs of the same crawl, read by the same reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import log
from statistics import median

from newscrawl.promises.absolute import ENOUGH, ENOUGH_OUTCOMES
from newscrawl.promises.measures import MEASURES, Measure
from newscrawl.promises.profile import LENGTHS, Profile, effective_number
from newscrawl.promises.promise import Kept, differs

LAST, FIRST = 5, 3
"""The median is that of so many of the last healthy runs; slow decay is told from so many of the first."""
_HOURS = 24
# Dates of fewer pages than this show no pattern of the day.
_ENOUGH_HOURS = 200
# Neither do dates of fewer days: a crawl that runs each hour meets the news of this hour.
_ENOUGH_DAYS = 3
# Minutes. News that waited for a crawl that did not run for some weeks is no fault.
_LEAST_LAG = 30 * 1_440


def hold_relative(
    profile: Profile,
    history: Sequence[Profile],
    bounds: Mapping[str, float | None],
    enough: float = ENOUGH,
) -> Iterator[Kept]:
    """Hold a profile to the profiles of earlier healthy runs, oldest first; each has ``ENOUGH`` pages.

    What pages hold is judged from ``enough`` articles on.
    """
    if not history:
        return
    last, first = history[-LAST:], history[:FIRST]
    for measure in MEASURES:
        if not measure.is_relative:
            continue
        yield from _hold_share(measure, profile, last, first, bounds, enough)
    for name in LENGTHS:
        yield from _hold_ratio(
            f"length_{name}",
            f"median length of the {name} in characters",
            _length(name),
            profile,
            last,
            first,
            bounds,
            enough,
        )
    for name in ("instruments", "related"):
        yield from _hold_ratio(
            f"number_{name}", f"mean number of {name}", _mean(name), profile, last, first, bounds, enough
        )
    yield from _hold_lag(profile, last, bounds, enough)
    yield from _hold_hours(profile, history, bounds)


def _hold_share(
    measure: Measure,
    profile: Profile,
    last: Sequence[Profile],
    first: Sequence[Profile],
    bounds: Mapping[str, float | None],
    enough: float,
) -> Iterator[Kept]:
    count, total = measure.measured(profile)
    if bounds.get(measure.name) is None or total < (
        min(enough, ENOUGH_OUTCOMES) if measure.of_outcomes else enough
    ):
        return
    share = count / total
    for name, runs in (("rise", last), ("rise_since_first", first)):
        bound = bounds.get(name)
        found = [measure.measured(run) for run in runs]
        found = [(part, of) for part, of in found if of >= ENOUGH]
        if bound is None or not found:
            continue
        history = tuple(part / of for part, of in found)
        middle, pages = median(history), sum(of for _, of in found)
        broken = share - middle > bound and differs(share, total, middle, pages)
        what = f"{measure.what}, {100 * middle:.3g}% in {_which(runs is last)} runs"
        full_name = f"{measure.name}/{name}"
        yield Kept(full_name, middle + bound, share, total, broken, what, history, is_share=True)


def _hold_ratio(
    name: str,
    what: str,
    value_of: Callable[[Profile], float | None],
    profile: Profile,
    last: Sequence[Profile],
    first: Sequence[Profile],
    bounds: Mapping[str, float | None],
    enough: float,
) -> Iterator[Kept]:
    value = value_of(profile)
    if profile.articles < enough or value is None:
        return
    for bound_name, runs in (("ratio", last), ("ratio_since_first", first)):
        bound = bounds.get(bound_name)
        history = tuple(found for run in runs if (found := value_of(run)))
        if bound is None or not history:
            continue
        middle = median(history)
        ratio = max(value, middle) / max(min(value, middle), 1e-9)
        text = f"{what}, {middle:.3g} in {_which(runs is last)} runs"
        expects = f"at most {bound:g} times more or less than"
        yield Kept(
            f"{name}/{bound_name}",
            middle,
            value,
            profile.articles,
            ratio > bound,
            text,
            history,
            expects=expects,
        )


def _which(is_last: bool) -> str:  # noqa: FBT001
    return "earlier" if is_last else "the first"


def _length(name: str) -> Callable[[Profile], float | None]:
    return lambda profile: profile.median_length(name)


def _mean(name: str) -> Callable[[Profile], float | None]:
    return lambda profile: profile.totals[name] / profile.articles if profile.articles else None


def _hold_lag(
    profile: Profile, last: Sequence[Profile], bounds: Mapping[str, float | None], enough: float
) -> Iterator[Kept]:
    """Hold the age of pages at their first reading: dates that are years too old make it longer."""
    bound, value = bounds.get("lag"), profile.median_length("lag")
    pages = sum(profile.lengths.get("lag", {}).values())
    history = tuple(found for run in last if (found := run.median_length("lag")))
    if bound is None or value is None or not history or pages < enough:
        return
    most = max(bound * median(history), float(_LEAST_LAG))
    yield Kept(
        "lag", most, value, pages, value > most, "median age of pages at first sight in minutes", history
    )


def hold_pages(pages: int, history: Sequence[int], bounds: Mapping[str, float | None]) -> Iterator[Kept]:
    """Hold the number of pages that a run met, known ones included, to that of healthy runs, oldest first.

    Where lists of links can no longer be read, a crawl ends early and looks like a quiet hour.
    """
    bound = bounds.get("fewer_pages")
    if bound is None or not history or median(history[-LAST:]) < ENOUGH_OUTCOMES:
        return
    last = tuple(float(number) for number in history[-LAST:])
    least = median(last) / bound
    what = f"pages that were met, {median(last):.0f} in earlier runs"
    yield Kept("fewer_pages", least, pages, pages, pages < least, what, last, expects="at least")


def _hold_hours(
    profile: Profile, history: Sequence[Profile], bounds: Mapping[str, float | None]
) -> Iterator[Kept]:
    """Tell dates that are all shifted by whole hours: shifted back, they fit the earlier pattern better.

    The fit is the log-likelihood of the run's hours of the day under the smoothed hours of the history. The
    bound is on how much better the best shift fits than none, in natural logarithms, a page.
    """
    bound = bounds.get("hours")
    earlier = Profile()
    for run in history:
        earlier.add_part(run)
    total, known = sum(profile.hours.values()), sum(earlier.hours.values())
    if bound is None or total < ENOUGH or known < _ENOUGH_HOURS:
        return
    if min(effective_number(profile.days), effective_number(earlier.days)) < _ENOUGH_DAYS:
        return
    chances = [(earlier.hours[str(hour)] + 1) / (known + _HOURS) for hour in range(_HOURS)]

    def fit(shift: int) -> float:
        return sum(profile.hours[str(hour)] * log(chances[(hour - shift) % _HOURS]) for hour in range(_HOURS))

    best = max(range(_HOURS), key=fit)
    gain = (fit(best) - fit(0)) / total
    what = (
        f"how much better the dates fit the hours of earlier runs with {best} hours taken off (logarithm of "
        "the likelihood, a page)"
    )
    yield Kept("hours", bound, gain, total, gain > bound, what)
