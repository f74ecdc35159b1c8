"""The argument ``url``: addresses with commas between them, or a file of them."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import NamedTuple

from newscrawl.exceptions import ArgumentError, NotAnArticleAddress
from newscrawl.regular_files import NotReadable, read_regular
from newscrawl.shown import shorten

MOST_BYTES = 16 * 1024 * 1024
"""Of a file of addresses: over 200,000 of them."""

_LINE_END = re.compile(r"\r\n|\r|\n")
_MOST_SHOWN = 10
_SHOWN = 3


def shorten_starts(url: str) -> str:
    """Return the argument ``url`` in its canonical spelling as people are shown it.

    More than ten addresses are shown as the first three, their number, and what tells them from others.
    """
    addresses = url.split(",")
    if len(addresses) <= _MOST_SHOWN:
        return url
    return f"{','.join(addresses[:_SHOWN])},… ({len(addresses)} starts; {starts_id(url)})"


def starts_id(url: str) -> str:
    """Return what tells many starts from others: 16 digits of their SHA-256."""
    return hashlib.sha256(url.encode()).hexdigest()[:16]


class Start(NamedTuple):
    """One address as it was given, not checked yet."""

    url: str
    place: str | None
    """Where it stands, for errors that must not show it; None where they may."""

    def explain(self, error: NotAnArticleAddress) -> str:
        """Return, in one line, why the address cannot be used."""
        if self.place is None:
            return f"url: {error}"
        return f"url: expected {error.expected}, found something else in {self.place}"


def read_addresses(text: str) -> list[Start]:
    """Return the addresses of the argument ``url``, at least one. Raises ArgumentError.

    ``@FILE`` is a file in UTF-8 with one address a line; empty lines and lines that begin with ``#`` are left
    out. Whoever sees the errors may not be allowed to read the file, so nothing of it is in them.
    """
    if text.startswith("@"):
        return _read_file(Path(text[1:]))
    parts = [part.strip() for part in text.split(",") if part.strip()] or [""]
    # A password may have a comma: one part does not tell that it belongs to one.
    may_be_shown = "@" not in text or len(parts) == 1
    return [
        Start(part, None if may_be_shown else f"address {number} of {len(parts)}")
        for number, part in enumerate(parts, 1)
    ]


def _read_file(path: Path) -> list[Start]:
    shown = shorten(str(path), 200)
    try:
        content = read_regular(path, MOST_BYTES)
    except NotReadable as found:
        raise _wrong_file(f"{found} {shown}") from None
    except OSError as error:
        raise _wrong_file(f"{shown}: {error.strerror}") from None
    except ValueError:
        # A path with a NUL.
        raise _wrong_file(f"the path {shown}") from None
    starts = [
        Start(line.strip(), f"line {number} of {shown}")
        for number, line in enumerate(_LINE_END.split(_decode(content, shown)), 1)
        if line.strip() and not line.strip().startswith("#")
    ]
    if not starts:
        raise ArgumentError(f"url: expected one address a line, found none in {shown}")
    return starts


def _wrong_file(found: str) -> ArgumentError:
    return ArgumentError(f"url: expected a file of addresses, found {found}")


def _decode(content: bytes, shown: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _wrong_file(f"no UTF-8 in line {_line_at(content, error.start)} of {shown}") from None
    if (at := text.find("\0")) >= 0:
        line = len(_LINE_END.findall(text, 0, at)) + 1
        raise _wrong_file(f"a NUL in line {line} of {shown}")
    return text


def _line_at(content: bytes, at: int) -> int:
    # The bytes before it are UTF-8.
    return len(_LINE_END.findall(content[:at].decode("utf-8-sig"))) + 1
