"""Step 3: what the finished body names, beside what the source tagged."""

from __future__ import annotations

from datetime import UTC, datetime

from newscrawl.items import Article, Mention
from newscrawl.pipelines.instruments import day_of
from newscrawl.text.mentions import find_mentions


def set_mentions(article: Article, now: datetime) -> None:
    """Fill ``mentions`` from the body and the resolved instruments.

    ``now`` (aware) stands in where the page has no date that can be read.
    """
    tagged = [found.symbol for found in article.instruments if found.symbol is not None]
    on = day_of(article, now)
    named = [
        mention.symbol
        for text in (article.title, article.description)
        if text
        for mention in find_mentions(text, tagged, on)
    ]
    found = find_mentions(article.body, tagged, on, named)
    article.mentions = [Mention(*mention) for mention in found]


class MentionsPipeline:
    """Runs the rule above on every article; behind it nothing changes the body."""

    def process_item(self, item: object) -> object:
        if isinstance(item, Article):
            set_mentions(item, datetime.now(UTC))
        return item
