"""How far a run is."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from newscrawl.database.engine import Engine
from newscrawl.database.schema import DONE, LEASED, WAITING
from newscrawl.sites.longbridge.locales import LOCALES


class Tally(NamedTuple):
    """How far a run is: its pages by state and outcome, and the starts that were never read.

    ``stories_read`` and ``locales`` count what has an article now, written by this run or before.
    """

    waiting: int
    leased: int
    stories: int
    stories_read: int
    locales: dict[str, int]
    outcomes: Counter[str]
    failed_starts: dict[str, str]

    @property
    def finished(self) -> int:
        """Pages whose outcome is known."""
        return sum(self.outcomes.values())


def tally(engine: Engine, run_id: str) -> Tally:
    """Count a run's pages and stories. Takes time in proportion to the pages."""
    return engine.read(lambda: _tally(engine, run_id))


def _tally(engine: Engine, run_id: str) -> Tally:
    execute = engine.execute
    states: Counter[int] = Counter()
    outcomes: Counter[str] = Counter()
    for state, outcome, count in execute(
        "SELECT state, outcome, count(*) FROM page WHERE run_id = ? GROUP BY state, outcome",
        (run_id,),
    ):
        states[state] += count
        if outcome is not None and state >= DONE:
            outcomes[outcome] += count
    ((stories,),) = execute("SELECT count(*) FROM story WHERE run_id = ?", (run_id,))
    ((stories_read,),) = execute(
        "SELECT count(DISTINCT story) FROM page WHERE run_id = ? "
        "AND outcome IN ('read', 'unchanged', 'kept')",
        (run_id,),
    )
    # A locale is the end of a uid; the pattern is a value, because `%` means something else in the SQL.
    locales = {}
    for locale in LOCALES:
        ((count,),) = execute(
            "SELECT count(*) FROM page WHERE run_id = ? "
            "AND outcome IN ('read', 'unchanged', 'kept') AND uid LIKE ?",
            (run_id, f"%:{locale}"),
        )
        if count:
            locales[locale] = count
    failed_starts = execute(
        "SELECT p.uid, p.outcome, p.error FROM page p LEFT JOIN known k ON k.uid = p.uid "
        "WHERE p.run_id = ? AND p.depth = 0 AND p.referrer IS NULL AND k.uid IS NULL "
        "AND p.outcome IN ('rejected', 'forbidden', 'failed', 'missing')",
        (run_id,),
    )
    return Tally(
        waiting=states[WAITING],
        leased=states[LEASED],
        stories=stories,
        stories_read=stories_read,
        locales=locales,
        outcomes=outcomes,
        failed_starts={uid: error or outcome for uid, outcome, error in failed_starts},
    )
