"""Reads the records of an archive file one by one, this project's or another tool's (WARC 1.0 and 1.1).

Every record is checked: gzip members are whole, lengths are true, digests match. Other readers take a
truncated file for a whole one.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, NamedTuple

from scrapy import Request
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.http import Response

from newscrawl.exceptions import ArchiveError
from newscrawl.warc.answer import Head
from newscrawl.warc.records import RESPONSE
from newscrawl.warc.stream import Damage, Stream, next_record

_FIRST_LINE = re.compile(r"WARC/1\.[01]")
_STATUS_LINE = re.compile(rb"HTTP/[0-9.]+ [0-9]{3}(?: .*)?")
_FIELD = re.compile(r"([^:]+):(.*)")
_DIGEST = re.compile(r"(sha1|sha256|sha512|md5):(\S+)", re.IGNORECASE)
_LONGEST_HEAD = 1 << 20
# A larger record is no page: pages are cut at DOWNLOAD_MAXSIZE.
_LARGEST = 1 << 28
_END = b"\r\n\r\n"


class ArchivedRecord(NamedTuple):
    """One record of an archive file."""

    path: Path
    number: int
    """From 1, within the file."""
    offset: int
    """Where its gzip member begins in the file."""
    fields: Mapping[str, str]
    """The record's own headers, by their names in lower case."""
    block: bytes

    @property
    def place(self) -> str:
        """Where the record is, for people: file, number and offset."""
        return _place(self.path, self.number, self.offset)

    @property
    def type(self) -> str:
        """``response``, ``revisit``, ``warcinfo`` or another one."""
        return self.fields["warc-type"]

    @property
    def id(self) -> str:
        """``urn:uuid:…``."""
        return self.fields["warc-record-id"].strip("<>")

    @property
    def refers_to(self) -> str | None:
        """The id of the record whose body a revisit has."""
        found = self.fields.get("warc-refers-to")
        return None if found is None else found.strip("<>")

    @property
    def uid(self) -> str | None:
        """The page's; None for robots.txt, and in another tool's file."""
        return self.fields.get("newscrawl-uid")


class Message(NamedTuple):
    """An HTTP answer out of a record. A revisit of a known body has none of its own."""

    status: int
    head: Head
    body: bytes
    """As it came."""


def read_records(
    path: Path, on_damage: Callable[[ArchiveError], None] | None = None
) -> Iterator[ArchivedRecord]:
    """Yield the records of a file in its order.

    Raises ArchiveError, naming file and record, for one that is truncated, damaged or none, and for a file
    without any; or tells ``on_damage``, where given, and goes on with the next whole record.
    """
    try:
        with path.open("rb") as file:
            yield from _read(path, file, on_damage)
    except OSError as error:
        _damaged(on_damage, f"expected an archive file that can be read, found {error}")


def read_record_at(path: Path, offset: int) -> ArchivedRecord:
    """Return the record at a place that an index names; its number is 0. Raises ArchiveError."""
    try:
        with path.open("rb") as file:
            stream = Stream(file, offset)
            return _read_record(path, 0, offset, stream)
    except OSError as error:
        raise ArchiveError(f"expected an archive file that can be read, found {error}") from None
    except Damage as damage:
        raise ArchiveError(f"{_place(path, 0, offset)}: expected a WARC record, found {damage}") from None


def message_of(record: ArchivedRecord) -> Message:
    """Return the HTTP answer that a record holds. Raises ArchiveError where it holds none."""
    head, end, body = record.block.partition(_END)
    line, *lines = head.split(b"\r\n")
    if not end or not _STATUS_LINE.fullmatch(line):
        raise ArchiveError(f"{record.place}: expected an HTTP answer, found {line[:60]!r}")
    pairs = [header.partition(b":") for header in lines]
    headers = tuple((name, value.strip(b" \t")) for name, _, value in pairs)
    return Message(int(line.split(b" ", 2)[1]), Head(line, headers), body)


