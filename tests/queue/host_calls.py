"""What a process does with the row of a host, each as one transaction."""

from __future__ import annotations

from datetime import datetime

from newscrawl.database.engine import Engine
from newscrawl.queue import hosts
from newscrawl.queue.hosts import Budget, Grant, HostStatus

HOST = "longbridge.com:443"
# Clocks are kept as doubles of seconds since 1970.
CLOSE = 1e-4


def budget(holder: str = "a", delay: float = 1.0, lasts: float = 60.0, host: str = HOST) -> Budget:
    return Budget(host, holder, delay, lasts)


def announce(engine: Engine, asks: Budget, now: datetime) -> None:
    engine.transact(lambda: hosts.announce(engine, asks, now))


def look(engine: Engine, asks: Budget, now: datetime) -> HostStatus:
    return engine.transact(lambda: hosts.look(engine, asks, now))


def take(engine: Engine, asks: Budget, now: datetime, count: int = 1) -> Grant:
    """Reserve as many moments as there is room for, ``count`` at most, as a claim does."""

    def work() -> Grant:
        hosts.announce(engine, asks, now)
        status = hosts.look(engine, asks, now, lock=True)
        room = status.room()
        return hosts.reserve(engine, asks, now, status, count if room is None else min(count, room))

    return engine.transact(work)


def refuse(
    engine: Engine, asks: Budget, now: datetime, *, was_probe: bool = False, longest: float = 100.0
) -> HostStatus:
    return engine.transact(
        lambda: hosts.note_refusals(engine, asks, now, first_pause=10.0, longest=longest, was_probe=was_probe)
    )


def rows(engine: Engine) -> list[list[object]]:
    return [list(row) for row in engine.read(lambda: engine.execute("SELECT * FROM host ORDER BY host"))]
