"""Step 2: the printed symbols become instruments."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from newscrawl.codes import WarningCode
from newscrawl.exceptions import Refused
from newscrawl.items import Article, Instrument, VendorSymbols
from newscrawl.symbols.resolve import Resolved, is_uncovered, resolve

# The exchanges whose codes change by the day keep China's time, without summer time since 1991.
_AHEAD = timedelta(hours=8)


def day_of(article: Article, now: datetime) -> date:
    """Return the day in China as of which an article's symbols are read.

    ``now`` (aware) stands in where the page has no date that can be read.
    """
    moment = datetime.fromisoformat(article.published_at) if article.published_at else now
    try:
        return (moment.astimezone(UTC) + _AHEAD).date()
    except OverflowError:
        return moment.date()


def set_instruments(article: Article, now: datetime) -> None:
    """Resolve each tagged symbol as of the article's day, one instrument per canonical symbol.

    ``now`` (aware) stands in where the page has no date that can be read.
    """
    on = day_of(article, now)
    instruments: dict[str, Instrument] = {}
    for tagged in article.instruments:
        try:
            resolved = resolve(tagged.raw, on)
        except Refused as refusal:
            _warn(article, refusal.code)
            continue
        if resolved.market is None:
            _warn(article, WarningCode.UNKNOWN_MARKET)
        elif is_uncovered(resolved):
            _warn(article, WarningCode.UNKNOWN_CODE)
        if resolved.symbol not in instruments:
            instruments[resolved.symbol] = _instrument(tagged.raw, resolved)
    article.instruments = list(instruments.values())


def _instrument(raw: str, found: Resolved) -> Instrument:
    return Instrument(raw, *found[:-1], VendorSymbols(*found.vendor))


def _warn(article: Article, code: str) -> None:
    if code not in article.warnings:
        article.warnings.append(code)


class InstrumentsPipeline:
    """Runs the rule above on every article."""

    def process_item(self, item: object) -> object:
        if isinstance(item, Article):
            set_instruments(item, datetime.now(UTC))
        return item
