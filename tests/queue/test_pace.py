"""When the next request of one process may leave, by a clock that a test moves."""

from __future__ import annotations

import pytest

from newscrawl.queue.hosts import Grant, HostStatus
from newscrawl.queue.pace import Pace
from tests.queue.clocks import Clock

FREE = HostStatus(delay=0.0, paused=0.0, refused=None, probe=0.0, free=0.0)
SLOW = FREE._replace(delay=1.0)
REFUSING = FREE._replace(refused=0.0, probe=30.0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pace(clock: Clock) -> Pace:
    return Pace(clock)


def is_short(pace: Pace) -> bool:
    """Tell whether further moments should be reserved now."""
    return pace.seconds_to_claim() == 0.0


def test_without_a_delay_nothing_waits(pace: Pace) -> None:
    for _ in range(3):
        assert not pace.is_limited
        assert not is_short(pace)
        assert pace.seconds_left() == 0.0
        assert pace.take() is False
    pace.grant(Grant(FREE))
    assert pace.seconds_left() == 0.0


def test_with_a_delay_each_request_needs_a_moment(pace: Pace, clock: Clock) -> None:
    pace.update(SLOW)
    assert pace.is_limited
    assert is_short(pace)
    assert pace.seconds_left() is None
    pace.grant(Grant(SLOW, (0.0, 1.0)))
    assert pace.seconds_left() == 0.0
    assert pace.take() is False
    assert pace.seconds_left() == 1.0
    clock.move(0.75)
    assert pace.seconds_left() == 0.25
    clock.move(0.5)
    assert pace.seconds_left() == 0.0
    assert pace.take() is False
    assert pace.seconds_left() is None


def test_a_moment_that_is_too_late_is_not_used(pace: Pace, clock: Clock) -> None:
    pace.grant(Grant(SLOW, (0.0, 1.0)))
    # Half a delay: later it would leave beside the next one, which may be another process's.
    clock.move(0.5)
    assert pace.seconds_left() == 0.0
    clock.move(0.25)
    assert pace.seconds_left() == 0.25
    clock.move(1.0)
    assert pace.seconds_left() is None
    pace.grant(Grant(SLOW, (0.5,)))
    assert pace.seconds_left() == 0.5


def test_of_many_late_moments_one_is_left(pace: Pace, clock: Clock) -> None:
    pace.grant(Grant(SLOW, (0.0, 1.0, 2.0, 3.0)))
    clock.move(2.5)
    assert pace.seconds_left() == 0.0
    pace.take()
    assert pace.seconds_left() == 0.5


def test_pause(pace: Pace, clock: Clock) -> None:
    pace.pause(60)
    assert pace.is_limited
    assert pace.seconds_left() == 60.0
    # A shorter one does not shorten it, a longer one lengthens it.
    pace.pause(10)
    assert pace.seconds_left() == 60.0
    clock.move(30)
    pace.pause(45)
    assert pace.seconds_left() == 45.0
    clock.move(45)
    assert pace.seconds_left() == 0.0
    assert not pace.is_limited


def test_a_pause_stands_above_moments(pace: Pace, clock: Clock) -> None:
    pace.grant(Grant(SLOW, (0.0,)))
    pace.update(SLOW._replace(paused=7.0))
    assert pace.seconds_left() == 7.0
    assert not is_short(pace)
    clock.move(7)
    # What was reserved before it has gone by.
    assert pace.seconds_left() is None
    assert is_short(pace)


def test_the_state_knows_of_a_pause_that_another_process_met(pace: Pace) -> None:
    pace.update(FREE._replace(paused=20.0))
    assert pace.seconds_left() == 20.0
    pace.update(FREE)
    assert pace.seconds_left() == 0.0


def test_where_others_have_all_moments_the_state_is_not_asked_all_the_time(pace: Pace, clock: Clock) -> None:
    pace.grant(Grant(SLOW._replace(delay=5.0, free=4.0)))
    assert pace.seconds_left() == 3.0
    assert not is_short(pace)
    clock.move(3)
    assert pace.seconds_left() is None
    assert is_short(pace)


def test_a_host_that_refuses_is_probed_once(pace: Pace, clock: Clock) -> None:
    pace.update(REFUSING)
    assert pace.refused
    assert pace.is_limited
    assert pace.seconds_left() == 30.0
    clock.move(30)
    due = REFUSING._replace(refused=30.0, probe=0.0)
    pace.update(due)
    # The state is not asked all the time meanwhile.
    assert pace.seconds_to_claim() == 0.0
    pace.grant(Grant(due._replace(probe=12.0)))
    assert pace.seconds_to_claim() == 12.0
    clock.move(12)
    pace.update(due)
    # Not before the state has said that it is this process's turn.
    assert pace.seconds_left() is None
    assert is_short(pace)
    pace.grant(Grant(due, is_probe=True))
    assert pace.seconds_left() == 0.0
    assert pace.take() is True
    assert pace.seconds_left() is None
    assert pace.take() is False


def test_a_probe_of_a_host_with_a_delay_has_a_moment(pace: Pace) -> None:
    pace.grant(Grant(SLOW._replace(refused=30.0), (0.0,), is_probe=True))
    assert pace.seconds_left() == 0.0
    assert pace.take() is True
    assert pace.seconds_left() is None


def test_there_is_no_probe_of_a_host_that_answers(pace: Pace) -> None:
    pace.grant(Grant(REFUSING._replace(probe=0.0), is_probe=True))
    pace.update(FREE)
    assert not pace.refused
    assert pace.seconds_left() == 0.0
    assert pace.take() is False


@pytest.mark.parametrize(
    ("last", "expected"), [(0.0, True), (0.25, True), (0.5, True), (0.75, False), (1.0, False)]
)
def test_more_is_reserved_before_the_last_moment_has_come(pace: Pace, last: float, *, expected: bool) -> None:
    pace.grant(Grant(SLOW, (0.0, last)))
    assert is_short(pace) is expected


def test_the_delay_is_what_the_state_said_last(pace: Pace) -> None:
    assert pace.delay == 0.0
    pace.update(SLOW._replace(delay=10.0))
    assert pace.delay == 10.0
    pace.grant(Grant(SLOW, (0.0,)))
    assert pace.delay == 1.0
    pace.update(FREE)
    assert not pace.is_limited


def test_who_has_had_its_turn_lets_others_go_first(pace: Pace, clock: Clock) -> None:
    pace.grant(Grant(SLOW._replace(others=1), (0.5,)))
    assert pace.seconds_to_claim() == 1.0
    clock.move(0.5)
    pace.take()
    assert pace.seconds_to_claim() == 0.5
    clock.move(0.5)
    assert pace.seconds_to_claim() == 0.0
