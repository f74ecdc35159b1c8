"""The answer that a record holds, with the body of the record that it refers to."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import NamedTuple

from scrapy.exceptions import IgnoreRequest

from newscrawl.database.statements.scratch import FIND_RECORD
from newscrawl.exceptions import ArchiveError
from newscrawl.network.answer import readable
from newscrawl.warc.answer import Head
from newscrawl.warc.reading import ArchivedRecord, decoded, message_of, read_record_at
from newscrawl.warc.records import RESPONSE, REVISIT, Body

# A revisit refers to a response. A chain of them is none of ours.
_MOST_STEPS = 5


class Archived(NamedTuple):
    """An answer out of an archive, as a reader of pages needs it."""

    status: int
    head: Head
    content: bytes
    """The body after content decoding."""

    def header(self, name: bytes) -> str | None:
        """Return the last header of a name (lower case), None where there is none that can be read."""
        found = [value for key, value in self.head.headers if key.lower() == name]
        return readable(found[-1]) if found else None


class Bodies:
    """Reads records by their ids, from the places that a scratch file has (``places.py``)."""

    def __init__(self, places: Path, most: int) -> None:
        """``most`` is the largest body, in bytes after decoding (DOWNLOAD_MAXSIZE); 0 for any."""
        self._most = most
        self._places = sqlite3.connect(f"file:{places}?mode=ro&immutable=1", uri=True)

    def get(self, record_id: str, digest: str) -> Archived:
        """Return the answer of a record. Raises ArchiveError, naming the record, where it cannot be had."""
        record = self._record(record_id, digest)
        return self.answer(record)

    def answer(self, record: ArchivedRecord) -> Archived:
        """Return the answer of a record that was read already. Raises ArchiveError."""
        message = message_of(record)
        body_of = record
        for _ in range(_MOST_STEPS):
            if body_of.type != REVISIT:
                break
            if (refers_to := body_of.refers_to) is None:
                raise ArchiveError(f"{record.place}: expected a revisit that names its body, found none")
            body_of = self._record(refers_to, record.fields.get("warc-payload-digest", ""))
        if body_of is not record:
            message = message._replace(body=message_of(body_of).body)
        try:
            content = decoded(message, self._most)
        except IgnoreRequest as error:
            raise ArchiveError(
                f"{record.place}: expected a body that can be decoded, found {error}"
            ) from None
        return Archived(message.status, message.head, content)

    def body(self, record_id: str, digest: str) -> Body | None:
        """Return what the state keeps of a record with a body of its own; None for another one.

        Raises ArchiveError.
        """
        record = self._record(record_id, digest)
        if record.type != RESPONSE:
            return None
        url, date = record.fields["warc-target-uri"], record.fields["warc-date"]
        return Body(record.id, digest, url, date, message_of(record).status)

    def _record(self, record_id: str, digest: str) -> ArchivedRecord:
        row = self._places.execute(FIND_RECORD, (record_id,)).fetchone()
        if row is None:
            raise ArchiveError(f"expected the record {record_id} in the archive, found none")
        path, offset, found, _ = row
        if found != digest:
            raise ArchiveError(f"{path}: expected the record {record_id} with {digest}, found {found}")
        record = read_record_at(Path(path), offset)
        if record.id != record_id:
            raise ArchiveError(f"{record.place}: expected the record {record_id}, found {record.id}")
        return record
