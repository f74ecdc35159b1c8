"""The entries of an archive file: from its index, or from the file itself where the index is gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from newscrawl.warc.index import Entry, index_of, read_index
from newscrawl.warc.reading import message_of, read_records
from newscrawl.warc.records import RESPONSE, REVISIT


def entries_of(path: Path) -> Iterator[Entry]:
    """Yield the entries of an archive file, in any order. Raises ArchiveError, naming file and record."""
    index = index_of(path)
    if index.exists():
        yield from read_index(index)
        return
    records = read_records(path)
    before = next(records, None)
    while before is not None:
        # The length of a record is where the next one begins.
        record, before = before, next(records, None)
        if record.type not in (RESPONSE, REVISIT):
            continue
        end = path.stat().st_size if before is None else before.offset
        yield Entry(
            id=record.id,
            uid=record.uid,
            url=record.fields["warc-target-uri"],
            fetched_at=record.fields["warc-date"],
            is_revisit=record.type == REVISIT,
            status=message_of(record).status,
            digest=record.fields["warc-payload-digest"],
            offset=record.offset,
            length=end - record.offset,
        )
