"""How ``longbridge-markdown/1`` put line breaks into the lists of a page on one line."""

from __future__ import annotations

import re

from newscrawl.sites.longbridge.earlier.sections_1 import KNOWN_HEADINGS
from newscrawl.sites.longbridge.flattened import restore_start, skip_space

_HEADING = re.compile(r"(?:(?<=\s)|^)#{2,4} (?=[^\[\]#]{1,80}?[-*] \[)")
_KNOWN_HEADING = re.compile(
    rf"(?:(?<=\s)|^)(#{{2,4}} (?:{'|'.join(map(re.escape, sorted(KNOWN_HEADINGS)))}))(?=\s|$)"
)
_BULLET = re.compile(r"[-*] \[")
_ITEM_END = re.compile(
    r'\]\((?:https?://|/)[^\s()]*(?: "[^"\n]{0,200}")?\)(?=$|\s+[-*] \[|\s+#{2,4} )', re.IGNORECASE
)
_MOST_HEADINGS = 10


def restore(text: str) -> str:
    """Return a flattened document with the line breaks that are certain."""
    lines, rest = restore_start(text)
    body, sections = _split_sections(rest)
    return "\n".join([*lines, _KNOWN_HEADING.sub(r"\n\1\n", body), *sections])


def _split_sections(rest: str) -> tuple[str, list[str]]:
    sections: list[str] = []
    end = len(rest)
    for _ in range(2):
        found = _last_section(rest[:end])
        if found is None:
            break
        start, lines = found
        sections[:0] = lines
        end = len(rest[:start].rstrip())
    return rest[:end], sections


def _last_section(text: str) -> tuple[int, list[str]] | None:
    for heading in KNOWN_HEADINGS:
        for mark in ("##", "###", "####"):
            if text.endswith(f" {mark} {heading}") or text == f"{mark} {heading}":
                start = len(text) - len(heading) - len(mark) - 1
                return start, ["", text[start:]]
    candidates = [found.start() for found in _HEADING.finditer(text)][-_MOST_HEADINGS:]
    for start in reversed(candidates):
        lines = _read_section(text, start)
        if lines is not None:
            return start, lines
    return None


def _read_section(text: str, start: int) -> list[str] | None:
    bullet = _BULLET.search(text, start)
    assert bullet is not None  # the pattern of headings looked ahead to it
    at = bullet.start()
    lines = ["", text[start:at].strip()]
    while at < len(text):
        if _BULLET.match(text, at) is None:
            return None
        end = _ITEM_END.search(text, at)
        if end is None:
            return None
        lines.append(text[at : end.end()])
        at = skip_space(text, end.end())
    return lines
