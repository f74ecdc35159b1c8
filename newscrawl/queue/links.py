"""Where pages lead, in the state: new pages wait, known ones keep the shortest way to them.

The set of pages and their depths do not depend on the order in which pages come back: a page met again on a
shorter way takes the smaller depth, and where it is done already its stored links are followed again from
there. All functions run inside a transaction of the caller's that holds ``schema.lock_run``.

Where addresses do not tell the story, a page has one of its own until an article names it: its own article,
in this run or an earlier one, or else a translation.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from newscrawl.codes import Outcome, PageState, Via
from newscrawl.database.engine import Engine, pairs
from newscrawl.database.statements.known import KNOWN_LINKS, KNOWN_STORIES
from newscrawl.database.statements.pages import (
    ADD_PAGES,
    ANY_UNFINISHED,
    DEPTHS_AND_STORIES,
    MOVE_TO_STORY,
    OTHER_PAGE_OF_STORY,
    PAGES_WITH_OUTCOMES,
    SHORTEN_WAY,
)
from newscrawl.database.statements.runs import (
    ADD_STORY,
    COUNT_STORIES,
    DELETE_STORY,
    LAST_STORY_NUMBER,
    RENAME_STORY,
    STORY_NUMBERS,
)
from newscrawl.plan import Found, Links, Plan
from newscrawl.sites.base import Page

T = TypeVar("T")

# Values in one statement; both engines take more, and gain nothing from it.
_CHUNK = 500

FOLLOWED = frozenset({Outcome.READ, Outcome.UNCHANGED, Outcome.SKIPPED, Outcome.DROPPED})
"""What a page must have become in this run to be followed: its links are known, and it is not gone."""
GONE = frozenset({Outcome.WITHDRAWN, Outcome.MISSING})
"""What a page becomes that answers 404 or 410. A start is followed all the same, along the links of its last
version: nothing behind it would ever be asked for again."""


def is_followed(outcome: Outcome | None, depth: int, referrer: str | None) -> bool:
    """Tell whether the stored links of a page are followed, by what became of it and how it was met."""
    return outcome in FOLLOWED or (outcome in GONE and depth == 0 and referrer is None)


def follow(
    engine: Engine,
    run_id: str,
    plan: Plan,
    pages: Iterable[tuple[str, int]],
    read: Mapping[str, tuple[Page, Links]] | None = None,
) -> None:
    """Follow the stored links of pages that are done, given as (uid, depth).

    ``read`` has the links of pages that were stored just now, by uid, so that they need not be looked up.
    """
    todo = list(pages)
    while todo:
        todo = add(engine, run_id, plan, _found_from(engine, plan, todo, read or {}))
    if plan.limit is not None:
        # Two stories that turn out to be one leave room for others, which were not let in before.
        todo = _to_follow_again(engine, run_id, plan)
        while todo:
            todo = add(engine, run_id, plan, _found_from(engine, plan, todo, {}))


def add(engine: Engine, run_id: str, plan: Plan, found: Iterable[Found]) -> list[tuple[str, int]]:
    """Let pages wait; return those that were done already and are nearer now, as (uid, depth)."""
    nearest: dict[str, Found] = {}
    # An article names its own translations: it knows their story better than their addresses do.
    named: dict[str, str] = {}
    for new in found:
        uid = new.page.uid
        if new.via == Via.LOCALE:
            named.setdefault(uid, new.page.story_id)
        if uid not in nearest or new.depth < nearest[uid].depth:
            nearest[uid] = new
    untold = [uid for uid, new in nearest.items() if new.page.story_id == uid and uid not in named]
    for uid, story_id in {**named, **_own_stories(engine, untold)}.items():
        if nearest[uid].page.story_id != story_id:
            nearest[uid] = nearest[uid]._replace(page=nearest[uid].page._replace(story_id=story_id))
    nearer: list[tuple[str, int]] = []
    while nearest:
        known = _known(engine, run_id, list(nearest))
        moved = [uid for uid in known if named.get(uid, known[uid][1]) != known[uid][1]]
        own = _own_stories(engine, moved)
        for uid in moved:
            if uid not in own:
                set_story(engine, run_id, uid, known[uid][1], named[uid])
        shorter = [
            (uid, nearest[uid].depth) for uid, (depth, _) in known.items() if nearest[uid].depth < depth
        ]
        nearer += _shorten(engine, run_id, shorter)
        # What was not inserted after all is looked at again.
        nearest = _insert(
            engine, run_id, plan, {uid: new for uid, new in nearest.items() if uid not in known}
        )
    return nearer


def set_story(engine: Engine, run_id: str, uid: str, before: str, story_id: str) -> None:
    """Move a page from one story to another: its address alone had not told which one it is."""
    numbers = _numbers(engine, run_id, [before, story_id])
    # A story without pages would count against the limit.
    is_alone = not engine.execute(OTHER_PAGE_OF_STORY, (run_id, numbers[before], uid))
    if story_id not in numbers and is_alone:
        numbers[story_id] = numbers[before]
        engine.execute(RENAME_STORY, (story_id, run_id, before))
    elif story_id not in numbers:
        numbers |= _insert_stories(engine, run_id, [story_id])
    elif is_alone:
        engine.execute(DELETE_STORY, (run_id, before))
    engine.execute(MOVE_TO_STORY, (story_id, numbers[story_id], run_id, uid))


def _to_follow_again(engine: Engine, run_id: str, plan: Plan) -> list[tuple[str, int]]:
    """Return all pages that were followed, as (uid, depth), once nothing waits and the limit has room."""
    if engine.execute(ANY_UNFINISHED, (run_id,)):
        return []
    ((count,),) = engine.execute(COUNT_STORIES, (run_id,))
    if not plan.stories_left(count):
        return []
    outcomes = sorted(FOLLOWED | GONE)
    rows = engine.execute(PAGES_WITH_OUTCOMES.of(outcomes), (run_id, *outcomes))
    return [(uid, depth) for uid, depth, *how in rows if is_followed(how[0], depth, how[1])]


def _found_from(
    engine: Engine, plan: Plan, pages: Sequence[tuple[str, int]], read: Mapping[str, tuple[Page, Links]]
) -> list[Found]:
    stored = dict(read)
    for chunk in _chunks([uid for uid, _ in pages if uid not in read]):
        for *page, links in engine.execute(KNOWN_LINKS.of(chunk), chunk):
            stored[page[0]] = Page(*page), Links(*json.loads(links))
    found: list[Found] = []
    for uid, depth in pages:
        if uid in stored:
            page_read, links_read = stored[uid]
            found += plan.leads_to(page_read, links_read, depth)
    return found


def _known(engine: Engine, run_id: str, uids: Sequence[str]) -> dict[str, tuple[int, str]]:
    known = {}
    for chunk in _chunks(uids):
        rows = engine.execute(DEPTHS_AND_STORIES.of(chunk), (run_id, *chunk))
        known.update({uid: (depth, story_id) for uid, depth, story_id in rows})
    return known


def _own_stories(engine: Engine, uids: Sequence[str]) -> dict[str, str]:
    """Return the stories that pages named when they were last read, in this run or an earlier one."""
    stories: dict[str, str] = {}
    for chunk in _chunks(uids):
        stories.update(pairs(engine.execute(KNOWN_STORIES.of(chunk), chunk)))
    return stories


def _shorten(engine: Engine, run_id: str, pages: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    done = []
    for uid, depth in sorted(pages):
        rows = engine.execute(SHORTEN_WAY, (depth, run_id, uid, depth))
        if rows and rows[0][0] in FOLLOWED:
            done.append((uid, depth))
    return done


def _insert(engine: Engine, run_id: str, plan: Plan, pages: dict[str, Found]) -> dict[str, Found]:
    """Insert new pages; return those that were there already."""
    if not pages:
        return {}
    stories = list(dict.fromkeys(new.page.story_id for new in pages.values()))
    numbers = _number_stories(engine, run_id, plan, stories)
    rows = [
        (
            run_id,
            uid,
            page.story_id,
            page.locale,
            page.url,
            PageState.WAITING,
            depth,
            numbers[page.story_id],
            via,
            referrer,
        )
        for uid, (page, depth, via, referrer) in sorted(pages.items())
        if page.story_id in numbers
    ]
    missed = {}
    for chunk in _chunks(rows):
        inserted = engine.execute(ADD_PAGES.of(chunk), [value for row in chunk for value in row])
        new = {uid for (uid,) in inserted}
        missed.update({row[1]: pages[row[1]] for row in chunk if row[1] not in new})
    return missed


def _number_stories(engine: Engine, run_id: str, plan: Plan, stories: Sequence[str]) -> dict[str, int]:
    """Return the numbers of stories, given in the order to give new ones.

    A story that the plan's limit leaves out has none.
    """
    numbers = _numbers(engine, run_id, stories)
    new = [story for story in stories if story not in numbers]
    if not new:
        return numbers
    if plan.limit is not None:
        # Counted only with a limit: it takes time in proportion to the stories, which are few then.
        ((count,),) = engine.execute(COUNT_STORIES, (run_id,))
        new = new[: plan.stories_left(count)]
    return numbers | _insert_stories(engine, run_id, new)


def _insert_stories(engine: Engine, run_id: str, stories: Sequence[str]) -> dict[str, int]:
    if not stories:
        return {}
    ((last,),) = engine.execute(LAST_STORY_NUMBER, (run_id,))
    rows = [(run_id, story, last + number) for number, story in enumerate(stories, 1)]
    engine.executemany(ADD_STORY, rows)
    return {story: number for _, story, number in rows}


def _numbers(engine: Engine, run_id: str, stories: Sequence[str]) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for chunk in _chunks(stories):
        numbers.update(pairs(engine.execute(STORY_NUMBERS.of(chunk), (run_id, *chunk))))
    return numbers


def _chunks(values: Sequence[T]) -> Iterable[Sequence[T]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
