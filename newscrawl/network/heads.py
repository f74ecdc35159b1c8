"""The head of an answer: its status line and header lines, as aiohttp's parser can read them.

What servers get wrong in a line that says nothing of the body is left out; what concerns the length of the
body is put right where RFC 9112 says how, and is left for the parser to refuse where it does not.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_END = re.compile(rb"\n\r?\n")
_STATUS = re.compile(rb"HTTP/1\.([0-9]) ([0-9]{3})(?![0-9])")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:")
# A head in which nothing has to be put right, and what such a one says of the body's length.
_PLAIN = re.compile(
    rb"HTTP/1\.[01] ([0-9]{3})(?![0-9])[^\r\n\0]*\r\n"
    rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\r\n\0]*\r\n)*\r\n"
)
_FRAMED = re.compile(rb"\n(?:content-length:([^\r]*)|transfer-encoding:)", re.IGNORECASE)
_LENGTH, _ENCODING = b"content-length", b"transfer-encoding"
_FRAMING = (_LENGTH, _ENCODING)
# Answers that never have a body (RFC 9112, section 6.3).
_WITHOUT_BODY = (b"204", b"304")


class Head(NamedTuple):
    """One head, as the parser is given it, and what it says of what follows."""

    content: bytes
    is_interim: bool
    """1xx: the answer itself is still to come. 101 is none: the connection is another protocol's then."""
    length: int | None
    """Bytes of the body; None where chunks or the end of the connection tell, or nothing readable does."""


def find_end(content: bytes | bytearray, start: int = 0) -> int | None:
    """Return the index behind the empty line that ends a head, from ``start`` on; None without one."""
    found = _END.search(content, max(0, start - 2))
    return None if found is None else found.end()


def is_http(content: bytes | bytearray) -> bool:
    """Tell whether what came so far can be an answer over HTTP."""
    name = bytes(content[:5])
    return name == b"HTTP/"[: len(name)]


def read_head(content: bytes) -> Head:
    """Read a whole head, its empty line included."""
    if plain := _PLAIN.fullmatch(content):
        # Nearly all heads, in a fifth of the time.
        lengths = [value.strip() for value in _FRAMED.findall(content)]
        if len(lengths) == 1 and lengths[0].isdigit() and len(lengths[0]) < 19:
            return _head(content, plain[1], int(lengths[0]))
    return _put_right(content)


def _put_right(content: bytes) -> Head:
    status, *lines = content.split(b"\n")
    found = _STATUS.match(status)
    code = b"" if found is None else found[2]
    if found is not None and found[1] not in b"01":
        # RFC 9110, section 2.5: a higher minor version is read like the highest one that is known.
        status = b"HTTP/1.1" + status[8:]
    fields = [(name, field) for name, field in _fields(lines) if name in _FRAMING or _is_readable(field)]
    fields, length = _one_framing(fields)
    return _head(b"\n".join((status, *(field for _, field in fields), b"\r\n")), code, length)


def _head(content: bytes, code: bytes, length: int | None) -> Head:
    is_interim = code[:1] == b"1" and code != b"101"
    return Head(content, is_interim, 0 if code in _WITHOUT_BODY else length)


def _fields(lines: list[bytes]) -> list[tuple[bytes, bytes]]:
    """Return the header lines and their names in small letters.

    A line has with it those that continue it (RFC 9112, section 5.2).
    """
    fields: list[bytes] = []
    for line in lines:
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1] += b"\n" + line
        elif line not in (b"", b"\r"):
            fields.append(line)
    return [(field.partition(b":")[0].strip(b" \t\r\0").lower(), field) for field in fields]


def _is_readable(field: bytes) -> bool:
    # A carriage return belongs to a line's end only.
    has_name = _NAME.match(field) is not None
    return has_name and b"\0" not in field and b"\r" not in field[:-1].replace(b"\r\n", b"\n")


def _one_framing(fields: list[tuple[bytes, bytes]]) -> tuple[list[tuple[bytes, bytes]], int | None]:
    """Return the header lines with one say on the length of the body, and that length.

    What contradicts itself stays for the parser, which refuses it.
    """
    lengths = [field.partition(b":")[2].strip() for name, field in fields if name == _LENGTH]
    is_spelled = all(_NAME.match(field) for name, field in fields if name in _FRAMING)
    if not lengths or not is_spelled:
        return fields, None
    others = [(name, field) for name, field in fields if name != _LENGTH]
    if any(name == _ENCODING for name, _ in others):
        # RFC 9112, section 6.3: Transfer-Encoding counts.
        return others, None
    if lengths.count(lengths[0]) < len(lengths) or not lengths[0].isdigit():
        return fields, None
    # RFC 9110, section 8.6: the same length said again is one. No body has a length of 19 digits.
    length = int(lengths[0]) if len(lengths[0]) < 19 else None
    return [*others, (_LENGTH, b"Content-Length: " + lengths[0] + b"\r")], length
