"""Step 6: the hash by which two versions of an article are the same."""

from __future__ import annotations

from newscrawl.items import Article
from newscrawl.text.cleaning import content_hash


class ContentPipeline:
    """Fills ``content_hash`` from the texts as they will be written."""

    def process_item(self, item: object) -> object:
        if isinstance(item, Article):
            item.content_hash = content_hash(item.title, item.description, item.body)
            item.warnings.sort()
        return item
