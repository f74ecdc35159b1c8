"""One budget for each host, kept in the state: all workers, crawls and restarts draw on it.

A host is a name and a port. Its next free moment is reserved by the state's clock, at most one second ahead:
a process that is killed loses that second, or one delay, and nobody else does. What the host asked for
(Retry-After, Crawl-delay) is kept until it has passed. All functions run inside a transaction of the
caller's; one that also holds ``schema.lock_run`` takes that lock first.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from newscrawl.database.engine import Engine
from newscrawl.database.statements.hosts import (
    ADD_HOST,
    FORGET_DELAYS,
    LOOK_AT_HOST,
    NEXT_PROBE_PAUSE,
    NOTE_ANSWER,
    NOTE_REFUSALS,
    PAUSE_HOST,
    PUT_OFF_PROBE,
    RESERVE_UNTIL,
    SET_CRAWL_DELAY,
    SET_DELAY,
)
from newscrawl.network.public import read_address

AHEAD = 1.0
"""Seconds ahead of now for which moments are reserved."""

# Requests reach the host a little earlier or later after their moments: so much more than the delay lies
# between two moments, that no ten seconds have more than their number of requests.
SPARE = 1.01
# RFC 9309, section 2.4: robots.txt, and the Crawl-delay in it, may be used for a day.
_CRAWL_DELAY_LASTS = 24 * 3600.0
_PORTS = {"http": 80, "https": 443}


class Budget(NamedTuple):
    """What one process asks of a host (name and port): its delay in seconds, held as ``holder``."""

    host: str
    holder: str
    delay: float
    lasts: float
    """Seconds after which the delay of a process that does not renew it is forgotten."""


class HostStatus(NamedTuple):
    """A host as the state knows it now. Times are seconds from now."""

    delay: float
    """Between two requests: the largest of the running crawls' and the host's own. 0 for none."""
    paused: float
    """Until the end of a pause that the host asked for; 0 for none."""
    refused: float | None
    """How long the host has answered nothing but refusals; None where it answers."""
    probe: float
    """Until one request may try whether that is over."""
    free: float
    """Until the first moment that nobody has reserved."""
    others: int = 0
    """How many other processes ask the host."""
    asked: float = 0.0
    """The Crawl-delay that the host asked for; 0 for none."""

    @property
    def blocked(self) -> float:
        """How long no request may leave, whatever was reserved."""
        return max(self.paused, self.probe if self.refused is not None else 0.0)

    def room(self) -> int | None:
        """Return for how many requests moments can be reserved now; None for any number."""
        if self.blocked > 0:
            return 0
        if self.refused is not None:
            return 1
        if not self.delay:
            return None
        ahead = AHEAD - self.free
        return 0 if ahead <= 0 else max(1, int(ahead / self.delay))

    def wait(self) -> float:
        """Return in how many seconds a further look can find room."""
        if self.blocked > 0:
            return self.blocked
        return max(0.0, self.free - AHEAD) if self.delay else 0.0


class Grant(NamedTuple):
    """What a look at the host gave to one process."""

    status: HostStatus
    moments: tuple[float, ...] = ()
    """When requests may leave, in seconds from now, each for one. Empty where there is no delay."""
    is_probe: bool = False
    """One request may try whether the host answers again."""


def host_of(url: str) -> str:
    """Return the name and port that an http(s) address leads to: ``longbridge.com:443``, ``[::1]:80``."""
    parts = urlsplit(url)
    name = (parts.hostname or "").lower().rstrip(".")
    if ":" in name:
        # One spelling, so that another one is no budget of its own.
        address = read_address(name)
        name = f"[{name if address is None else address.compressed}]"
    return f"{name}:{parts.port or _PORTS.get(parts.scheme, 0)}"


def announce(engine: Engine, budget: Budget, now: datetime) -> None:
    """Note that a process asks a host, and its delay; make the host's row where there is none."""
    engine.execute(ADD_HOST, (budget.host,))
    engine.execute(SET_DELAY, (budget.host, budget.holder, budget.delay, now.timestamp() + budget.lasts))


