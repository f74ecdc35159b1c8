"""The other locales of a story: they are one piece of news, and should have one date."""

from __future__ import annotations

from collections.abc import Collection

from newscrawl.codes import WarningCode
from newscrawl.database.engine import Engine
from newscrawl.database.statements.known import KNOWN_DATES
from newscrawl.items import Article

StoryDates = dict[str, dict[str, str | None]]
"""By story and uid: the printed date in UTC."""


def dates_of_stories(engine: Engine, stories: Collection[str]) -> StoryDates:
    """Return the known dates of some stories in all their locales."""
    dates: StoryDates = {story: {} for story in stories}
    if dates:
        for story, uid, published_at in engine.execute(KNOWN_DATES.of(dates), [*dates]):
            dates[story][uid] = published_at
    return dates


def check_dates(article: Article, dates: StoryDates) -> None:
    """Set or clear the warning on an article that is about to be committed, and remember its date.

    The line that is written later carries it: of two dates that differ nobody knows which is wrong. A
    locale without a date is not compared.
    """
    code = WarningCode.LOCALE_DATES_DIFFER
    article.warnings = [warning for warning in article.warnings if warning != code]
    own = dates[article.story_id]
    others = {date for uid, date in own.items() if uid != article.uid and date}
    if article.published_at and others - {article.published_at}:
        article.warnings = sorted([*article.warnings, code])
    own[article.uid] = article.published_at
