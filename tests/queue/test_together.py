"""Several processes on one state: what one does must not undo, miscount or stop another's work."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from newscrawl.database import postgres
from newscrawl.database.connect import connect
from newscrawl.database.engine import Engine
from newscrawl.database.schema import lock_run, prepare
from newscrawl.database.sqlite import SqliteEngine
from newscrawl.exceptions import AlreadyRunning, StateError
from newscrawl.queue.overview import overview, retry_failed
from newscrawl.queue.runs import Store
from tests.postgres import database
from tests.queue.outcomes import address, article, failed, gone, plan

NewStore = Callable[..., Store]


def first_version(new_store: NewStore) -> None:
    store = new_store()
    store.open_run(plan(1), "longbridge")
    (lease,) = store.claim(1)
    store.commit([(lease, article(lease.address, text="one"))])
    store.finish_run("done")
    store.engine.close()


def test_two_crawls_with_one_story_never_count_back(
    new_store: NewStore, state_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_version(new_store)
    quick, slow = new_store("quick"), new_store("slow")
    quick.open_run(plan(1), "longbridge")
    slow.open_run(plan(1, depth="3"), "longbridge")
    (one,), (two,) = quick.claim(1), slow.claim(1)
    weighs, told = threading.Event(), []
    known = slow._commits._known

    def look(uids: list[str]) -> object:
        found = known(uids)
        weighs.set()
        # Time enough for the other to get ahead of what was read here, if nothing kept it back.
        threading.Event().wait(0.3)
        return found

    monkeypatch.setattr(slow._commits, "_known", look)

    def commit_new_text() -> None:
        weighs.wait(10)
        told.append(quick.commit([(one, article(one.address, text="two"))]))

    if state_url.startswith("sqlite"):
        # A connection of SQLite belongs to one thread, and its transactions stand in a row anyway.
        slow.commit([(two, article(two.address, text="one"))])
        commit_new_text()
    else:
        other = threading.Thread(target=commit_new_text)
        other.start()
        slow.commit([(two, article(two.address, text="one"))])
        other.join(10)
    assert told == [["read"]]
    rows = quick.engine.execute("SELECT version FROM known")
    assert [version for (version,) in rows] == [2]
    quick.finish_run("done")
    slow.finish_run("done")
    quick.engine.close()
    after = new_store()
    after.open_run(plan(1), "longbridge")
    (lease,) = after.claim(1)
    assert after.commit([(lease, article(lease.address, text="two"))]) == ["unchanged"]


def test_many_workers_on_shared_links(postgres_state: Callable[[], Store]) -> None:
    starts = range(1, 101)
    which = plan(*starts, run="x")
    errors: list[BaseException] = []
    words: list[str] = []

    def work(number: int) -> None:
        random = Random(number)
        try:
            store = postgres_state()
            store.open_run(which, "longbridge")
            while leases := store.claim(8):
                batch = []
                for lease in leases:
                    is_start = int(lease.address.id) - 100_000 in starts
                    links = random.sample(range(200, 700), 20) if is_start else []
                    batch.append((lease, article(lease.address, *links)))
                words.extend(store.commit(batch))
        except BaseException as error:  # noqa: BLE001  # it is raised below, in the thread of the test
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert errors == []
    store = postgres_state()
    store.open_run(which, "longbridge")
    tally = store.tally()
    assert store.is_exhausted()
    assert words.count("read") == tally.outcomes["read"] == tally.stories == tally.stories_read
    ((deadlocks,),) = store.engine.execute(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    )
    assert deadlocks == 0


def test_a_lost_connection_is_one_clear_line(postgres_state: Callable[[], Store]) -> None:
    store, other = postgres_state(), postgres_state()
    store.open_run(plan(1), "longbridge")
    ((pid,),) = store.engine.execute("SELECT pg_backend_pid()")
    other.engine.execute("SELECT pg_terminate_backend(?)", (pid,))
    for act in (store.engine.now, lambda: store.engine.hold("x"), lambda: store.claim(1)):
        with pytest.raises(StateError, match=r"^the state in PostgreSQL cannot be used: [^\n]+$"):
            act()


def test_fresh_does_not_pull_a_run_from_under_a_worker(new_store: NewStore) -> None:
    at_work = new_store("a")
    at_work.open_run(plan(1, run="x"), "longbridge")
    # Between two pages a worker holds none.
    with pytest.raises(AlreadyRunning, match="found another worker at work on it"):
        new_store("b").open_run(plan(1, run="x", fresh="1"), "longbridge")
    (lease,) = at_work.claim(1)
    assert at_work.commit([(lease, article(lease.address))]) == ["read"]
    at_work.engine.close()
    anew = new_store("b")
    assert anew.open_run(plan(1, run="x", fresh="1"), "longbridge") is False
    joins = new_store("c")
    assert joins.open_run(plan(1, run="x"), "longbridge") is True
    assert joins.run_id == anew.run_id
    with pytest.raises(AlreadyRunning, match="found another worker at work on it"):
        new_store("d").open_run(plan(1, run="x", fresh="1"), "longbridge")


def test_a_worker_frozen_in_a_transaction_stops_nobody(
    postgres_state: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(postgres._SESSION, "idle_in_transaction_session_timeout", "500ms")
    frozen, other = postgres_state(), postgres_state()
    which = plan(1, 2, run="x")
    frozen.open_run(which, "longbridge")
    other.open_run(which, "longbridge")
    # Asleep between two statements, as far as the server can tell.
    frozen.engine.execute("BEGIN")
    lock_run(frozen.engine, frozen.run_id)
    assert len(other.claim(2)) == 2
    with pytest.raises(StateError, match=r"^the state in PostgreSQL cannot be used: [^\n]+$"):
        frozen.claim(1)


def test_a_clock_set_back_between_two_runs(
    new_store: NewStore, connected: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    first_version(new_store)
    later = new_store()
    monkeypatch.setattr(later.engine, "now", lambda: datetime.now(UTC) - timedelta(days=2))
    later.open_run(plan(1), "longbridge")
    (lease,) = later.claim(1)
    later.commit([(lease, failed(lease.address))])
    later.engine.close()
    resumed = new_store()
    assert resumed.open_run(plan(1), "longbridge") is True
    assert resumed.run_id == later.run_id
    resumed.finish_run("failed")
    engine = connected()
    assert [crawl.run_id for crawl in overview(engine).crawls] == [later.run_id]
    assert retry_failed(engine) == 1


def test_a_lease_from_before_the_clock_was_set_back_ends(
    new_store: NewStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead, other = new_store("a"), new_store("b")
    which = plan(1, run="x")
    with monkeypatch.context() as patch:
        patch.setattr(dead.engine, "now", lambda: datetime.now(UTC) + timedelta(days=1))
        dead.open_run(which, "longbridge")
        assert len(dead.claim(1)) == 1
    other.open_run(which, "longbridge")
    assert len(other.claim(1)) == 1


def test_two_answers_of_one_page_in_one_batch(new_store: NewStore) -> None:
    store = new_store()
    store.open_run(plan(1), "longbridge")
    (lease,) = store.claim(1)
    both = [(lease, article(lease.address, text=text)) for text in ("one", "two")]
    assert store.commit(both) == ["read", "stale"]


@pytest.mark.parametrize("order", [(2, 1, 4, 3), (1, 3, 4, 2)])
@pytest.mark.parametrize("what", ["gone", "failed"])
def test_a_page_that_is_gone_leads_nowhere_in_any_order(
    new_store: NewStore, order: tuple[int, ...], what: str
) -> None:
    known = new_store()
    known.open_run(plan(4, depth="1"), "longbridge")
    (lease,) = known.claim(1)
    known.commit([(lease, article(lease.address, 5, published_at=None))])
    known.engine.close()
    # 1 → 3 → 4 is two hops, 2 → 4 is one; 4 led to 5 once, and answers no more.
    store = new_store()
    store.open_run(plan(1, 2, depth="2"), "longbridge")
    links = {1: (3,), 2: (4,), 3: (4,)}
    at_hand = {}
    for number in order:
        at_hand.update({lease.address: lease for lease in store.claim(5)})
        page = address(number)
        answer = {"gone": gone, "failed": failed}[what](page)
        outcome = answer if number == 4 else article(page, *links[number])
        store.commit([(at_hand.pop(page), outcome)])
    assert address(5) not in {lease.address for lease in store.claim(5)}


def test_what_a_database_takes_no_text_of_stops_nothing(new_store: NewStore) -> None:
    store = new_store()
    store.open_run(plan(1), "longbridge")
    (lease,) = store.claim(1)
    assert store.commit([(lease, failed(lease.address, "found \0"))]) == ["failed"]
    assert store.tally().failed_starts == {address(1).uid: "found \ufffd"}


def test_many_make_one_file_at_once(tmp_path: Path) -> None:
    errors: list[BaseException] = []

    def make(path: Path, together: threading.Barrier) -> None:
        together.wait()
        try:
            engine = SqliteEngine(path)
            prepare(engine, "longbridge.com")
            engine.close()
        except BaseException as error:  # noqa: BLE001  # it is held against nothing below
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
def postgres_state(postgres_url: str) -> Iterator[Callable[[], Store]]:
    """Makes workers on one PostgreSQL state; may be called from any thread."""
    url = database(postgres_url, f"together_{Random().randrange(10**9)}")
    engines: list[Engine] = []

    def make() -> Store:
        engine = connect(url)
        engines.append(engine)
        prepare(engine, "longbridge.com")
        return Store(engine, f"w{len(engines)}", 60.0)

    yield make
    for engine in engines:
        engine.close()
