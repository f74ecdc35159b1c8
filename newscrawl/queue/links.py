"""Where a page leads, in the store: new pages wait, known ones keep the shorter way to them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeVar

from newscrawl.archive.versions import LEADS_ON
from newscrawl.database.engine import Engine, marks, pairs
from newscrawl.plan import Links, Plan
from newscrawl.sites.longbridge.address import Address

T = TypeVar("T")

# Values in one statement; both engines take more, and gain nothing from it.
_CHUNK = 500


class Found(NamedTuple):
    """A page met on the way: how far from a start, through what, and from where."""

    address: Address
    depth: int
    via: str
    referrer: str | None


class Reach:
    """Adds pages to a run, inside a transaction of the caller's that holds :func:`lock_run`.

    The set of pages and their depths do not depend on the order in which pages come back: a page met
    again on a shorter way takes the smaller depth, and where it is done already its stored links are
    followed again from there.
    """

    def __init__(self, engine: Engine, run_id: str, plan: Plan) -> None:
        self.engine = engine
        self.run_id = run_id
        self.plan = plan

    def expand(self, pages: Iterable[tuple[str, int]]) -> None:
        """Follow the stored links of pages that are done, given as (uid, depth)."""
        todo = list(pages)
        while todo:
            todo = self.add(self._found_from(todo))

    def add(self, found: Iterable[Found]) -> list[tuple[str, int]]:
        """Let pages wait; return those that were done already and are nearer now, as (uid, depth)."""
        nearest: dict[str, Found] = {}
        for page in found:
            uid = page.address.uid
            if uid not in nearest or page.depth < nearest[uid].depth:
                nearest[uid] = page
        nearer: list[tuple[str, int]] = []
        while nearest:
            depths = self._depths(list(nearest))
            met = {uid: page for uid, page in nearest.items() if uid in depths}
            shorter = [(uid, page.depth) for uid, page in met.items() if page.depth < depths[uid]]
            nearer += self._shorten(shorter)
            # What was not inserted after all is looked at again.
            nearest = self._insert({uid: page for uid, page in nearest.items() if uid not in depths})
        return nearer

    def _found_from(self, pages: Sequence[tuple[str, int]]) -> list[Found]:
        stored: dict[str, str] = {}
        for chunk in _chunks([uid for uid, _ in pages]):
            stored.update(
                pairs(
                    self.engine.execute(
                        f"SELECT uid, links FROM known WHERE uid IN ({marks(chunk)})",
                        chunk,
                    )
                )
            )
        found = []
        for uid, depth in pages:
            if uid not in stored:
                continue
            _, id_, locale = uid.split(":")
            page = Address(id_, locale)
            locales, related, published_at = json.loads(stored[uid])
            for via, address in self.plan.leads_to(page, Links(locales, related, published_at)):
                away = depth + (via == "related")
                if away <= self.plan.depth:
                    found.append(Found(address, away, via, page.url))
        return found

    def _depths(self, uids: Sequence[str]) -> dict[str, int]:
        depths: dict[str, int] = {}
        for chunk in _chunks(uids):
            depths.update(
                pairs(
                    self.engine.execute(
                        f"SELECT uid, depth FROM page WHERE run_id = ? AND uid IN ({marks(chunk)})",
                        (self.run_id, *chunk),
                    )
                )
            )
        return depths

    def _shorten(self, pages: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
        done = []
        for uid, depth in sorted(pages):
            rows = self.engine.execute(
                "UPDATE page SET depth = ? WHERE run_id = ? AND uid = ? AND depth > ? RETURNING outcome",
                (depth, self.run_id, uid, depth),
            )
            if rows and rows[0][0] in LEADS_ON:
                done.append((uid, depth))
        return done

    def _insert(self, pages: dict[str, Found]) -> dict[str, Found]:
        """Insert new pages; return those that were there already."""
        if not pages:
            return {}
        numbers = self._story_numbers(list(dict.fromkeys(page.address.story_id for page in pages.values())))
        rows = [
            (self.run_id, uid, 0, page.depth, numbers[page.address.story_id], page.via, page.referrer)
            for uid, page in sorted(pages.items())
            if page.address.story_id in numbers
        ]
        missed = {}
        for chunk in _chunks(rows):
            values = ",".join(["(?,?,?,?,?,?,?)"] * len(chunk))
            inserted = self.engine.execute(
                "INSERT INTO page (run_id, uid, state, depth, story, via, referrer) "
                f"VALUES {values} ON CONFLICT (run_id, uid) DO NOTHING RETURNING uid",
                [value for row in chunk for value in row],
            )
            known = {uid for (uid,) in inserted}
            missed.update({row[1]: pages[row[1]] for row in chunk if row[1] not in known})
        return missed

    def _story_numbers(self, stories: Sequence[str]) -> dict[str, int]:
        """Return the numbers of stories, given in the order to give new ones.

        A story that the plan's limit leaves out has none.
        """
        numbers: dict[str, int] = {}
        for chunk in _chunks(stories):
            numbers.update(
                pairs(
                    self.engine.execute(
                        "SELECT story_id, number FROM story WHERE run_id = ? "
                        f"AND story_id IN ({marks(chunk)})",
                        (self.run_id, *chunk),
                    )
                )
            )
        new = [story for story in stories if story not in numbers]
        if not new:
            return numbers
        ((last,),) = self.engine.execute(
            "SELECT COALESCE(MAX(number), 0) FROM story WHERE run_id = ?", (self.run_id,)
        )
        if self.plan.limit is not None:
            new = new[: max(0, self.plan.limit - last)]
        rows = [(self.run_id, story, last + number) for number, story in enumerate(new, 1)]
        if rows:
            self.engine.executemany(
                "INSERT INTO story (run_id, story_id, number) VALUES (?, ?, ?) "
                "ON CONFLICT (run_id, story_id) DO NOTHING",
                rows,
            )
        numbers.update({story: number for _, story, number in rows})
        return numbers


def _chunks(values: Sequence[T]) -> Iterable[Sequence[T]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
