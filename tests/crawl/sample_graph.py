"""Where the sample's pages lead, read from its files without any code of newscrawl."""

from __future__ import annotations

import re
from collections import deque
from functools import cache
from pathlib import Path
from typing import NamedTuple

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
LOCALES = ("en", "zh-CN", "zh-HK")

_LINK = re.compile(r"\]\(https://longbridge\.com/(?P<locale>[\w-]+)/news/(?P<id>[0-9]+)[^)]*\)")
_DATE = re.compile(r'^datetime: "(.*)T.*Z"$', re.MULTILINE)
_LIST_LINE = re.compile(r"(- .*|#+ .*|)")


class Node(NamedTuple):
    """A page of the sample."""

    locale: str
    id: str

    @property
    def uid(self) -> str:
        return f"longbridge:{self.id}:{self.locale}"

    @property
    def path(self) -> str:
        return f"/{self.locale}/news/{self.id}.md"


class Leads(NamedTuple):
    """Where a page leads, and its UTC day (greater than any day where it has none that can be read)."""

    alternates: tuple[Node, ...]
    related: tuple[Node, ...]
    day: str


@cache
def leads(node: Node) -> Leads | None:
    """Read a page; None where the site has none."""
    path = SAMPLE / node.path[1:]
    if not path.exists():
        return None
    text = path.read_text(encoding="utf-8")
    _, header, rest = text.split("---\n", 2)
    before_heading = rest.partition("\n# ")[0]
    lines = rest.splitlines()
    end = len(lines)
    while end and _LIST_LINE.fullmatch(lines[end - 1]) and not lines[end - 1].startswith("# "):
        end -= 1
    alternates = [*_LINK.finditer(header), *_LINK.finditer(before_heading)]
    related = [found for line in lines[end:] for found in _LINK.finditer(line)]
    date = _DATE.search(header)
    return Leads(
        tuple(Node(found["locale"], found["id"]) for found in alternates),
        tuple(dict.fromkeys(Node(found["locale"], found["id"]) for found in related)),
        date[1] if date else "unknown",
    )


def reachable(
    *starts: Node, depth: int, locales: tuple[str, ...] = LOCALES, since: str = ""
) -> tuple[list[str], set[str]]:
    """The uids of the pages within so many hops, sorted, and those that are linked and missing."""
    hops = dict.fromkeys(starts, 0)
    waiting = deque(starts)
    while waiting:
        node = waiting.popleft()
        found = leads(node)
        if found is None:
            continue
        near = [other for other in found.alternates if other.locale in locales]
        far = [] if found.day < since or hops[node] == depth else found.related
        for other, distance in [*((node, 0) for node in near), *((node, 1) for node in far)]:
            total = hops[node] + distance
            if total < hops.get(other, total + 1):
                hops[other] = total
                (waiting.append if distance else waiting.appendleft)(other)
    pages = sorted(node.uid for node in hops if leads(node))
    return pages, {node.uid for node in hops if not leads(node)}


def first_stories(start: Node, number: int) -> list[str]:
    """The ids of the first stories that breadth-first search meets, the start included."""
    met = {start.id: None}
    waiting = deque([start])
    while waiting and len(met) < number:
        found = leads(waiting.popleft())
        for other in found.related if found else ():
            if other.id not in met and len(met) < number:
                met[other.id] = None
                waiting.append(other)
    return list(met)
