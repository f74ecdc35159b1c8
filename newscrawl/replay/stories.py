"""The second pass: what a line says of other lines, where these have changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

import orjson

from newscrawl.archive.records import encode
from newscrawl.codes import WarningCode
from newscrawl.database.statements.scratch import (
    ADD_FACT,
    ADD_MEND,
    ANY_MOVED_STORY,
    ANY_READABLE,
    FACTS_OF_MOVED,
    MENDS_OF_FILE,
    SET_DATE,
    WITHDRAWN_AFTER_CHANGE,
)
from newscrawl.replay.chunks import LineFile
from newscrawl.replay.differences import Differences
from newscrawl.replay.scratch import Scratch
from newscrawl.replay.work import fact_of, place_of

_CODE = WarningCode.LOCALE_DATES_DIFFER


def add_other_lines(scratch: Scratch, others: Iterable[LineFile]) -> None:
    """Add the facts of lines that were not read again, where anything can depend on them."""
    if not any(scratch.one(statement) for statement in (ANY_MOVED_STORY, ANY_READABLE)):
        return
    for file in others:
        with file.path.open("rb") as content:
            for number, line in enumerate(content, 1):
                scratch.add(ADD_FACT, fact_of(orjson.loads(line), place_of(file, number), is_written=False))


def find_mends(scratch: Scratch, names: Mapping[int, str], differences: Differences) -> None:
    """Note which written lines must be mended, in the scratch file, and count what that changes.

    A withdrawn line takes over the text's date, hash and reader of the version before. A line is warned of
    where another locale's line, written before, has another date.
    """
    for row, uid, version, place, fields in list(scratch.rows(WITHDRAWN_AFTER_CHANGE)):
        changes = orjson.loads(fields)
        if "published_at" in changes:
            scratch.add(SET_DATE, (changes["published_at"][1], row))
        after = {name: new for name, (_, new) in changes.items()}
        scratch.add(ADD_MEND, (names[place >> 32], uid, version, encode(after).decode()))
        differences.changed += 1
        for name, (old, new) in changes.items():
            differences.note(name, uid, old, new)
    for uid, version, place, is_warned, changes in _wrongly_warned(scratch):
        mend = encode({"warned": is_warned}).decode()
        scratch.add(ADD_MEND, (names[place >> 32], uid, version, mend))
        differences.changed += not changes
        if changes < 2:
            words = ("without ", "with ") if is_warned else ("with ", "without ")
            differences.note("warnings", uid, words[0] + _CODE, words[1] + _CODE)
    scratch.flush()


def _wrongly_warned(scratch: Scratch) -> Iterator[tuple[str, int, int, bool, int]]:
    rows = scratch.rows(FACTS_OF_MOVED)
    for _, lines in groupby(rows, key=lambda row: row[0]):
        dates: dict[str, str | None] = {}
        for _, uid, version, place, date, is_written, is_withdrawn, is_warned, changes in lines:
            others = {other for key, other in dates.items() if key != uid and other}
            dates[uid] = date
            differs = bool(date and others - {date})
            if is_written and not is_withdrawn and differs != bool(is_warned):
                yield uid, version, place, differs, changes


def mends_of(scratch: Scratch, name: str) -> dict[tuple[str, int], list[dict[str, Any]]]:
    """Return what was noted of the lines of a file, by uid and version."""
    mends: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for uid, version, fields in scratch.rows(MENDS_OF_FILE, (name,)):
        mends.setdefault((uid, version), []).append(orjson.loads(fields))
    return mends


def mended(scratch: Scratch, name: str, lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of a file (its name in the data folder), mended where that was noted."""
    mends = mends_of(scratch, name)
    for content in lines:
        line = orjson.loads(content)
        found = mends.get((line["uid"], line["version"]))
        if found is None:
            yield content
            continue
        for mend in found:
            apply_mend(line, mend)
        yield encode(line)


def apply_mend(line: dict[str, Any], mend: dict[str, Any]) -> None:
    """Change a line as it was noted."""
    if "warned" in mend:
        kept = {code for code in line["warnings"] if code != _CODE}
        line["warnings"] = sorted(kept | {_CODE} if mend["warned"] else kept)
    else:
        line |= mend
