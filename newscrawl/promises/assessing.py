"""A finished run is held to its promises, with what the state knows of the runs before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import chain
from typing import NamedTuple

import orjson

from newscrawl.database.engine import Engine
from newscrawl.database.statements.promises import (
    EARLIER_REPORTS,
    FACTS_OF_RUN,
    FIRST_REPORTS,
    LATEST_REPORTS,
    READ_REPORT,
    STORE_REPORT,
)
from newscrawl.promises.absolute import ENOUGH, hold_absolute
from newscrawl.promises.explaining import Shown, confirmed, examples_of, explained
from newscrawl.promises.facts import Facts, decode
from newscrawl.promises.profile import Profile
from newscrawl.promises.promise import Kept
from newscrawl.promises.relative import FIRST, hold_pages, hold_relative
from newscrawl.queue.counts import Counts, count_pages
from newscrawl.queue.runs import Run, arguments_key
from newscrawl.sites.base import Site

# Rows read at once: all rows of a run of a million pages would not fit into little memory.
_CHUNK = 2_000
# Runs before this one that are looked at. Small ones are put together until they have enough pages.
_EARLIER = 100
# Of the first runs so many, to find FIRST times enough pages among small ones.
_FIRST = 30
# Runs that are looked at for how many pages they met, and for since when a promise is broken.
_LATEST = 20


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
    number: int
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
    profile, fresh = _count(run)
    earlier, latest = _earlier(run, promises.since), _latest(run, promises.since)
    answered = sum(profile.outcomes.values())
    history = _history(earlier)
    compared = [*_first(run, promises.since, history), *history]
    # A run that read nothing is told by no page of earlier runs.
    pool = _pool(profile, earlier) if profile.articles else profile

    def hold(pages: Profile, enough: float) -> list[Kept]:
        found = list(hold_absolute(pages, promises.bounds, promises.locales, answered, enough))
        return found + list(hold_relative(pages, compared, promises.bounds, enough))

    kept = hold(pool, ENOUGH)
    if 0 < profile.articles < ENOUGH and any(one.is_broken for one in kept):
        kept = confirmed(kept, hold(profile, 1))
    kept += hold_pages(answered, [one.pages for one in latest[::-1] if one.is_healthy], promises.bounds)
    examples = examples_of(pool, chain.from_iterable(_pages(engine, run.run_id)), kept)
    before = sorted({one.number: one for one in (*earlier, *latest)}.values(), reverse=True)
    found = (explained(one, examples) for one in kept)
    return Report(
        profile,
        fresh,
        tuple(
            one._replace(since=_since(one.name, run.run_id, before)) if one.is_broken else one
            for one in found
        ),
    )


def _count(run: Run) -> tuple[Profile, Profile]:
    """Return the profiles of all pages of a run, and of those that it read for the first time."""
    profile, fresh = Profile(), Profile()
    hour_of = id_hours(run.plan.site)
    for rows in _pages(run.engine, run.run_id):
        profile.outcomes.update(row.outcome for row in rows)
        for part, is_known in ((fresh, False), (profile, True)):
            pages = [row for row in rows if row.facts is not None and row.facts.is_known is is_known]
            facts = [row.facts for row in pages if row.facts is not None]
            part.count(facts, [hour_of(row.story_id, row.facts) for row in pages if row.facts is not None])
    profile.add_part(fresh)
    return profile, fresh


def id_hours(site: Site) -> Callable[[str | None, Facts], int | None]:
    """Return a function of story and facts: the hour since 1970 from which the id can have been given out.

    None where the site's table of ids does not tell: an id before its first row, or one that cannot have been
    given out when the page was fetched, so that the site does not count its pages as the table does.
    """

    @lru_cache(maxsize=8)
    def earliest(story_id: str) -> int | None:
        window = site.published_window(story_id)
        if window is None or window.earliest is None:
            return None
        return int(window.earliest.timestamp()) // 3_600

    def hour_of(story_id: str | None, facts: Facts) -> int | None:
        if story_id is None or facts.published_minute is None or facts.lag is None:
            return None
        hour = earliest(story_id)
        return hour if hour is not None and hour <= (facts.published_minute + facts.lag) // 60 else None

    return hour_of


def count_and_assess(run: Run, promises: Promises) -> Counts:
    """Count a run's pages, and hold the run to its promises where no page waits any more."""
    counts = count_pages(run)
    if counts.waiting or counts.leased:
        return counts
    return counts._replace(report=assess(run, promises))


def store_report(run: Run, report: Report, *, is_healthy: bool) -> None:
    """Keep a report as the history of later runs; the last one of a run counts."""
    promises = orjson.dumps([tuple(kept) for kept in report.promises]).decode()
    # Empty: nothing was read, so that hundreds of quiet runs do not hide those that have pages.
    profile, fresh = report.profile.encode(), report.fresh.encode() if report.profile.articles else ""
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


def _pages(engine: Engine, run_id: str) -> Iterator[list[Shown]]:
    """Yield the pages of a run, many at once."""
    last = ""
    while True:
        rows = engine.read(partial(engine.execute, FACTS_OF_RUN, (run_id, last, _CHUNK)))
        yield [
            Shown(story_id, url, outcome, decode(facts) if facts else None)
            for _, url, outcome, facts, story_id in rows
        ]
        if len(rows) < _CHUNK:
            return
        last = rows[-1][0]


def _earlier(run: Run, since: str) -> list[_Earlier]:
    """Return earlier runs of the same crawl that read pages with the same reader, the newest first."""
    return _read(run, EARLIER_REPORTS, since, _EARLIER)


def _latest(run: Run, since: str) -> list[_Earlier]:
    """Return the last runs before this one, those that read nothing included, the newest first."""
    return _read(run, LATEST_REPORTS, since, _LATEST)


def _read(run: Run, statement: str, since: str, most: int) -> list[_Earlier]:
    key = arguments_key(run.plan)
    values = (key, run.plan.site.reader, run.run_id, run.run_id, since, most)
    rows = run.engine.read(lambda: run.engine.execute(statement, values))
    return [
        _Earlier(
            number,
            run_id,
            bool(is_healthy),
            Profile.decode(profile),
            Profile.decode(fresh) if fresh else Profile(),
            frozenset(kept.name for kept in _decode_promises(promises) if kept.is_broken),
        )
        for number, run_id, is_healthy, profile, fresh, promises in rows
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
    return _history(_read(run, FIRST_REPORTS, since, _FIRST))[::-1][:FIRST]


def _since(name: str, run_id: str, earlier: Sequence[_Earlier]) -> str:
    since = run_id
    for run in earlier:
        if name in run.broken:
            since = run.run_id
        elif run.profile.articles:
            break
    return since
