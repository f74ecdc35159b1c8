"""All wanted lines read again, from the archive, without a network and without the state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from newscrawl.archive.files import ARTICLES, REJECTED
from newscrawl.database.statements.scratch import (
    ADD_FACT,
    ADD_MOVED_STORY,
    ADD_READABLE,
    ADD_REVISED,
    ADD_TEXT_CHANGE,
    INDEX_FACTS,
    MAKE_ADOPTION,
    MAKE_FACTS,
    MENDED_FILES,
)
from newscrawl.exceptions import NewscrawlError
from newscrawl.replay.chunks import Wanted, chunks_of, line_files
from newscrawl.replay.differences import Differences
from newscrawl.replay.findings import Findings
from newscrawl.replay.output import Output
from newscrawl.replay.places import archive_files, find_places
from newscrawl.replay.pool import cores, shared
from newscrawl.replay.progress import Progress
from newscrawl.replay.readable import write_readable
from newscrawl.replay.reading import Rules
from newscrawl.replay.revisions import find_revisions
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

    def notes(self) -> Iterator[str]:
        """Yield what a person should know beside the numbers of lines."""
        if self.without_record:
            yield f"{self.without_record} lines name no record: they were only refined again"


class ReadAgain(NamedTuple):
    """All wanted lines as they are read again, in scratch files."""

    scratch: Scratch
    places: Path
    revisions: Path
    """The readings that were adopted before (``revisions.py``)."""


def replay(
    folder: Path,
    wanted: Wanted,
    rules: Rules,
    output: Output | None,
    processes: int | None = None,
    adopt: Callable[[ReadAgain, Report], None] | None = None,
) -> Report:
    """Read the pages of all wanted lines of a data folder again; write the lines where ``output`` is given.

    ``adopt`` is called with all that is read otherwise than it stands in the lines. Raises NewscrawlError
    where nothing can be read, or where ``output`` cannot be written. What is damaged is a finding, and the
    rest is read.
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
        revisions = aside / "revisions.db"
        if adopt is not None:
            find_revisions(folder, revisions, report.findings)
        given = (places, rules) if adopt is None else (places, rules, revisions)
        scratch = Scratch(aside / "facts.db", (*MAKE_FACTS, *MAKE_ADOPTION))
        try:
            size = sum(file.path.stat().st_size for file in chosen)
            count = processes_for(size, processes)
            chunks = chunks_of(chosen)
            with closing(shared(Worker, given, "replay", chunks, count)) as results:
                # Processes are forked by the first result, the bar has a thread: it comes after them.
                first = next(results, None)
                with Progress("replay", size) as progress:
                    while first is not None:
                        _keep(first, report, scratch, output)
                        progress.advance(records=first.chunk.lines, size=first.chunk.size)
                        first = next(results, None)
            add_other_lines(scratch, [file for file in files if not wanted.holds(file.name)])
            scratch.run(INDEX_FACTS)
            names = {file.order: file.name for file in chosen}
            if adopt is None:
                report.articles += write_readable(scratch, 1 + files[-1].order, names, rules, output)
            find_mends(scratch, names, report.differences)
            if output is not None:
                _mend(scratch, output)
            if adopt is not None:
                adopt(ReadAgain(scratch, places, revisions), report)
        finally:
            scratch.close()
    return report


def processes_for(size: int, processes: int | None) -> int:
    """Return how many processes read lines of so many bytes: a pool for a few takes longer than the lines."""
    return min(processes or cores(), 1 + size // 1_000_000)


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
        (ADD_REVISED, result.revised),
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


def _mend(scratch: Scratch, output: Output) -> None:
    output.end_file()
    for (name,) in list(scratch.rows(MENDED_FILES)):
        output.replace(name, mended(scratch, name, output.read(name)))
