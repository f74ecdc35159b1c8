"""Dates in HTTP headers (``Date``, ``Retry-After``), by RFC 9110, section 5.6.7."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_MONTHS = {
    name: number
    for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)  # noqa: SIM905
}
_DAYS = "Mon|Tue|Wed|Thu|Fri|Sat|Sun"
_MONTH = f"({'|'.join(_MONTHS)})"
_TIME = "([0-9]{2}):([0-9]{2}):([0-9]{2})"

# The form that is sent today, and two older ones that a recipient must still accept. All three are in GMT,
# also the last, which does not say so.
_IMF_FIXDATE = re.compile(f"(?:{_DAYS}), ([0-9]{{2}}) {_MONTH} ([0-9]{{4}}) {_TIME} GMT")
_RFC_850 = re.compile(
    f"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, [0-9]{{2}}-{_MONTH}-[0-9]{{2}} {_TIME} GMT"
)
_ASCTIME = re.compile(f"(?:{_DAYS}) {_MONTH} [0-9 ][0-9] {_TIME} [0-9]{{4}}")


def parse_http_date(text: str) -> datetime | None:
    """Return the aware UTC time that a header names, or None where it is in no form of RFC 9110.

    A zone other than GMT, a second 60 and a day that no month has give None as well.
    """
    text = text.strip()
    found = _IMF_FIXDATE.fullmatch(text)
    try:
        if found:
            day, month, *rest = found.groups()
            year, hour, minute, second = map(int, rest)
            return datetime(year, _MONTHS[month], int(day), hour, minute, second, tzinfo=UTC)
        if _RFC_850.fullmatch(text) or _ASCTIME.fullmatch(text):
            return parsedate_to_datetime(text).replace(tzinfo=UTC)
    except ValueError:
        return None
    return None
