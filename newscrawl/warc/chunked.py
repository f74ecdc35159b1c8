"""Bodies that an archive keeps in the chunks in which they were sent (RFC 9112, section 7.1)."""

from __future__ import annotations

import re

_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r\n")


def without_chunks(body: bytes) -> bytes:
    """Return a body without its chunks; as it is where it is not made of them.

    Some tools put chunks together and leave ``Transfer-Encoding`` in the headers all the same.
    """
    parts: list[bytes] = []
    at = 0
    while (found := _SIZE.match(body, at)) is not None:
        size = int(found[1], 16)
        if size == 0:
            return b"".join(parts)
        end = found.end() + size
        if body[end : end + 2] != b"\r\n":
            break
        parts.append(body[found.end() : end])
        at = end + 2
    return body
