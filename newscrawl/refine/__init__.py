"""What is concluded from an article's raw values: a list of steps, each of which can be run again.

``refine(article, site)`` runs what a page alone can tell. The last two steps need ``first_seen_at`` and
``version``, which only the commit knows; ``archive.records.stamp`` runs them. ``archive.refining`` does
the same for stored lines. Nothing here imports Scrapy.
"""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache

from newscrawl.items import Article
from newscrawl.refine.availability import BACKFILL_LAG, availability_step
from newscrawl.refine.checks import CHECKS
from newscrawl.refine.dates import DATES
from newscrawl.refine.hash import HASH
from newscrawl.refine.instruments import INSTRUMENTS
from newscrawl.refine.language import LANGUAGE
from newscrawl.refine.mentions import MENTIONS
from newscrawl.refine.sessions import SESSIONS
from newscrawl.refine.step import Step
from newscrawl.sites.base import Site

# In this order: symbols are looked up as of the article's date, mentions and checks need the instruments.
PAGE_STEPS: tuple[Step, ...] = (DATES, INSTRUMENTS, MENTIONS, CHECKS, LANGUAGE, HASH)


@lru_cache(maxsize=16)
def commit_steps(lag: timedelta = BACKFILL_LAG) -> tuple[Step, ...]:
    """Return the steps that need the time of the commit, in order; ``lag`` is the setting BACKFILL_LAG.

    Sessions follow from the time at which the article could have been known.
    """
    return availability_step(lag), SESSIONS


def refine(article: Article, site: Site | None = None) -> Article:
    """Run the steps that need nothing but the page, in order, and return the same article.

    ``site`` is where the article comes from; without it the date is not compared with the story's id. On a
    withdrawn article only the steps run that have something to say of it: dates and language.
    """
    for step in PAGE_STEPS:
        step(article, site)
    return article
