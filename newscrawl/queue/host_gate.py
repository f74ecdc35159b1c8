"""The way to the site's host: its budget, its pauses, and what is done when it refuses."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from scrapy import Request

from newscrawl.database.engine import Engine
from newscrawl.queue import hosts
from newscrawl.queue.hosts import AHEAD, Budget, Grant, HostStatus, host_of
from newscrawl.queue.pace import Pace
from newscrawl.queue.refusals import Refusals, is_refusal
from newscrawl.queue.state_calls import StateCalls

logger = logging.getLogger(__name__)

PROBE = "host_probe"
"""In a page request's meta: it tries whether a host that refuses answers again."""

HAS_TURN = "has_turn"
"""In a request's meta: it leaves in the moment that was reserved for another one."""

# Seconds between looks at whether the crawl is being closed.
_POLL = 0.2


class HostGate:
    """One process's requests to the host that is crawled, and to others that a spider's own requests name.

    ``first_pause`` and ``longest`` are seconds: the first pause of a host that refuses, and how long it may
    refuse before the run is given up. Then ``on_blocked`` is called with one line that says so. ``on_again``
    is called with pages (uids) that failed only because the host refused.
    """

    def __init__(
        self,
        calls: StateCalls,
        budget: Budget,
        refusals: Refusals,
        *,
        first_pause: float,
        longest: float,
        on_blocked: Callable[[str], None],
        refuses: Callable[[bytes], bool] = lambda _: False,
    ) -> None:
        self.budget = budget
        self.pace = Pace()
        self.refusals = refusals
        self.on_again: Callable[[Iterable[str]], None] = _ignore
        self._calls = calls
        self._refuses = refuses
        self._first_pause = first_pause
        self._longest = longest
        self._on_blocked = on_blocked
        self._noting = 0

    # Called in the database thread, inside a transaction.

    def look(self, engine: Engine) -> HostStatus:
        """Return what the state says of the host."""
        return hosts.look(engine, self.budget, engine.now())

    # Called in the event loop.

    @property
    def paused_too_long(self) -> str | None:
        """Why this process need not wait, in one line: the host asked for a longer pause than it would."""
        left = self.pace.seconds_left()
        if left is None or left <= self._longest or self.pace.refused:
            return None
        until = datetime.now(UTC) + timedelta(seconds=left)
        return (
            f"{self.budget.host} asked for no request until {until:%Y-%m-%d %H:%M:%S} UTC (Retry-After): "
            f"longer from now than RETRY_AFTER_MAX ({self._longest:.0f} s)"
        )

    def take_over(self, status: HostStatus) -> None:
        """Take over what the state said of the host."""
        was_refused = self.pace.refused
        self.pace.update(self._not_stale(status))
        self._note_change(was_refused=was_refused)

    def take_grant(self, grant: Grant) -> None:
        """Take over what was reserved for this process."""
        was_refused = self.pace.refused
        self.pace.grant(grant._replace(status=self._not_stale(grant.status)))
        self._note_change(was_refused=was_refused)

    def _note_change(self, *, was_refused: bool) -> None:
        if self.pace.refused and (failed := self.refusals.take_failed()):
            self.on_again(failed)
        elif was_refused and not self.pace.refused and (again := self.refusals.end()):
            # Another process found that it answers.
            self.on_again(again)

    def _not_stale(self, status: HostStatus) -> HostStatus:
        # It may be of a transaction before the one that notes the refusals.
        return status._replace(refused=0.0) if self._noting and status.refused is None else status

    def note_response(self, request: Request, status: int, body: bytes) -> bool:
        """Take note of an answer for a page; tell whether the page must wait until the host answers again."""
        if is_refusal(status):
            self.note_refusal(request, f"HTTP {status}")
        elif status == 200 and self._refuses(body):
            self.note_refusal(request, "a page that is no article")
        else:
            self._note_answer(request)
            return False
        return self.pace.refused

    def note_refusal(self, request: Request, what: str) -> None:
        """Count a refusal of a page; ``what`` says in a few words what came instead."""
        was_probe = PROBE in request.meta
        if not self.refusals.add(request.meta["lease"].page.uid, what) and not self.pace.refused:
            return
        if self.pace.refused and not was_probe:
            return
        if not self.pace.refused:
            self.pace.refused = True
            count = self.refusals.most
            logger.warning("%s refused %d requests in a row (%s): waiting", self.budget.host, count, what)
        engine, budget = self._calls.engine, self.budget

        def note() -> HostStatus:
            return hosts.note_refusals(
                engine,
                budget,
                engine.now(),
                first_pause=self._first_pause,
                longest=self._longest,
                was_probe=was_probe,
            )

        self._noting += 1
        self._calls.start(lambda: engine.transact(note, durable=False), self._after_refusal)

    def _after_refusal(self, status: HostStatus) -> None:
        self._noting -= 1
        self.take_over(status)
        if status.refused is None:
            return
        # A probe at the very end is one too many.
        if status.refused + 0.001 >= self._longest:
            self._on_blocked(
                f"expected {self.budget.host} to answer, found nothing but refusals ({self.refusals.last}) "
                f"for {status.refused:.0f} s"
            )
        else:
            logger.info("%s refuses: no request for %.0f s", self.budget.host, status.blocked)

    def _note_answer(self, request: Request) -> None:
        if self.pace.refused:
            if PROBE not in request.meta:
                # Of a request that was under way when the host began to refuse.
                return
            engine, budget = self._calls.engine, self.budget

            def note() -> HostStatus:
                hosts.note_answer(engine, budget)
                return hosts.look(engine, budget, engine.now())

            logger.info("%s answers again", self.budget.host)
            self._calls.start(lambda: engine.transact(note, durable=False), self.take_over)
        was_probe = PROBE in request.meta
        if again := self.refusals.end(None if was_probe else request.meta["lease"].page.uid):
            self.on_again(again)

    def pause(self, seconds: float) -> None:
        """Keep, for all processes and beyond this one, that the host asked for a pause."""
        self.pace.pause(seconds)
        engine, budget = self._calls.engine, self.budget
        self._calls.start(
            lambda: engine.transact(lambda: hosts.pause(engine, budget, engine.now(), seconds), durable=False)
        )

    def set_crawl_delay(self, seconds: float) -> None:
        """Keep the Crawl-delay of the host's robots.txt; 0 where it has none."""
        self.pace.least_delay = seconds
        self.pace.delay = max(self.pace.delay, seconds)
        engine, budget = self._calls.engine, self.budget

        def note() -> HostStatus:
            hosts.set_crawl_delay(engine, budget, engine.now(), seconds)
            return hosts.look(engine, budget, engine.now())

        self._calls.start(lambda: engine.transact(note, durable=False), self._after_crawl_delay)

    def _after_crawl_delay(self, status: HostStatus) -> None:
        self.pace.least_delay = 0.0
        self.take_over(status)

    async def acquire(self, url: str, is_closing: Callable[[], bool]) -> bool:
        """Wait until a request that is no page's may leave; False where the crawl is being closed.

        Such a request is one for robots.txt, or of a spider's own. Those do not tell whether a host refuses.
        """
        host = host_of(url)
        budget = self.budget if host == self.budget.host else self.budget._replace(host=host)
        while not is_closing():
            grant = await self._calls.ask(lambda: self._reserve_one(budget))
            if grant is None:
                return False
            wait = grant.moments[0] if grant.moments else _left(grant.status)
            if not await _sleep(wait, is_closing):
                return False
            if grant.moments or not (grant.status.delay or grant.status.paused):
                return True
        return False

    def _reserve_one(self, budget: Budget) -> Grant:
        engine = self._calls.engine

        def reserve() -> Grant:
            now = engine.now()
            hosts.announce(engine, budget, now)
            status = hosts.look(engine, budget, now, lock=True)._replace(refused=None)
            has_room = status.room() != 0
            return hosts.reserve(engine, budget, now, status, 1) if has_room else Grant(status)

        return engine.transact(reserve, durable=False)


def _ignore(_: Iterable[str]) -> None:
    pass


def _left(status: HostStatus) -> float:
    return status.paused or (max(0.0, status.free - AHEAD) if status.delay else 0.0)


async def _sleep(seconds: float, is_closing: Callable[[], bool]) -> bool:
    """Sleep; tell whether the crawl goes on after that."""
    while seconds > 0:
        if is_closing():
            return False
        part = min(seconds, _POLL)
        await asyncio.sleep(part)
        seconds -= part
    return not is_closing()
