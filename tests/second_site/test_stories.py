"""Which story a page belongs to while its address does not tell: what the queue makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from newscrawl.archive.versions import Known
from newscrawl.codes import Via
from newscrawl.database.connect import connect
from newscrawl.database.schema import prepare
from newscrawl.database.statements.known import STORE_KNOWN
from newscrawl.plan import Found, Links, Plan
from newscrawl.queue import links
from newscrawl.queue.runs import Run, open_run
from newscrawl.sites.base import Page
from tests.second_site.harbour import HARBOUR, ROOT


def page(slug: str, locale: str = "en", story: str | None = None) -> Page:
    found = HARBOUR.page(f"/{locale}/x/{slug}")
    assert found is not None
    assert found.story_id == found.uid
    return found if story is None else found._replace(story_id=story)


def by(via: Via, found: Page, depth: int = 0) -> Found:
    return Found(found, depth, via, f"{ROOT}/en/x/start")


START, FIRST, SECOND = page("start"), page("first"), page("second")
GERMAN = page("erstes", "de")


def plan_of(**arguments: str) -> Plan:
    return Plan.from_arguments(HARBOUR, {"url": START.url, **arguments})


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    engine = connect(f"sqlite:///{tmp_path}/state.db")
    prepare(engine, HARBOUR.name, "loopback")
    yield open_run(engine, plan_of(), worker="w", lease_seconds=60)
    engine.close()


def add(run: Run, *found: Found, plan: Plan | None = None) -> None:
    run.engine.transact(lambda: links.add(run.engine, run.run_id, plan or run.plan, found))


def set_story(run: Run, of: Page, before: str, story_id: str) -> None:
    run.engine.transact(lambda: links.set_story(run.engine, run.run_id, of.uid, before, story_id))


def stories(run: Run) -> dict[str, str]:
    """The story of each page. Rows and numbers must agree, and no story may be empty."""
    rows = run.engine.execute(
        "SELECT p.uid, p.story_id, s.story_id FROM page p JOIN story s "
        "ON s.run_id = p.run_id AND s.number = p.story WHERE p.run_id = ?",
        (run.run_id,),
    )
    assert {named for _, named, _ in rows} == {numbered for _, _, numbered in rows}
    assert all(named == numbered for _, named, numbered in rows)
    ((pages, count),) = run.engine.execute("SELECT (SELECT count(*) FROM page), (SELECT count(*) FROM story)")
    found = {uid: named for uid, named, _ in rows}
    assert (len(found), len(set(found.values()))) == (pages, count)
    return found


def test_until_something_names_it_a_page_is_its_own_story(run: Run) -> None:
    add(run, by(Via.RELATED, FIRST, 1), by(Via.RELATED, GERMAN, 1))
    assert stories(run) == {found.uid: found.uid for found in (START, FIRST, GERMAN)}


@pytest.mark.parametrize("together", [True, False])
def test_a_translation_names_it_even_where_another_way_to_it_is_shorter(run: Run, *, together: bool) -> None:
    ways = [by(Via.RELATED, GERMAN, 1), by(Via.LOCALE, GERMAN._replace(story_id=FIRST.uid), 2)]
    add(run, by(Via.RELATED, FIRST, 1))
    if together:
        add(run, *ways)
    else:
        add(run, ways[0])
        add(run, ways[1])
    assert stories(run) == {START.uid: START.uid, FIRST.uid: FIRST.uid, GERMAN.uid: FIRST.uid}


def test_its_own_article_knows_better_than_a_translation(run: Run) -> None:
    texts = dict.fromkeys(Known._fields, "")
    texts |= {"uid": GERMAN.uid, "story_id": "harbour:its-own", "links": "[]"}
    run.engine.execute(STORE_KNOWN, Known(**{**texts, "version": 1, "unmodified": 0}))  # type: ignore[arg-type]
    add(run, by(Via.RELATED, GERMAN, 1))
    assert stories(run)[GERMAN.uid] == "harbour:its-own"
    add(run, by(Via.LOCALE, GERMAN._replace(story_id=FIRST.uid), 1))
    assert stories(run)[GERMAN.uid] == "harbour:its-own"


def test_a_page_moves_between_stories(run: Run) -> None:
    add(run, by(Via.RELATED, FIRST, 1), by(Via.RELATED, GERMAN, 1), by(Via.RELATED, SECOND, 1))
    # To a new name, alone.
    set_story(run, GERMAN, GERMAN.uid, "harbour:a")
    # To one that is there.
    set_story(run, FIRST, FIRST.uid, "harbour:a")
    assert stories(run) == {
        START.uid: START.uid,
        SECOND.uid: SECOND.uid,
        GERMAN.uid: "harbour:a",
        FIRST.uid: "harbour:a",
    }
    # To a new one, out of a story that others belong to, and on to a third.
    set_story(run, FIRST, "harbour:a", "harbour:b")
    set_story(run, FIRST, "harbour:b", SECOND.uid)
    assert stories(run) == {
        START.uid: START.uid,
        SECOND.uid: SECOND.uid,
        GERMAN.uid: "harbour:a",
        FIRST.uid: SECOND.uid,
    }


def test_locales_narrow_related_news_whose_other_locales_nothing_tells() -> None:
    related = Links((), (GERMAN.url, SECOND.url), None)
    for locales, wanted in (("en", [SECOND]), ("en,de", [GERMAN, SECOND]), ("de", [])):
        plan = plan_of(locales=locales)
        assert [found.page for found in plan.leads_to(FIRST, related, 0)] == wanted
