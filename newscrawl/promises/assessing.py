"""A finished run is held to its promises, with what the state knows of the runs before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import orjson

from newscrawl.database.engine import Engine
from newscrawl.database.statements.promises import (
    EARLIER_REPORTS,
    FACTS_OF_RUN,
    FIRST_REPORTS,
    READ_REPORT,
    STORE_REPORT,
)
from newscrawl.promises.absolute import ENOUGH, hold_absolute
from newscrawl.promises.facts import Facts, decode
from newscrawl.promises.measures import MEASURES
from newscrawl.promises.profile import Profile
from newscrawl.promises.promise import Kept
from newscrawl.promises.relative import FIRST, hold_pages, hold_relative
from newscrawl.queue.counts import Counts, count_pages
from newscrawl.queue.runs import Run, arguments_key

# Rows read at once: all rows of a run of a million pages would not fit into little memory.
_CHUNK = 2_000
# Runs before this one that are looked at. Small ones are put together until they have enough pages.
_EARLIER = 100
_EXAMPLES = 3
_MEASURES = {measure.name: measure for measure in MEASURES}


class Promises(NamedTuple):
    """What a crawl promises: the bounds by name (None for none), its locales, and since which run."""

    bounds: Mapping[str, float | None]
    locales: tuple[str, ...]
    since: str = ""
    """Runs before this day or run id are no history."""


class Report(NamedTuple):
    """How a run kept its promises."""

    profile: Profile
    fresh: Profile
    """Of pages that were read for the first time alone: what a small run lends to others.

    The start and young pages are read in each run. Put together with each run, they would count many times.
    """
    promises: tuple[Kept, ...] = ()

    @property
    def broken(self) -> tuple[Kept, ...]:
        """Those that it did not keep."""
        return tuple(kept for kept in self.promises if kept.is_broken)


class _Earlier(NamedTuple):
    run_id: str
    is_healthy: bool
    profile: Profile
    fresh: Profile
    broken: frozenset[str]

    @property
    def pages(self) -> int:
        """All pages that it met."""
        return int(sum(self.profile.outcomes.values()))


def assess(run: Run, promises: Promises) -> Report:
    """Hold a run to its promises. Takes time in proportion to its pages."""
    engine = run.engine
    profile, fresh = Profile(), Profile()
    for _, outcome, facts in _pages(engine, run.run_id):
        profile.outcomes[outcome] += 1
        if facts is not None:
            profile.add(facts)
            if not facts.is_known:
                fresh.add(facts)
    earlier = _earlier(run, promises.since)
    pool, history = _pool(profile, earlier), _history(earlier)
    answered = sum(profile.outcomes.values())
    kept = list(hold_absolute(pool, promises.bounds, promises.locales, answered))
    if pool.articles:
        first = _first(run, promises.since, history)
        kept += hold_relative(pool, [*first, *history], promises.bounds)
    kept += hold_pages(answered, [one.pages for one in earlier[::-1] if one.is_healthy], promises.bounds)
    broken = [name.name for name in kept if name.is_broken]
    examples = _examples(engine, run.run_id, pool, broken) if broken else {}
    return Report(profile, fresh, tuple(_explained(one, run.run_id, examples, earlier) for one in kept))


def _explained(
    kept: Kept, run_id: str, examples: Mapping[str, Sequence[str]], earlier: Sequence[_Earlier]
) -> Kept:
    if not kept.is_broken:
        return kept
    if not examples[kept.name] and kept.name.partition("/")[0] in _MEASURES:
        # Pages that earlier runs lent broke it. They were told of when they were read.
        return kept._replace(is_broken=False)
    return kept._replace(since=_since(kept.name, run_id, earlier), examples=tuple(examples[kept.name]))


def count_and_assess(run: Run, promises: Promises) -> Counts:
    """Count a run's pages, and hold the run to its promises where no page waits any more."""
    counts = count_pages(run)
    if counts.waiting or counts.leased:
        return counts
    return counts._replace(report=assess(run, promises))


def store_report(run: Run, report: Report, *, is_healthy: bool) -> None:
    """Keep a report as the history of later runs; the last one of a run counts."""
    promises = orjson.dumps([tuple(kept) for kept in report.promises]).decode()
    profile, fresh = report.profile.encode(), report.fresh.encode()
    key, reader = arguments_key(run.plan), run.plan.site.reader
    values = (key, reader, int(is_healthy), profile, fresh, promises, run.run_id)
    run.engine.transact(lambda: run.engine.execute(STORE_REPORT, values))


