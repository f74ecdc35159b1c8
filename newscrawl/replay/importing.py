"""Lines of archives that other crawlers made, in a folder of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from newscrawl.archive.files import ARTICLES, REJECTED
from newscrawl.archive.segments import path_of
from newscrawl.database.statements.scratch import (
    ADD_FACT,
    ADD_MOVED_STORY,
    INDEX_FACTS,
    MAKE_FACTS,
    MAKE_FOREIGN,
    MENDED_FILES,
)
from newscrawl.exceptions import NewscrawlError
from newscrawl.refine.dates import format_instant
from newscrawl.replay.differences import Differences
from newscrawl.replay.findings import Findings
from newscrawl.replay.foreign import ForeignLines, ForeignWorker, find_pages, parts_in_order
from newscrawl.replay.output import Output
from newscrawl.replay.pool import cores, shared
from newscrawl.replay.progress import Progress
from newscrawl.replay.reading import Rules
from newscrawl.replay.scratch import Scratch, scratch_folder
from newscrawl.replay.stories import find_mends, mended

_LINES_IN_A_FILE = 20_000
# Fewer pages are read faster by one process.
_PAGES_FOR_A_PROCESS = 500


@dataclass(slots=True)
class Imported:
    """What an import found."""

    findings: Findings = field(default_factory=Findings)
    articles: int = 0
    rejected: int = 0
    unchanged: int = 0
    other: int = 0
    """Answers with another status than 200."""

    def notes(self) -> Iterator[str]:
        """Yield what a person should know beside the numbers of lines."""
        if self.unchanged:
            yield f"{self.unchanged} records hold the text of the one before: they are no further versions"
        if self.other:
            yield f"{self.other} records hold another answer than 200: they were left out"


def import_archives(files: list[Path], rules: Rules, output: Output) -> Imported:
    """Read the pages of our sites in these archive files and write their lines.

    Raises NewscrawlError where no page is found, and OutputError. What is damaged is a finding.
    """
    now = datetime.now(UTC)
    imported = Imported()
    with scratch_folder() as aside:
        scratch = Scratch(aside / "import.db", (*MAKE_FACTS, *MAKE_FOREIGN))
        try:
            size = sum(path.stat().st_size for path in files if path.exists())
            with Progress("archives", size) as progress:
                count = find_pages(files, rules.sites, scratch, imported.findings, progress)
            if count:
                _import(files, rules, output, scratch, imported, now, count)
        finally:
            scratch.close()
    if not count and not imported.findings.count:
        names = " and ".join(sorted(rules.sites))
        raise NewscrawlError(f"expected answers of {names} in {', '.join(map(str, files))}, found none")
    return imported


def _import(
    files: list[Path],
    rules: Rules,
    output: Output,
    scratch: Scratch,
    imported: Imported,
    now: datetime,
    count: int,
) -> None:
    run_id = f"{now:%Y%m%dT%H%M%SZ}-archive-{now.microsecond * 0x10000 // 1_000_000:04x}"
    files_written = _Files(output, run_id, format_instant(now)[:10])
    processes = min(cores(), 1 + count // _PAGES_FOR_A_PROCESS)
    parts = parts_in_order(files, scratch)
    with closing(shared(ForeignWorker, (rules, run_id, now), "read", parts, processes)) as results:
        # Processes are forked by the first result, the bar has a thread: it comes after them.
        result: ForeignLines | None = next(results, None)
        with Progress("import", count) as progress:
            while result is not None:
                _keep(result, imported, scratch, files_written)
                progress.advance(records=result.records, size=result.records)
                result = next(results, None)
    output.end_file()
    scratch.run(INDEX_FACTS)
    find_mends(scratch, files_written.names, Differences())
    for (name,) in list(scratch.rows(MENDED_FILES)):
        output.replace(name, mended(scratch, name, output.read(name)))


def _keep(result: ForeignLines, imported: Imported, scratch: Scratch, written: _Files) -> None:
    imported.findings.extend(result.findings)
    imported.articles += len(result.articles)
    imported.rejected += len(result.rejected)
    imported.unchanged += result.unchanged
    imported.other += result.other
    for line, fact in result.articles:
        scratch.add(ADD_FACT, fact._replace(place=written.write(ARTICLES, line)))
        scratch.add(ADD_MOVED_STORY, (fact.story,))
    for line in result.rejected:
        written.write(REJECTED, line)


class _Files:
    """The files of an import: numbered, each of one kind, none too long."""

    def __init__(self, output: Output, run_id: str, day: str) -> None:
        self.names: dict[int, str] = {}
        self._output = output
        self._run_id = run_id
        self._day = day
        self._now: dict[str, tuple[int, int]] = {}

    def write(self, kind: str, line: bytes) -> int:
        """Write a line; return its place, as in ``Fact``."""
        number, lines = self._now.get(kind, (0, _LINES_IN_A_FILE))
        if lines >= _LINES_IN_A_FILE:
            number, lines = len(self.names) + 1, 0
            self._output.end_file()
            self.names[number] = path_of(self._run_id, number, kind, self._day)
        self._output.write(self.names[number], [line])
        self._now[kind] = number, lines + 1
        return (number << 32) + lines
