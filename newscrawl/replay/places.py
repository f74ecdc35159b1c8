"""Where each record of an archive is: from the indexes, or from the files where these cannot be relied on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from newscrawl.archive.files import ARCHIVE, SUFFIXES
from newscrawl.database.statements.scratch import ADD_FILE, ADD_RECORD, MAKE_RECORDS
from newscrawl.exceptions import ArchiveError
from newscrawl.replay.findings import Findings
from newscrawl.replay.progress import Progress
from newscrawl.replay.scratch import Scratch
from newscrawl.warc.index import Entry, index_of, read_index
from newscrawl.warc.reading import read_record_at, read_records
from newscrawl.warc.records import RESPONSE, REVISIT, WARCINFO


class Place(NamedTuple):
    """A record: its id, where it begins in its file, the digest of its payload, the page's uid."""

    id: str
    offset: int
    digest: str
    uid: str | None


def archive_files(folder: Path) -> list[Path]:
    """Return the archive files of a data folder, sorted."""
    return sorted(folder.glob(f"{ARCHIVE}/dt=*/*{SUFFIXES[ARCHIVE]}"))


def find_places(files: list[Path], path: Path, findings: Findings, progress: Progress) -> None:
    """Write a scratch file with the place of each record of these files; what is damaged is a finding."""
    scratch = Scratch(path, MAKE_RECORDS)
    for number, file in enumerate(files):
        scratch.add(ADD_FILE, (number, str(file)))
        for place in _places(file, findings):
            scratch.add(ADD_RECORD, (place.id, number, place.offset, place.digest, place.uid))
            progress.advance(records=1)
        progress.advance(size=file.stat().st_size)
    scratch.close()


def _places(file: Path, findings: Findings) -> Iterator[Place]:
    if (text := _not_ours(file)) is not None:
        findings.add(text)
        # What can be read of it is read: a line may name it all the same.
        yield from scan(file, Findings())
        return
    try:
        entries = _index(file)
    except ArchiveError as error:
        findings.add(error)
        entries = None
    if entries is None:
        yield from scan(file, findings)
        return
    end = max((entry.offset + entry.length for entry in entries), default=file.stat().st_size)
    if end == file.stat().st_size:
        yield from (Place(entry.id, entry.offset, entry.digest, entry.uid) for entry in entries)
        return
    # Truncated: that is found here, for records that nobody asks for, too. The scan names the record.
    before = findings.count
    yield from scan(file, findings)
    if findings.count == before:
        count = len(entries) + 1
        findings.add(
            f"{file}: expected {count} records in {end} bytes, as its index says, found "
            f"{file.stat().st_size} bytes"
        )


def scan(file: Path, findings: Findings) -> Iterator[Place]:
    """Yield the places of a file's records from the file itself, damaged ones left out."""
    for record in read_records(file, findings.add):
        if record.type in (RESPONSE, REVISIT):
            digest = record.fields.get("warc-payload-digest", "")
            yield Place(record.id, record.offset, digest, record.uid)


def _not_ours(file: Path) -> str | None:
    """Return what is wrong with the beginning of a file; None where this project wrote it."""
    if file.stat().st_size == 0:
        return f"{file}: record 1: expected a WARC record, found an empty file"
    try:
        first = read_record_at(file, 0)
    except ArchiveError as error:
        return f"{file}: record 1: {str(error).partition('byte 0: ')[2]}"
    run_id = file.name.rpartition("-")[0]
    if first.type != WARCINFO or f"isPartOf: {run_id}".encode() not in first.block.splitlines():
        return f"{file}: record 1: expected a warcinfo of the run {run_id}, found another tool's {first.type}"
    return None


def _index(file: Path) -> list[Entry] | None:
    """Return what the index says of a file, None where there is none. Raises ArchiveError."""
    index = index_of(file)
    # Of one file: a minute of a crawl, some ten thousand records.
    return sorted(read_index(index), key=lambda entry: entry.offset) if index.exists() else None
