"""One budget for each host, shared by all processes: by a clock that a test moves, on both engines."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import pairwise

import pytest

from newscrawl.database.connect import connect
from newscrawl.database.engine import Engine
from newscrawl.database.schema import prepare
from newscrawl.queue import hosts
from newscrawl.queue.hosts import AHEAD, host_of
from tests.postgres import database
from tests.queue.clocks import Clock
from tests.queue.host_calls import CLOSE, announce, budget, look, refuse, rows, take


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine(connected: Callable[[], Engine]) -> Engine:
    return connected()


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://longbridge.com/en/news/1.md", "longbridge.com:443"),
        ("HTTPS://Longbridge.com.", "longbridge.com:443"),
        ("https://longbridge.com:443/", "longbridge.com:443"),
        ("http://longbridge.com/", "longbridge.com:80"),
        ("https://user:word@longbridge.com:8443/?a=1#b", "longbridge.com:8443"),
        ("http://127.0.0.1:6800/x", "127.0.0.1:6800"),
        ("http://[::1]:8080/x", "[::1]:8080"),
        ("http://[0:0:0:0:0:0:0:1]/x", "[::1]:80"),
        ("data:,x", ":0"),
    ],
)
def test_a_host_is_a_name_and_a_port(url: str, host: str) -> None:
    assert host_of(url) == host


def test_each_moment_is_handed_out_once(engine: Engine, clock: Clock) -> None:
    moments: list[float] = []
    for holder in ("a", "b", "a", "c"):
        moments += take(engine, budget(holder, 0.25), clock.now()).moments
    assert moments == pytest.approx([0.0, 0.25, 0.5, 0.75], abs=CLOSE)
    none = take(engine, budget("d", 0.25), clock.now())
    assert none.moments == ()
    assert none.status.room() == 0


def test_the_largest_running_delay_counts(engine: Engine, clock: Clock) -> None:
    assert take(engine, budget("a", 0.25), clock.now(), 2).moments == pytest.approx([0.0, 0.25], abs=CLOSE)
    announce(engine, budget("slow", 5.0), clock.now())
    grant = take(engine, budget("a", 0.25), clock.now(), 9)
    assert grant.status.delay == 5.0
    assert grant.moments == pytest.approx([0.5], abs=CLOSE)
    assert look(engine, budget("b", 0.0), clock.now()).free == pytest.approx(5.5, abs=CLOSE)


@pytest.mark.parametrize("delay", [0.05, 0.3, 1.0, 2.5])
def test_no_moment_is_further_ahead_than_a_second(engine: Engine, clock: Clock, delay: float) -> None:
    first = take(engine, budget(delay=delay), clock.now(), 1_000).moments
    assert len(first) == max(1, int(AHEAD / delay + CLOSE))
    for step in (0.1, 0.4, 0.5, 1.0, 2.0, 0.3):
        clock.move(step)
        moments = take(engine, budget(delay=delay), clock.now(), 1_000).moments
        assert all(moment <= AHEAD + CLOSE for moment in moments)
    # Where it is longer than that, the moment of one request at a time.
    if delay > AHEAD:
        clock.move(60)
        assert [len(take(engine, budget(), clock.now(), 9).moments) for _ in range(2)] == [1, 0]


def test_three_workers_together_keep_the_pace_of_one(connected: Callable[[], Engine], clock: Clock) -> None:
    workers = [(connected(), budget(holder)) for holder in ("a", "b", "c")]
    begin, moments = clock.seconds, []
    for _ in range(80):
        for engine, asks in workers:
            moments += [clock.seconds + moment for moment in take(engine, asks, clock.now(), 8).moments]
        clock.move(0.125)
    assert moments == pytest.approx([begin + number for number in range(len(moments))], abs=0.01)
    assert len(moments) in (10, 11)


def test_a_pause_in_use_is_not_made_up_for(engine: Engine, clock: Clock) -> None:
    take(engine, budget(), clock.now())
    clock.move(3600)
    assert take(engine, budget(), clock.now(), 5).moments == (0.0,)


def test_without_a_delay_nothing_is_written(engine: Engine, clock: Clock) -> None:
    announce(engine, budget(delay=0.0), clock.now())
    before = rows(engine)
    grant = take(engine, budget(delay=0.0), clock.now(), 9)
    assert (grant.moments, grant.is_probe, grant.status.room(), grant.status.wait()) == ((), False, None, 0.0)
    assert rows(engine) == before
    assert look(engine, budget("b", 0.5), clock.now()).delay == 0.5


def test_a_host_that_nobody_has_asked_is_free(engine: Engine, clock: Clock) -> None:
    assert look(engine, budget(), clock.now()) == hosts.HostStatus(1.0, 0.0, None, 0.0, 0.0)
    assert len(rows(engine)) == 1


def test_hosts_and_their_ports_know_nothing_of_each_other(engine: Engine, clock: Clock) -> None:
    other = budget(host="longbridge.com:8443", delay=0.0)
    take(engine, budget(), clock.now())
    engine.transact(lambda: hosts.pause(engine, budget(), clock.now(), 60))
    refuse(engine, budget(), clock.now())
    assert look(engine, other, clock.now()) == hosts.HostStatus(0.0, 0.0, None, 0.0, 0.0)


def test_a_crawl_delay_holds_for_a_day_and_for_everybody(
    connected: Callable[[], Engine], clock: Clock
) -> None:
    one, other = connected(), connected()
    one.transact(lambda: hosts.set_crawl_delay(one, budget(delay=0.0), clock.now(), 8.0))
    assert look(other, budget("b", 2.0), clock.now()).delay == 8.0
    # It begins with the request for robots.txt.
    assert look(other, budget("b", 2.0), clock.now()).free == pytest.approx(8.0, abs=CLOSE)
    clock.move(8.1)
    assert take(other, budget("b", 2.0), clock.now(), 9).moments == (0.0,)
    # It only ever slows down.
    assert look(other, budget("b", 9.0), clock.now()).delay == 9.0
    clock.move(24 * 3600 - 9)
    assert look(other, budget("c", 0.0), clock.now()).delay == 8.0
    clock.move(2)
    assert look(other, budget("c", 0.0), clock.now()).delay == 0.0


def test_a_crawl_delay_that_is_gone_from_robots_txt_is_forgotten(engine: Engine, clock: Clock) -> None:
    engine.transact(lambda: hosts.set_crawl_delay(engine, budget(), clock.now(), 8.0))
    engine.transact(lambda: hosts.set_crawl_delay(engine, budget(), clock.now(), 0.0))
    clock.move(8.1)
    assert look(engine, budget(), clock.now()).delay == 1.0


def test_a_process_that_renews_no_more_slows_nobody_down(engine: Engine, clock: Clock) -> None:
    killed, fast = budget("killed", 9.0, lasts=60.0), budget("fast", 0.5, lasts=60.0)
    announce(engine, killed, clock.now())
    clock.move(40)
    announce(engine, fast, clock.now())
    announce(engine, killed, clock.now())
    clock.move(59)
    assert look(engine, fast, clock.now()).delay == 9.0
    clock.move(2)
    assert look(engine, fast, clock.now()).delay == 0.5


def test_a_process_that_ends_takes_its_delay_with_it(engine: Engine, clock: Clock) -> None:
    announce(engine, budget("dead", 9.0, lasts=1.0), clock.now())
    announce(engine, budget("ends", 5.0), clock.now())
    announce(engine, budget("stays", 2.0), clock.now())
    clock.move(2)
    engine.transact(lambda: hosts.withdraw(engine, "ends", clock.now()))
    assert look(engine, budget("new", 0.0), clock.now()).delay == 2.0
    left = engine.read(lambda: engine.execute("SELECT holder FROM host_delay"))
    assert [row[0] for row in left] == ["stays"]


def test_a_pause_is_kept_and_only_lengthened(connected: Callable[[], Engine], clock: Clock) -> None:
    one, other = connected(), connected()
    one.transact(lambda: hosts.pause(one, budget(), clock.now(), 60))
    one.transact(lambda: hosts.pause(one, budget(), clock.now(), 10))
    status = look(other, budget("b"), clock.now())
    assert status.paused == pytest.approx(60, abs=CLOSE)
    assert status.room() == 0
    assert status.wait() == status.blocked == status.paused
    assert take(other, budget("b"), clock.now()).moments == ()
    clock.move(30)
    other.transact(lambda: hosts.pause(other, budget("b"), clock.now(), 45))
    assert look(one, budget(), clock.now()).paused == pytest.approx(45, abs=CLOSE)
    clock.move(46)
    assert take(one, budget(), clock.now()).moments == (0.0,)


@pytest.mark.parametrize("delay", [0.25, 1.0, 5.0])
def test_a_clock_set_back_lets_nobody_wait_long(engine: Engine, clock: Clock, delay: float) -> None:
    asks = budget(delay=delay)
    take(engine, asks, clock.now(), 9)
    clock.move(-3600)
    # As a process does it: it looks, waits as long as it was told, and looks again.
    waited = 0.0
    while not (moments := take(engine, asks, clock.now()).moments):
        wait = look(engine, asks, clock.now()).wait() + 0.001
        waited += wait
        clock.move(wait)
        assert waited <= AHEAD + delay + 0.01
    assert waited + moments[0] <= AHEAD + delay + 0.01


def test_many_processes_reserve_at_once(postgres_url: str, clock: Clock) -> None:
    url = database(postgres_url, "hosts_at_once")
    now, delay, each = clock.now(), 0.03125, 4
    together = threading.Barrier(8)
    moments: list[float] = []
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            engine = connect(url)
            prepare(engine, "longbridge", "longbridge.com")
            together.wait(60)
            for _ in range(each):
                moments.extend(take(engine, budget(f"w{number}", delay), now).moments)
            engine.close()
        except BaseException as error:  # noqa: BLE001  # it is in the assertion below
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert errors == []
    assert len(moments) == 8 * each
    assert all(later - sooner >= delay - CLOSE for sooner, later in pairwise(sorted(moments)))
    assert max(moments) <= AHEAD


def test_ten_seconds_have_no_more_than_their_number_of_requests(
    engine: Engine, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosts, "SPARE", 1.01)
    left: list[float] = []
    for _ in range(300):
        moments = take(engine, budget(delay=0.1), clock.now(), 9).moments
        left += [clock.seconds + moment for moment in moments]
        clock.move(0.05)
    # The first a little late, and the last on time.
    in_ten = [sum(first + 0.05 <= moment < first + 10.05 for moment in left) + 1 for first in left[:20]]
    assert max(in_ten) <= 100
    assert min(in_ten) >= 90
