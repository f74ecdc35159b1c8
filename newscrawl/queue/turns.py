"""When a request may leave that is no page's of the queue: for robots.txt, or of a spider's own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from scrapy import Request

from newscrawl.queue import hosts
from newscrawl.queue.host_limiter import PROBE, ROBOTS_TXT, HostLimiter
from newscrawl.queue.hosts import AHEAD, Budget, Grant, HostStatus, host_of

# Seconds between looks at whether the crawl is being closed.
_POLL = 0.2


async def wait_for_turn(limiter: HostLimiter, request: Request, is_closing: Callable[[], bool]) -> bool:
    """Wait until a request may leave; False where the crawl is being closed.

    Other hosts than the one that is crawled have budgets of their own, with the same delay. robots.txt is
    asked for also where the host refuses pages; it does not tell whether the host still does.
    """
    host = host_of(request.url)
    budget = limiter.budget if host == limiter.budget.host else limiter.budget._replace(host=host)
    is_robots = ROBOTS_TXT in request.meta
    while not is_closing():
        found = await limiter.calls.ask(lambda: _reserve_one(limiter, budget, although_refused=is_robots))
        if found is None:
            return False
        status, grant = found
        if budget is limiter.budget:
            limiter.take_over(status)
        wait = grant.moments[0] if grant.moments else _left(grant)
        if not await _sleep(wait, is_closing):
            return False
        if grant.is_probe:
            request.meta[PROBE] = True
            return True
        if grant.moments or grant.status.room() is None:
            return True
    return False


def _reserve_one(limiter: HostLimiter, budget: Budget, *, although_refused: bool) -> tuple[HostStatus, Grant]:
    engine = limiter.calls.engine

    def reserve() -> tuple[HostStatus, Grant]:
        now = engine.now()
        hosts.announce(engine, budget, now)
        status = hosts.look(engine, budget, now, lock=True)
        asked = status._replace(refused=None, probe=0.0) if although_refused else status
        has_room = asked.room() != 0
        return status, hosts.reserve(engine, budget, now, asked, 1) if has_room else Grant(asked)

    return engine.transact(reserve, durable=False)


def _left(grant: Grant) -> float:
    status = grant.status
    if status.blocked:
        return status.blocked
    return max(0.0, status.free - AHEAD) if status.delay else 0.0


async def _sleep(seconds: float, is_closing: Callable[[], bool]) -> bool:
    """Sleep; tell whether the crawl goes on after that."""
    while seconds > 0:
        if is_closing():
            return False
        part = min(seconds, _POLL)
        await asyncio.sleep(part)
        seconds -= part
    return not is_closing()
