"""A bomb in a forked command: ``-s SPIDER_MODULES=tests.chaos.bombed``, which is loaded before the state is.

CHAOS_BOMB is the critical point at which the process dies, 0 for none; CHAOS_COUNT a file to which the number
of points that were passed is written. The reader is that of ``tests.replay.adopted``.
"""

from __future__ import annotations

import os
from pathlib import Path

from newscrawl.archive import segments
from newscrawl.database.postgres import PostgresEngine
from newscrawl.database.sqlite import SqliteEngine
from newscrawl.replay import adoption
from newscrawl.spiders.news import NewsSpider
from tests.chaos.child import Bomb
from tests.replay.adopted import Site


class CountingBomb(Bomb):
    """Tells how far it came."""

    def tick(self) -> None:
        super().tick()
        Path(os.environ["CHAOS_COUNT"]).write_text(str(self.passed), encoding="ascii")


def arm() -> None:
    bomb = CountingBomb(int(os.environ["CHAOS_BOMB"]))
    segments._LINES_AT_ONCE = 1
    # So that it can be killed between two commits.
    adoption._AT_ONCE = 1
    bomb.around_transactions(SqliteEngine)
    bomb.around_transactions(PostgresEngine)
    bomb.around_files()


if "CHAOS_BOMB" in os.environ:
    arm()


class Spider(NewsSpider):
    name = "longbridge"
    site = Site()
