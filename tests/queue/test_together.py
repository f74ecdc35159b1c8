"""Several processes on one state: what one does must not undo, miscount or stop another's work."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from newscrawl.archive.versions import Known
from newscrawl.codes import Outcome
from newscrawl.database import postgres, postgres_locks
from newscrawl.database.connect import connect
from newscrawl.database.engine import Engine
from newscrawl.database.schema import lock_run, prepare
from newscrawl.database.sqlite import SqliteEngine
from newscrawl.exceptions import AlreadyRunning, StateError
from newscrawl.queue import commits
from newscrawl.queue.overview import overview, retry_failed
from newscrawl.queue.runs import Run
from tests.postgres import database
from tests.queue.results import article, failed, gone, number_of, page, plan
from tests.queue.workers import NewWorker, Worker, opened


def first_version(new_worker: NewWorker) -> None:
    worker = new_worker()
    worker.open(plan(1))
    lease = worker.claim_one()
    worker.commit((lease, article(lease.page, text="one")))
    worker.finish("done")
    worker.close()


def test_two_crawls_with_one_story_never_count_back(
    new_worker: NewWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_version(new_worker)
    quick, slow = new_worker("quick"), new_worker("slow")
    quick.open(plan(1))
    slow.open(plan(1, depth="3"))
    one, two = quick.claim_one(), slow.claim_one()
    weighs, told = threading.Event(), []
    known = commits._known

    def look(run: Run, uids: Sequence[str]) -> dict[str, Known]:
        found = known(run, uids)
        if run is slow.run:
            weighs.set()
            # Time enough for the other to get ahead of what was read here, if nothing stopped it.
            threading.Event().wait(0.3)
        return found

    monkeypatch.setattr(commits, "_known", look)

    def commit_new_text() -> None:
        weighs.wait(10)
        told.append(quick.commit((one, article(one.page, text="two"))))

    other = threading.Thread(target=commit_new_text)
    other.start()
    slow.commit((two, article(two.page, text="one")))
    other.join(30)
    assert told == [["read"]]
    assert quick.rows("SELECT version FROM known") == [(2,)]
    quick.finish()
    slow.finish()
    quick.close()
    after = opened(new_worker(), plan(1))
    lease = after.claim_one()
    assert after.commit((lease, article(lease.page, text="two"))) == ["unchanged"]


def test_many_workers_on_shared_links(postgres_state: Callable[[], Worker]) -> None:
    starts = range(1, 101)
    which = plan(*starts, run="x")
    errors: list[BaseException] = []
    outcomes: list[Outcome | None] = []

    def work(number: int) -> None:
        random = Random(number)
        try:
            worker = postgres_state()
            worker.open(which)
            while leases := worker.claim(8):
                batch = []
                for lease in leases:
                    is_start = number_of(lease.page) in starts
                    links = random.sample(range(200, 700), 20) if is_start else []
                    batch.append((lease, article(lease.page, *links)))
                outcomes.extend(worker.commit(*batch))
        except BaseException as error:  # noqa: BLE001  # it is raised below, in the thread of the test
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert errors == []
    worker = postgres_state()
    worker.open(which)
    counts = worker.count()
    assert worker.is_exhausted()
    assert outcomes.count(Outcome.READ) == counts.outcomes["read"] == counts.stories == counts.stories_read
    ((deadlocks,),) = worker.engine.execute(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    )
    assert deadlocks == 0


def test_a_crawl_goes_on_over_connections_that_are_lost(postgres_state: Callable[[], Worker]) -> None:
    worker, other = postgres_state(), postgres_state()
    worker.open(plan(1))

    def lose() -> None:
        ((pid,),) = worker.engine.read(lambda: worker.engine.execute("SELECT pg_backend_pid()"))
        other.engine.execute("SELECT pg_terminate_backend(?)", (pid,))

    lose()
    lease = worker.claim_one()
    # It still has the run for itself.
    with pytest.raises(AlreadyRunning):
        other.open(plan(1))
    lose()
    assert worker.commit((lease, article(lease.page))) == ["read"]
    lose()
    assert worker.is_exhausted()


def test_a_run_that_another_process_took_over_is_not_gone_on_with(
    postgres_state: Callable[[], Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_locks, "_LONGEST_FOREIGN", 0.2)
    worker, other = postgres_state(), postgres_state()
    worker.open(plan(1))
    lease = worker.claim_one()
    ((pid,),) = worker.engine.execute("SELECT pg_backend_pid()")
    other.engine.execute("SELECT pg_terminate_backend(?, 30000)", (pid,))
    assert other.open(plan(1)) is True
    with pytest.raises(StateError, match=r"^the state in PostgreSQL cannot be used: another process [^\n]+$"):
        worker.commit((lease, article(lease.page)))
    lease = other.claim_one()
    assert other.commit((lease, article(lease.page))) == ["read"]


def test_fresh_does_not_pull_a_run_from_under_a_worker(new_worker: NewWorker) -> None:
    at_work = new_worker("a")
    at_work.open(plan(1, run="x"))
    # Between two pages a worker has no lease.
    with pytest.raises(AlreadyRunning, match="found another worker that is running"):
        new_worker("b").open(plan(1, run="x", fresh="1"))
    lease = at_work.claim_one()
    assert at_work.commit((lease, article(lease.page))) == ["read"]
    at_work.close()
    anew = new_worker("b")
    assert anew.open(plan(1, run="x", fresh="1")) is False
    joins = new_worker("c")
    assert joins.open(plan(1, run="x")) is True
    assert joins.run_id == anew.run_id
    with pytest.raises(AlreadyRunning, match="found another worker that is running"):
        new_worker("d").open(plan(1, run="x", fresh="1"))


def test_a_worker_frozen_in_a_transaction_stops_nobody(
    postgres_state: Callable[[], Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(postgres._SESSION, "idle_in_transaction_session_timeout", "500ms")
    frozen, other = postgres_state(), postgres_state()
    which = plan(1, 2, run="x")
    frozen.open(which)
    other.open(which)
    # Asleep between two statements, as far as the server can tell.
    frozen.engine.execute("BEGIN")
    lock_run(frozen.engine, frozen.run_id)
    leases = other.claim(2)
    assert len(leases) == 2
    # It goes on over another connection.
    assert frozen.claim(1) == []
    other.give_back()
    assert len(frozen.claim(2)) == 2


def test_a_clock_set_back_between_two_runs(
    new_worker: NewWorker, connected: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    first_version(new_worker)
    later = new_worker()
    monkeypatch.setattr(later.engine, "now", lambda: datetime.now(UTC) - timedelta(days=2))
    later.open(plan(1))
    lease = later.claim_one()
    later.commit((lease, failed(lease.page)))
    later.close()
    resumed = new_worker()
    assert resumed.open(plan(1)) is True
    assert resumed.run_id == later.run_id
    resumed.finish("failed")
    engine = connected()
    assert [crawl.run_id for crawl in overview(engine).crawls] == [later.run_id]
    assert retry_failed(engine) == 1


def test_a_lease_from_before_the_clock_was_set_back_ends(
    new_worker: NewWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead, other = new_worker("a"), new_worker("b")
    which = plan(1, run="x")
    with monkeypatch.context() as patch:
        patch.setattr(dead.engine, "now", lambda: datetime.now(UTC) + timedelta(days=1))
        dead.open(which)
        assert len(dead.claim(1)) == 1
    other.open(which)
    assert len(other.claim(1)) == 1


def test_two_answers_of_one_page_in_one_batch(new_worker: NewWorker) -> None:
    worker = new_worker()
    worker.open(plan(1))
    lease = worker.claim_one()
    both = [(lease, article(lease.page, text=text)) for text in ("one", "two")]
    assert worker.commit(*both) == ["read", None]


@pytest.mark.parametrize("order", [(2, 1, 4, 3), (1, 3, 4, 2)])
@pytest.mark.parametrize("what", ["gone", "failed"])
def test_a_page_that_is_gone_leads_nowhere_in_any_order(
    new_worker: NewWorker, order: tuple[int, ...], what: str
) -> None:
    known = new_worker()
    known.open(plan(4, depth="1"))
    lease = known.claim_one()
    known.commit((lease, article(lease.page, 5, published_at=None)))
    known.close()
    # 1 → 3 → 4 is two hops, 2 → 4 is one; 4 led to 5 once, and answers no more.
    worker = new_worker()
    worker.open(plan(1, 2, depth="2"))
    links = {1: (3,), 2: (4,), 3: (4,)}
    leases = {}
    for number in order:
        leases.update({lease.page: lease for lease in worker.claim(5)})
        asked = page(number)
        answer = {"gone": gone, "failed": failed}[what](asked)
        worker.commit((leases.pop(asked), answer if number == 4 else article(asked, *links[number])))
    assert page(5) not in {lease.page for lease in worker.claim(5)}


def test_a_reason_that_a_database_cannot_hold_stops_nothing(new_worker: NewWorker) -> None:
    worker = new_worker()
    worker.open(plan(1))
    lease = worker.claim_one()
    assert worker.commit((lease, failed(lease.page, "found \0"))) == ["failed"]
    assert worker.count().failed_starts == {page(1).uid: "found \ufffd"}


def test_many_make_one_file_at_once(tmp_path: Path) -> None:
    errors: list[BaseException] = []

    def make(path: Path, together: threading.Barrier) -> None:
        together.wait()
        try:
            engine = SqliteEngine(path)
            prepare(engine, "longbridge", "longbridge.com")
            engine.close()
        except BaseException as error:  # noqa: BLE001  # it is raised by the assertion below
            errors.append(error)

    for number in range(20):
        together = threading.Barrier(6)
        path = tmp_path / f"{number}.db"
        threads = [threading.Thread(target=make, args=(path, together)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert errors == []


@pytest.fixture
def postgres_state(postgres_url: str) -> Iterator[Callable[[], Worker]]:
    """Makes workers on one PostgreSQL state; may be called from any thread."""
    url = database(postgres_url, f"together_{Random().randrange(10**9)}")
    engines: list[Engine] = []

    def make() -> Worker:
        engine = connect(url)
        engines.append(engine)
        prepare(engine, "longbridge", "longbridge.com")
        return Worker(engine, f"w{len(engines)}", 60.0)

    yield make
    for engine in engines:
        engine.close()
