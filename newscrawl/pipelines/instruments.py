"""Step 2: the printed symbols become instruments."""

from __future__ import annotations

from datetime import UTC, date, datetime

from newscrawl.exceptions import Refused
from newscrawl.fields.symbols import resolve
from newscrawl.items import Article, Instrument


def set_instruments(article: Article, today: date) -> None:
    """Resolve each tagged symbol as of the article's day, one instrument per canonical symbol.

    ``today`` (UTC) stands in for the day where the page has no date that can be read.
    """
    published = article.published_at
    on = date.fromisoformat(published[:10]) if published else today
    instruments: dict[str, Instrument] = {}
    for tagged in article.instruments:
        try:
            resolved = resolve(tagged.raw, on)
        except Refused as refusal:
            _warn(article, refusal.code)
            continue
        if resolved.market is None:
            _warn(article, "unknown_market")
        instruments.setdefault(
            resolved.symbol,
            Instrument(
                raw=tagged.raw,
                symbol=resolved.symbol,
                code=resolved.code,
                market=resolved.market,
                mic=resolved.mic,
                type=resolved.type,
                type_source=resolved.type_source,
            ),
        )
    article.instruments = list(instruments.values())


def _warn(article: Article, code: str) -> None:
    if code not in article.warnings:
        article.warnings.append(code)


class InstrumentsPipeline:
    """Runs the rule above on every article."""

    def process_item(self, item: object) -> object:
        if isinstance(item, Article):
            set_instruments(item, datetime.now(UTC).date())
        return item
