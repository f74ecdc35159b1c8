"""When somebody using the data could have known an article."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

from newscrawl.codes import Via, WarningCode
from newscrawl.items import Article
from newscrawl.refine.dates import format_instant, read_instant
from newscrawl.refine.step import Step
from newscrawl.sites.base import Site

# How long after its publication news is assumed to have been known where nobody was watching; an estimate,
# and named as one in `available_rule`. The default of the setting BACKFILL_LAG, which is in hours.
BACKFILL_LAG = timedelta(hours=24)


class AvailabilityStep(Step):
    """``available_at`` and ``available_rule``: the time to use in a backtest, and where it comes from.

    A page out of another crawler's archive (``crawl.via`` ``archive``) was known when that crawler fetched
    it, or earlier where the rule for other pages says so: ``archived``.
    """

    name = "availability"
    number = 2
    runs_on_withdrawn = True

    def __init__(self, lag: timedelta = BACKFILL_LAG) -> None:
        """``lag``, not negative, is how long after its publication unseen news is assumed to be known."""
        self.lag = lag

    def version(self, site: Site | None = None) -> str:
        """Return the version of the code and the lag in hours: ``2+lag-24h``."""
        return f"{super().version(site)}+lag-{self.lag / timedelta(hours=1):.10g}h"

    def apply(self, article: Article, site: Site | None) -> tuple[WarningCode, ...]:
        """Fill both fields from ``published_at``, ``first_seen_at`` and ``version``, see ``availability``.

        They are None as long as the article has no ``first_seen_at``, which the commit sets.
        """
        first_seen = read_instant(article.first_seen_at)
        if first_seen is None:
            article.available_at = article.available_rule = None
            return ()
        published = read_instant(article.published_at)
        available, rule = availability(published, first_seen, article.version, self.lag)
        if article.crawl.via == Via.ARCHIVE and (archived := read_instant(article.fetched_at)) is not None:
            # Another crawler had it at that time: it could be known, whenever it came here.
            available, rule = min(available, archived), "archived"
        article.available_at, article.available_rule = format_instant(available), rule
        return ()


def availability(
    published: datetime | None, first_seen: datetime, version: int, lag: timedelta = BACKFILL_LAG
) -> tuple[datetime, str]:
    """Return when a version could have been known, and by which rule.

    ``observed``: the time at which it was first seen here. ``backfill``: publication plus ``lag`` (not
    negative), an estimate, for a first version where that is earlier. So a version that is seen later is
    never available earlier. The times are aware; ``published`` is None where it is not known.
    """
    # A distance, not a sum: a printed date may be the last one that a calendar has. A date in the future is
    # never earlier.
    if version > 1 or published is None or first_seen - published <= lag:
        return first_seen, "observed"
    return published + lag, "backfill"


@lru_cache(maxsize=16)
def availability_step(lag: timedelta) -> AvailabilityStep:
    """Return the step for a lag; one for each, since versions of steps are kept."""
    return AvailabilityStep(lag)


AVAILABILITY = availability_step(BACKFILL_LAG)
