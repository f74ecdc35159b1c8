"""The first regular trading session after a moment, by dated tables of trading days (``calendars.py``).

Regular sessions only: no auctions. Trading before and after regular hours is named beside them for the US.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from newscrawl.codes import WarningCode
from newscrawl.items import Article, Session
from newscrawl.refine.calendars import (
    CALENDARS,
    FIRST_DAYS,
    TABLES,
    calendar,
    calendars_version,
    first_trading,
    from_milliseconds,
    to_milliseconds,
)
from newscrawl.refine.dates import format_instant, read_instant
from newscrawl.refine.step import Step
from newscrawl.sites.base import Site

_DAY = timedelta(days=1)


class SessionsStep(Step):
    """``sessions``: for each market among the instruments, when the news could first be traded."""

    name = "sessions"
    number = 2
    tables = TABLES
    warnings = frozenset({WarningCode.SESSION_BEYOND_CALENDAR, WarningCode.SESSION_PROJECTED})
    runs_on_withdrawn = True

    def version(self, site: Site | None = None) -> str:
        """Return the version of code and tables, and of the package that two of the tables are made from:
        ``2+5d0c3b1a+calendars-4.13.2``.
        """
        return f"{super().version(site)}+calendars-{calendars_version()}"

    def apply(self, article: Article, site: Site | None) -> list[WarningCode]:
        """Fill ``sessions`` from ``available_at`` and the markets of the instruments, see ``first_sessions``.

        None as long as the article has no ``available_at``.
        """
        available = read_instant(article.available_at)
        if available is None:
            article.sessions = None
            return []
        markets = [found.market for found in article.instruments if found.market is not None]
        article.sessions, beyond, projected = first_sessions(markets, available)
        told = []
        if beyond:
            told.append(WarningCode.SESSION_BEYOND_CALENDAR)
        if projected:
            told.append(WarningCode.SESSION_PROJECTED)
        return told


class FirstSessions(NamedTuple):
    """The first session of each market, in their order."""

    sessions: list[Session]
    beyond: list[str]
    """The markets whose calendar begins after the moment or ends before the next session."""
    projected: list[str]
    """The markets whose session rests on a day that was not announced."""


def first_sessions(markets: Iterable[str], moment: datetime) -> FirstSessions:
    """Return the first session of each market that was open at ``moment`` (aware) or opened after it.

    Markets without a calendar are left out.
    """
    sessions: list[Session] = []
    beyond: list[str] = []
    projected: list[str] = []
    for market in dict.fromkeys(markets):
        if (name := CALENDARS.get(market)) is None:
            continue
        session, is_projected = _first_session(market, name, moment)
        if session is None:
            beyond.append(market)
        else:
            sessions.append(session)
            if is_projected:
                projected.append(market)
    return FirstSessions(sessions, beyond, projected)


def _first_session(market: str, name: str, moment: datetime) -> tuple[Session | None, bool]:
    """Return the session, None where none is known, and whether it rests on a projected day."""
    known = calendar(name)
    now = to_milliseconds(moment)
    if not known.begins <= now < known.ends:
        return None, False
    today = moment.astimezone(known.zone).date()
    trading = first_trading(name, today)
    is_projected, extended = False, None
    # At the moment of its close a session is over.
    if trading is not None and now >= trading.closes:
        is_projected = trading.is_projected
        extended = "post" if trading.extended and now < trading.extended[1] else None
        trading = first_trading(name, today + _DAY)
    if trading is None or (market in FIRST_DAYS and trading.day < FIRST_DAYS[market]):
        return None, False
    if now < trading.opens:
        phase, tradable = ("before" if trading.day == today else "after"), trading.opens
        if trading.extended and trading.extended[0] <= now:
            extended = "pre"
    elif trading.pauses <= now < trading.resumes:
        phase, tradable = "break", trading.resumes
    else:
        phase, tradable = "in", now
    day, opens = trading.day.isoformat(), _format(trading.opens)
    session = Session(market, name, day, opens, _format(tradable), phase, extended)
    return session, is_projected or trading.is_projected


@lru_cache(maxsize=1024)
def _format(milliseconds: int) -> str:
    return format_instant(from_milliseconds(milliseconds))


SESSIONS = SessionsStep()
