"""The header of a page: text with line breaks in, keys and the rest out.

It looks like YAML and is not (``- [zh-CN](https://…)``), so no YAML reader can read it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from newscrawl.codes import RejectionReason, WarningCode
from newscrawl.exceptions import PageError
from newscrawl.sites.longbridge.links import Link, read_item

# A header of real pages has about ten lines; beyond this there is none.
_MOST_LINES = 200
MOST_CHARACTERS = 65_536

_KEY = re.compile(r"([A-Za-z_][A-Za-z0-9_-]{0,63}):(?:\s+|$)")
_ESCAPE = re.compile(r'\\(?:u([0-9A-Fa-f]{4})|(["\\/nrtbf]))')
_ESCAPED = {"n": "\n", "r": "\n", "t": "\t", "b": " ", "f": " "}


@dataclass(slots=True)
class Header:
    """What stood between the two ``---`` lines.

    ``values`` maps a key to exactly what stood between the quotes; ``links`` maps a key to its list
    of Markdown links. Readers pop what they know; what is left is unknown.
    """

    values: dict[str, str] = field(default_factory=dict)
    links: dict[str, list[Link]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def pop(self, key: str) -> str | None:
        """Return a key's text with its escapes decoded, and forget the key."""
        raw = self.values.pop(key, None)
        return None if raw is None else unescape(raw)

    def pop_raw(self, key: str) -> str | None:
        """Return exactly what stood between a key's quotes, and forget the key."""
        return self.values.pop(key, None)

    def pop_links(self, key: str) -> list[Link]:
        """Return a key's list of links, and forget the key."""
        self.values.pop(key, None)
        return self.links.pop(key, [])


def unquote(value: str) -> str:
    """Return what stands between a value's quotes, or a value without quotes as it is."""
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value


def unescape(raw: str) -> str:
    r"""Decode a double-quoted scalar: ``\"`` as seen, and the other escapes of JSON (RFC 8259).

    A backslash before anything else stays as it is: the pages promise no escapes.
    """
    if "\\" not in raw:
        return raw
    return _ESCAPE.sub(_decode_escape, raw)


def _decode_escape(found: re.Match[str]) -> str:
    if found[1] is None:
        return _ESCAPED.get(found[2], found[2])
    point = int(found[1], 16)
    # Half of a surrogate pair is no character, and U+0000 is refused everywhere else.
    return found[0] if point == 0 or 0xD800 <= point <= 0xDFFF else chr(point)


def read_header(lines: list[str]) -> tuple[Header, int]:
    """Return the header and the index of the first line behind it.

    ``lines[0]`` is the opening ``---``. Raises PageError ``header_truncated`` where no closing line
    follows and ``header_broken`` where not one key stands between the two.
    """
    end = _find_end(lines)
    header = Header()
    key: str | None = None
    number = 1
    while number < end:
        line = lines[number]
        number += 1
        if found := _KEY.match(line):
            key = found[1]
            value = line[found.end() :].strip()
            if value.startswith('"') and not _is_closed(value):
                number, value = _join_continued(lines, number, end, value)
            _store(header, key, value)
        elif line.lstrip().startswith(("- ", "* ")) and key is not None:
            if link := read_item(line):
                header.links.setdefault(key, []).append(link)
            else:
                header.warnings.append(WarningCode.UNREADABLE_HEADER_LINE)
        elif line.strip():
            header.warnings.append(WarningCode.UNREADABLE_HEADER_LINE)
    if not header.values:
        raise PageError(RejectionReason.HEADER_BROKEN, f"no key in {end - 1} lines")
    return header, end + 1


def _find_end(lines: list[str]) -> int:
    size = 0
    for number in range(1, min(len(lines), _MOST_LINES)):
        line = lines[number]
        if line.rstrip() == "---":
            return number
        size += len(line)
        if size > MOST_CHARACTERS:
            break
    raise PageError(RejectionReason.HEADER_TRUNCATED, f"no closing --- line in the first {_MOST_LINES} lines")


def _store(header: Header, key: str, value: str) -> None:
    if key in header.values:
        header.warnings.append(WarningCode.DUPLICATE_KEY)
        return
    header.values[key] = unquote(value)


def _is_closed(value: str) -> bool:
    if len(value) < 2 or not value.endswith('"'):
        return False
    inner = value[1:-1]
    backslashes = len(inner) - len(inner.rstrip("\\"))
    return backslashes % 2 == 0


def _join_continued(lines: list[str], number: int, end: int, value: str) -> tuple[int, str]:
    # A quoted scalar broken over lines was never seen; its lines are joined, as YAML would.
    parts = [value]
    for ahead in range(number, end):
        line = lines[ahead]
        if _KEY.match(line):
            break
        parts.append(line.strip())
        if _is_closed('"' + parts[-1]):
            return ahead + 1, " ".join(parts)
    return number, value