def decoded(message: Message, most: int) -> bytes:
    """Return the body as the spider saw it: decompressed, up to ``most`` bytes, as Scrapy does.

    Raises IgnoreRequest where it is larger.
    """
    if not any(name.lower() == b"content-encoding" for name, _ in message.head.headers):
        return message.body
    response = Response("http://archive.invalid/", message.status, list(message.head.headers), message.body)
    return _Decompression(most).process_response(Request(response.url), response).body


class _Decompression(HttpCompressionMiddleware):
    """Scrapy's own, without a crawl around it."""

    def __init__(self, most: int) -> None:
        self.stats = None
        self._max_size = most
        self._warn_size = 0


def _read(
    path: Path, file: BinaryIO, on_damage: Callable[[ArchiveError], None] | None
) -> Iterator[ArchivedRecord]:
    stream = Stream(file)
    number = 1
    while True:
        offset = stream.offset
        try:
            if stream.is_at_end():
                break
            offset = stream.offset
            record = _read_record(path, number, offset, stream)
        except Damage as damage:
            _damaged(on_damage, f"{_place(path, number, offset)}: expected a WARC record, found {damage}")
            if (after := next_record(file, offset + 1)) is None:
                return
            stream = Stream(file, after)
        else:
            yield record
        number += 1
    if number == 1:
        _damaged(on_damage, f"{path}: expected WARC records, found an empty file")


def _damaged(on_damage: Callable[[ArchiveError], None] | None, text: str) -> None:
    if on_damage is None:
        raise ArchiveError(text) from None
    on_damage(ArchiveError(text))


def _place(path: Path, number: int, offset: int) -> str:
    return f"{path}: record {number} at byte {offset}" if number else f"{path}: record at byte {offset}"


def _read_record(path: Path, number: int, offset: int, stream: Stream) -> ArchivedRecord:
    fields = _fields(stream)
    length = fields.get("content-length", "")
    if not length.isdecimal() or int(length) > _LARGEST:
        raise Damage(f"Content-Length {length!r}")
    for name in ("warc-type", "warc-record-id"):
        if name not in fields:
            raise Damage(f"no {name}")
    block = stream.take(int(length))
    if not stream.starts_with(_END):
        raise Damage("no empty line after the block")
    stream.take(len(_END))
    record = ArchivedRecord(path, number, offset, fields, block)
    _check_digests(record)
    return record


def _fields(stream: Stream) -> dict[str, str]:
    if not stream.starts_with(b"WARC/1."):
        raise Damage("bytes that begin none")
    text = stream.until(_END, _LONGEST_HEAD).decode("utf-8", "replace")
    first, *lines = text.removesuffix("\r\n\r\n").split("\r\n")
    if not _FIRST_LINE.fullmatch(first):
        raise Damage(f"the version {first[:20]!r}")
    fields: dict[str, str] = {}
    name = ""
    for line in lines:
        if line.startswith((" ", "\t")) and name:
            fields[name] += " " + line.strip()
            continue
        found = _FIELD.fullmatch(line)
        if found is None:
            raise Damage(f"a header without a colon: {line[:60]!r}")
        name = found[1].strip().lower()
        fields[name] = found[2].strip()
    return fields


def _check_digests(record: ArchivedRecord) -> None:
    _check("the block", record.fields.get("warc-block-digest"), record.block)
    is_answer = record.fields.get("content-type", "").startswith("application/http")
    head, _, body = record.block.partition(_END)
    # A revisit has the digest of a body that is elsewhere; tools that keep chunks do not agree on theirs.
    if record.type == RESPONSE and is_answer and b"\ntransfer-encoding:" not in head.lower():
        _check("the payload", record.fields.get("warc-payload-digest"), body)


def _check(what: str, digest: str | None, content: bytes) -> None:
    parts = _DIGEST.fullmatch(digest or "")
    if parts is None:
        # Other algorithms cannot be told wrong; some tools write their names otherwise.
        return
    found, expected = hashlib.new(parts[1].lower(), content, usedforsecurity=False).digest(), parts[2]
    if expected.lower() == found.hex() or expected.rstrip("=") == base64.b32encode(found).decode().rstrip(
        "="
    ):
        return
    raise Damage(f"another digest of {what} than {digest}")
