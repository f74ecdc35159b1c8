"""How far a run is: its pages and stories, counted."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from newscrawl.codes import Outcome, PageState
from newscrawl.database.engine import Engine, pairs
from newscrawl.database.statements.pages import (
    COUNT_LOCALES_WITH_OUTCOMES,
    COUNT_PAGES,
    COUNT_STORIES_WITH_OUTCOMES,
    FAILED_STARTS,
    WITHDRAWN_STARTS,
)
from newscrawl.database.statements.runs import COUNT_STORIES
from newscrawl.queue.links import FOLLOWED, GONE
from newscrawl.queue.runs import Run

if TYPE_CHECKING:
    from newscrawl.promises.assessing import Report

# What has an article now, written by this run or before.
_HAS_ARTICLE = sorted(FOLLOWED - {Outcome.DROPPED})
_NO_ARTICLE = (Outcome.REJECTED, Outcome.FORBIDDEN, Outcome.FAILED, Outcome.MISSING, Outcome.CRASHED)
_GONE = sorted(GONE)


class Counts(NamedTuple):
    """A run's pages by state and outcome, the starts that were never read, and those that are gone.

    ``stories_read`` and ``locales`` count what has an article now, written by this run or before.
    """

    waiting: int
    leased: int
    stories: int
    stories_read: int
    locales: dict[str, int]
    outcomes: Counter[str]
    failed_starts: dict[str, str]
    withdrawn_starts: tuple[str, ...] = ()
    report: Report | None = None
    """How the run kept its promises; known once no page waits any more."""

    @property
    def finished(self) -> int:
        """Pages whose outcome is known."""
        return sum(self.outcomes.values())


NO_COUNTS = Counts(0, 0, 0, 0, {}, Counter(), {})


def count_pages(run: Run) -> Counts:
    """Count a run's pages and stories. Takes time in proportion to the pages."""
    return run.engine.read(lambda: _count(run))


def withdrawn_starts(engine: Engine, run_id: str) -> tuple[str, ...]:
    """Return the starts of a run that were read before and answer 404 or 410 now. Inside a transaction."""
    return tuple(uid for (uid,) in engine.execute(WITHDRAWN_STARTS.of(_GONE), (run_id, *_GONE)))


def _count(run: Run) -> Counts:
    execute = run.engine.execute
    states: Counter[int] = Counter()
    outcomes: Counter[str] = Counter()
    for state, outcome, count in execute(COUNT_PAGES, (run.run_id,)):
        states[state] += count
        if outcome is not None and state >= PageState.DONE:
            outcomes[outcome] += count
    ((stories,),) = execute(COUNT_STORIES, (run.run_id,))
    ((stories_read,),) = execute(COUNT_STORIES_WITH_OUTCOMES.of(_HAS_ARTICLE), (run.run_id, *_HAS_ARTICLE))
    locales = execute(COUNT_LOCALES_WITH_OUTCOMES.of(_HAS_ARTICLE), (run.run_id, *_HAS_ARTICLE))
    failed_starts = execute(FAILED_STARTS.of(_NO_ARTICLE), (run.run_id, *_NO_ARTICLE))
    return Counts(
        waiting=states[PageState.WAITING],
        leased=states[PageState.LEASED],
        stories=stories,
        stories_read=stories_read,
        locales=pairs(locales),
        outcomes=outcomes,
        failed_starts={uid: error or outcome for uid, outcome, error in failed_starts},
        withdrawn_starts=withdrawn_starts(run.engine, run.run_id),
    )
