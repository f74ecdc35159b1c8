"""Characters that do something where a text is shown: they steer a terminal, hide, or turn the order around.

Values keep them. A record with one of them in a text has a warning, a line has them as JSON escapes, and
whatever is shown to a person goes through ``show``.
"""

from __future__ import annotations

import re
import unicodedata

# C0 but for tab and line feed, DEL and C1; the line and paragraph separators; what embeds, overrides or
# isolates a direction of writing. The marks U+200E and U+200F are left out: right-to-left texts need them,
# and they move nothing but what stands beside them.
_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069"
_CONTROL = re.compile(f"[{_CONTROLS}]")

# In JSON the encoders escape C0 only. Each of the others, in UTF-8, with its escape.
_RAW_IN_JSON = re.compile(rb"\x7f|\xc2[\x80-\x9f]|\xe2(?:\x80[\xa8-\xae]|\x81[\xa6-\xa9])")
_JSON_ESCAPES = [
    (chr(point).encode(), f"\\u{point:04x}".encode())
    for point in (*range(0x7F, 0xA0), *range(0x2028, 0x202F), *range(0x2066, 0x206A))
]


def has_controls(text: str) -> bool:
    """Tell whether a text holds a control character other than tab and line feed, U+2028, U+2029, or a
    character that embeds, overrides or isolates a direction of writing.
    """
    return _CONTROL.search(text) is not None


def escape_in_json(line: bytes) -> bytes:
    """Return JSON in UTF-8 that means the same, with each character of ``has_controls`` as an escape."""
    if line.isascii() and b"\x7f" not in line:
        return line
    if _RAW_IN_JSON.search(line) is None:
        return line
    # In JSON they stand inside of strings only. A character at a time would take a line of a million seconds.
    for raw, escaped in _JSON_ESCAPES:
        line = line.replace(raw, escaped)
    return line


def is_unsafe(character: str) -> bool:
    """Tell whether a terminal might not simply show a character.

    These are controls, formats (the bidirectional ones too), surrogates, what is private or not assigned, and
    ends of lines.
    """
    category = unicodedata.category(character)
    return category[0] == "C" or category in ("Zl", "Zp")


def escape(character: str) -> str:
    r"""Return what stands for a character where a text is shown: ``\x1b``, ``U+202E``."""
    point = ord(character)
    return f"\\x{point:02x}" if point < 0x100 else f"U+{point:04X}"


class _Shown(dict[int, int | str]):
    """By code point, what is shown for it. It is filled as characters are met."""

    def __missing__(self, point: int) -> int | str:
        character = chr(point)
        shown: int | str = escape(character) if is_unsafe(character) else point
        self[point] = shown
        return shown


_ONE_LINE = _Shown()
_LINES = _Shown({ord(kept): kept for kept in "\t\n"})


def show(text: str) -> str:
    r"""Return a text on one line that cannot steer a terminal: what could becomes ``\x1b``, ``U+202E``."""
    return text if text.isprintable() else text.translate(_ONE_LINE)


def show_lines(text: str) -> str:
    """Return what ``show`` does, for a text of several lines: tabs and line feeds stay."""
    return text if text.isprintable() else text.translate(_LINES)
