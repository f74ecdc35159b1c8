"""Step 4: the clocks around an article vote on its date."""

from __future__ import annotations

from datetime import datetime

from newscrawl.items import Article
from newscrawl.refine.checks import Clocks, disagreements


def check_clocks(article: Article) -> None:
    """Add a warning for each clock that disagrees; no time is changed.

    Needs ``published_at`` and, for a wire time in CST, the markets of the instruments.
    """
    clocks = Clocks(
        published=_moment(article.published_at),
        number=int(article.story_id.rpartition(":")[2]),
        wire_time=article.wire_time,
        markets=(instrument.market for instrument in article.instruments),
        server=article.http.date if article.http else None,
        fetched=_moment(article.fetched_at),
    )
    article.warnings += [code for code in disagreements(clocks) if code not in article.warnings]


def _moment(text: str | None) -> datetime | None:
    # Canonical forms, as `format_instant` writes them.
    return None if text is None else datetime.fromisoformat(text)


class ClocksPipeline:
    """Runs the rule above on every article."""

    def process_item(self, item: object) -> object:
        if isinstance(item, Article):
            check_clocks(item)
        return item
