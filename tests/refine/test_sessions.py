"""Sessions: answers worked out by hand from the exchanges' hours, and those of the calendars' own API."""

from __future__ import annotations

import importlib
import subprocess
import sys
import warnings
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newscrawl.items import Article, Instrument, Session
from newscrawl.refine import sessions
from newscrawl.refine.dates import format_instant
from newscrawl.refine.sessions import CALENDARS, FIRST_DAY, SESSIONS, calendars_version, first_sessions

ROOT = Path(__file__).parent.parent.parent

# The package's warnings about pandas cannot be changed here.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

steady = settings(
    derandomize=True, deadline=None, max_examples=250, suppress_health_check=[HealthCheck.too_slow]
)


def first(market: str, moment: str) -> Session:
    found, beyond = first_sessions([market], datetime.fromisoformat(moment))
    assert beyond == []
    assert found is not None
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
Storms in Hong Kong: two days without trading, three that began in the afternoon
HK 2023-08-31T10:00:00Z     after  2023-09-04 2023-09-04T01:30 open
HK 2023-09-01T03:00:00Z     after  2023-09-04 2023-09-04T01:30 open
HK 2023-09-07T10:00:00Z     after  2023-09-11 2023-09-11T01:30 open
HK 2020-08-19T02:00:00Z     before 2020-08-19 2020-08-19T05:30 open
HK 2020-08-19T05:29:59.999Z before 2020-08-19 2020-08-19T05:30 open
HK 2020-08-19T05:30:00Z     in     2020-08-19 2020-08-19T05:30 now
HK 2020-08-19T08:00:00Z     after  2020-08-20 2020-08-20T01:30 open
HK 2021-06-28T04:30:00Z     before 2021-06-28 2021-06-28T05:30 open
HK 2023-10-09T05:30:00Z     before 2023-10-09 2023-10-09T06:00 open
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
    assert first(market, available) == Session(market, CALENDARS[market], day, opening, expected, phase)


def test_one_entry_a_market_in_their_order_and_none_without_a_calendar() -> None:
    moment = datetime(2026, 5, 8, 14, 18, 31, tzinfo=UTC)
    found, beyond = first_sessions(["SZ", "BJ", "HK", "HAS", "SZ", "SH", "DE"], moment)
    assert found is not None
    assert [(session.market, session.calendar) for session in found] == [
        ("SZ", "XSHG"),
        ("HK", "XHKG"),
        ("SH", "XSHG"),
    ]
    assert beyond == []
    assert first_sessions(["BJ"], moment) == first_sessions([], moment) == ([], [])


def test_moments_are_cut_to_the_millisecond_that_is_written() -> None:
    session = first("HK", "2026-05-11T07:59:59.999999+00:00")
    assert (session.phase, session.tradable_at) == ("in", "2026-05-11T07:59:59.999Z")


def test_the_zone_of_the_moment_does_not_matter() -> None:
    assert first("HK", "2026-05-11T12:30:00+08:00") == first("HK", "2026-05-11T04:30:00Z")


# --- Against the package's own answers -----------------------------------------------------------------


@pytest.fixture(scope="module")
def package() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("exchange_calendars")


@pytest.fixture(scope="module")
def theirs(package: Any) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Minutes from the opening, included, to the close, excluded.
        return {
            name: package.get_calendar(name, start=FIRST_DAY.isoformat(), side="left")
            for name in set(CALENDARS.values())
        }


def test_names_of_calendars_are_those_of_the_package(package: Any) -> None:
    names = package.get_calendar_names(include_aliases=False)
    assert set(CALENDARS.values()) <= set(names)
    # When it knows Shenzhen, Shenzhen should have its own.
    assert "XSHE" not in package.get_calendar_names(include_aliases=True)


def _eve(day: date, lunar: set[date]) -> bool:
    return (day.month, day.day) in ((12, 24), (12, 31)) or day + timedelta(days=1) in lunar


# In UTC the hour and minute before which there was no trading; None for none at all.
STORMS = {
    date(2020, 8, 19): (5, 30),
    date(2021, 6, 28): (5, 30),
    date(2023, 9, 1): None,
    date(2023, 9, 8): None,
    date(2023, 10, 9): (6, 0),
}


