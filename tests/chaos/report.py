"""What a disturbed crawl left behind, held against an undisturbed one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from newscrawl.codes import WarningCode

# Fields that say when and how a line came about; they differ between any two runs.
_PASSING = ("crawl", "fetched_at", "first_seen_at", "available_at", "sessions")


class Damage(NamedTuple):
    """Lines that are missing, that stand twice, that differ, and that are no whole line."""

    lost: int
    repeated: int
    changed: int
    torn: int

    def __add__(self, other: Any) -> Damage:
        return Damage(*(a + b for a, b in zip(self, other, strict=True)))


NO_DAMAGE = Damage(0, 0, 0, 0)


def read_lines(folders: Iterable[Path]) -> tuple[list[dict[str, Any]], int]:
    """Return the articles of data folders, and how many lines were torn or empty."""
    articles, torn = [], 0
    for folder in folders:
        for path in sorted(folder.glob("articles/**/*.jsonl")):
            content = path.read_bytes()
            lines = content.split(b"\n")
            torn += lines.pop() != b""
            for line in lines:
                try:
                    articles.append(json.loads(line))
                except ValueError:
                    torn += 1
    return articles, torn


def lasting(article: dict[str, Any]) -> str:
    """Return what must be the same in every run."""
    same = {name: value for name, value in article.items() if name not in _PASSING}
    # A clock that jumped ahead in one process is behind in the next one, and the line says so.
    same["warnings"] = [code for code in article["warnings"] if code != WarningCode.CLOCK_BEHIND]
    same["http"] = {**article["http"], "date": None}
    same["related"] = [{**link, "observed_at": None} for link in article["related"]]
    # The port of a local site is another one in every test.
    same["fetched_url"] = article["fetched_url"].partition("/news/")[2]
    return json.dumps(same, sort_keys=True)


def compare(expected: Iterable[Path], found: Iterable[Path]) -> Damage:
    """Hold the lines of disturbed data folders against those of undisturbed ones."""
    want = {(line["uid"], line["version"]): lasting(line) for line in read_lines(expected)[0]}
    articles, torn = read_lines(found)
    keys = Counter((line["uid"], line["version"]) for line in articles)
    changed = sum(want.get((line["uid"], line["version"])) != lasting(line) for line in articles)
    return Damage(
        lost=len(want.keys() - keys.keys()),
        repeated=sum(count - 1 for count in keys.values()),
        changed=changed,
        torn=torn,
    )