def withdraw(engine: Engine, holder: str, now: datetime) -> None:
    """Forget the delays of a process that ends, and those of processes that are gone."""
    engine.execute(FORGET_DELAYS, (holder, now.timestamp()))


def look(engine: Engine, budget: Budget, now: datetime, *, lock: bool = False) -> HostStatus:
    """Return what is known of the host of a budget; ``lock`` where the caller will change it."""
    moment = now.timestamp()
    sql = engine.statements.lock_host if lock else LOOK_AT_HOST
    rows = engine.execute(sql, (moment, moment, budget.holder, budget.host))
    if not rows:
        announce(engine, budget, now)
        return HostStatus(budget.delay, 0.0, None, 0.0, 0.0)
    ((next_at, paused_until, asked, lasts_until, refused_since, probe_at, pause_now, largest, others),) = rows
    asked = asked if lasts_until > moment else 0.0
    delay = max(budget.delay, largest or 0.0, asked)
    free = max(0.0, next_at - moment) if delay else 0.0
    if free > AHEAD + SPARE * delay:
        # No reservation is ever so far away: the clock was set back, or a crawl with a longer delay has
        # ended.
        free = 0.0
    return HostStatus(
        delay=delay,
        paused=max(0.0, paused_until - moment),
        refused=None if refused_since is None else max(0.0, moment - refused_since),
        # Never longer than the pause, also where the clock was set back.
        probe=min(max(0.0, probe_at - moment), pause_now),
        free=free,
        others=others,
        asked=asked,
    )


def reserve(engine: Engine, budget: Budget, now: datetime, status: HostStatus, count: int) -> Grant:
    """Reserve the moments of ``count`` requests, which ``status.room()`` has said there is room for."""
    if not count:
        return Grant(status)
    moment = now.timestamp()
    is_probe = status.refused is not None
    if is_probe:
        # Others wait; and where nothing comes of this one, somebody tries again after the pause.
        engine.execute(PUT_OFF_PROBE, (moment, budget.host))
    if not status.delay:
        return Grant(status, (), is_probe)
    step = SPARE * status.delay
    engine.execute(RESERVE_UNTIL, (moment + status.free + count * step, budget.host))
    return Grant(status, tuple(status.free + number * step for number in range(count)), is_probe)


def pause(engine: Engine, budget: Budget, now: datetime, seconds: float) -> None:
    """Note that a host asked for no request for so many seconds from now."""
    announce(engine, budget, now)
    until = now.timestamp() + seconds
    engine.execute(PAUSE_HOST, (until, budget.host, until))


def set_crawl_delay(engine: Engine, budget: Budget, now: datetime, seconds: float) -> None:
    """Note the Crawl-delay of a host's robots.txt that was read now; 0 where it has none.

    It begins with the request for that file.
    """
    announce(engine, budget, now)
    moment = now.timestamp()
    engine.execute(
        SET_CRAWL_DELAY,
        (seconds, moment + _CRAWL_DELAY_LASTS, moment + seconds, moment + seconds, budget.host),
    )


def note_refusals(
    engine: Engine, budget: Budget, now: datetime, *, first_pause: float, longest: float, was_probe: bool
) -> HostStatus:
    """Let nobody ask the host for a while, because it answers nothing but refusals.

    The pause begins with ``first_pause`` seconds and doubles each time that a probe is refused; a probe is
    made ``longest`` seconds after the first refusal at the latest.
    """
    status = look(engine, budget, now, lock=True)
    moment = now.timestamp()
    if status.refused is None:
        pause_now, since = first_pause, moment
    elif was_probe:
        ((doubled, since),) = engine.execute(NEXT_PROBE_PAUSE, (budget.host,))
        pause_now = doubled or first_pause
    else:
        # Of a request that was under way when the host was found to refuse.
        return status
    # After that whoever asks again tries soon, and once.
    left = since + longest - moment
    pause_now = min(pause_now, left) if left > 0 else first_pause
    engine.execute(NOTE_REFUSALS, (since, pause_now, moment + pause_now, budget.host))
    return look(engine, budget, now)


def note_answer(engine: Engine, budget: Budget) -> None:
    """Note that the host answers again."""
    engine.execute(NOTE_ANSWER, (budget.host,))
