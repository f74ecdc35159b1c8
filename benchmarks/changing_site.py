"""A made-up site whose stories are new, edited, withdrawn, and come back. It knows what was to be read."""

from __future__ import annotations

import re
from collections import defaultdict
from random import Random

from benchmarks.generated_site import LOCALES, pages
from benchmarks.story_times import story_id

_EDITED = 5
# Rounds for which a withdrawn story is still linked.
_LINKED = 3
_STOCKS = b"\n\n### Related Stocks"
_NEWS = b"## Related News & Research\n\n"
_REVISION = re.compile(r"\bRevision ([0-9]+)\.")


class ChangingSite:
    """Its first page links to all other stories, and is never withdrawn.

    ``pages`` is what is served, by path; it is changed in place. ``versions`` has for each uid what a crawl
    after each step must have written, in order: the number of the revision, None for withdrawn.
    """

    def __init__(self, stories: int, steps: int, random: Random) -> None:
        """Begin with so many stories. ``steps`` is how often the site may change."""
        self._random = random
        self._all = pages(stories + steps)
        self._live = list(range(1, stories))
        self._next = stories
        self._withdrawn: dict[int, int] = {}
        self._revisions: dict[int, int] = defaultdict(int)
        self.pages: dict[str, bytes] = {}
        self.versions: dict[str, list[int | None]] = defaultdict(list)
        for number in range(stories):
            self._publish(number)
        self._link()

    def step(self) -> None:
        """Edit five stories, add one, withdraw another one, let one come back or be forgotten.

        No story changes twice in a step: a crawl after it sees the last change only.
        """
        gone, *edited = self._random.sample(self._live, 1 + _EDITED)
        for number in edited:
            self._revise(number)
        for number, rounds in tuple(self._withdrawn.items()):
            self._withdrawn[number] = rounds + 1
            if rounds + 1 > _LINKED:
                del self._withdrawn[number]
            elif self._random.random() < 0.25:
                del self._withdrawn[number]
                self._live.append(number)
                self._revise(number)
        self._withdraw(gone)
        self._live.append(self._next)
        self._publish(self._next)
        self._next += 1
        self._link()

    def _publish(self, number: int) -> None:
        revision = self._revisions[number]
        for locale in LOCALES:
            path = f"/{locale}/news/{story_id(number)}.md"
            text = f"\n\nRevision {revision}.".encode()
            self.pages[path] = self._all[path].replace(_STOCKS, text + _STOCKS, 1)
            self.versions[_uid(number, locale)].append(revision)

    def _revise(self, number: int) -> None:
        self._revisions[number] += 1
        self._publish(number)

    def _withdraw(self, number: int) -> None:
        self._live.remove(number)
        self._withdrawn[number] = 0
        for locale in LOCALES:
            del self.pages[f"/{locale}/news/{story_id(number)}.md"]
            self.versions[_uid(number, locale)].append(None)

    def _link(self) -> None:
        """Have the first page lead to all stories, those that were just withdrawn included."""
        for locale in LOCALES:
            path = f"/{locale}/news/{story_id(0)}.md"
            links = "\n".join(
                f"- [Story {number}](https://longbridge.com/{locale}/news/{story_id(number)}.md)"
                for number in sorted([*self._live, *self._withdrawn])
            )
            head, _, _ = self.pages[path].partition(_NEWS)
            self.pages[path] = head + _NEWS + links.encode() + b"\n"


def revision_of(line: dict[str, object]) -> int | None:
    """Return which revision of its story a published line has; None where it says that it is withdrawn."""
    if line["status"] == "withdrawn":
        return None
    found = _REVISION.search(str(line["body"]))
    return -1 if found is None else int(found[1])


def _uid(number: int, locale: str) -> str:
    return f"longbridge:{story_id(number)}:{locale}"
