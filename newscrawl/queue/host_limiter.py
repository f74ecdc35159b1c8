"""A rate limiter and a circuit breaker for the host that is crawled, both kept in the state."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from scrapy import Request

from newscrawl.database.engine import Engine
from newscrawl.queue import hosts
from newscrawl.queue.hosts import Budget, Grant, HostStatus
from newscrawl.queue.pace import Pace
from newscrawl.queue.refusals import Refusals, is_refusal
from newscrawl.queue.state_calls import StateCalls

logger = logging.getLogger(__name__)

PROBE = "host_probe"
"""In a page request's meta: it tries whether a host that refuses answers again."""

ROBOTS_TXT = "robots_txt"
"""In a request's meta: it is this project's own for a robots.txt. True where it leaves in the moment that was
reserved for a page."""


def _ignore(_: object) -> None:
    pass


class HostLimiter:
    """Says when one process may ask the host that is crawled (``pace``), and takes note of what it answers.

    It is the circuit breaker, too: after ``refusals.most`` refusals in a row nobody asks the host for a
    while, then one request (the probe) tries it.

    ``first_pause`` and ``longest`` are seconds: the first pause of a host that refuses, and how long it may
    refuse before the run is given up. Then ``on_blocked`` is called with one line that says so. ``on_again``
    is called with pages (uids) that failed only because the host refused, ``on_paused`` where the host asks
    for a longer wait than ``longest``. ``refuses`` tells a page that the site shows in place of any article.
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
        on_paused: Callable[[str], None] = _ignore,
        refuses: Callable[[bytes], bool] = lambda _: False,
    ) -> None:
        self.budget = budget
        self.pace = Pace()
        self.refusals = refusals
        self.on_again: Callable[[Iterable[str]], None] = _ignore
        self.calls = calls
        self._refuses = refuses
        self._first_pause = first_pause
        self._longest = longest
        self._on_blocked = on_blocked
        self._on_paused = on_paused
        self._is_new = True
        self._began_refused = False
        self._noting = 0

    # Called where the state is used, inside a transaction.

    def look(self, engine: Engine) -> HostStatus:
        """Return what the state says of the host."""
        return hosts.look(engine, self.budget, engine.now())

    # Called in the event loop.

    def take_over(self, status: HostStatus) -> None:
        """Take over what the state said of the host."""
        was_refused = self.pace.refused
        self.pace.update(self._not_stale(status))
        self._note_change(status, was_refused=was_refused)

    def take_grant(self, grant: Grant) -> None:
        """Take over what was reserved for this process."""
        was_refused = self.pace.refused
        self.pace.grant(grant._replace(status=self._not_stale(grant.status)))
        self._note_change(grant.status, was_refused=was_refused)

    def _note_change(self, status: HostStatus, *, was_refused: bool) -> None:
        self._judge(status)
        if self.pace.refused and (failed := self.refusals.take_failed()):
            self.on_again(failed)
        elif was_refused and not self.pace.refused and (again := self.refusals.end()):
            # Another process found that it answers.
            self.on_again(again)

    def _judge(self, status: HostStatus) -> None:
        """End the run where the host asks for a longer wait than RETRY_AFTER_MAX, or refused for so long."""
        host, longest = self.budget.host, self._longest
        if self._is_new or status.refused is None:
            # What an earlier run found is tried once more.
            self._is_new, self._began_refused = False, status.refused is not None
        if status.paused > longest:
            until = datetime.now(UTC) + timedelta(seconds=status.paused)
            self._on_paused(
                f"{host} asked for no request until {until:%Y-%m-%d %H:%M:%S} UTC (Retry-After): "
                f"longer from now than RETRY_AFTER_MAX ({longest:.0f} s)"
            )
        elif status.asked > longest:
            self._on_paused(
                f"{host} asks for {status.asked:.0f} s between two requests (Crawl-delay): "
                f"more than RETRY_AFTER_MAX ({longest:.0f} s)"
            )
        elif status.refused is not None and status.refused >= longest and not self._began_refused:
            self._end_blocked(status.refused)

    def _end_blocked(self, seconds: float) -> None:
        last = f" ({self.refusals.last})" if self.refusals.last else ""
        self._on_blocked(
            f"expected {self.budget.host} to answer, found nothing but refusals{last} for {seconds:.0f} s"
        )

    def _not_stale(self, status: HostStatus) -> HostStatus:
        # It may be of a transaction before the one that notes the refusals.
        return status._replace(refused=0.0) if self._noting and status.refused is None else status

    def note_response(self, request: Request, status: int, body: bytes) -> bool:
        """Take note of an answer for a page; tell whether the page must wait until the host answers again."""
        if is_refusal(status):
            self.note_refusal(request, f"HTTP {status}")
        elif "lease" in request.meta and (
            (status < 300 or status == HTTPStatus.METHOD_NOT_ALLOWED) and self._refuses(body)
        ):
            self.note_refusal(request, "a page that is no article")
        else:
            self._note_answer(request)
            return False
        return self.pace.refused

    def note_refusal(self, request: Request, what: str) -> None:
        """Count a refusal of a page; ``what`` says in a few words what came instead."""
        was_probe = PROBE in request.meta
        if not self.refusals.add(_page_of(request), what) and not self.pace.refused:
            return
        if self.pace.refused and not was_probe:
            return
        if not self.pace.refused:
            self.pace.refused = True
            count = self.refusals.most
            logger.warning("%s refused %d requests in a row (%s): waiting", self.budget.host, count, what)
        engine, budget = self.calls.engine, self.budget

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
        self.calls.start(lambda: engine.transact(note, durable=False), self._after_refusal)

    def _after_refusal(self, status: HostStatus) -> None:
        self._noting -= 1
        self.take_over(status)
        if status.refused is None:
            return
        # The last probe is due after that time, which rounding may make a moment less.
        if status.refused + 0.001 >= self._longest:
            self._end_blocked(status.refused)
        else:
            logger.info("%s refuses: no request for %.0f s", self.budget.host, status.blocked)

    def _note_answer(self, request: Request) -> None:
        if self.pace.refused:
            if PROBE not in request.meta:
                # Of a request that was under way when the host began to refuse.
                return
            engine, budget = self.calls.engine, self.budget

            def note() -> HostStatus:
                hosts.note_answer(engine, budget)
                return hosts.look(engine, budget, engine.now())

            logger.info("%s answers again", self.budget.host)
            self.calls.start(lambda: engine.transact(note, durable=False), self.take_over)
        was_probe = PROBE in request.meta
        if again := self.refusals.end(None if was_probe else _page_of(request)):
            self.on_again(again)

    def pause(self, seconds: float) -> None:
        """Keep, for all processes and beyond this one, that the host asked for a pause."""
        self.pace.pause(seconds)
        engine, budget = self.calls.engine, self.budget
        self.calls.start(
            lambda: engine.transact(lambda: hosts.pause(engine, budget, engine.now(), seconds), durable=False)
        )

    def set_crawl_delay(self, seconds: float) -> None:
        """Keep the Crawl-delay of the host's robots.txt; 0 where it has none."""
        self.pace.least_delay = seconds
        self.pace.delay = max(self.pace.delay, seconds)
        engine, budget = self.calls.engine, self.budget

        def note() -> HostStatus:
            hosts.set_crawl_delay(engine, budget, engine.now(), seconds)
            return hosts.look(engine, budget, engine.now())

        self.calls.start(lambda: engine.transact(note, durable=False), self._after_crawl_delay)

    def _after_crawl_delay(self, status: HostStatus) -> None:
        self.pace.least_delay = 0.0
        self.take_over(status)


def _page_of(request: Request) -> str:
    lease = request.meta.get("lease")
    return request.url if lease is None else lease.page.uid
