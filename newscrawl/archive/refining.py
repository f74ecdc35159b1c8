"""Stored lines refined again, from their raw values, with today's code and tables."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from newscrawl.archive.records import decode_article, encode
from newscrawl.exceptions import DamagedLine
from newscrawl.refine import PAGE_STEPS, commit_steps
from newscrawl.refine.availability import BACKFILL_LAG
from newscrawl.sites.base import Site, source_of

Line = dict[str, Any]

# The field with the versions of code and tables: a change of them alone is no change of content.
_VERSIONS = "refined_with"


def refine_again(line: Mapping[str, Any], site: Site | None, lag: timedelta = BACKFILL_LAG) -> Line:
    """Return what a line of ``articles/`` would be if its page were refined today; ``line`` stays as it is.

    A pure function: the concluded fields are filled again from what the page printed and from the line's own
    ``first_seen_at``, ``fetched_at`` and ``version``, and with ``lag`` (the setting BACKFILL_LAG); all others
    are kept. Of a withdrawn line only dates,
    language, availability and sessions are filled again, and it gets no new warnings. Raises ValueError, in
    one line, for anything that is no line of ``articles/``.

    What a line does not hold cannot be refined again: a symbol that was left out (the warning ``bad_symbol``
    is kept), and of two spellings of one instrument the second.
    """
    # Its steps may have other names today.
    article = decode_article({name: value for name, value in line.items() if name != _VERSIONS})
    for step in (*PAGE_STEPS, *commit_steps(lag)):
        step(article, site)
    again: Line = json.loads(encode(article))
    return again


def refine_file(
    path: Path, sites: Mapping[str, Site], lag: timedelta = BACKFILL_LAG
) -> Iterator[tuple[Line, Line]]:
    """Yield each line of a file of ``articles/`` as it is and as it is refined again, one at a time.

    ``sites`` holds those that lines may come from, by name; ``lag`` is the setting BACKFILL_LAG. Raises
    DamagedLine.
    """
    with path.open("rb") as file:
        for number, content in enumerate(file, 1):
            try:
                line = _parse(content)
                yield line, refine_again(line, _site_of(line, sites), lag)
            except ValueError as error:
                raise DamagedLine(f"{os.path.relpath(path)}:{number}: {error}") from None


def _parse(content: bytes) -> Line:
    try:
        line = json.loads(content.decode())
    except (ValueError, RecursionError):
        line = None
    if not isinstance(line, dict):
        raise ValueError("expected a JSON object, found something else")  # noqa: TRY004 - of a file, not a type
    return line


def _site_of(line: Line, sites: Mapping[str, Site]) -> Site:
    uid = line.get("uid")
    site = sites.get(source_of(uid)) if isinstance(uid, str) else None
    if site is None:
        raise ValueError(f"expected a uid of {' or '.join(sorted(sites))}, found {str(uid)[:60]!r}")
    return site


class Differences:
    """Counts the lines that are not what they were, field by field."""

    def __init__(self) -> None:
        self.lines = 0
        """How many lines were compared."""
        self.changed = 0
        """How many of them changed in a field other than ``refined_with``."""
        self.fields: dict[str, tuple[int, str]] = {}
        """By field: in how many lines it changed, and the uid of the first of them."""

    def add(self, before: Line, after: Line) -> None:
        """Compare two states of one line."""
        self.lines += 1
        # A key that is missing, as in older lines, is not the same as null.
        found = [name for name in after if name not in before or before[name] != after[name]]
        self.changed += found not in ([], [_VERSIONS])
        for name in found:
            count, example = self.fields.get(name, (0, after["uid"]))
            self.fields[name] = (count + 1, example)

    def report(self) -> list[str]:
        """Return lines of text for a person: the changed fields sorted, ``refined_with`` apart."""
        rows = sorted(name for name in self.fields if name != _VERSIONS)
        width = max(map(len, rows), default=0)
        report = [f"{self.lines} lines, {self.changed} would change"]
        for name in rows:
            count, example = self.fields[name]
            report.append(f"  {name:{width}}  {count}, e.g. {example}")
        if _VERSIONS in self.fields:
            count, example = self.fields[_VERSIONS]
            report.append(f"other versions of steps or tables ({_VERSIONS}): {count}, e.g. {example}")
        return report
