"""One process's desk: which leases it holds, and that it forgets none and keeps none for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from newscrawl.archive.segments import Segments
from newscrawl.queue.crawl_queue import Frontier
from newscrawl.queue.runs import Store
from tests.queue.outcomes import article, plan

NewStore = Callable[..., Store]


@pytest.fixture
def desk(new_store: NewStore, tmp_path: Path) -> Frontier:
    store, which = new_store(), plan(1, 2)
    store.open_run(which, "longbridge")
    segments = Segments(store.engine, tmp_path, "w1")
    return Frontier(which, store, segments, at_hand=2, on_failure=lambda: None)


def lose_leases(desk: Frontier) -> None:
    """Do what another worker does when it thinks that this one is dead."""
    engine = desk.store.engine
    engine.transact(lambda: engine.execute("UPDATE page SET state = 0 WHERE state = 1"))


def test_a_page_lost_and_leased_again_is_the_new_lease(desk: Frontier) -> None:
    async def crawl() -> None:
        first = desk.next()
        assert first is not None
        desk.next()
        answer = asyncio.ensure_future(desk.commit(first.address, article(first.address)))
        await asyncio.sleep(0)
        lose_leases(desk)
        again = desk.next()
        assert again is not None
        assert (again.address, again.token) == (first.address, first.token + 1)
        assert await answer == "stale"
        assert again in desk.outstanding()
        assert await desk.commit(again.address, article(again.address)) == "read"
        assert again not in desk.outstanding()

    asyncio.run(crawl())


def test_an_error_of_ours_in_what_comes_time_and_again_ends_the_run(
    desk: Frontier, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(desk, "_on_failure", lambda: told.append("failed"))

    def broken(*_: object) -> None:
        raise MemoryError("none left")

    monkeypatch.setattr(desk.store, "renew", broken)
    desk.publish()
    desk.renew()
    assert told == ["failed"]
    assert desk.failure == "MemoryError: none left"


def test_a_lease_that_nobody_knows_of_is_let_go(desk: Frontier) -> None:
    (forgotten, _) = desk.store.claim(2)
    assert desk.next() is None
    assert desk.has_more()
    desk.renew()
    desk.has_more()
    again = desk.next()
    assert again is not None
    assert again.address == forgotten.address
    desk.renew()
    assert desk.store.claim(2) == []


def test_a_process_does_not_take_its_own_leases_for_lost(new_store: NewStore) -> None:
    store = new_store(lease_seconds=0.0)
    store.open_run(plan(1), "longbridge")
    assert len(store.claim(1)) == 1
    assert store.claim(1) == []
