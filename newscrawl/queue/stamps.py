"""The time that a commit is given, which never runs backwards, whatever the clock does."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from newscrawl.database.engine import Engine
from newscrawl.database.statements.stamps import TAKE_STAMP
from newscrawl.refine.dates import format_instant

# Clocks of machines that are set over the network differ by far less.
CLOCK_TOLERANCE = timedelta(minutes=5)


class Stamp(NamedTuple):
    """``at``, aware, is the time of a commit; ``behind`` is how far the store's clock lies before it."""

    at: datetime
    behind: timedelta

    @property
    def is_clock_behind(self) -> bool:
        """Whether that is too much for a difference between clocks."""
        return self.behind > CLOCK_TOLERANCE


def take_stamp(engine: Engine, run_id: str) -> Stamp:
    """Return the time of this commit: the later of the store's clock and the last stamp in this state.

    Inside the transaction that the stamp is for, after its rows are locked: what another run committed
    of the same articles before is then seen, with its stamp. Both times are cut to the milliseconds that
    are written.
    """
    now = format_instant(engine.now())
    # In the one form that format_instant writes, text order is time order.
    ((stamped,),) = engine.execute(TAKE_STAMP, (run_id, now, now))
    at = datetime.fromisoformat(stamped)
    return Stamp(at, at - datetime.fromisoformat(now))
