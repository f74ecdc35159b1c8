"""Where pages lead, in the state: which story a page belongs to, and what that does to order and limit."""

from __future__ import annotations

from collections.abc import Iterable

from newscrawl.codes import Outcome, Via
from newscrawl.database.schema import lock_run
from newscrawl.plan import Found
from newscrawl.queue import links
from newscrawl.sites.base import Page
from tests.queue.results import article, gone, page, plan
from tests.queue.workers import NewWorker, Worker, opened


def add(worker: Worker, found: Iterable[Found]) -> list[tuple[str, int]]:
    run = worker.run

    def work() -> list[tuple[str, int]]:
        lock_run(run.engine, run.run_id)
        return links.add(run.engine, run.run_id, run.plan, found)

    return run.engine.transact(work)


def set_story(worker: Worker, uid: str, before: str, story_id: str) -> None:
    run = worker.run
    run.engine.transact(lambda: links.set_story(run.engine, run.run_id, uid, before, story_id))


def stories(worker: Worker) -> dict[str, int]:
    return dict(worker.rows("SELECT story_id, number FROM story WHERE run_id = ?", (worker.run_id,)))


def pages(worker: Worker) -> dict[str, tuple[str, int]]:
    """By uid: the story that a page belongs to, and the number with which it waits."""
    sql = "SELECT uid, story_id, story FROM page WHERE run_id = ?"
    return {uid: (story, number) for uid, story, number in worker.rows(sql, (worker.run_id,))}


def own(number: int, locale: str = "en") -> Page:
    """A page of a site whose addresses do not tell that two of them are one story."""
    known = page(number, locale)
    return known._replace(story_id=f"story of {known.uid}")


def test_a_story_gets_the_name_that_the_article_tells(new_worker: NewWorker) -> None:
    worker = opened(new_worker(), plan(1))
    lease = worker.claim_one()
    result = article(lease.page, 2, locales=("en", "zh-CN"))
    result.story_id = "longbridge:named"
    assert worker.commit((lease, result)) == [Outcome.READ]
    # Its number stays, and its translations belong to it.
    assert stories(worker) == {"longbridge:named": 1, page(2).story_id: 2}
    assert pages(worker) == {
        page(1).uid: ("longbridge:named", 1),
        page(1, "zh-CN").uid: ("longbridge:named", 1),
        page(2).uid: (page(2).story_id, 2),
    }
    assert worker.rows("SELECT story_id FROM known") == [("longbridge:named",)]
    assert worker.claim_one().page == page(1, "zh-CN")._replace(story_id="longbridge:named")


def test_a_start_that_is_gone_leads_where_its_last_version_led(new_worker: NewWorker) -> None:
    links = {1: (2, 3), 2: (4,)}
    # The first time it is withdrawn, later it is missing; with a limit and without one.
    runs = ((None, "5"), (Outcome.WITHDRAWN, "6"), (Outcome.MISSING, "7"), (Outcome.MISSING, None))
    for outcome, limit in runs:
        arguments = {} if limit is None else {"limit": limit}
        worker = opened(new_worker(), plan(1, recheck="500w", **arguments))
        lease = worker.claim_one()
        result = article(lease.page, *links[1]) if outcome is None else gone(lease.page)
        assert worker.commit((lease, result)) == [outcome or Outcome.READ]
        assert worker.count().withdrawn_starts == (() if outcome is None else (page(1).uid,))
        assert worker.count().failed_starts == {}
        assert worker.crawl(links) == [page(number).uid for number in (2, 3, 4)]
        worker.finish()
        worker.close()


def test_a_start_that_never_was_leads_nowhere(new_worker: NewWorker) -> None:
    worker = opened(new_worker(), plan(1))
    lease = worker.claim_one()
    assert worker.commit((lease, gone(lease.page))) == [Outcome.MISSING]
    assert worker.is_exhausted()
    assert worker.count().withdrawn_starts == ()
    assert worker.count().failed_starts == {page(1).uid: "HTTP 404"}


