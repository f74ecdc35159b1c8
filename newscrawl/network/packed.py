"""Whether a compressed body reaches its end, by the rules of its format.

gzip is RFC 1952, of one member or several. deflate is RFC 1950 (zlib), or RFC 1951 without a frame, which
some servers send under that name.
"""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Sequence

_GZIP = frozenset((b"gzip", b"x-gzip"))
KNOWN = _GZIP | {b"deflate"}
"""The names of codings that can be judged here, in small letters."""

_MAGIC = b"\x1f\x8b\x08"
# Servers that pack by blocks fill up the last one.
_FILLING = re.compile(rb"\0*")
_CHUNK = 1 << 20
# A member may have 20 bytes, and what is behind its end is copied for each.
_PIECE = 4096


def is_whole(body: bytes, most: int, codings: Sequence[bytes] = (b"gzip",)) -> bool:
    """Tell whether a packed body reaches its end; ``codings`` are some of KNOWN, the outermost first.

    One that decompresses to over ``most`` bytes counts as whole: it is refused for its size anyway.
    0 is no bound.
    """
    bound = most if most > 0 else sys.maxsize
    for coding in codings:
        try:
            unpacked = _gunzip(body, bound) if coding in _GZIP else _inflate(body, bound)
        except zlib.error:
            return False
        if unpacked is None:
            return False
        if len(unpacked) > bound:
            return True
        body = unpacked
    return True


def _gunzip(body: bytes, most: int) -> bytes | None:
    """Return what a body holds, at most a chunk more than ``most``; None where it is cut."""
    parts: list[bytes] = []
    size = at = 0
    while True:
        member, at = _unpack(body, at, most - size, 16 + zlib.MAX_WBITS)
        if member is None:
            return None
        parts.append(member)
        size += len(member)
        filled = _FILLING.match(body, at)
        at = at if filled is None else filled.end()
        rest = body[at : at + len(_MAGIC)]
        # Whatever else stands behind a member is none.
        if size > most or not rest or not _MAGIC.startswith(rest):
            return b"".join(parts)


def _inflate(body: bytes, most: int) -> bytes | None:
    try:
        return _unpack(body, 0, most, zlib.MAX_WBITS)[0]
    except zlib.error:
        return _unpack(body, 0, most, -zlib.MAX_WBITS)[0]


def _unpack(body: bytes, at: int, most: int, bits: int) -> tuple[bytes | None, int]:
    """Unpack one stream that begins at an index; return what it holds and the index behind it.

    None is a cut one. Raises zlib.error where it is damaged, or no such stream.
    """
    stream = zlib.decompressobj(bits)
    parts: list[bytes] = []
    size = 0
    piece = b""
    while not stream.eof:
        if not piece:
            piece = body[at : at + _PIECE]
            at += len(piece)
        is_over = not piece
        part = stream.decompress(piece, _CHUNK)
        piece = stream.unconsumed_tail
        if is_over and not part and not stream.eof:
            return None, at
        parts.append(part)
        size += len(part)
        if size > most:
            break
    return b"".join(parts), at - len(stream.unused_data)
