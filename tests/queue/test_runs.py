"""What a run hands out, commits, resumes and ends with, on both engines."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from newscrawl.codes import Outcome
from newscrawl.database.engine import Engine
from newscrawl.database.schema import SCHEMA_VERSION, migrate, prepare
from newscrawl.exceptions import AlreadyFinished, AlreadyRunning, StateError
from newscrawl.queue.overview import overview, retry_failed
from newscrawl.results import NotModified
from tests.queue.results import PUBLISHED, article, failed, gone, number_of, page, plan
from tests.queue.workers import NewWorker, Worker, opened


def test_pages_come_breadth_first_and_alternates_before_the_next_story(new_worker: NewWorker) -> None:
    worker = opened(new_worker(), plan(1))
    order = worker.crawl({1: (3, 2), 3: (4,), 2: (5,)}, locales=("en", "zh-CN"))
    assert [(number_of(uid), uid.rpartition(":")[2]) for uid in order] == [
        (number, locale) for number in (1, 3, 2, 4, 5) for locale in ("en", "zh-CN")
    ]
    assert worker.is_exhausted()


def test_a_page_met_on_a_shorter_way_is_followed_again(new_worker: NewWorker) -> None:
    worker = opened(new_worker(), plan(1, 2, depth="2"))
    first, second = worker.claim(2)
    # 1 → 3 → 4 → 5 is too far; 2 → 4 makes 5 near enough after 4 is done.
    worker.commit((first, article(first.page, 3)))
    third = worker.claim_one()
    worker.commit((third, article(third.page, 4)))
    fourth = worker.claim_one()
    worker.commit((fourth, article(fourth.page, 5)))
    assert worker.claim(5) == []
    worker.commit((second, article(second.page, 4)))
    fifth = worker.claim_one()
    assert (fifth.page, fifth.depth) == (page(5), 2)


def test_depth_and_limit_bound_the_run(new_worker: NewWorker) -> None:
    links = {1: (2, 3), 2: (4,), 3: (5,), 4: (6,)}
    near = opened(new_worker(), plan(1, depth="1")).crawl(links)
    assert [number_of(uid) for uid in near] == [1, 2, 3]
    few = opened(new_worker(), plan(1, limit="4")).crawl(links)
    # Known from the run before, so only what is new is asked for; the limit counts all the same.
    assert sorted({number_of(uid) for uid in few} | {2, 3}) == [1, 2, 3, 4]


def test_a_slow_worker_commits_nothing(new_worker: NewWorker) -> None:
    slow = opened(new_worker("slow", lease_seconds=0.05), plan(1, run="x"))
    late = slow.claim_one()
    time.sleep(0.1)
    quick = opened(new_worker("quick"), plan(1, run="x"))
    lease = quick.claim_one()
    assert lease.page == late.page
    assert lease.token > late.token
    assert slow.commit((late, article(late.page, text="late"))) == [None]
    assert quick.commit((lease, article(lease.page, text="right"))) == ["read"]
    assert slow.commit((late, article(late.page, text="later"))) == [None]
    assert [line["body"] for line in quick.lines()] == ["right"]


def test_a_renewed_lease_is_not_taken_over(new_worker: NewWorker) -> None:
    slow = opened(new_worker("slow", lease_seconds=0.4), plan(1, run="x"))
    lease = slow.claim_one()
    quick = opened(new_worker("quick"), plan(1, run="x"))
    for _ in range(3):
        time.sleep(0.2)
        slow.renew([lease])
        assert quick.claim(1) == []
    assert not quick.is_exhausted()


def test_workers_share_pages_without_a_double(new_worker: NewWorker) -> None:
    workers = [opened(new_worker(name), plan(*range(1, 41), run="x")) for name in ("a", "b", "c")]
    seen: list[str] = []
    while leases := [(worker, lease) for worker in workers for lease in worker.claim(3)]:
        for worker, lease in leases:
            seen.append(lease.page.uid)
            assert worker.commit((lease, article(lease.page, 50, 51))) == ["read"]
    assert len(seen) == len(set(seen)) == 42
    assert all(worker.is_exhausted() for worker in workers)


def test_an_unfinished_run_is_resumed_with_its_leases(new_worker: NewWorker) -> None:
    worker = opened(new_worker(), plan(1))
    lease = worker.claim_one()
    worker.commit((lease, article(lease.page, 2, 3)))
    worker.claim_one()
    worker.close()
    again = new_worker()
    assert again.open(plan(1)) is True
    assert again.run_id == worker.run_id
    assert {lease.page for lease in again.claim(5)} == {page(2), page(3)}


def test_a_second_process_is_refused_and_another_crawl_is_not(new_worker: NewWorker) -> None:
    opened(new_worker(), plan(1))
    with pytest.raises(AlreadyRunning):
        new_worker().open(plan(1))
    assert new_worker().open(plan(2)) is False


def test_a_finished_name_is_refused(new_worker: NewWorker) -> None:
    worker = opened(new_worker(), plan(1, run="daily"))
    worker.crawl({})
    worker.finish("done")
    with pytest.raises(AlreadyFinished):
        new_worker().open(plan(1, run="daily"))


def test_fresh_forgets_the_queue_and_not_what_was_written(new_worker: NewWorker) -> None:
    worker = opened(new_worker(), plan(1))
    lease = worker.claim_one()
    worker.commit((lease, article(lease.page, 2)))
    worker.close()
    again = new_worker()
    assert again.open(plan(1, fresh="1")) is False
    assert again.run_id != worker.run_id
    assert [lease.page for lease in again.claim(5)] == [page(1)]
    assert len(again.lines()) == 1


def next_run(new_worker: NewWorker, worker: Worker, **arguments: str) -> Worker:
    """End a run and begin the next one of the same crawl."""
    worker.finish("done")
    worker.close()
    return opened(new_worker(), plan(1, **arguments))


def test_versions_of_an_article_through_its_life(new_worker: NewWorker) -> None:
    worker = opened(new_worker(), plan(1))
    told: list[Outcome | None] = []
    for result in (
        article(page(1), text="one"),
        article(page(1), text="one"),
        article(page(1), text="two"),
        article(page(1), text="two", symbols=("700.HK",), published_at="2026-05-08T15:00:00.000Z"),
        gone(page(1)),
        gone(page(1)),
        article(page(1), text="two"),
    ):
        lease = worker.claim_one()
        told += worker.commit((lease, result))
        worker = next_run(new_worker, worker)
    assert told == ["read", "unchanged", "read", "unchanged", "withdrawn", "missing", "read"]
    written = worker.lines()
    assert [(line["version"], line["status"], line["body"]) for line in written] == [
        (1, "usable", "one"),
        (2, "usable", "two"),
        (3, "withdrawn", ""),
        (4, "usable", "two"),
    ]
    withdrawn = written[2]
    assert withdrawn["content_hash"] == written[1]["content_hash"]
    assert withdrawn["published_at"] == written[1]["published_at"]
    assert withdrawn["title"] is None
    assert (withdrawn["language"], withdrawn["script"], withdrawn["region"]) == ("en", "Latn", None)
    assert withdrawn["http"]["status"] == 404
    assert [line["available_rule"] for line in written] == ["backfill", "observed", "observed", "observed"]
    assert written[2]["published_raw"] == PUBLISHED
    (observation,) = worker.lines("observations")
    assert observation["published_raw"] == "2026-05-08T15:00:00.000Z"
    assert (observation["version"], [part["raw"] for part in observation["instruments"]]) == (2, ["700.HK"])


def test_a_page_not_modified_writes_nothing_and_leads_on(new_worker: NewWorker) -> None:
    worker = opened(new_worker(), plan(1))
    worker.crawl({1: (2,), 2: (3,)})
    worker = next_run(new_worker, worker)
    start = worker.claim_one()
    assert (start.etag, start.via) == ('"text"', "seed")
    assert worker.commit((start, NotModified())) == ["unchanged"]
    # 2 and 3 are months old: they are not asked for, and their links are followed all the same.
    assert worker.claim(5) == []
    assert worker.is_exhausted()
    assert worker.count().outcomes == {"unchanged": 1, "skipped": 2}
    assert len(worker.lines()) == 3


def test_young_articles_are_asked_again(new_worker: NewWorker) -> None:
    worker = opened(new_worker(), plan(1))
    worker.crawl({1: (2,)}, published_at=None)
    worker = next_run(new_worker, worker)
    start = worker.claim_one()
    worker.commit((start, NotModified()))
    young = worker.claim_one()
    assert (young.page, young.via) == (page(2), "recheck")
    worker.give_back()
    worker.close()
    never = opened(new_worker(), plan(1, recheck="never"))
    assert never.claim(5) == []


def test_after_many_304s_a_page_is_asked_without_validators(new_worker: NewWorker) -> None:
    worker = opened(new_worker(), plan(1))
    worker.crawl({})
    plain = []
    for _ in range(10):
        worker = next_run(new_worker, worker)
        lease = worker.claim_one()
        plain.append(lease.etag is None)
        answer = article(lease.page) if lease.etag is None else NotModified()
        worker.commit((lease, answer))
    assert plain.count(True) == 1
    assert plain.index(True) == 7


def test_failed_pages_are_put_back(new_worker: NewWorker) -> None:
    worker = opened(new_worker(), plan(1))
    lease = worker.claim_one()
    assert worker.commit((lease, failed(lease.page))) == ["failed"]
    assert worker.count().failed_starts == {page(1).uid: "HTTP 500"}
    worker.finish("failed")
    (crawl,) = overview(worker.engine).crawls
    assert (crawl.state, crawl.failed) == ("finished", [("HTTP 500", 1)])
    assert retry_failed(worker.engine) == 1
    worker.close()
    again = new_worker()
    assert again.open(plan(1)) is True
    assert again.claim_one().page == page(1)


def test_a_known_start_that_is_gone_is_no_failed_start(new_worker: NewWorker) -> None:
    worker = opened(new_worker(), plan(1))
    worker.crawl({})
    worker = next_run(new_worker, worker)
    lease = worker.claim_one()
    worker.commit((lease, gone(lease.page)))
    assert worker.count().failed_starts == {}


def test_pages_given_back_wait_again(new_worker: NewWorker) -> None:
    worker = opened(new_worker(), plan(1))
    lease = worker.claim_one()
    worker.give_back()
    again = worker.claim_one()
    assert again.page == lease.page
    assert worker.commit((lease, failed(lease.page))) == [None]


def test_a_run_is_finished_only_when_nothing_waits(new_worker: NewWorker) -> None:
    worker = opened(new_worker(), plan(1, 2))
    lease = worker.claim_one()
    worker.commit((lease, article(lease.page)))
    worker.finish("stopped")
    (crawl,) = overview(worker.engine).crawls
    assert (crawl.state, crawl.verdict, crawl.waiting) == ("running", "stopped", 1)


def test_a_crawl_is_running_while_a_process_has_its_lock(
    new_worker: NewWorker, connected: Callable[[], Engine]
) -> None:
    def states() -> list[str]:
        # As `scrapy status` sees it: from another process.
        return [crawl.state for crawl in overview(looking).crawls]

    looking = connected()
    worker = opened(new_worker(), plan(1))
    assert states() == ["running"]
    # Looking at the lock takes it from nobody.
    with pytest.raises(AlreadyRunning):
        opened(new_worker(), plan(1))
    worker.close()
    # A PostgreSQL server notices a moment later.
    deadline = time.monotonic() + 30
    while states() == ["running"]:
        assert time.monotonic() < deadline
    assert states() == ["unfinished"]
    again = opened(new_worker(), plan(1))
    assert again.run.resumed
    again.crawl({})
    again.finish()
    assert states() == ["finished"]
    again.close()
    assert states() == ["finished"]


def test_a_newer_state_and_another_origin_are_refused(connected: Callable[[], Engine]) -> None:
    engine = connected()
    with pytest.raises(StateError, match=r"expected a start on longbridge\.com"):
        prepare(engine, "longbridge", "mirror.example")
    newer = str(SCHEMA_VERSION + 1)
    sql = "UPDATE meta SET value = ? WHERE key = 'schema_version'"
    engine.transact(lambda: engine.execute(sql, (newer,)))
    with pytest.raises(StateError, match=f"version {newer}"):
        prepare(engine, "longbridge", "longbridge.com")
    # The verbs that only look at a state refuse it, too.
    with pytest.raises(StateError, match=f"version {newer}"):
        migrate(engine)


def test_since_keeps_old_stories_from_leading_on(new_worker: NewWorker) -> None:
    worker = opened(new_worker(), plan(1, since="2026-06-01"))
    order = worker.crawl({1: (2,)}, locales=("en", "zh-CN"))
    assert order == [page(1).uid, page(1, "zh-CN").uid]


def test_ids_of_runs_sort_by_time_within_a_second(new_worker: NewWorker) -> None:
    ids = [opened(new_worker(), plan(number)).run.run_id for number in range(1, 8)]
    assert ids == sorted(set(ids))
