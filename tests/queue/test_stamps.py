"""The time that a commit is given never runs backwards, on both engines and over several runs."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from newscrawl.archive.rebuild import rebuild
from newscrawl.archive.segments import Segments
from newscrawl.archive.versions import Known
from newscrawl.database.connect import connect
from newscrawl.database.engine import Engine
from newscrawl.database.schema import prepare
from newscrawl.database.thread import InTheLoop
from newscrawl.queue import commits
from newscrawl.queue.leases import Lease
from newscrawl.queue.result_groups import ResultGroups
from newscrawl.queue.runs import Run
from newscrawl.queue.stamps import CLOCK_TOLERANCE, take_stamp
from newscrawl.queue.state_calls import StateCalls
from newscrawl.refine.dates import format_instant
from newscrawl.sites.longbridge import LONGBRIDGE
from tests.queue.clocks import Clock
from tests.queue.results import article, gone, page, plan
from tests.queue.test_result_groups import STATUS
from tests.queue.workers import NewWorker, Worker, opened

_depths = count(1)
_clocks: dict[Engine, Clock] = {}


def at(clock: Clock, worker: Worker) -> Worker:
    """The worker, by a clock that the test moves."""
    worker.engine.now = clock.now  # type: ignore[method-assign]
    _clocks[worker.engine] = clock
    return worker


def start(worker: Worker, number: int) -> Lease:
    """Begin a run of its own, since a process has a crawl only once; lease its page."""
    # Runs are named by the time at which they begin.
    _clocks[worker.engine].move(0.001)
    opened(worker, plan(number, depth=str(next(_depths))))
    return worker.claim_one()


def write(worker: Worker, number: int, text: str = "text") -> None:
    """Commit a page in a run of its own."""
    lease = start(worker, number)
    worker.commit((lease, article(lease.page, text=text, published_at=None)))


def test_a_clock_that_is_set_back_stamps_nothing_earlier(new_worker: NewWorker, clock: Clock) -> None:
    worker = at(clock, new_worker())
    write(worker, 1, "one")
    first = format_instant(clock.now())
    clock.move(-3600)
    write(worker, 1, "two")
    write(worker, 2)
    clock.move(7200)
    write(worker, 1, "three")
    last = format_instant(clock.now())
    lines = worker.lines()
    assert [(line["version"], line["first_seen_at"]) for line in lines] == [
        (1, first), (2, first), (1, first), (3, last)
    ]  # fmt: skip
    assert [line["available_at"] for line in lines] == [line["first_seen_at"] for line in lines]
    assert [line["warnings"] for line in lines] == [[], ["clock_behind"], ["clock_behind"], []]


def test_lines_of_all_kinds_and_their_days_have_the_stamp(new_worker: NewWorker, clock: Clock) -> None:
    worker = at(clock, new_worker())
    write(worker, 1, "one")
    seen = format_instant(clock.now())
    clock.move(-86_400)
    lease = start(worker, 1)
    worker.commit((lease, article(lease.page, 5, text="one", published_at=None)))
    lease = start(worker, 1)
    worker.commit((lease, gone(lease.page)))
    (observation,) = worker.lines("observations")
    assert observation["observed_at"] == seen
    withdrawn = worker.lines()[-1]
    assert (withdrawn["status"], withdrawn["first_seen_at"], withdrawn["warnings"]) == ("withdrawn", seen, [])
    assert worker.rows("SELECT DISTINCT day FROM line") == [(seen[:10],)]
    assert worker.rows("SELECT last_seen_at FROM known") == [(seen,)]


def test_runs_on_one_state_know_each_others_stamps(new_worker: NewWorker, clock: Clock) -> None:
    ahead, behind = at(clock, new_worker("ahead")), new_worker("behind")
    write(ahead, 1)
    slow = Clock()
    slow.move(-300)
    write(at(slow, behind), 2)
    # Of five minutes nobody is told.
    assert [line["warnings"] for line in behind.lines()] == [[], []]
    slow.move(-0.002)
    write(behind, 3)
    assert [line["warnings"] for line in behind.lines()] == [[], [], ["clock_behind"]]
    stamps = {line["first_seen_at"] for line in behind.lines()}
    assert stamps == {format_instant(clock.now())}


def test_a_run_that_waited_for_another_is_not_stamped_before_it(
    new_worker: NewWorker, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick, slow = at(clock, new_worker("quick")), at(clock, new_worker("slow"))
    write(quick, 1, "one")
    one, two = start(quick, 1), start(slow, 1)
    is_held, told = threading.Event(), []
    known = commits._known

    def look(run: Run, uids: Sequence[str]) -> dict[str, Known]:
        found = known(run, uids)
        if run is quick.run:
            # It holds the article; the other one waits, and its clock is behind by then.
            is_held.set()
            threading.Event().wait(0.3)
            clock.move(60)
        return found

    monkeypatch.setattr(commits, "_known", look)

    def commit_quickly() -> None:
        told.extend(quick.commit((one, article(one.page, text="two", published_at=None))))

    other = threading.Thread(target=commit_quickly)
    other.start()
    assert is_held.wait(30)
    late = Clock()
    late.move(-10)
    at(late, slow)
    slow.commit((two, article(two.page, text="three", published_at=None)))
    other.join(30)
    lines = sorted(quick.lines(), key=lambda line: line["version"])
    assert [line["body"] for line in lines] == ["one", "two", "three"]
    stamps = [line["first_seen_at"] for line in lines]
    assert stamps == sorted(stamps)
    assert stamps[1] == stamps[2]


def test_each_run_has_one_row(new_worker: NewWorker, clock: Clock) -> None:
    worker = at(clock, new_worker())
    for _ in range(3):
        clock.move(1)
        write(worker, 1, str(clock.seconds))
    rows = worker.rows("SELECT run_id, last_at FROM stamp ORDER BY last_at")
    assert len(rows) == len({run_id for run_id, _ in rows}) == 3
    assert rows[-1] == (worker.run_id, format_instant(clock.now()))


def test_a_stamp_says_how_far_the_clock_is_behind(new_worker: NewWorker, clock: Clock) -> None:
    worker = at(clock, new_worker())
    first = worker.engine.transact(lambda: take_stamp(worker.engine, "a"))
    assert first == (clock.now(), timedelta(0))
    clock.move(-CLOCK_TOLERANCE.total_seconds() - 1)
    again = worker.engine.transact(lambda: take_stamp(worker.engine, "b"))
    assert again == (first.at, CLOCK_TOLERANCE + timedelta(seconds=1))
    assert (first.is_clock_behind, again.is_clock_behind) == (False, True)


def test_the_log_tells_of_a_clock_once(
    new_worker: NewWorker, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    worker = at(clock, new_worker())
    write(worker, 9)
    clock.move(-3600)
    opened(worker, plan(1, 2))
    calls = StateCalls(worker.engine, InTheLoop(), lambda: None)
    groups = ResultGroups(worker.run, calls, lambda _: STATUS, lambda *_: None)

    async def crawl() -> None:
        for lease in worker.claim(2):
            await groups.add(lease, gone(lease.page), 1)

    with caplog.at_level(logging.WARNING):
        asyncio.run(crawl())
    (record,) = caplog.records
    assert record.getMessage().startswith("clock_behind: the state's clock is 3600 seconds behind")


def test_a_rebuilt_state_stamps_nothing_before_its_lines(
    new_worker: NewWorker, clock: Clock, tmp_path: Path
) -> None:
    worker = at(clock, new_worker())
    write(worker, 1, "one")
    clock.move(60)
    lease = start(worker, 1)
    worker.commit((lease, article(lease.page, 5, text="one", published_at=None)))
    last = format_instant(clock.now())
    folder = tmp_path / "data"
    Segments(worker.engine, folder, "w1").publish()
    engine = connect("sqlite://")
    assert rebuild(engine, folder, {"longbridge": LONGBRIDGE}, worker="w1") == 1
    prepare(engine, "longbridge", "longbridge.com")
    clock.move(-3600)
    again = at(clock, Worker(engine))
    write(again, 2)
    assert [line["first_seen_at"] for line in again.lines()] == [last]
    assert page(2).uid == again.lines()[0]["uid"]
    again.close()
