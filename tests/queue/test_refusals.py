"""A host that refuses: what counts, how long nobody asks it, and which pages wait again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from newscrawl.database.engine import Engine
from newscrawl.queue import hosts
from newscrawl.queue.refusals import Refusals, is_refusal
from tests.queue.clocks import Clock
from tests.queue.host_calls import CLOSE, budget, look, refuse, rows, take


@pytest.mark.parametrize("status", [401, 403, 407, 408, 425, 429, 451, 500, 502, 503, 504, 599])
def test_what_the_host_is_the_cause_of(status: int) -> None:
    assert is_refusal(status)


@pytest.mark.parametrize("status", [200, 204, 301, 304, 400, 404, 405, 406, 410, 418, 422])
def test_what_the_page_is_the_cause_of(status: int) -> None:
    assert not is_refusal(status)


def test_only_refusals_in_a_row_count() -> None:
    refusals = Refusals(4)
    assert not any(refusals.add(uid, "HTTP 503") for uid in "abc")
    refusals.end()
    assert not any(refusals.add(uid, "HTTP 503") for uid in "abc")
    assert refusals.add("a", "an HTML page")
    assert refusals.add("d", "HTTP 403")
    assert refusals.last == "HTTP 403"


def test_one_or_two_pages_say_nothing_of_the_host() -> None:
    refusals = Refusals(4)
    assert not any(refusals.add(uid, "HTTP 503") for uid in "ab" * 10)
    assert refusals.add("c", "HTTP 503")


@pytest.mark.parametrize("most", [1, 2])
def test_where_fewer_are_enough_fewer_pages_are(most: int) -> None:
    refusals = Refusals(most)
    assert [refusals.add(uid, "HTTP 503") for uid in "abc"].index(True) == most - 1


def test_no_number_of_refusals_makes_a_host_that_refuses() -> None:
    refusals = Refusals(0)
    assert not any(refusals.add(str(number), "HTTP 503") for number in range(100))


def test_a_page_that_failed_while_others_were_refused_waits_again_once() -> None:
    refusals = Refusals(10)
    for uid in ("a", "b", "a"):
        refusals.add(uid, "HTTP 500")
    refusals.note_failed("a")
    assert refusals.end("b") == {"a"}
    assert refusals.end("b") == set()
    for uid in ("a", "b", "c"):
        refusals.add(uid, "HTTP 500")
        refusals.note_failed(uid)
    assert refusals.end("c") == {"b", "c"}


def test_a_page_that_had_another_chance_counts_no_more() -> None:
    refusals = Refusals(3)
    for uid in "ab":
        refusals.add(uid, "HTTP 500")
        refusals.note_failed(uid)
    assert refusals.end("b") == {"a", "b"}
    assert not any(refusals.add(uid, "HTTP 500") for uid in "abcdab")
    assert refusals.add("e", "HTTP 500")


def test_a_page_that_was_refused_alone_has_failed_by_itself() -> None:
    refusals = Refusals(10)
    for _ in range(4):
        refusals.add("a", "HTTP 500")
    refusals.note_failed("a")
    # The host answered all the time, for others.
    assert refusals.end("b") == set()
    # Nor does it wait again because of what others meet later.
    for uid in "cd":
        refusals.add(uid, "HTTP 500")
    assert refusals.end("c") == set()
    assert refusals.take_failed() == set()


def test_where_another_process_found_the_end_all_that_failed_wait_again() -> None:
    refusals = Refusals(10)
    refusals.add("a", "HTTP 500")
    refusals.note_failed("a")
    assert refusals.end() == {"a"}


def test_a_page_that_was_not_refused_has_failed_by_itself() -> None:
    refusals = Refusals(10)
    refusals.add("a", "HTTP 500")
    refusals.add("b", "HTTP 500")
    refusals.note_failed("not an article")
    assert refusals.end() == set()
    refusals.note_failed("a")
    assert refusals.take_failed() == set()


def test_while_the_host_refuses_all_that_failed_is_taken_each_once() -> None:
    refusals = Refusals(3)
    # However many others were refused.
    refusals.add("a", "HTTP 500")
    refusals.note_failed("a")
    refusals.add("b", "HTTP 500")
    assert refusals.take_failed() == {"a"}
    assert refusals.take_failed() == set()
    # Pages that were under way fail later.
    for uid in "ab":
        refusals.note_failed(uid)
    assert refusals.take_failed() == {"b"}
    assert refusals.end() == set()


# --- In the state -----------------------------------------------------------------------------------


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine(connected: Callable[[], Engine]) -> Engine:
    return connected()


def test_a_host_that_refuses_is_asked_once_after_each_pause(engine: Engine, clock: Clock) -> None:
    asks = budget(delay=0.0)
    status = refuse(engine, asks, clock.now())
    assert (status.refused, status.room()) == (0.0, 0)
    assert status.blocked == pytest.approx(10, abs=CLOSE)
    assert status.wait() == status.blocked
    for pause in (10, 20, 40):
        clock.move(pause - 1)
        assert look(engine, asks, clock.now()).room() == 0
        assert not take(engine, asks, clock.now()).is_probe
        clock.move(1.01)
        assert look(engine, asks, clock.now()).room() == 1
        grant = take(engine, asks, clock.now(), 9)
        assert (grant.is_probe, grant.moments) == (True, ())
        # Nobody else asks meanwhile.
        assert look(engine, budget("b"), clock.now()).room() == 0
        assert not take(engine, budget("b", 0.0), clock.now()).is_probe
        status = refuse(engine, asks, clock.now(), was_probe=True, longest=1_000)
        assert status.blocked == pytest.approx(2 * pause, abs=CLOSE)


def test_only_a_probe_doubles_the_pause(engine: Engine, clock: Clock) -> None:
    refuse(engine, budget(), clock.now())
    before = rows(engine)
    clock.move(4)
    status = refuse(engine, budget("b"), clock.now())
    assert status.blocked == pytest.approx(6, abs=CLOSE)
    assert status.refused == pytest.approx(4, abs=CLOSE)
    assert rows(engine) == before


def test_the_last_probe_is_made_at_the_very_end(engine: Engine, clock: Clock) -> None:
    status = refuse(engine, budget(delay=0.0), clock.now(), longest=100)
    pauses = []
    while (status.refused or 0.0) < 100 - CLOSE:
        pauses.append(status.blocked)
        clock.move(status.blocked)
        status = refuse(engine, budget(delay=0.0), clock.now(), was_probe=True, longest=100)
    assert pauses == pytest.approx([10, 20, 40, 30], abs=0.01)
    assert status.refused == pytest.approx(100, abs=0.01)


def test_a_first_pause_longer_than_all_is_cut(engine: Engine, clock: Clock) -> None:
    assert refuse(engine, budget(), clock.now(), longest=4).blocked == pytest.approx(4, abs=CLOSE)


def test_a_probe_whose_process_died_is_made_by_another(connected: Callable[[], Engine], clock: Clock) -> None:
    killed, other = connected(), connected()
    refuse(killed, budget("killed", 0.0), clock.now())
    clock.move(10.01)
    assert take(killed, budget("killed", 0.0), clock.now()).is_probe
    clock.move(9.9)
    assert not take(other, budget("other", 0.0), clock.now()).is_probe
    clock.move(0.2)
    assert take(other, budget("other", 0.0), clock.now()).is_probe


def test_an_answer_ends_it(connected: Callable[[], Engine], clock: Clock) -> None:
    one, other = connected(), connected()
    refuse(one, budget(delay=0.0), clock.now())
    clock.move(10.01)
    refuse(one, budget(delay=0.0), clock.now(), was_probe=True)
    other.transact(lambda: hosts.note_answer(other, budget("b", 0.0)))
    status = look(one, budget(delay=0.0), clock.now())
    assert (status.refused, status.blocked, status.room()) == (None, 0.0, None)
    # The next time begins with the first pause.
    assert refuse(one, budget(delay=0.0), clock.now()).blocked == pytest.approx(10, abs=CLOSE)


def test_a_pause_holds_for_a_probe_too(engine: Engine, clock: Clock) -> None:
    refuse(engine, budget(delay=0.0), clock.now())
    engine.transact(lambda: hosts.pause(engine, budget(delay=0.0), clock.now(), 60))
    clock.move(30)
    assert not take(engine, budget(delay=0.0), clock.now()).is_probe
    clock.move(31)
    assert take(engine, budget(delay=0.0), clock.now()).is_probe
