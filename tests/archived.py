"""The archive of data folders, read as strictly as it was promised."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from newscrawl.warc.index import index_of, read_index
from newscrawl.warc.reading import ArchivedRecord, read_records


def archive_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("archive/dt=*/*.warc.gz"))


def records_in(path: Path) -> list[ArchivedRecord]:
    """The records of a file; one that is torn, or no entry of the index, fails here."""
    first, *records = read_records(path)
    assert (first.type, first.offset) == ("warcinfo", 0)
    assert first.fields["warc-filename"] == path.name
    index = list(read_index(index_of(path)))
    assert index_of(path).read_bytes().splitlines() == sorted(index_of(path).read_bytes().splitlines())
    assert sorted((entry.id, entry.offset) for entry in index) == sorted(
        (record.id, record.offset) for record in records
    )
    by_id = {record.id: record for record in records}
    for entry in index:
        record = by_id[entry.id]
        fields = record.fields
        assert (entry.uid, entry.url, entry.fetched_at, entry.digest) == (
            record.uid,
            fields["warc-target-uri"],
            fields["warc-date"],
            fields["warc-payload-digest"],
        )
        assert entry.is_revisit == (record.type == "revisit")
    ends = sorted(entry.offset + entry.length for entry in index)
    assert ends == [*sorted(record.offset for record in records)[1:], path.stat().st_size]
    return records


def records_of(folders: Iterable[Path]) -> dict[str, ArchivedRecord]:
    """All records of data folders but those that say what others share, by id; none twice."""
    found = [record for folder in folders for path in archive_files(folder) for record in records_in(path)]
    by_id = {record.id: record for record in found}
    assert len(by_id) == len(found)
    return by_id


def missing_records(lines: Iterable[dict[str, Any]], records: dict[str, ArchivedRecord]) -> list[str]:
    """The uids of lines whose record is not there, is another page's, or has another digest."""
    return [
        line["uid"]
        for line in lines
        if line["http"] is not None and not _is_there(line, line["http"]["archive"], records)
    ]


def _is_there(
    line: dict[str, Any], archive: dict[str, str] | None, records: dict[str, ArchivedRecord]
) -> bool:
    record = None if archive is None else records.get(archive["record_id"])
    return (
        archive is not None
        and record is not None
        and (record.uid, record.fields["warc-payload-digest"]) == (line["uid"], archive["payload_digest"])
        and record.fields["warc-date"] == line["fetched_at"]
    )
