"""The printed date becomes a point in time: known shapes only, UTC, nothing guessed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from dateutil.parser import isoparse

from newscrawl.codes import WarningCode
from newscrawl.exceptions import Refused
from newscrawl.items import Article
from newscrawl.refine.step import Step
from newscrawl.sites.base import Site

# RFC 3339 as the pages print it. `isoparse` alone would accept a bare year, a week date or a date
# without a time; `parser.parse` would fill the gaps with today. Neither is a time of publication.
_SHAPE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ](?:[01][0-9]|2[0-3]):[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?"
    r"(Z|[+-][0-9]{2}:?[0-9]{2})?"
)


class DatesStep(Step):
    """``published_at``: the time that the page prints."""

    name = "dates"
    warnings = frozenset(
        {WarningCode.DATE_MISSING, WarningCode.DATE_UNREADABLE, WarningCode.DATE_WITHOUT_ZONE}
    )
    runs_on_withdrawn = True

    def apply(self, article: Article, site: Site | None) -> Iterator[str]:
        """Fill ``published_at`` from ``published_raw`` by RFC 3339; None where it is no date with a zone."""
        article.published_at = None
        if article.published_raw is None:
            yield WarningCode.DATE_MISSING
            return
        try:
            article.published_at = format_instant(parse_instant(article.published_raw))
        except Refused as refusal:
            yield refusal.code


def parse_instant(raw: str) -> datetime:
    """Return the aware UTC time that a page's ``datetime`` names.

    Raises Refused with ``date_without_zone`` where the zone is missing and ``date_unreadable``
    where the text is no date and time (RFC 3339, which has no hour 24).
    """
    text = raw.strip()
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        raise Refused(WarningCode.DATE_UNREADABLE, repr(raw[:80]))
    if shape.group(1) is None:
        raise Refused(WarningCode.DATE_WITHOUT_ZONE, repr(raw[:80]))
    try:
        return isoparse(text.replace(" ", "T", 1)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Refused(WarningCode.DATE_UNREADABLE, f"{raw[:80]!r}: {error}") from None


def format_instant(moment: datetime) -> str:
    """Return RFC 3339 in UTC with ``Z`` and milliseconds (cut, not rounded).

    Raises ValueError for a time without a zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone: {moment!r}")
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    # Faster than a copy without the zone: UTC is always written +00:00.
    return moment.isoformat(timespec="milliseconds")[:-6] + "Z"


def read_instant(text: str | None) -> datetime | None:
    """Return the time in a field of a record, as ``format_instant`` wrote it; None stays None."""
    return None if text is None else datetime.fromisoformat(text)


DATES = DatesStep()
