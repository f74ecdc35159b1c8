"""Points in time: one known shape in, UTC out, nothing guessed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from dateutil.parser import isoparse

from newscrawl.codes import WarningCode
from newscrawl.exceptions import Refused

# RFC 3339 as the pages print it. `isoparse` alone would accept a bare year, a week date or a date
# without a time; `parser.parse` would fill the gaps with today. Neither is a time of publication.
_SHAPE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ](?:[01][0-9]|2[0-3]):[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?"
    r"(Z|[+-][0-9]{2}:?[0-9]{2})?"
)

# News first seen this soon after its publication is taken as observed live.
LIVE_WINDOW = timedelta(hours=24)
# What a reader of older news is assumed to have waited; an estimate, and named so in the record.
BACKFILL_LAG = timedelta(hours=1)


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

    ``moment`` must be aware; a naive one has no place in the data and raises ValueError.
    """
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone: {moment!r}")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def availability(published: datetime | None, first_seen: datetime, version: int) -> tuple[datetime, str]:
    """Return when somebody using the data could have known this version, and by which rule.

    ``observed``: the moment it was first seen here. ``backfill``: publication plus one hour, an
    estimate, for a first version met more than 24 hours after its publication.
    """
    if version > 1 or published is None or first_seen - published <= LIVE_WINDOW:
        return first_seen, "observed"
    return published + BACKFILL_LAG, "backfill"
