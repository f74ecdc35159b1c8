"""Sessions: answers worked out by hand from the exchanges' hours, and what is loaded for them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from newscrawl.items import Article, Instrument, Session
from newscrawl.refine import calendars
from newscrawl.refine.calendars import CALENDARS, calendars_version, load_calendars
from newscrawl.refine.dates import format_instant
from newscrawl.refine.sessions import SESSIONS, first_sessions

ROOT = Path(__file__).parent.parent.parent


def first(market: str, moment: str) -> Session:
    found, beyond, projected = first_sessions([market], datetime.fromisoformat(moment))
    assert beyond == projected == []
    (session,) = found
    return session


# Market, available_at; then phase, day, opening, first moment of trading. Hong Kong, Shanghai and
# Singapore are UTC+8 all year; New York is UTC-5, from 2026-03-08 to 2026-11-01 UTC-4.
ANSWERS = """
An ordinary Monday in Hong Kong: 09:30 to 12:00 and 13:00 to 16:00
HK 2026-05-10T15:59:59.999Z after  2026-05-11 2026-05-11T01:30 open
HK 2026-05-10T16:00:00Z     before 2026-05-11 2026-05-11T01:30 open
HK 2026-05-11T01:29:59.999Z before 2026-05-11 2026-05-11T01:30 open
HK 2026-05-11T01:30:00Z     in     2026-05-11 2026-05-11T01:30 now
HK 2026-05-11T03:59:59.999Z in     2026-05-11 2026-05-11T01:30 now
HK 2026-05-11T04:00:00Z     break  2026-05-11 2026-05-11T01:30 2026-05-11T05:00
HK 2026-05-11T04:59:59.999Z break  2026-05-11 2026-05-11T01:30 2026-05-11T05:00
HK 2026-05-11T05:00:00Z     in     2026-05-11 2026-05-11T01:30 now
HK 2026-05-11T07:59:59.999Z in     2026-05-11 2026-05-11T01:30 now
HK 2026-05-11T08:00:00Z     after  2026-05-12 2026-05-12T01:30 open
A Friday night and a weekend
HK 2026-05-08T14:18:31Z     after  2026-05-11 2026-05-11T01:30 open
HK 2026-05-09T04:30:00Z     after  2026-05-11 2026-05-11T01:30 open
US 2026-05-08T20:00:00Z     after  2026-05-11 2026-05-11T13:30 open
US 2026-05-10T03:00:00Z     after  2026-05-11 2026-05-11T13:30 open
SG 2026-05-08T14:18:31Z     after  2026-05-11 2026-05-11T01:00 open
Half days in Hong Kong: Christmas Eve 2025, then two holidays and a weekend; Lunar New Year's Eve 2026
HK 2025-12-24T03:59:59.999Z in     2025-12-24 2025-12-24T01:30 now
HK 2025-12-24T04:00:00Z     after  2025-12-29 2025-12-29T01:30 open
HK 2026-02-16T04:30:00Z     after  2026-02-20 2026-02-20T01:30 open
Storms in Hong Kong: two days without trading, four that began in the afternoon, one that ended at 13:55
HK 2023-08-31T10:00:00Z     after  2023-09-04 2023-09-04T01:30 open
HK 2023-09-01T03:00:00Z     after  2023-09-04 2023-09-04T01:30 open
HK 2023-09-07T10:00:00Z     after  2023-09-11 2023-09-11T01:30 open
HK 2020-08-19T02:00:00Z     before 2020-08-19 2020-08-19T05:30 open
HK 2020-08-19T05:29:59.999Z before 2020-08-19 2020-08-19T05:30 open
HK 2020-08-19T05:30:00Z     in     2020-08-19 2020-08-19T05:30 now
HK 2020-08-19T08:00:00Z     after  2020-08-20 2020-08-20T01:30 open
HK 2021-06-28T04:30:00Z     before 2021-06-28 2021-06-28T05:30 open
HK 2023-10-09T05:30:00Z     before 2023-10-09 2023-10-09T06:00 open
HK 2022-08-25T02:00:00Z     before 2022-08-25 2022-08-25T05:00 open
HK 2022-08-25T05:00:00Z     in     2022-08-25 2022-08-25T05:00 now
HK 2022-11-02T04:30:00Z     break  2022-11-02 2022-11-02T01:30 2022-11-02T05:00
HK 2022-11-02T05:54:59.999Z in     2022-11-02 2022-11-02T01:30 now
HK 2022-11-02T05:55:00Z     after  2022-11-03 2022-11-03T01:30 open
Lunar New Year: Hong Kong closed from 17 to 19 February, the mainland from 16 to 23
HK 2026-02-18T02:00:00Z     after  2026-02-20 2026-02-20T01:30 open
SH 2026-02-13T06:59:59.999Z in     2026-02-13 2026-02-13T01:30 now
SH 2026-02-13T07:00:00Z     after  2026-02-24 2026-02-24T01:30 open
SZ 2026-02-16T02:00:00Z     after  2026-02-24 2026-02-24T01:30 open
SZ 2026-02-23T16:00:00Z     before 2026-02-24 2026-02-24T01:30 open
The mainland: 09:30 to 11:30 and 13:00 to 15:00; closed from 1 to 5 May
SH 2026-04-30T03:29:59.999Z in     2026-04-30 2026-04-30T01:30 now
SH 2026-04-30T03:30:00Z     break  2026-04-30 2026-04-30T01:30 2026-04-30T05:00
SZ 2026-04-30T05:00:00Z     in     2026-04-30 2026-04-30T01:30 now
SZ 2026-04-30T07:00:00Z     after  2026-05-06 2026-05-06T01:30 open
Beijing: as Shanghai, from its first day
BJ 2021-11-14T16:00:00Z     before 2021-11-15 2021-11-15T01:30 open
BJ 2026-04-30T03:30:00Z     break  2026-04-30 2026-04-30T01:30 2026-04-30T05:00
BJ 2026-04-30T07:00:00Z     after  2026-05-06 2026-05-06T01:30 open
New York: 09:30 to 16:00; summer time begins on 8 March 2026 and ends on 1 November
US 2026-03-06T20:59:59.999Z in     2026-03-06 2026-03-06T14:30 now
US 2026-03-06T21:00:00Z     after  2026-03-09 2026-03-09T13:30 open
US 2026-03-09T03:59:59.999Z after  2026-03-09 2026-03-09T13:30 open
US 2026-03-09T04:00:00Z     before 2026-03-09 2026-03-09T13:30 open
US 2026-03-09T13:30:00Z     in     2026-03-09 2026-03-09T13:30 now
US 2026-03-09T20:00:00Z     after  2026-03-10 2026-03-10T13:30 open
US 2026-10-30T20:00:00Z     after  2026-11-02 2026-11-02T14:30 open
US 2026-11-02T13:30:00Z     before 2026-11-02 2026-11-02T14:30 open
US 2026-11-02T17:00:00Z     in     2026-11-02 2026-11-02T14:30 now
Thanksgiving, and the day after it until 13:00; the third of July; a day of mourning
US 2026-11-26T16:00:00Z     after  2026-11-27 2026-11-27T14:30 open
US 2026-11-27T17:59:59.999Z in     2026-11-27 2026-11-27T14:30 now
US 2026-11-27T18:00:00Z     after  2026-11-30 2026-11-30T14:30 open
US 2025-07-03T17:00:00Z     after  2025-07-07 2025-07-07T13:30 open
US 2025-01-08T21:00:00Z     after  2025-01-10 2025-01-10T14:30 open
Singapore: 09:00 to 12:00 and 13:00 to 17:00; three eves end at 12:00
SG 2026-05-11T00:59:59.999Z before 2026-05-11 2026-05-11T01:00 open
SG 2026-05-11T01:00:00Z     in     2026-05-11 2026-05-11T01:00 now
SG 2026-05-11T04:00:00Z     break  2026-05-11 2026-05-11T01:00 2026-05-11T05:00
SG 2026-05-11T05:00:00Z     in     2026-05-11 2026-05-11T01:00 now
SG 2026-05-11T08:59:59.999Z in     2026-05-11 2026-05-11T01:00 now
SG 2026-05-11T09:00:00Z     after  2026-05-12 2026-05-12T01:00 open
SG 2025-12-24T03:59:59.999Z in     2025-12-24 2025-12-24T01:00 now
SG 2025-12-24T04:00:00Z     after  2025-12-26 2025-12-26T01:00 open
SG 2025-12-31T06:00:00Z     after  2026-01-02 2026-01-02T01:00 open
SG 2026-02-16T04:00:00Z     after  2026-02-19 2026-02-19T01:00 open
"""


def _answers() -> Iterator[Any]:
    group = ""
    for line in ANSWERS.strip().splitlines():
        words = line.split()
        if len(words) == 6 and words[0] in CALENDARS:
            yield pytest.param(*words, id=f"{group}: {words[0]} {words[1]}")
        else:
            group = line


@pytest.mark.parametrize(("market", "available", "phase", "day", "opens", "tradable"), list(_answers()))
def test_answers_worked_out_by_hand(
    market: str, available: str, phase: str, day: str, opens: str, tradable: str
) -> None:
    opening = f"{opens}:00.000Z"
    now = format_instant(datetime.fromisoformat(available))
    expected = {"open": opening, "now": now}.get(tradable, f"{tradable}:00.000Z")
    found = replace(first(market, available), extended=None)
    assert found == Session(market, CALENDARS[market], day, opening, expected, phase)


# In US trading before 09:30 and after 16:00 in New York, of which nothing is known elsewhere.
EXTENDED = [
    ("US", "2026-05-11T07:59:59.999Z", "before", None),
    ("US", "2026-05-11T08:00:00Z", "before", "pre"),
    ("US", "2026-05-11T13:29:59.999Z", "before", "pre"),
    ("US", "2026-05-11T13:30:00Z", "in", None),
    ("US", "2026-05-11T20:00:00Z", "after", "post"),
    ("US", "2026-05-11T23:59:59.999Z", "after", "post"),
    ("US", "2026-05-12T00:00:00Z", "after", None),
    # Friday evening, a Saturday, a holiday, and the day after Thanksgiving, where all ends at 17:00.
    ("US", "2026-05-08T21:00:00Z", "after", "post"),
    ("US", "2026-05-09T14:00:00Z", "after", None),
    ("US", "2026-11-26T14:00:00Z", "after", None),
    ("US", "2026-11-27T18:00:00Z", "after", "post"),
    ("US", "2026-11-27T21:59:59.999Z", "after", "post"),
    ("US", "2026-11-27T22:00:00Z", "after", None),
    ("HK", "2026-05-11T01:00:00Z", "before", None),
    ("SH", "2026-05-11T07:30:00Z", "after", None),
]


@pytest.mark.parametrize(("market", "moment", "phase", "extended"), EXTENDED)
def test_trading_outside_of_regular_hours_is_named(
    market: str, moment: str, phase: str, extended: str | None
) -> None:
    found = first(market, moment)
    assert (found.phase, found.extended) == (phase, extended)
    # It is named and changes nothing else: the session is a regular one.
    assert found.tradable_at == (
        found.open if phase != "in" else format_instant(datetime.fromisoformat(moment))
    )


def test_before_its_exchange_a_market_has_no_session() -> None:
    # The last moment before 15 November 2021 in Beijing; Shanghai had a session on that Friday.
    for moment in ("2018-06-01T02:00:00Z", "2021-11-12T02:00:00Z"):
        assert first_sessions(["BJ", "SH"], datetime.fromisoformat(moment)).beyond == ["BJ"]


def test_one_entry_a_market_in_their_order_and_none_without_a_calendar() -> None:
    moment = datetime(2026, 5, 8, 14, 18, 31, tzinfo=UTC)
    found, beyond, projected = first_sessions(["SZ", "OSL", "HK", "HAS", "SZ", "SH", "DE"], moment)
    assert [(session.market, session.calendar) for session in found] == [
        ("SZ", "XSHG"),
        ("HK", "XHKG"),
        ("SH", "XSHG"),
    ]
    assert beyond == projected == []
    assert first_sessions(["HAS"], moment) == first_sessions([], moment) == ([], [], [])


def test_moments_are_cut_to_the_millisecond_that_is_written() -> None:
    session = first("HK", "2026-05-11T07:59:59.999999+00:00")
    assert (session.phase, session.tradable_at) == ("in", "2026-05-11T07:59:59.999Z")


def test_the_zone_of_the_moment_does_not_matter() -> None:
    assert first("HK", "2026-05-11T12:30:00+08:00") == first("HK", "2026-05-11T04:30:00Z")


# --- The ends of the calendars, and what is loaded ----------------------------------------------------


@pytest.mark.parametrize("market", sorted(CALENDARS))
def test_moments_outside_of_every_calendar(market: str) -> None:
    # The second is the last one before 2018 begins in Hong Kong. The first has no local time in New York, the
    # last none in Asia.
    for text in ("0001-01-01", "2017-12-31T15:59:59.999999", "2040-01-01", "9999-12-31T23:59:59.999999"):
        moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
        assert first_sessions([market], moment) == ([], [market], [])


_CHILD = """
import sys
from dataclasses import replace
from datetime import UTC, datetime
heavy = {"pandas", "numpy", "exchange_calendars"}
if sys.argv[1] == "without":
    sys.modules |= dict.fromkeys(heavy)
