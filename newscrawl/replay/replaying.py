"""All wanted lines read again, from the archive, without a network and without the state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import orjson

from newscrawl.archive.files import ARTICLES, REJECTED, SUFFIXES
from newscrawl.archive.records import decode_article, encode
from newscrawl.database.statements.scratch import (
    ADD_FACT,
    ADD_MOVED_STORY,
    ADD_READABLE,
    ADD_TEXT_CHANGE,
    INDEX_FACTS,
    MAKE_FACTS,
    MENDED_FILES,
    READABLE_ONLY_NOW,
)
from newscrawl.exceptions import NewscrawlError
from newscrawl.refine import commit_steps
from newscrawl.refine.dates import format_instant
from newscrawl.replay.chunks import Wanted, chunks_of, line_files
from newscrawl.replay.differences import Differences
from newscrawl.replay.findings import Findings
from newscrawl.replay.output import Output
from newscrawl.replay.places import archive_files, find_places
from newscrawl.replay.pool import cores, shared
from newscrawl.replay.progress import Progress
from newscrawl.replay.reading import Rules
from newscrawl.replay.scratch import Scratch, scratch_folder
from newscrawl.replay.stories import add_other_lines, find_mends, mended
from newscrawl.replay.work import ChunkResult, Worker


@dataclass(slots=True)
class Report:
    """What a replay found."""

    differences: Differences = field(default_factory=Differences)
    findings: Findings = field(default_factory=Findings)
    articles: int = 0
    rejected: int = 0
    """Lines that were written, or would be."""
    without_record: int = 0


def replay(
    folder: Path, wanted: Wanted, rules: Rules, output: Output | None, processes: int | None = None
) -> Report:
    """Read the pages of all wanted lines of a data folder again; write the lines where ``output`` is given.

    Raises NewscrawlError where nothing can be read, or where ``output`` cannot be written. What is damaged is
    a finding, and the rest is read.
    """
    files = line_files(folder)
    chosen = [file for file in files if wanted.holds(file.name)]
    if not chosen:
        raise NewscrawlError(f"expected lines of these days and this run in {folder}, found none")
    report = Report()
    with scratch_folder() as aside:
        places = aside / "places.db"
        archives = archive_files(folder)
        with Progress("archive", sum(path.stat().st_size for path in archives)) as progress:
            find_places(archives, places, report.findings, progress)
        scratch = Scratch(aside / "facts.db", MAKE_FACTS)
        try:
            size = sum(file.path.stat().st_size for file in chosen)
            # A pool for a few lines takes longer than the lines.
            count = min(processes or cores(), 1 + size // 1_000_000)
            chunks = chunks_of(chosen)
            results = shared(Worker, (places, rules), "replay", chunks, count)
            first = next(results, None)
            with Progress("replay", size) as progress:
                while first is not None:
                    _keep(first, report, scratch, output)
                    progress.advance(records=first.chunk.lines, size=first.chunk.size)
                    first = next(results, None)
            add_other_lines(scratch, [file for file in files if not wanted.holds(file.name)])
            scratch.run(INDEX_FACTS)
            find_mends(scratch, {file.order: file for file in chosen}, report.differences)
            _finish(scratch, report, rules, output)
        finally:
            scratch.close()
    return report


def _keep(result: ChunkResult, report: Report, scratch: Scratch, output: Output | None) -> None:
    report.differences.merge(result.differences)
    report.findings.extend(result.findings)
    report.articles += len(result.articles)
    report.rejected += len(result.rejected)
    report.without_record += result.without_record
    for statement, rows in (
        (ADD_FACT, result.facts),
        (ADD_TEXT_CHANGE, result.text_changes),
        (ADD_MOVED_STORY, [(story,) for story in result.moved]),
        (ADD_READABLE, result.readable),
    ):
        _add(scratch, statement, rows)
    if output is not None:
        file = result.chunk.file
        if result.chunk.first == 1:
            output.end_file()
        for kind, lines in ((ARTICLES, result.articles), (REJECTED, result.rejected)):
            output.write(file.name.replace(file.kind, kind, 1), lines)


def _add(scratch: Scratch, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
    for row in rows:
        scratch.add(statement, row)


def _finish(scratch: Scratch, report: Report, rules: Rules, output: Output | None) -> None:
    day = ""
    for name, content in scratch.rows(READABLE_ONLY_NOW):
        report.articles += 1
        if output is not None:
            line, day = _first_seen_now(content, rules)
            path = f"{ARTICLES}/dt={day}/{name.rpartition('/')[2].removesuffix(SUFFIXES[REJECTED])}"
            output.write(f"{path}{SUFFIXES[ARTICLES]}", [line])
    if output is not None:
        output.end_file()
        for (name,) in list(scratch.rows(MENDED_FILES)):
            output.replace(name, mended(scratch, name, output.read(name)))


def _first_seen_now(content: bytes, rules: Rules) -> tuple[bytes, str]:
    """Return the line of a page that can be read only now, and its day: nobody could know it before."""
    line = orjson.loads(content)
    line["first_seen_at"] = format_instant(datetime.now(UTC))
    article = decode_article(line)
    for step in commit_steps(rules.lag):
        step(article)
    return encode(article), line["first_seen_at"][:10]
