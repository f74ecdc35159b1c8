"""Step 1: the printed date becomes a point in time."""

from __future__ import annotations

from newscrawl.codes import WarningCode
from newscrawl.exceptions import Refused
from newscrawl.items import Article
from newscrawl.refine.dates import format_instant, parse_instant


def set_published(article: Article) -> None:
    """Fill ``published_at`` from ``published_raw``, or leave it None and say why."""
    if article.published_raw is None:
        article.warnings.append(WarningCode.DATE_MISSING)
        return
    try:
        article.published_at = format_instant(parse_instant(article.published_raw))
    except Refused as refusal:
        article.warnings.append(refusal.code)


class DatesPipeline:
    """Runs the rule above on every article."""

    def process_item(self, item: object) -> object:
        if isinstance(item, Article):
            set_published(item)
        return item
