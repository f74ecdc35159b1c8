"""The index beside an archive file: CDXJ, one line a record, sorted by address and time.

Each line is a key that sorts addresses of a site together (SURT), a time of 14 digits, and JSON. Beside what
``cdxj-indexer`` writes, the JSON has the record's ``id`` and, for a page, its ``uid``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import orjson

from newscrawl.exceptions import ArchiveError
from newscrawl.warc.answer import Answer

SUFFIX = ".cdxj"
_DEFAULT_PORTS = {"http": 80, "https": 443}
_WWW = re.compile(r"www\d*\.")
_NO_DIGIT = re.compile(r"\D")
_MIME_END = re.compile(rb"[;\s]")
_CONTENT_TYPE = b"content-type"


class Entry(NamedTuple):
    """One line of an index."""

    id: str
    """The record's: ``urn:uuid:…``."""
    uid: str | None
    """The page's; None for robots.txt."""
    url: str
    fetched_at: str
    is_revisit: bool
    status: int
    digest: str
    offset: int
    """Where the record's gzip member begins in the file."""
    length: int
    """Of the member, in bytes."""


def entry_of(answer: Answer, kind: str, record_id: str, digest: str, uid: str | None) -> str:
    """Return what the index says of a record before its place is known: key, time, and JSON up to there."""
    found: dict[str, str] = {"url": answer.url}
    if (mime := _mime(answer, kind)) is not None:
        found["mime"] = mime
    found |= {"status": str(answer.status), "digest": digest, "id": record_id, "date": answer.fetched_at}
    if uid is not None:
        found["uid"] = uid
    digits = _NO_DIGIT.sub("", answer.fetched_at)[:14]
    return f"{url_key(answer.url)} {digits} {orjson.dumps(found).decode()}"


def _mime(answer: Answer, kind: str) -> str | None:
    if kind == "revisit":
        return "warc/revisit"
    for name, value in answer.head.headers:
        if name.lower() == _CONTENT_TYPE:
            return _MIME_END.split(value, maxsplit=1)[0].decode("latin-1") or None
    return None


def write_lines(places: Iterable[tuple[str, int, int]], filename: str) -> Iterator[bytes]:
    """Yield the lines of an index, sorted. A place is an entry, its offset and its length."""
    lines = [
        f'{entry[:-1]},"length":"{length}","offset":"{offset}","filename":"{filename}"}}\n'.encode()
        for entry, offset, length in places
    ]
    yield from sorted(lines)


def index_of(path: Path) -> Path:
    """Return where the index of an archive file is."""
    return path.with_name(path.name.removesuffix(".warc.gz") + SUFFIX)


def read_index(path: Path) -> Iterator[Entry]:
    """Yield the entries of an index file, in its order. Raises ArchiveError, naming file and line."""
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                yield _read_line(line, f"{path}:{number}")
    except OSError as error:
        raise ArchiveError(f"expected an index that can be read, found {error}") from None


def _read_line(line: bytes, place: str) -> Entry:
    try:
        found: dict[str, Any] = json.loads(line.decode().split(" ", 2)[2])
        return Entry(
            id=found["id"],
            uid=found.get("uid"),
            url=found["url"],
            fetched_at=found["date"],
            is_revisit=found.get("mime") == "warc/revisit",
            status=int(found["status"]),
            digest=found["digest"],
            offset=int(found["offset"]),
            length=int(found["length"]),
        )
    except (ValueError, IndexError, KeyError, TypeError) as error:
        what = f"{type(error).__name__}: {error}"
        raise ArchiveError(f"{place}: expected a line of an index (CDXJ), found {what}") from None


def url_key(url: str) -> str:
    """Return an address in the order in which addresses of a site stand together (SURT).

    ``https://longbridge.com/en/news/1.md`` is ``com,longbridge)/en/news/1.md``. As tools of web archives do,
    case, scheme, default port, ``www.`` and the order of a query do not count.
    """
    parts = urlsplit(url)
    host = _WWW.sub("", (parts.hostname or "").lower(), count=1)
    port = f":{parts.port}" if parts.port not in (None, _DEFAULT_PORTS.get(parts.scheme)) else ""
    path = parts.path.rstrip("/") or "/"
    query = "?" + "&".join(sorted(parts.query.split("&"))) if parts.query else ""
    return f"{','.join(reversed(host.split('.')))}{port}){path}{query}".lower().replace(" ", "%20")
