"""The bytes of an archive file, decompressed, and where each gzip member of it begins."""

from __future__ import annotations

import zlib
from collections import deque
from typing import BinaryIO

_CHUNK = 1 << 16
_MAGIC = b"\x1f\x8b\x08"
_GZIP = 16 + zlib.MAX_WBITS


class Damage(Exception):
    """What was found in the place of a record, in a few words."""


class Stream:
    """Reads a file of gzip members, or one that is not compressed, from a place on.

    Never holds more than the record that is read, and a chunk.
    """

    def __init__(self, file: BinaryIO, offset: int = 0) -> None:
        self._file = file
        file.seek(offset)
        self._raw = file.read(_CHUNK)
        self._raw_at = offset
        self._is_gzip = self._raw.startswith(_MAGIC)
        self._inflater = zlib.decompressobj(_GZIP)
        self._is_inside = False
        self._buffer = bytearray()
        # Of the byte that comes next, among all decompressed bytes.
        self._at = 0
        # Where members begin: among the decompressed bytes, and in the file.
        self._members: deque[tuple[int, int]] = deque()

    @property
    def offset(self) -> int:
        """Where the gzip member begins that holds the next byte; of a plain file, the byte's own place."""
        if not self._is_gzip:
            return self._raw_at - len(self._buffer)
        if not self._buffer and not self._is_inside:
            return self._raw_at
        while len(self._members) > 1 and self._members[1][0] <= self._at:
            self._members.popleft()
        return self._members[0][1]

    def is_at_end(self) -> bool:
        """Tell whether no byte is left. Raises Damage."""
        while not self._buffer:
            if not self._fill():
                return True
        return False

    def until(self, end: bytes, most: int) -> bytes:
        """Return the bytes up to the end of a mark, taken off. Raises Damage where it does not come."""
        begin = 0
        while (found := self._buffer.find(end, begin)) < 0:
            begin = max(0, len(self._buffer) - len(end) + 1)
            if len(self._buffer) > most:
                raise Damage(f"no end of the headers within {most} bytes")
            if not self._fill():
                raise Damage("the end of the file within the headers")
        return self.take(found + len(end))

    def take(self, count: int) -> bytes:
        """Return so many bytes. Raises Damage where there are fewer."""
        while len(self._buffer) < count:
            if not self._fill():
                raise Damage(f"the end of the file, {count - len(self._buffer)} bytes too early")
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        self._at += count
        return taken

    def starts_with(self, mark: bytes) -> bool:
        """Tell whether the next bytes are these, without taking them."""
        while len(self._buffer) < len(mark):
            if not self._fill():
                break
        return self._buffer.startswith(mark)

    def _fill(self) -> bool:
        if not self._raw:
            self._raw = self._file.read(_CHUNK)
        if not self._raw:
            if self._is_inside:
                raise Damage("the end of the file within a gzip member")
            return False
        if not self._is_gzip:
            self._buffer += self._raw
            self._raw_at += len(self._raw)
            self._raw = b""
            return True
        self._inflate()
        return True

    def _inflate(self) -> None:
        if not self._is_inside:
            self._begin_member()
        before = len(self._raw)
        try:
            self._buffer += self._inflater.decompress(self._raw, _CHUNK)
        except zlib.error as error:
            raise Damage(f"a damaged gzip member ({error})") from None
        if self._inflater.eof:
            self._raw = self._inflater.unused_data
            self._is_inside = False
        else:
            self._raw = self._inflater.unconsumed_tail
        self._raw_at += before - len(self._raw)

    def _begin_member(self) -> None:
        if len(self._raw) < len(_MAGIC):
            self._raw += self._file.read(_CHUNK)
        if not self._raw.startswith(_MAGIC):
            raise Damage("bytes that begin no gzip member")
        self._inflater = zlib.decompressobj(_GZIP)
        self._is_inside = True
        self._members.append((self._at + len(self._buffer), self._raw_at))


def next_record(file: BinaryIO, offset: int) -> int | None:
    """Return where, after a damaged place, the next record may begin; None where none does."""
    file.seek(0)
    mark = _MAGIC if file.read(len(_MAGIC)) == _MAGIC else b"WARC/1."
    while (offset := _find(file, mark, offset)) >= 0:
        if mark != _MAGIC or _inflates_to_record(file, offset):
            return offset
        offset += 1
    return None


def _find(file: BinaryIO, mark: bytes, offset: int) -> int:
    file.seek(offset)
    kept = b""
    while chunk := file.read(_CHUNK):
        found = (kept + chunk).find(mark)
        if found >= 0:
            return offset + found
        rest = (kept + chunk)[-len(mark) + 1 :]
        offset += len(kept) + len(chunk) - len(rest)
        kept = rest
    return -1


def _inflates_to_record(file: BinaryIO, offset: int) -> bool:
    file.seek(offset)
    try:
        return zlib.decompressobj(_GZIP).decompress(file.read(_CHUNK), 64).startswith(b"WARC/1.")
    except zlib.error:
        return False