def test_a_page_behind_the_start_that_is_gone_leads_nowhere(new_worker: NewWorker) -> None:
    opened(new_worker(), plan(1)).crawl({1: (2,), 2: (3,)})
    worker = opened(new_worker(), plan(1, depth="9", recheck="500w"))
    worker.commit((worker.claim_one(), article(page(1), 2)))
    worker.commit((worker.claim_one(), gone(page(2))))
    assert worker.is_exhausted()
    assert worker.count().withdrawn_starts == ()


def test_a_page_moves_to_a_story_that_is_there(new_worker: NewWorker) -> None:
    worker = opened(new_worker(), plan(1))
    add(worker, [Found(own(2), 1, Via.RELATED, None), Found(own(3), 1, Via.RELATED, None)])
    set_story(worker, own(3).uid, own(3).story_id, page(1).story_id)
    # A story without pages is none.
    assert stories(worker) == {page(1).story_id: 1, own(2).story_id: 2}
    assert pages(worker)[own(3).uid] == (page(1).story_id, 1)
    assert worker.count().stories == 2


def test_a_story_that_keeps_a_page_stays(new_worker: NewWorker) -> None:
    worker = opened(new_worker(), plan(1))
    add(worker, [Found(page(2), 1, Via.RELATED, None), Found(page(2, "zh-CN"), 1, Via.RELATED, None)])
    set_story(worker, page(2).uid, page(2).story_id, page(1).story_id)
    assert stories(worker) == {page(1).story_id: 1, page(2).story_id: 2}
    assert pages(worker)[page(2).uid] == (page(1).story_id, 1)
    assert pages(worker)[page(2, "zh-CN").uid] == (page(2).story_id, 2)


def test_translations_met_as_stories_of_their_own_become_one(new_worker: NewWorker) -> None:
    worker = opened(new_worker(), plan(1, limit="3"))
    first, translation, other, late = own(2), own(2, "zh-CN"), own(3), own(4)
    met = [Found(new, 1, Via.RELATED, page(1).url) for new in (first, translation)]
    assert add(worker, met) == []
    assert stories(worker) == {page(1).story_id: 1, first.story_id: 2, translation.story_id: 3}
    # These are as many stories as the limit lets in, as far as addresses tell.
    add(worker, [Found(other, 1, Via.RELATED, page(1).url)])
    assert other.uid not in pages(worker)
    # The one names the other as its translation.
    named = Found(translation._replace(story_id=first.story_id), 1, Via.LOCALE, first.url)
    assert add(worker, [named]) == []
    assert stories(worker) == {page(1).story_id: 1, first.story_id: 2}
    assert pages(worker)[translation.uid] == (first.story_id, 2)
    # So there is a place for a third story.
    add(worker, [Found(other, 1, Via.RELATED, page(1).url), Found(late, 1, Via.RELATED, page(1).url)])
    assert other.uid in pages(worker)
    assert late.uid not in pages(worker)


def test_related_news_does_not_move_a_page(new_worker: NewWorker) -> None:
    worker = opened(new_worker(), plan(1))
    add(worker, [Found(page(2), 1, Via.RELATED, None)])
    add(worker, [Found(own(2), 1, Via.RELATED, None)])
    assert pages(worker)[page(2).uid] == (page(2).story_id, 2)


def test_an_article_that_moves_to_a_known_story_counts_once(new_worker: NewWorker) -> None:
    worker = opened(new_worker(), plan(1, 2))
    first, second = worker.claim(2)
    result = article(second.page, 3)
    result.story_id = first.page.story_id
    assert worker.commit((first, article(first.page)), (second, result)) == [Outcome.READ, Outcome.READ]
    counts = worker.count()
    assert (counts.stories, counts.stories_read) == (2, 1)
    assert pages(worker)[second.page.uid] == (first.page.story_id, 1)


def test_a_nearer_way_is_taken_whatever_the_story(new_worker: NewWorker) -> None:
    worker = opened(new_worker(), plan(1))
    add(worker, [Found(own(2), 3, Via.RELATED, None)])
    nearer = Found(own(2)._replace(story_id=page(1).story_id), 0, Via.LOCALE, page(1).url)
    assert add(worker, [nearer]) == []
    assert worker.rows("SELECT depth, story_id FROM page WHERE uid = ?", (own(2).uid,)) == [
        (0, page(1).story_id)
    ]
