"""Ids of made-up stories, and when they were published: as the site's own ids grow with time.

Every generator of pages takes both from here. A crawl whose dates do not agree with its ids is degraded.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, time, timedelta
from functools import cache
from random import Random

from newscrawl.sites.longbridge.news_ids import read_points

FIRST_ID = 285_850_000
"""Of 9 May 2026."""
# A site of 500 stories is of a day and a half. The last id that is known is that of story 38,000; from story
# 60,000 on dates would be in the future.
_STEP = 331
# Most news comes by day in Hong Kong, some by day in New York; by the hour in UTC.
_HOURS = (*range(1, 11), *range(1, 11), *range(1, 9), 12, 13, 14, 15, 20, 21)


def story_id(number: int) -> int:
    """Return the id of story ``number``, counted from 0."""
    return FIRST_ID + number * _STEP


def id_at(moment: datetime) -> int:
    """Return about which id the site gives out at an aware time."""
    points = _points()
    at = min(max(bisect_right([begin for begin, _ in points], moment), 1), len(points) - 1)
    (begin, first), (end, last) = points[at - 1], points[at]
    return first + int((moment - begin) / (end - begin) * (last - first))


def day_of(number: int) -> datetime:
    """Return the midnight (UTC) of the day on which about an id is given out."""
    points = _points()
    at = min(max(bisect_right([first for _, first in points], number), 1), len(points) - 1)
    (begin, first), (end, last) = points[at - 1], points[at]
    moment = begin + (end - begin) * ((number - first) / (last - first))
    return datetime.combine(moment.date(), time(), UTC)


def published_at(number: int) -> str:
    """Return when the story with an id was published, as pages print it; the same for the same id."""
    choose = Random(number + 1)
    moment = day_of(number) + timedelta(
        hours=choose.choice(_HOURS), minutes=choose.randrange(60), seconds=choose.randrange(60)
    )
    return printed(moment, choose.randrange(1_000))


def printed(moment: datetime, milliseconds: int) -> str:
    """Return a UTC time as pages print it."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds:03d}Z"


@cache
def _points() -> list[tuple[datetime, int]]:
    return [(datetime.combine(point.day, time(), UTC), point.id) for point in read_points()]
