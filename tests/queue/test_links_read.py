"""Links of pages that were stored just now are not looked up; what they lead to is what a look would find."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import pytest

from newscrawl.codes import Outcome
from newscrawl.database.engine import Engine
from newscrawl.items import Article
from newscrawl.plan import Found, Links, Plan
from newscrawl.queue import links
from newscrawl.results import Dropped, NotModified, Result
from newscrawl.sites.base import Page
from tests.queue.results import article, failed, gone, page, plan
from tests.queue.workers import NewWorker, Worker, opened


class Followed(NamedTuple):
    """Pages that were followed, in what they were given with, and where they lead."""

    given: set[str]
    looked_up: set[str]
    found: list[Found]


@pytest.fixture
def followed(monkeypatch: pytest.MonkeyPatch) -> list[Followed]:
    """Each call that follows links; both ways are gone, inside the transaction, and compared."""
    calls: list[Followed] = []
    original = links.follow

    def follow(
        engine: Engine,
        run_id: str,
        plan: Plan,
        pages: Iterable[tuple[str, int]],
        read: Mapping[str, tuple[Page, Links]] | None = None,
    ) -> None:
        todo, given = list(pages), read or {}
        found = links._found_from(engine, plan, todo, given)
        assert found == links._found_from(engine, plan, todo, {})
        if todo:
            calls.append(Followed(set(given), {uid for uid, _ in todo} - set(given), found))
        original(engine, run_id, plan, todo, read)

    monkeypatch.setattr(links, "follow", follow)
    return calls


def _named(of: Page, story_id: str, *related: int, text: str = "text") -> Article:
    result = article(of, *related, text=text, locales=("en", "zh-CN"))
    result.story_id = story_id
    return result


def _crawl(
    new_worker: NewWorker, make: Callable[[Page], Result], *, arguments: Mapping[str, str]
) -> Outcome | None:
    """Crawl one page in a run of its own."""
    worker = opened(new_worker(), plan(1, **arguments))
    lease = worker.claim_one()
    (outcome,) = worker.commit((lease, make(lease.page)))
    _finish(worker)
    return outcome


def _finish(worker: Worker) -> None:
    """End a run that has no page left; what was linked cannot be read."""
    while leases := worker.claim(100):
        worker.commit(*((lease, failed(lease.page)) for lease in leases))
    worker.finish()
    worker.close()


def _before(of: Page) -> Article:
    return _named(of, "longbridge:named", 2, 3)


AGAIN: dict[str, tuple[Outcome, Callable[[Page], Result]]] = {
    "the same": (Outcome.UNCHANGED, _before),
    "other links": (Outcome.UNCHANGED, lambda of: _named(of, "longbridge:named", 3, 4)),
    "another text": (Outcome.READ, lambda of: _named(of, "longbridge:named", 4, text="other")),
    "another story": (Outcome.READ, lambda of: _named(of, "longbridge:other", 4, text="other")),
    "another story, same text": (Outcome.UNCHANGED, lambda of: _named(of, "longbridge:other", 4)),
    "not modified": (Outcome.UNCHANGED, lambda of: NotModified()),
    "dropped": (Outcome.DROPPED, lambda of: Dropped(_named(of, "longbridge:named", 5), "no")),
    "dropped, another story": (
        Outcome.DROPPED, lambda of: Dropped(_named(of, "longbridge:other", 5), "no")
    ),
}  # fmt: skip


@pytest.mark.parametrize("depth", ["0", "1"])
@pytest.mark.parametrize("name", AGAIN)
def test_a_page_met_again(new_worker: NewWorker, followed: list[Followed], name: str, depth: str) -> None:
    uid = page(1).uid
    assert _crawl(new_worker, _before, arguments={"depth": depth}) == Outcome.READ
    outcome, make = AGAIN[name]
    assert _crawl(new_worker, make, arguments={"depth": depth}) == outcome
    first, again = followed
    assert first.given == {uid}
    assert again.given == (set() if name == "not modified" else {uid})
    assert again.looked_up == ({uid} if name == "not modified" else set())
    assert first.found
    assert again.found
    assert (depth == "0") == all(new.depth == 0 for new in again.found)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("dropped", lambda of: Dropped(_named(of, "longbridge:named", 2), "no")),
        ("old", lambda of: article(of, 2, locales=("en", "zh-CN"), published_at="2020-01-01T00:00:00.000Z")),
        ("without a date", lambda of: article(of, 2, published_at=None)),
        ("without links", lambda of: article(of, locales=())),
    ],
)
def test_a_new_page(
    new_worker: NewWorker, followed: list[Followed], name: str, make: Callable[[Page], Result]
) -> None:
    _crawl(new_worker, make, arguments={"since": "2026-01-01"})
    (call,) = followed
    assert call.given == {page(1).uid}
    assert {new.depth for new in call.found} == {
        "dropped": {0, 1}, "old": {0}, "without a date": {1}, "without links": set()
    }[name]  # fmt: skip


def test_pages_without_an_article_are_not_followed(new_worker: NewWorker, followed: list[Followed]) -> None:
    for make in (failed, gone):
        _crawl(new_worker, make, arguments={})
    assert followed == []


def test_a_batch_with_pages_of_each_kind(new_worker: NewWorker, followed: list[Followed]) -> None:
    worker = opened(new_worker(), plan(1, 2, 3))
    leases = worker.claim(3)
    read = [_named(lease.page, f"longbridge:{n}", n + 4) for n, lease in enumerate(leases)]
    outcomes = worker.commit(*zip(leases, read, strict=True))
    assert outcomes == [Outcome.READ] * 3
    _finish(worker)
    worker = opened(new_worker(), plan(1, 2, 3))
    first, second, third = worker.claim(3)
    worker.commit(
        (first, NotModified()),
        (second, _named(second.page, "longbridge:1", 9, text="other")),
        (third, gone(third.page)),
    )
    call = followed[-1]
    assert call.given == {second.page.uid}
    # A start that is gone is followed along what was stored before.
    assert call.looked_up == {first.page.uid, third.page.uid}
    assert {new.referrer for new in call.found} == {first.page.url, second.page.url, third.page.url}