from newscrawl import settings
from newscrawl.refine.sessions import SESSIONS
from newscrawl.archive.records import stamp
from newscrawl.items import Article, Instrument
from newscrawl.pipelines.steps import SessionsPipeline
def made(*markets):
    article = Article(instruments=[Instrument("x", market=market) for market in markets])
    SessionsPipeline().process_item(article)
    stamp(article, now=datetime(2026, 5, 8, 14, 18, 31, tzinfo=UTC), version=1)
    loaded = sorted(name for name in heavy if sys.modules.get(name) is not None)
    return [session.market for session in article.sessions], article.warnings, loaded
print(SESSIONS.version(), made(), made("HAS", None), made("HK", "US", "SG", "SH"))
"""


@pytest.mark.slow
@pytest.mark.parametrize("case", ["with", "without"])
def test_sessions_are_there_with_and_without_the_package(case: str) -> None:
    expected = f"{SESSIONS.version()} ([], [], []) ([], [], []) (['HK', 'US', 'SG', 'SH'], [], [])"
    child = subprocess.run(
        [sys.executable, "-W", "error", "-c", _CHILD, case],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (child.returncode, child.stderr, " ".join(child.stdout.split())) == (0, "", expected)


def test_loading_ahead_loads_what_has_a_calendar() -> None:
    calendars.calendar.cache_clear()
    load_calendars(["HAS", "BJ", "SZ", "SH"])
    assert calendars.calendar.cache_info().currsize == 1


def test_the_version_names_table_and_calendars() -> None:
    number, table, calendars = SESSIONS.version().split("+")
    assert number == "2"
    assert len(table) == 8
    assert calendars == f"calendars-{calendars_version()}"


def test_sessions_follow_from_the_time_of_availability() -> None:
    article = Article(
        available_at="2026-05-08T14:18:31.000Z",
        instruments=[Instrument("x", market=market) for market in ("HK", None, "HAS", "HK")],
    )
    opening = "2026-05-11T01:30:00.000Z"
    for _ in range(2):
        SESSIONS(article)
        assert article.sessions == [Session("HK", "XHKG", "2026-05-11", opening, opening, "after")]
    assert article.warnings == []
    article.available_at = None
    SESSIONS(article)
    assert article.sessions is None


def test_no_two_articles_share_a_session() -> None:
    articles = [
        SESSIONS(Article(available_at="2026-05-08T14:18:31.000Z", instruments=[Instrument("x", market="HK")]))
        for _ in range(2)
    ]
    (one,), (other,) = (article.sessions or [] for article in articles)
    assert one == other
    assert one is not other
