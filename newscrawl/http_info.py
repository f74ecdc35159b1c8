"""What a line says of the answer that it came from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class ArchivedAs:
    """The record that holds the answer in ``archive/``; an index beside each file has its place."""

    record_id: str
    """The record's id: ``urn:uuid:…``."""
    payload_digest: str
    """Of the body as it came: ``sha256:`` and hex digits."""


@dataclass(slots=True)
class HttpInfo:
    """What the server said of the bytes."""

    status: int
    """HTTP status."""
    etag: str | None = None
    """ETag header."""
    last_modified: str | None = None
    """Last-Modified header."""
    date: str | None = None
    """Date header."""
    content_type: str | None = None
    """Content-Type header."""
    bytes: int = 0
    """Size of the body after content decoding."""
    archive: ArchivedAs | None = None
    """Where the answer is kept; None where it was not archived."""
