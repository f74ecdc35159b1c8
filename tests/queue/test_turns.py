"""Requests that are no page's wait for their host, too: those for robots.txt, and a spider's own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from types import SimpleNamespace

import pytest
from scrapy import Request

from newscrawl.database.engine import Engine
from newscrawl.database.thread import InTheLoop
from newscrawl.queue import hosts
from newscrawl.queue import turns as module
from newscrawl.queue.host_limiter import PROBE, ROBOTS_TXT, HostLimiter
from newscrawl.queue.refusals import Refusals
from newscrawl.queue.state_calls import StateCalls
from newscrawl.queue.turns import wait_for_turn
from tests.queue.clocks import Clock
from tests.queue.host_calls import CLOSE, budget, look, refuse, rows, take

URL = "https://longbridge.com/robots.txt"
OTHER = "http://longbridge.com:8443/list"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that sleeping moves."""
    made = Clock()

    async def sleep(seconds: float) -> None:
        made.move(seconds + 0.001)

    monkeypatch.setattr(module, "asyncio", SimpleNamespace(sleep=sleep))
    return made


@pytest.fixture
def engine(connected: Callable[[], Engine], clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Engine:
    made = connected()

    def now() -> object:
        # Asking takes a moment, too.
        clock.move(0.001)
        return clock.now()

    monkeypatch.setattr(made, "now", now)
    return made


def limiter_of(engine: Engine, delay: float) -> HostLimiter:
    calls = StateCalls(engine, InTheLoop(), lambda: None)
    return HostLimiter(
        calls, budget("a", delay), Refusals(10), first_pause=10.0, longest=100.0, on_blocked=lambda _: None
    )


def wait(waiting: Coroutine[object, object, bool], clock: Clock) -> float:
    """Return how long a request waited that could leave then."""
    begin = clock.seconds
    assert asyncio.run(waiting)
    return clock.seconds - begin


def robots(url: str) -> Request:
    return Request(url, meta={ROBOTS_TXT: False})


def is_never() -> bool:
    return False


def test_without_a_delay_it_leaves_at_once(engine: Engine, clock: Clock) -> None:
    limiter = limiter_of(engine, 0.0)
    for _ in range(3):
        assert wait(wait_for_turn(limiter, robots(URL), is_never), clock) < 0.01


def test_with_a_delay_it_waits_for_its_moment(engine: Engine, clock: Clock) -> None:
    limiter = limiter_of(engine, 2.0)
    waited = [wait(wait_for_turn(limiter, robots(URL), is_never), clock) for _ in range(4)]
    assert waited == pytest.approx([0.0, 2.0, 2.0, 2.0], abs=0.05)
    # Pages find these moments taken.
    assert look(engine, budget("b"), clock.now()).free == pytest.approx(2.0, abs=0.05)


def test_it_waits_for_the_end_of_a_pause(engine: Engine, clock: Clock) -> None:
    limiter = limiter_of(engine, 1.0)
    engine.transact(lambda: hosts.pause(engine, budget("b"), clock.now(), 30))
    assert wait(wait_for_turn(limiter, robots(URL), is_never), clock) == pytest.approx(30, abs=0.5)
    assert look(engine, budget("b"), clock.now()).free == pytest.approx(1.0, abs=0.05)


def test_without_a_delay_it_waits_for_a_pause_too(engine: Engine, clock: Clock) -> None:
    limiter = limiter_of(engine, 0.0)
    engine.transact(lambda: hosts.pause(engine, budget("b", 0.0), clock.now(), 30))
    assert wait(wait_for_turn(limiter, robots(URL), is_never), clock) == pytest.approx(30, abs=0.5)


def test_a_request_of_a_spiders_own_is_the_probe(engine: Engine, clock: Clock) -> None:
    limiter = limiter_of(engine, 0.0)
    refuse(engine, budget("b", 0.0), clock.now())
    request = Request(URL)
    waited = wait(wait_for_turn(limiter, request, is_never), clock)
    assert waited > 5
    assert request.meta[PROBE]
    # Others wait for what comes of it.
    assert take(engine, budget("b", 0.0), clock.now()).status.room() == 0


def test_robots_txt_is_no_probe(engine: Engine, clock: Clock) -> None:
    limiter = limiter_of(engine, 0.0)
    refuse(engine, budget("b", 0.0), clock.now())
    before = rows(engine)
    assert wait(wait_for_turn(limiter, robots(URL), is_never), clock) < 0.01
    assert rows(engine) == before


def test_another_host_has_a_row_of_its_own(engine: Engine, clock: Clock) -> None:
    limiter = limiter_of(engine, 2.0)
    engine.transact(lambda: hosts.pause(engine, budget("b"), clock.now(), 30))
    waited = [wait(wait_for_turn(limiter, Request(OTHER), is_never), clock) for _ in range(2)]
    assert waited == pytest.approx([0.0, 2.0], abs=0.05)
    assert [row[0] for row in rows(engine)] == ["longbridge.com:443", "longbridge.com:8443"]
    assert take(engine, budget("b"), clock.now()).status.free == pytest.approx(0.0, abs=CLOSE)


@pytest.mark.parametrize("after", [0, 1, 5])
def test_nobody_waits_once_the_crawl_is_closed(engine: Engine, clock: Clock, after: int) -> None:
    limiter = limiter_of(engine, 0.0)
    engine.transact(lambda: hosts.pause(engine, budget("b", 0.0), clock.now(), 3_000))
    looks: list[float] = []

    def is_closing() -> bool:
        looks.append(clock.seconds)
        return len(looks) > after

    begin = clock.seconds
    assert not asyncio.run(wait_for_turn(limiter, robots(URL), is_closing))
    # It was looked at all the time.
    assert clock.seconds - begin < 0.25 * (after + 1)


def test_where_the_state_fails_nothing_leaves(engine: Engine) -> None:
    limiter = limiter_of(engine, 0.0)
    limiter.calls.fail(ValueError("no state"))
    assert not asyncio.run(wait_for_turn(limiter, robots(URL), is_never))
