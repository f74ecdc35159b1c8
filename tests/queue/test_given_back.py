"""A lease that was lost: who held it once can neither give it back nor keep it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from newscrawl.queue.leases import Lease
from tests.queue.results import article, page, plan
from tests.queue.workers import NewWorker, Worker, opened

SHARED = plan(1, run="x")


@pytest.fixture
def slow(new_worker: NewWorker) -> Worker:
    """A worker whose leases have ended long ago by its own clock."""
    worker = new_worker("slow")
    worker.open(SHARED)
    return worker


def _claim_long_ago(worker: Worker) -> Lease:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker.engine, "now", lambda: datetime.now(UTC) - timedelta(hours=1))
        return worker.claim_one()


def test_a_lease_that_was_lost_is_not_given_back(slow: Worker, new_worker: NewWorker) -> None:
    lost = _claim_long_ago(slow)
    other = new_worker("other")
    other.open(SHARED)
    lease = other.claim_one()
    assert (lease.page, lease.token) == (lost.page, lost.token + 1)
    # The other one is at work on the page: it must not be handed out a third time.
    slow.give_back()
    assert new_worker_claims(new_worker) == []
    slow.renew([lost])
    assert new_worker_claims(new_worker) == []
    assert other.commit((lease, article(lease.page))) == ["read"]


def test_a_page_that_is_done_is_not_given_back(new_worker: NewWorker) -> None:
    worker = new_worker()
    worker.open(SHARED)
    lease = worker.claim_one()
    worker.commit((lease, article(lease.page)))
    worker.give_back()
    assert worker.is_exhausted()
    assert worker.count().outcomes["read"] == 1


def test_all_pages_of_ones_own_are_given_back(new_worker: NewWorker) -> None:
    which = plan(1, 2, 3, run="x")
    worker, other = opened(new_worker(), which), opened(new_worker("other"), which)
    worker.claim(2)
    other.claim(1)
    worker.give_back()
    assert other.count().leased == 1
    assert [lease.page for lease in other.claim(5)] == [page(1), page(2)]


def new_worker_claims(new_worker: NewWorker) -> list[object]:
    """Return the pages that a further worker is handed."""
    worker = new_worker("further")
    worker.open(SHARED)
    return [lease.page for lease in worker.claim(5)]
