"""One published file, read as strictly as it was promised."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from newscrawl.archive.files import ARCHIVE, ARTICLES, OBSERVATIONS, REJECTED
from newscrawl.database.statements.scratch import (
    ADD_NAMED,
    ADD_RECORD,
    ADD_SEEN,
    ADD_SEEN_REVISION,
)
from newscrawl.exceptions import ArchiveError
from newscrawl.items import ARTICLE_SCHEMA, REJECTION_SCHEMA
from newscrawl.observed import OBSERVATION_SCHEMA, REVISION_SCHEMA
from newscrawl.replay.findings import Findings
from newscrawl.replay.scratch import Scratch
from newscrawl.text.cleaning import content_hash
from newscrawl.warc.index import index_of, read_index
from newscrawl.warc.reading import read_records
from newscrawl.warc.records import RESPONSE, REVISIT

_SCHEMAS = {
    ARTICLES: (ARTICLE_SCHEMA,),
    OBSERVATIONS: (OBSERVATION_SCHEMA, REVISION_SCHEMA),
    REJECTED: (REJECTION_SCHEMA,),
}


class FileFacts(NamedTuple):
    """What was found in a published file."""

    lines: int
    """Or records, without the first."""
    sha256: str


def check_file(folder: Path, name: str, scratch: Scratch, findings: Findings) -> FileFacts:
    """Read a file whole; what is wrong is a finding, what others must agree with goes to ``scratch``."""
    path = folder / name
    kind = name.partition("/")[0]
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    if kind == ARCHIVE:
        return FileFacts(_check_archive(path, scratch, findings), sha256)
    count = 0
    with path.open("rb") as file:
        for count, content in enumerate(file, 1):
            place = f"{path}:{count}"
            try:
                _check_line(content, kind, place, scratch, findings)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                findings.add(f"{place}: expected a line of {kind}/, found {type(error).__name__}: {error}")
    return FileFacts(count, sha256)


def _check_line(content: bytes, kind: str, place: str, scratch: Scratch, findings: Findings) -> None:
    if not content.endswith(b"\n"):
        findings.add(f"{place}: expected a line with its end, found it cut")
    line = orjson.loads(content)
    if line["schema"] not in _SCHEMAS[kind]:
        raise ValueError(f"the schema {line['schema']}")
    if kind == ARTICLES:
        _check_article(line, place, scratch, findings)
    if line["schema"] == REVISION_SCHEMA:
        same = {name: value for name, value in line.items() if name != "observed_at"}
        digest = hashlib.sha256(orjson.dumps(same)).hexdigest()
        row = line["uid"], line["version"], line["observed_at"], place, line["content_hash"], digest
        scratch.add(ADD_SEEN_REVISION, row)
    archive = line["archive"] if kind == OBSERVATIONS else (line["http"] or {}).get("archive")
    if archive is not None:
        scratch.add(ADD_NAMED, (archive["record_id"], archive["payload_digest"], line["uid"], place))


def _check_article(line: dict[str, Any], place: str, scratch: Scratch, findings: Findings) -> None:
    scratch.add(ADD_SEEN, (line["uid"], line["version"], place, line["content_hash"]))
    if line["status"] == "usable":
        found = content_hash(line["title"], line["description"], line["body"])
        if found != line["content_hash"]:
            findings.add(f"{place}: expected content_hash {found} for its text, found {line['content_hash']}")


def _check_archive(path: Path, scratch: Scratch, findings: Findings) -> int:
    records: dict[str, tuple[int, str, str | None]] = {}
    number = 0
    for record in read_records(path, findings.add):
        number += 1
        if record.type not in (RESPONSE, REVISIT):
            continue
        digest = record.fields.get("warc-payload-digest", "")
        if record.id in records:
            findings.add(f"{record.place}: expected a record of its own id, found {record.id} twice")
        records[record.id] = record.offset, digest, record.uid
        scratch.add(ADD_RECORD, (record.id, 0, record.offset, digest, record.uid))
    index = index_of(path)
    try:
        entries = {entry.id: (entry.offset, entry.digest, entry.uid) for entry in read_index(index)}
    except ArchiveError as error:
        findings.add(error)
        return max(number - 1, 0)
    for record_id in sorted(records.keys() | entries.keys()):
        if records.get(record_id) != entries.get(record_id):
            findings.add(
                f"{index}: expected {records.get(record_id)} for {record_id}, as in {path.name}, "
                f"found {entries.get(record_id)}"
            )
    return max(number - 1, 0)
