"""The printed symbols become instruments."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from newscrawl.codes import WarningCode
from newscrawl.exceptions import Refused
from newscrawl.items import Article, Instrument
from newscrawl.refine.step import Step
from newscrawl.sites.base import Site
from newscrawl.symbols import TABLES, is_uncovered, resolve

# The exchanges whose codes change by the day keep China's time, without summer time since 1991.
_CHINA = timedelta(hours=8)


class InstrumentsStep(Step):
    """``instruments``: what the source tagged, in page order, one per canonical symbol."""

    name = "instruments"
    number = 2
    tables = TABLES
    uses_reference = True
    warnings = frozenset({WarningCode.BAD_SYMBOL, WarningCode.UNKNOWN_CODE, WarningCode.UNKNOWN_MARKET})

    def apply(self, article: Article, site: Site | None) -> Iterator[str]:
        """Fill each instrument from its ``raw`` symbol, by the dated tables of ``newscrawl.symbols`` and the
        listings of ``newscrawl.reference``.

        The tables are read as of ``day_of(article)``. A broken symbol is left out; of two spellings of one
        symbol the first counts, with the first label.
        """
        # A broken symbol is not in the stored line any more, so only the warning tells of it.
        if WarningCode.BAD_SYMBOL in article.warnings:
            yield WarningCode.BAD_SYMBOL
        on = day_of(article)
        found: dict[str | None, Instrument] = {}
        for tagged in article.instruments:
            try:
                instrument = resolve(tagged.raw, on)
            except Refused as refusal:
                yield refusal.code
                continue
            if instrument.market is None:
                yield WarningCode.UNKNOWN_MARKET
            elif is_uncovered(instrument):
                yield WarningCode.UNKNOWN_CODE
            instrument.label = tagged.label
            first = found.setdefault(instrument.symbol, instrument)
            first.label = first.label or instrument.label
        article.instruments = list(found.values())


def day_of(article: Article) -> date:
    """Return the day in China as of which an article's symbols are looked up.

    It is the day of ``published_at``; where that is not known, of ``fetched_at``; without either the last day
    of the calendar, which means the newest rows of the tables.
    """
    text = article.published_at or article.fetched_at
    if text is None:
        return date.max
    moment = datetime.fromisoformat(text)
    try:
        return (moment.astimezone(UTC) + _CHINA).date()
    except OverflowError:
        return moment.date()


INSTRUMENTS = InstrumentsStep()
