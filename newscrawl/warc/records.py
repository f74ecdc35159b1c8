"""Makes WARC 1.1 records (ISO 28500:2017), each a gzip member with its entry for the index.

Written here and not with warcio: that takes one and a half times as long for a record, and spells header
values that are not ASCII anew. Its ``warcio check`` and two other readers are held against this in
``tests/tools/test_warc.py``; ``python -m benchmarks.warc`` has the times.
"""

from __future__ import annotations

import hashlib
import uuid
import zlib
from collections.abc import Mapping
from typing import NamedTuple

from newscrawl.warc.answer import Answer
from newscrawl.warc.index import entry_of

RESPONSE, REVISIT, WARCINFO = "response", "revisit", "warcinfo"
CONFORMS_TO = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
_PROFILES = "http://netpreserve.org/warc/1.1/revisit/"
NOT_MODIFIED = _PROFILES + "server-not-modified"
SAME_PAYLOAD = _PROFILES + "identical-payload-digest"

# Of a page of 3 kB, level 1 leaves 5 % more and takes 12 µs less; level 6 leaves 0.4 % less, 9 µs more.
_LEVEL = 4
# A window as large as the record, and small tables: to make zlib's usual 256 kB takes longer than to compress
# a page.
_MEMORY = 6
_LEAST_WINDOW, _MOST_WINDOW = 9, 15
_GZIP = 16


class Body(NamedTuple):
    """The last body of a page that was archived: what a further record may refer to."""

    record_id: str
    """``urn:uuid:…``."""
    digest: str
    url: str
    fetched_at: str
    status: int

    @property
    def text(self) -> str:
        """As the state keeps it; :meth:`of` reads it."""
        return f"{self.record_id} {self.digest} {self.fetched_at} {self.status} {self.url}"

    @classmethod
    def of(cls, text: str) -> Body:
        """Return what :attr:`text` holds."""
        record_id, digest, fetched_at, status, url = text.split(" ", 4)
        return cls(record_id, digest, url, fetched_at, int(status))


class Record(NamedTuple):
    """A record as it is stored until it stands in a file."""

    content: bytes
    """One gzip member."""
    entry: str
    """For the index, without the place in a file (``index.py``)."""
    id: str
    """``urn:uuid:…``."""
    digest: str
    """Of the payload: ``sha256:`` and hex digits. Of a 304 it is that of the body that is still valid."""
    body: Body | None
    """What further records may refer to; None where this record holds no body of its own."""


def make_record(answer: Answer, uid: str | None, known: Body | None) -> Record:
    """Return the record of an answer: a response, or a revisit where ``known`` is its body.

    ``uid`` is that of the page; None for robots.txt.
    """
    status, digest = answer.status, digest_of(answer.body)
    record_id = new_id()
    head = b"\r\n".join([answer.head.line, *map(b": ".join, answer.head.headers), b"", b""])
    kind, block, more = RESPONSE, head + answer.body, ""
    if known is not None and status == 304:
        kind, digest, more = REVISIT, known.digest, _refers_to(known, NOT_MODIFIED)
    elif known is not None and (known.status, known.digest) == (status, digest):
        kind, block = REVISIT, head
        more = _refers_to(known, SAME_PAYLOAD) + "WARC-Truncated: length\r\n"
    if answer.ip is not None:
        more += f"WARC-IP-Address: {answer.ip}\r\n"
    if uid is not None:
        # A field of our own, which the standard tells other readers to ignore.
        more += f"Newscrawl-UID: {uid}\r\n"
    if answer.asked_for is not None:
        more += f"Newscrawl-Redirected-From: {answer.asked_for}\r\n"
    fields = (
        f"WARC-Target-URI: {answer.url}\r\nWARC-Date: {answer.fetched_at}\r\n"
        f"Content-Type: application/http; msgtype=response\r\nWARC-Payload-Digest: {digest}\r\n{more}"
    )
    content = _member(kind, record_id, fields, block)
    body = Body(record_id, digest, answer.url, answer.fetched_at, status) if kind == RESPONSE else None
    return Record(content, entry_of(answer, kind, record_id, digest, uid), record_id, digest, body)


def make_warcinfo(fields: Mapping[str, str], filename: str, date: str) -> bytes:
    """Return the first record of a file, as a gzip member: what all its requests share."""
    block = _lines(fields).encode()
    head = {"WARC-Date": date, "WARC-Filename": filename, "Content-Type": "application/warc-fields"}
    return _member(WARCINFO, new_id(), _lines(head), block)


def new_id() -> str:
    """Return the id of a new record."""
    return f"urn:uuid:{uuid.uuid4()}"


def digest_of(payload: bytes) -> str:
    """Return the digest of a payload, as a record and a line have it."""
    return f"sha256:{hashlib.sha256(payload).hexdigest()}"


def _refers_to(known: Body, profile: str) -> str:
    return (
        f"WARC-Profile: {profile}\r\nWARC-Refers-To: <{known.record_id}>\r\n"
        f"WARC-Refers-To-Target-URI: {known.url}\r\nWARC-Refers-To-Date: {known.fetched_at}\r\n"
    )


def _lines(fields: Mapping[str, str]) -> str:
    # A value of a setting may hold a line end, which would begin another field.
    return "".join(f"{name}: {' '.join(value.split())}\r\n" for name, value in fields.items())


def _member(kind: str, record_id: str, fields: str, block: bytes) -> bytes:
    head = (
        f"WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <{record_id}>\r\n{fields}"
        f"WARC-Block-Digest: {digest_of(block)}\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    content = b"".join((head.encode(), block, b"\r\n\r\n"))
    bits = min(max(len(content).bit_length(), _LEAST_WINDOW), _MOST_WINDOW)
    stream = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP + bits, _MEMORY)
    return stream.compress(content) + stream.flush()
