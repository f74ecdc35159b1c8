"""Step 7: the trading calendars that the commit will need are loaded."""

from __future__ import annotations

from newscrawl.items import Article
from newscrawl.refine.sessions import load_calendars


class SessionsPipeline:
    """Loads calendars outside of the commit's transaction, once for each market.

    ``sessions`` itself depends on the time of the commit and is filled there.
    """

    def process_item(self, item: object) -> object:
        if isinstance(item, Article):
            load_calendars([found.market for found in item.instruments if found.market is not None])
        return item