@steady
@given(
    market=st.sampled_from(sorted(CALENDARS)),
    moment=st.datetimes(datetime(2018, 1, 3), datetime(2026, 11, 30)),  # noqa: DTZ001
)
def test_no_earlier_moment_of_trading(
    market: str, moment: datetime, theirs: dict[str, Any], package: Any
) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=UTC)
    session = first(market, format_instant(moment))
    tradable = datetime.fromisoformat(session.tradable_at)
    opens = datetime.fromisoformat(session.open)
    assert tradable >= moment
    assert tradable >= opens
    assert (tradable == moment) == (session.phase == "in" or moment == opens)

    calendar = theirs[CALENDARS[market]]
    minute = moment.replace(second=0, microsecond=0)
    lunar = {day.date() for day in package.lunisolar_holidays.chinese_lunar_new_year_dates}

    def trading(at: datetime) -> bool:
        if market == "SG":
            # The package's Singapore has neither break nor half days.
            local = at + timedelta(hours=8)
            if local.hour == 12 or (local.hour > 12 and _eve(local.date(), lunar)):
                return False
        if market == "HK" and at.date() in STORMS:
            begins = STORMS[at.date()]
            if begins is None or (at.hour, at.minute) < begins:
                return False
        return bool(calendar.is_open_on_minute(at))

    if trading(minute):
        expected = moment
    else:
        # Whole minutes of the package, one after another, until one trades.
        expected = calendar.next_minute(minute).to_pydatetime()
        while not trading(expected):
            expected = calendar.next_minute(expected).to_pydatetime()
    assert tradable == expected
    its_session = calendar.minute_to_session(expected.replace(second=0, microsecond=0))
    assert session.date == its_session.date().isoformat()
    late = STORMS.get(its_session.date()) if market == "HK" else None
    if late is None:
        assert opens == calendar.session_open(its_session).to_pydatetime()
    else:
        assert (opens.hour, opens.minute) == late


# --- The ends of the calendars, and no calendars ------------------------------------------------------


@pytest.mark.parametrize("market", sorted(CALENDARS))
def test_what_a_calendar_does_not_reach_is_told_and_not_guessed(market: str, theirs: dict[str, Any]) -> None:
    close = theirs[CALENDARS[market]].closes.iloc[-1].to_pydatetime()
    # Half past eleven: before Singapore's last noon as well.
    last = close.replace(hour=3 if market != "US" else 16, minute=0)
    found, beyond = first_sessions([market], last)
    assert found is not None
    assert [session.date for session in found] == [close.date().isoformat()]
    assert beyond == []
    assert first_sessions([market], close) == ([], [market])
    assert first_sessions([market], datetime(2017, 12, 30, 12, tzinfo=UTC)) == ([], [market])


def test_version_is_the_installed_one() -> None:
    assert calendars_version() == version("exchange-calendars")


_CHILD = """
import sys
from datetime import UTC, datetime
if sys.argv[1] == "without":
    sys.modules["exchange_calendars"] = None
from newscrawl import settings
from newscrawl.refine.sessions import SESSIONS, calendars_version
from newscrawl.archive.records import stamp
from newscrawl.items import Article, Instrument
from newscrawl.pipelines.steps import SessionsPipeline
heavy = {"pandas", "numpy", "exchange_calendars"}
def made(*markets):
    article = Article(instruments=[Instrument("x", market=market) for market in markets])
    SessionsPipeline().process_item(article)
    stamp(article, now=datetime(2026, 5, 8, 14, 18, 31, tzinfo=UTC), version=1)
    loaded = sorted(name for name in heavy if sys.modules.get(name) is not None)
    return None if article.sessions is None else len(article.sessions), article.warnings, loaded
print(SESSIONS.version().partition("-")[2] == (calendars_version() or "none"))
print(calendars_version() is None, made(), made("BJ", None), made("HK", "US"))
"""


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("without", "True True (None, [], []) (None, [], []) (None, [], [])"),
        ("with", "True False (0, [], []) (0, [], []) (2, [], ['exchange_calendars', 'numpy', 'pandas'])"),
    ],
)
def test_nothing_is_loaded_before_it_is_needed(case: str, expected: str) -> None:
    child = subprocess.run(
        [sys.executable, "-W", "error", "-c", _CHILD, case],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (child.returncode, child.stderr, " ".join(child.stdout.split())) == (0, "", expected)


def test_loading_ahead_loads_what_has_a_calendar() -> None:
    sessions._calendar.cache_clear()
    sessions.load_calendars(["BJ", "SZ", "SH"])
    assert sessions._calendar.cache_info().currsize == 1


def test_the_version_names_table_and_calendars() -> None:
    number, table, calendars = SESSIONS.version().split("+")
    assert number == "1"
    assert len(table) == 8
    assert calendars == f"calendars-{version('exchange-calendars')}"


def test_sessions_follow_from_the_time_of_availability() -> None:
    article = Article(
        available_at="2026-05-08T14:18:31.000Z",
        instruments=[Instrument("x", market=market) for market in ("HK", None, "BJ", "HK")],
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
