"""How far a run is: its pages and stories, counted."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from newscrawl.codes import Outcome, PageState
from newscrawl.database.engine import pairs
from newscrawl.queue.links import FOLLOWED, GONE
from newscrawl.queue.runs import Run

# What has an article now, written by this run or before.
_HAS_ARTICLE = ",".join(f"'{outcome}'" for outcome in sorted(FOLLOWED - {Outcome.DROPPED}))
_NO_ARTICLE = ",".join(
    f"'{outcome}'"
    for outcome in (
        Outcome.REJECTED,
        Outcome.FORBIDDEN,
        Outcome.FAILED,
        Outcome.MISSING,
        Outcome.CRASHED,
    )
)
_GONE = ",".join(f"'{outcome}'" for outcome in sorted(GONE))
WITHDRAWN_STARTS_SQL = (
    "SELECT p.uid FROM page p JOIN known k ON k.uid = p.uid "
    "WHERE p.run_id = ? AND p.depth = 0 AND p.referrer IS NULL AND k.version > 0 "
    f"AND p.outcome IN ({_GONE}) ORDER BY p.uid"
)
"""The starts of a run that were read before and answer 404 or 410 now."""


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

    @property
    def finished(self) -> int:
        """Pages whose outcome is known."""
        return sum(self.outcomes.values())


NO_COUNTS = Counts(0, 0, 0, 0, {}, Counter(), {})


def count_pages(run: Run) -> Counts:
    """Count a run's pages and stories. Takes time in proportion to the pages."""
    return run.engine.read(lambda: _count(run))


def _count(run: Run) -> Counts:
    execute = run.engine.execute
    states: Counter[int] = Counter()
    outcomes: Counter[str] = Counter()
    for state, outcome, count in execute(
        "SELECT state, outcome, count(*) FROM page WHERE run_id = ? GROUP BY state, outcome",
        (run.run_id,),
    ):
        states[state] += count
        if outcome is not None and state >= PageState.DONE:
            outcomes[outcome] += count
    ((stories,),) = execute("SELECT count(*) FROM story WHERE run_id = ?", (run.run_id,))
    ((stories_read,),) = execute(
        f"SELECT count(DISTINCT story) FROM page WHERE run_id = ? AND outcome IN ({_HAS_ARTICLE})",
        (run.run_id,),
    )
    locales = execute(
        f"SELECT locale, count(*) FROM page WHERE run_id = ? AND outcome IN ({_HAS_ARTICLE}) "
        "GROUP BY locale ORDER BY locale",
        (run.run_id,),
    )
    failed_starts = execute(
        "SELECT p.uid, p.outcome, p.error FROM page p LEFT JOIN known k ON k.uid = p.uid "
        "WHERE p.run_id = ? AND p.depth = 0 AND p.referrer IS NULL AND COALESCE(k.version, 0) = 0 "
        f"AND p.outcome IN ({_NO_ARTICLE})",
        (run.run_id,),
    )
    return Counts(
        waiting=states[PageState.WAITING],
        leased=states[PageState.LEASED],
        stories=stories,
        stories_read=stories_read,
        locales=pairs(locales),
        outcomes=outcomes,
        failed_starts={uid: error or outcome for uid, outcome, error in failed_starts},
        withdrawn_starts=tuple(uid for (uid,) in execute(WITHDRAWN_STARTS_SQL, (run.run_id,))),
    )
