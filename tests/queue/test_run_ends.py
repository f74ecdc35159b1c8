"""What the state says of a run that ended, takes back when the run goes on, and asks for in the next one."""

from __future__ import annotations

from dataclasses import replace

from newscrawl.queue.overview import overview, retry_failed
from newscrawl.queue.runs import finish_run
from tests.queue.results import article, failed, gone, page, plan
from tests.queue.workers import NewWorker, Worker, opened


def _again(new_worker: NewWorker, before: Worker, **arguments: str) -> Worker:
    before.close()
    return opened(new_worker(), plan(1, **arguments))


def test_a_run_that_goes_on_has_no_verdict_and_no_end(new_worker: NewWorker) -> None:
    worker = opened(new_worker(), plan(1))
    worker.finish("stopped")
    (crawl,) = overview(worker.engine).crawls
    assert crawl.verdict == "stopped"
    assert crawl.finished_at is not None
    worker = _again(new_worker, worker)
    assert worker.run.resumed
    (crawl,) = overview(worker.engine).crawls
    assert (crawl.state, crawl.verdict, crawl.finished_at) == ("running", None, None)


def test_a_known_start_that_fails_is_no_start_that_was_never_read(new_worker: NewWorker) -> None:
    worker = opened(new_worker(), plan(1))
    lease = worker.claim_one()
    worker.commit((lease, article(lease.page)))
    worker.finish()
    worker = _again(new_worker, worker)
    assert not worker.run.resumed
    lease = worker.claim_one()
    assert worker.commit((lease, failed(lease.page))) == ["failed"]
    assert worker.count().failed_starts == {}
    assert worker.count().outcomes == {"failed": 1}


def test_a_failed_page_that_is_not_a_start_is_no_failed_start(new_worker: NewWorker) -> None:
    worker = opened(new_worker(), plan(1))
    start = worker.claim_one()
    worker.commit((start, article(start.page, 2)))
    lease = worker.claim_one()
    assert lease.page == page(2)
    worker.commit((lease, failed(lease.page)))
    assert worker.count().failed_starts == {}


def test_a_run_that_was_forgotten_does_not_finish(new_worker: NewWorker) -> None:
    worker = opened(new_worker(), plan(1))
    anew = _again(new_worker, worker, fresh="1")
    assert anew.run_id != worker.run_id
    # As a process would that did not know of it yet. Of its pages none waits: they are gone.
    finish_run(replace(worker.run, engine=anew.engine), "done")
    states = dict(anew.rows("SELECT run_id, state FROM run"))
    assert states == {worker.run_id: "forgotten", anew.run_id: "running"}


def test_a_page_put_back_is_no_failure_any_more(new_worker: NewWorker) -> None:
    worker = opened(new_worker(), plan(1))
    lease = worker.claim_one()
    worker.commit((lease, failed(lease.page)))
    worker.finish("failed")
    assert retry_failed(worker.engine) == 1
    # Once is enough.
    assert retry_failed(worker.engine) == 0
    (crawl,) = overview(worker.engine).crawls
    assert (crawl.failed, crawl.waiting, crawl.finished_at) == ([], 1, None)
    assert worker.rows("SELECT outcome, error FROM page") == [(None, None)]
    assert worker.count().failed_starts == {}


def test_a_page_that_is_gone_is_asked_for_without_validators(new_worker: NewWorker) -> None:
    # A server that still has the page's ETag would answer 304 when it is back, and it would stay withdrawn.
    worker = opened(new_worker(), plan(1))
    lease = worker.claim_one()
    worker.commit((lease, article(lease.page)))
    etags = []
    for answer in (gone, gone, article):
        worker.finish()
        worker = _again(new_worker, worker)
        lease = worker.claim_one()
        etags.append(lease.etag)
        worker.commit((lease, answer(lease.page)))
    assert etags == ['"text"', None, None]
    assert [line["status"] for line in worker.lines()] == ["usable", "withdrawn", "usable"]
