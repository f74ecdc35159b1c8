"""What one process does with some lines: it reads their pages again, refines and compares."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from newscrawl.archive.files import REJECTED
from newscrawl.archive.records import encode
from newscrawl.archive.refining import refine_again
from newscrawl.codes import WarningCode
from newscrawl.exceptions import ArchiveError, NotAnArticleAddress
from newscrawl.items import Article, Rejection
from newscrawl.replay.bodies import Archived, Bodies
from newscrawl.replay.chunks import Chunk, LineFile, read_chunk
from newscrawl.replay.differences import Differences
from newscrawl.replay.reading import Rules, read_line, site_of
from newscrawl.replay.revisions import Revisions

# What a line of another shape raises where its values are read.
_MISSHAPEN = (KeyError, TypeError, AttributeError, ValueError, NotAnArticleAddress)
TEXT_FIELDS = ("published_at", "published_raw", "content_hash", "parser")
"""What a withdrawn line keeps of the version before it."""


class Fact(NamedTuple):
    """What other lines of the same story, or page, depend on; a row of the scratch table ``fact``."""

    story: str
    uid: str
    version: int
    seen: str
    """first_seen_at."""
    place: int
    """Order among all lines: of the file, and of the line in it."""
    date: str | None
    """published_at."""
    is_written: bool = True
    """Whether a line was written in this replay: other lines only count."""
    is_withdrawn: bool = False
    is_warned: bool = False
    """Whether the line has the warning ``locale_dates_differ``."""
    changes: int = 0
    """What was counted of the line already: 1 for a change, 2 for one of its warnings."""


@dataclass(slots=True)
class ChunkResult:
    """What came of a piece."""

    chunk: Chunk
    articles: list[bytes] = field(default_factory=list)
    rejected: list[bytes] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    text_changes: list[tuple[str, int, str]] = field(default_factory=list)
    """uid, version, and of TEXT_FIELDS those that change, each with both values, as JSON."""
    moved: set[str] = field(default_factory=set)
    """Stories with a line whose date or story changes."""
    readable: list[tuple[str, str, str, bytes]] = field(default_factory=list)
    """Rejected pages that can be read now: uid, when they were rejected, file, line without times."""
    findings: list[str] = field(default_factory=list)
    differences: Differences = field(default_factory=Differences)
    without_record: int = 0
    """Lines that name no record: they were only refined again."""
    revised: list[tuple[str, int, bytes, bytes]] = field(default_factory=list)
    """For an adoption: uid and version of lines that are read otherwise, or were before; line and reading."""


def fact_of(line: dict[str, Any], place: int, *, is_written: bool) -> Fact:
    """Return what other lines may depend on."""
    return Fact(
        line["story_id"],
        line["uid"],
        line["version"],
        line["first_seen_at"],
        place,
        line["published_at"],
        is_written=is_written,
        is_withdrawn=line["status"] == "withdrawn",
        is_warned=WarningCode.LOCALE_DATES_DIFFER in line["warnings"],
    )


def place_of(file: LineFile, number: int) -> int:
    """Return the place of a line among all lines."""
    return (file.order << 32) + number


class Worker:
    """Reads pieces one after the other."""

    def __init__(self, places: Path, rules: Rules, revisions: Path | None = None) -> None:
        """``revisions`` is for an adoption: the scratch file with the readings that were adopted before."""
        self._bodies = Bodies(places, rules.most)
        self._rules = rules
        self._revisions = None if revisions is None else Revisions(revisions)

    def replay(self, chunk: Chunk) -> ChunkResult:
        """Read all lines of a piece again."""
        result = ChunkResult(chunk)
        for number, content in enumerate(read_chunk(chunk), chunk.first):
            where = f"{chunk.file.path}:{number}"
            result.differences.lines += 1
            try:
                line = _parse(content)
                site_of(line, self._rules.sites)
                self._line(result, line, content, number, where)
            except _MISSHAPEN as error:
                text = str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
                result.findings.append(f"{where}: expected a line of {chunk.file.kind}/: {text}")
        return result

    def _line(
        self, result: ChunkResult, line: dict[str, Any], content: bytes, number: int, where: str
    ) -> None:
        found = len(result.findings)
        read = self._read(result, line, where)
        if result.chunk.file.kind == REJECTED:
            self._rejected(result, line, content, read)
            return
        if isinstance(read, Rejection):
            result.rejected.append(encode(read))
            result.differences.lost.add(f"{line['uid']}: {read.reason}: {read.detail}", is_emptied=True)
            result.differences.changed += 1
            result.moved.add(line["story_id"])
            return
        if read is None:
            after = refine_again(line, site_of(line, self._rules.sites), self._rules.lag)
            again = encode(after)
        else:
            again = encode(read)
            after = line if again == content else orjson.loads(again)
        changes = 0
        if again != content:
            changes += result.differences.add(line, after)
            changes += line["warnings"] != after["warnings"]
        result.articles.append(again)
        place = place_of(result.chunk.file, number)
        result.facts.append(fact_of(after, place, is_written=True)._replace(changes=changes))
        self._note_changes(result, line, after)
        # Of a record that is damaged nothing is adopted.
        if self._revisions is not None and len(result.findings) == found:
            key = line["uid"], line["version"]
            if again != content or self._revisions.find(*key) is not None:
                result.revised.append((*key, content, again))

    def _note_changes(self, result: ChunkResult, before: dict[str, Any], after: dict[str, Any]) -> None:
        if (before["story_id"], before["published_at"]) != (after["story_id"], after["published_at"]):
            result.moved |= {before["story_id"], after["story_id"]}
        if changes := {
            name: [before[name], after[name]] for name in TEXT_FIELDS if before[name] != after[name]
        }:
            result.text_changes.append((after["uid"], after["version"], encode(changes).decode()))

    def _rejected(
        self, result: ChunkResult, line: dict[str, Any], content: bytes, read: Article | Rejection | None
    ) -> None:
        if isinstance(read, Article):
            result.differences.won.add(line["uid"], is_emptied=False)
            result.differences.changed += 1
            name = result.chunk.file.name
            result.readable.append((line["uid"], line["rejected_at"], name, encode(read)))
            return
        again = content if read is None else encode(read)
        if again != content:
            result.differences.add(line, orjson.loads(again))
        result.rejected.append(again)

    def _read(self, result: ChunkResult, line: dict[str, Any], where: str) -> Article | Rejection | None:
        """Return what the archived answer of a line is read as; None where there is none that can be read."""
        archive = (line["http"] or {}).get("archive")
        if archive is None:
            result.without_record += 1
            return None
        try:
            answer = self._bodies.get(archive["record_id"], archive["payload_digest"])
        except ArchiveError as error:
            result.findings.append(f"{where}: {error}")
            return None
        if line.get("status") == "withdrawn":
            # The answer says only that the page is gone.
            return None
        return self._read_page(result, line, answer, where)

    def _read_page(
        self, result: ChunkResult, line: dict[str, Any], answer: Archived, where: str
    ) -> Article | Rejection | None:
        try:
            return read_line(line, answer, self._rules)
        except Exception as error:  # noqa: BLE001 - a reader's fault is told, and the other pages are read
            result.findings.append(f"{where}: {type(error).__name__} in reading or refinement: {error}")
            return None


def _parse(content: bytes) -> dict[str, Any]:
    line = orjson.loads(content)
    if not isinstance(line, dict):
        raise ValueError("expected a JSON object, found something else")  # noqa: TRY004 - of a file, not a type
    return line
