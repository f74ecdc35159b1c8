"""The other locales of a story: they are one piece of news, and should have one date."""

from __future__ import annotations

from collections.abc import Iterable

from newscrawl.codes import WarningCode
from newscrawl.database.engine import Engine, marks, pairs
from newscrawl.items import Article
from newscrawl.sites.longbridge.locales import LOCALES

LOCALE_DATES_DIFFER = WarningCode.LOCALE_DATES_DIFFER


class Twins:
    """The printed dates of some stories in all locales, as they are known at one commit."""

    def __init__(self, engine: Engine, uids: Iterable[str]) -> None:
        stories = {uid.rpartition(":")[0] for uid in uids}
        everyone = [f"{story}:{locale}" for story in stories for locale in LOCALES]
        sql = f"SELECT uid, published_at FROM known WHERE uid IN ({marks(everyone)})"
        self._dates: dict[str, str | None] = pairs(engine.execute(sql, everyone))

    def check(self, article: Article) -> None:
        """Set or clear the warning on an article that is about to be committed, and remember its date.

        The line that is written later carries it: of two that differ nobody knows which is wrong. One
        without a date does not vote.
        """
        article.warnings = [code for code in article.warnings if code != LOCALE_DATES_DIFFER]
        prefix = f"{article.story_id}:"
        dates = {
            date
            for uid, date in self._dates.items()
            if uid.startswith(prefix) and uid != article.uid and date
        }
        if article.published_at and dates - {article.published_at}:
            article.warnings = sorted([*article.warnings, LOCALE_DATES_DIFFER])
        self._dates[article.uid] = article.published_at
