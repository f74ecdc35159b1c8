"""The durable frontier: what a run hands out, commits, resumes and ends with, on both engines."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from newscrawl.database.engine import Engine
from newscrawl.database.schema import SCHEMA_VERSION, prepare
from newscrawl.exceptions import AlreadyFinished, AlreadyRunning, StateError
from newscrawl.items import Unmodified
from newscrawl.plan import Plan
from newscrawl.queue.leases import Lease
from newscrawl.queue.overview import overview, retry_failed
from newscrawl.queue.runs import Store
from newscrawl.sites.longbridge.address import Address
from tests.queue.outcomes import PUBLISHED, address, article, failed, gone, plan

NewStore = Callable[..., Store]


def opened(store: Store, which: Plan) -> Store:
    store.open_run(which, "longbridge")
    return store


def claim_one(store: Store) -> Lease:
    (lease,) = store.claim(1)
    return lease


def lines(store: Store, kind: str = "articles") -> list[dict[str, Any]]:
    engine = store.engine
    rows = engine.transact(
        lambda: engine.execute("SELECT content FROM line WHERE kind = ? ORDER BY id", (kind,))
    )
    return [json.loads(bytes(row[0])) for row in rows]


def run_all(store: Store, links: dict[int, tuple[int, ...]], **options: Any) -> list[str]:
    """Crawl a small site that is all in ``links``; return uids in the order of the requests."""
    order = []
    while leases := store.claim(1):
        (lease,) = leases
        number = int(lease.address.id) - 100_000
        order.append(lease.address.uid)
        store.commit([(lease, article(lease.address, *links.get(number, ()), **options))])
    return order


def number_of(uid: str) -> int:
    return int(uid.split(":")[1]) - 100_000


def test_pages_come_breadth_first_and_alternates_before_the_next_story(new_store: NewStore) -> None:
    store = opened(new_store(), plan(1))
    order = run_all(store, {1: (3, 2), 3: (4,), 2: (5,)}, locales=("en", "zh-CN"))
    assert [(number_of(uid), uid.rpartition(":")[2]) for uid in order] == [
        (number, locale) for number in (1, 3, 2, 4, 5) for locale in ("en", "zh-CN")
    ]
    assert store.is_exhausted()


def test_a_page_reached_on_a_shorter_way_is_expanded_again(new_store: NewStore) -> None:
    store = opened(new_store(), plan(1, 2, depth="2"))
    first, second = store.claim(2)
    # 1 → 3 → 4 → 5 is too far; 2 → 4 brings 5 into reach after 4 is done.
    store.commit([(first, article(first.address, 3))])
    third = claim_one(store)
    store.commit([(third, article(third.address, 4))])
    fourth = claim_one(store)
    store.commit([(fourth, article(fourth.address, 5))])
    assert store.claim(5) == []
    store.commit([(second, article(second.address, 4))])
    fifth = claim_one(store)
    assert (fifth.address, fifth.depth) == (address(5), 2)


def test_depth_and_limit_bound_the_run(new_store: NewStore) -> None:
    links = {1: (2, 3), 2: (4,), 3: (5,), 4: (6,)}
    near = run_all(opened(new_store(), plan(1, depth="1")), links)
    assert [number_of(uid) for uid in near] == [1, 2, 3]
    few = run_all(opened(new_store(), plan(1, limit="4")), links)
    # Known from the run before, so only what is new is asked for; the limit counts all the same.
    assert sorted({number_of(uid) for uid in few} | {2, 3}) == [1, 2, 3, 4]


def test_a_slow_worker_commits_nothing(new_store: NewStore) -> None:
    slow = opened(new_store("slow", lease_seconds=0.05), plan(1, run="x"))
    late = claim_one(slow)
    time.sleep(0.1)
    quick = opened(new_store("quick"), plan(1, run="x"))
    lease = claim_one(quick)
    assert lease.address == late.address
    assert lease.token > late.token
    assert slow.commit([(late, article(late.address, text="late"))]) == ["stale"]
    assert quick.commit([(lease, article(lease.address, text="right"))]) == ["read"]
    assert slow.commit([(late, article(late.address, text="later"))]) == ["stale"]
    assert [line["body"] for line in lines(quick)] == ["right"]


def test_a_renewed_lease_is_not_taken_over(new_store: NewStore) -> None:
    slow = opened(new_store("slow", lease_seconds=0.4), plan(1, run="x"))
    lease = claim_one(slow)
    quick = opened(new_store("quick"), plan(1, run="x"))
    for _ in range(3):
        time.sleep(0.2)
        slow.renew([lease])
        assert quick.claim(1) == []
    assert not quick.is_exhausted()


def test_workers_share_pages_without_a_double(new_store: NewStore) -> None:
    stores = [opened(new_store(name), plan(*range(1, 41), run="x")) for name in ("a", "b", "c")]
    seen: list[str] = []
    while leases := [(store, lease) for store in stores for lease in store.claim(3)]:
        for store, lease in leases:
            seen.append(lease.address.uid)
            assert store.commit([(lease, article(lease.address, 50, 51))]) == ["read"]
    assert len(seen) == len(set(seen)) == 42
    assert all(store.is_exhausted() for store in stores)


def test_an_unfinished_run_is_resumed_with_its_leases(new_store: NewStore) -> None:
    store = opened(new_store(), plan(1))
    lease = claim_one(store)
    store.commit([(lease, article(lease.address, 2, 3))])
    claim_one(store)
    store.engine.close()
    again = new_store()
    assert again.open_run(plan(1), "longbridge") is True
    assert again.run_id == store.run_id
    assert {lease.address for lease in again.claim(5)} == {address(2), address(3)}


def test_a_second_process_is_refused_and_another_crawl_is_not(new_store: NewStore) -> None:
    opened(new_store(), plan(1))
    with pytest.raises(AlreadyRunning):
        new_store().open_run(plan(1), "longbridge")
    assert new_store().open_run(plan(2), "longbridge") is False


def test_a_finished_name_is_refused(new_store: NewStore) -> None:
    store = opened(new_store(), plan(1, run="daily"))
    run_all(store, {})
    store.finish_run("done")
    with pytest.raises(AlreadyFinished):
        new_store().open_run(plan(1, run="daily"), "longbridge")


def test_fresh_forgets_the_queue_and_not_what_was_written(new_store: NewStore) -> None:
    store = opened(new_store(), plan(1))
    lease = claim_one(store)
    store.commit([(lease, article(lease.address, 2))])
    store.engine.close()
    again = new_store()
    assert again.open_run(plan(1, fresh="1"), "longbridge") is False
    assert again.run_id != store.run_id
    assert [lease.address for lease in again.claim(5)] == [address(1)]
    assert len(lines(again)) == 1


def next_run(new_store: NewStore, store: Store, **arguments: str) -> Store:
    """End a run and begin the next one of the same crawl."""
    store.finish_run("done")
    store.engine.close()
    return opened(new_store(), plan(1, **arguments))


def test_versions_of_an_article_through_its_life(new_store: NewStore) -> None:
    store = opened(new_store(), plan(1))
    told = []
    for outcome in (
        article(address(1), text="one"),
        article(address(1), text="one"),
        article(address(1), text="two"),
        article(address(1), text="two", symbols=("700.HK",), published_at="2026-05-08T15:00:00.000Z"),
        gone(address(1)),
        gone(address(1)),
        article(address(1), text="two"),
    ):
        lease = claim_one(store)
        told += store.commit([(lease, outcome)])
        store = next_run(new_store, store)
    assert told == ["read", "unchanged", "read", "unchanged", "withdrawn", "missing", "read"]
    written = lines(store)
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
    (observation,) = lines(store, "observations")
    assert observation["published_raw"] == "2026-05-08T15:00:00.000Z"
    assert (observation["version"], [part["raw"] for part in observation["instruments"]]) == (2, ["700.HK"])


def test_a_page_not_modified_writes_nothing_and_leads_on(new_store: NewStore) -> None:
    store = opened(new_store(), plan(1))
    run_all(store, {1: (2,), 2: (3,)})
    store = next_run(new_store, store)
    start = claim_one(store)
    assert (start.etag, start.via) == ('"text"', "seed")
    assert store.commit([(start, Unmodified(start.address.uid, start.address.url))]) == ["unchanged"]
    # 2 and 3 are months old: they are not asked for, and their links are followed all the same.
    assert store.claim(5) == []
    assert store.is_exhausted()
    assert store.tally().outcomes == {"unchanged": 1, "kept": 2}
    assert len(lines(store)) == 3


def test_young_articles_are_asked_again(new_store: NewStore) -> None:
    store = opened(new_store(), plan(1))
    run_all(store, {1: (2,)}, published_at=None)
    store = next_run(new_store, store)
    start = claim_one(store)
    store.commit([(start, Unmodified(start.address.uid, start.address.url))])
    young = claim_one(store)
    assert (young.address, young.via) == (address(2), "recheck")
    store.give_back([young])
    store.engine.close()
    never = opened(new_store(), plan(1, recheck="never"))
    assert never.claim(5) == []


def test_after_many_304s_a_page_is_asked_without_validators(new_store: NewStore) -> None:
    store = opened(new_store(), plan(1))
    run_all(store, {})
    plain = []
    for _ in range(10):
        store = next_run(new_store, store)
        lease = claim_one(store)
        plain.append(lease.etag is None)
        answer = article(lease.address) if lease.etag is None else Unmodified(lease.address.uid, "")
        store.commit([(lease, answer)])
    assert plain.count(True) == 1
    assert plain.index(True) == 7


def test_failed_pages_are_put_back(new_store: NewStore) -> None:
    store = opened(new_store(), plan(1))
    lease = claim_one(store)
    assert store.commit([(lease, failed(lease.address))]) == ["failed"]
    assert store.tally().failed_starts == {address(1).uid: "HTTP 500"}
    store.finish_run("failed")
    (crawl,) = overview(store.engine).crawls
    assert (crawl.state, crawl.failed) == ("finished", [("HTTP 500", 1)])
    assert retry_failed(store.engine) == 1
    store.engine.close()
    again = new_store()
    assert again.open_run(plan(1), "longbridge") is True
    assert claim_one(again).address == address(1)


def test_a_known_start_that_is_gone_is_no_failed_start(new_store: NewStore) -> None:
    store = opened(new_store(), plan(1))
    run_all(store, {})
    store = next_run(new_store, store)
    lease = claim_one(store)
    store.commit([(lease, gone(lease.address))])
    assert store.tally().failed_starts == {}


def test_pages_given_back_wait_again(new_store: NewStore) -> None:
    store = opened(new_store(), plan(1))
    lease = claim_one(store)
    store.give_back([lease])
    again = claim_one(store)
    assert again.address == lease.address
    assert store.commit([(lease, failed(lease.address))]) == ["stale"]


def test_a_run_is_finished_only_when_nothing_waits(new_store: NewStore) -> None:
    store = opened(new_store(), plan(1, 2))
    lease = claim_one(store)
    store.commit([(lease, article(lease.address))])
    store.finish_run("stopped")
    (crawl,) = overview(store.engine).crawls
    assert (crawl.state, crawl.verdict, crawl.waiting) == ("running", "stopped", 1)


def test_a_newer_state_and_another_site_are_refused(connected: Callable[[], Engine]) -> None:
    engine = connected()
    with pytest.raises(StateError, match=r"expected a start on longbridge\.com"):
        prepare(engine, "mirror.example")
    newer = str(SCHEMA_VERSION + 1)
    sql = "UPDATE meta SET value = ? WHERE key = 'schema_version'"
    engine.transact(lambda: engine.execute(sql, (newer,)))
    with pytest.raises(StateError, match=f"version {newer}"):
        prepare(engine, "longbridge.com")


def test_since_keeps_old_stories_from_leading_on(new_store: NewStore) -> None:
    store = opened(new_store(), plan(1, since="2026-06-01"))
    order = run_all(store, {1: (2,)}, locales=("en", "zh-CN"))
    assert [Address(*uid.split(":")[1:]) for uid in order] == [address(1), address(1, "zh-CN")]