def read_report(engine: Engine, run_id: str) -> tuple[Kept, ...] | None:
    """Return how a run kept its promises; None where nothing is stored of it. Inside a transaction."""
    rows = engine.execute(READ_REPORT, (run_id,))
    return _decode_promises(rows[0][1]) if rows else None


def _decode_promises(text: str) -> tuple[Kept, ...]:
    return tuple(
        Kept(*values)._replace(history=tuple(values[6]), examples=tuple(values[8]))
        for values in orjson.loads(text)
    )


def _pages(engine: Engine, run_id: str) -> Iterator[tuple[str, str, Facts | None]]:
    """Yield address, outcome and facts of each page of a run."""
    last = ""
    while True:
        rows = engine.read(partial(engine.execute, FACTS_OF_RUN, (run_id, last, _CHUNK)))
        for uid, url, outcome, facts in rows:
            last = uid
            yield url, outcome, decode(facts) if facts else None
        if len(rows) < _CHUNK:
            return


def _earlier(run: Run, since: str) -> list[_Earlier]:
    """Return earlier runs of the same crawl, read by the same reader, the newest first."""
    return _read(run, EARLIER_REPORTS, since, _EARLIER)


def _read(run: Run, statement: str, since: str, most: int) -> list[_Earlier]:
    key = arguments_key(run.plan)
    values = (key, run.plan.site.reader, run.run_id, run.run_id, since, most)
    rows = run.engine.read(lambda: run.engine.execute(statement, values))
    return [
        _Earlier(
            run_id,
            bool(is_healthy),
            Profile.decode(profile),
            Profile.decode(fresh),
            frozenset(kept.name for kept in _decode_promises(promises) if kept.is_broken),
        )
        for run_id, is_healthy, profile, fresh, promises in rows
    ]


def _pool(profile: Profile, earlier: Sequence[_Earlier]) -> Profile:
    """Return the profile of a run; where it is small, with pages of the runs before it, the newest first.

    Of a run before, only pages count that it read for the first time, and only as many as are missing, so
    that a large run does not hide a small one.
    """
    pool = Profile()
    pool.add_part(profile)
    for run in earlier:
        if pool.articles >= ENOUGH:
            break
        if run.fresh.articles:
            part = min(1.0, (ENOUGH - pool.articles) / run.fresh.articles)
            pool.add_part(run.fresh, part)
            # Sums of parts are not exact.
            pool.articles = round(pool.articles, 6)
    return pool


def _history(earlier: Sequence[_Earlier]) -> list[Profile]:
    """Return what healthy runs showed, the newest last; small ones are put together."""
    history: list[Profile] = []
    group = Profile()
    for run in earlier:
        if run.is_healthy:
            group.add_part(run.profile if run.profile.articles >= ENOUGH else run.fresh)
        if group.articles >= ENOUGH:
            history.append(group)
            group = Profile()
    return history[::-1]


def _first(run: Run, since: str, history: Sequence[Profile]) -> list[Profile]:
    """Return what the first healthy runs showed; none where they are among the history anyway."""
    if len(history) <= FIRST:
        return []
    found = _read(run, FIRST_REPORTS, since, FIRST)
    return [one.profile for one in found if one.profile.articles >= ENOUGH]


def _since(name: str, run_id: str, earlier: Sequence[_Earlier]) -> str:
    since = run_id
    for run in earlier:
        if name in run.broken:
            since = run.run_id
        elif run.profile.articles:
            break
    return since


def _examples(engine: Engine, run_id: str, pool: Profile, broken: Sequence[str]) -> dict[str, list[str]]:
    """Return up to three addresses of pages for each broken promise."""
    found: dict[str, list[str]] = {name: [] for name in broken}
    for url, outcome, facts in _pages(engine, run_id):
        for name, urls in found.items():
            first, _, last = name.partition("/")
            measure = _MEASURES.get(first)
            # A promise about all pages together, such as a median, is shown by any page that was read.
            is_shown = facts is not None if measure is None else measure.shows(outcome, facts, pool)
            is_there = facts is None or last not in pool.locales or facts.locale == last
            if len(urls) < _EXAMPLES and is_shown and is_there:
                urls.append(url)
        if all(len(urls) == _EXAMPLES for urls in found.values()):
            break
    return found
