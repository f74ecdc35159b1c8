"""When somebody using the data could have known an article."""

from __future__ import annotations

from datetime import datetime, timedelta

from newscrawl.codes import WarningCode
from newscrawl.items import Article
from newscrawl.refine.dates import format_instant, read_instant
from newscrawl.refine.step import Step
from newscrawl.sites.base import Site

# News first seen this soon after its publication was observed as it came out.
LIVE_WINDOW = timedelta(hours=24)
# How long after its publication older news is assumed to have been known; an estimate, and named as one in
# `available_rule`.
BACKFILL_LAG = timedelta(hours=1)


class AvailabilityStep(Step):
    """``available_at`` and ``available_rule``: the time to use in a backtest, and where it comes from."""

    name = "availability"
    runs_on_withdrawn = True

    def apply(self, article: Article, site: Site | None) -> tuple[WarningCode, ...]:
        """Fill both fields from ``published_at``, ``first_seen_at`` and ``version``, see ``availability``.

        They are None as long as the article has no ``first_seen_at``, which the commit sets.
        """
        first_seen = read_instant(article.first_seen_at)
        if first_seen is None:
            article.available_at = article.available_rule = None
            return ()
        available, rule = availability(read_instant(article.published_at), first_seen, article.version)
        article.available_at, article.available_rule = format_instant(available), rule
        return ()


def availability(published: datetime | None, first_seen: datetime, version: int) -> tuple[datetime, str]:
    """Return when a version could have been known, and by which rule.

    ``observed``: the time at which it was first seen here. ``backfill``: publication plus one hour, an
    estimate, for a first version that was first seen more than 24 hours after its publication. The times
    are aware; ``published`` is None where it is not known.
    """
    if version > 1 or published is None or first_seen - published <= LIVE_WINDOW:
        return first_seen, "observed"
    return published + BACKFILL_LAG, "backfill"


AVAILABILITY = AvailabilityStep()
