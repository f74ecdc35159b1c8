"""The one-line form of a page: its line structure restored, so that one reader serves both forms.

Some answers are the same document with every line break turned into a space. Where a line began is
certain in the header (quotes and keys), at the H1 (it equals the title) and in the closing lists
(their items are links); only there are line breaks put back. The body stays on one line.
"""

from __future__ import annotations

import re

from newscrawl.exceptions import PageError
from newscrawl.pages.front_matter import unescape
from newscrawl.pages.sections import KNOWN_HEADINGS

_KEY = re.compile(r"([A-Za-z_][A-Za-z0-9_-]{0,63}):(?=\s|$)")
_QUOTED = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"(?=\s|$)')
_NEXT = r"(?:[A-Za-z_][A-Za-z0-9_-]{0,63}:(?:\s|$)|---(?:\s|$))"
# A value whose own quotes are not escaped still ends where a key or the closing line follows.
_LAX_QUOTED_END = re.compile(rf'"(?=\s{_NEXT})')
_BARE_END = re.compile(rf"\s(?={_NEXT})")
_ITEM = re.compile(r"- \[[^\]\n]{0,200}\]\([^)\s]{0,2000}\)")
_LANGUAGES = re.compile(r"> ?[^\[\]]{0,80}(?:\[[^\]]{0,40}\]\([^)\s]{0,300}\)[\s|]*){1,20}")
_HEADING = re.compile(r"(?:(?<=\s)|^)#{2,4} (?=[^\[\]#]{1,80}?- \[)")
_ITEM_END = re.compile(r"\]\((?:https?://|/)[^\s()]*\)(?=$|\s- \[|\s#{2,4} )")
_MOST_HEADINGS = 10


def restore(text: str) -> str:
    """Return a flattened document with the line breaks that are certain.

    ``text`` begins with ``---`` and white space. Raises PageError ``header_broken`` or
    ``header_truncated`` like the reader of headers does.
    """
    header, title, rest = _restore_header(text)
    lines = [header, ""]
    if found := _LANGUAGES.match(rest):
        lines.append(found[0].rstrip())
        rest = rest[found.end() :].lstrip()
    if rest.startswith("# "):
        heading, rest = _split_heading(rest[2:], title)
        lines.append(heading)
    body, sections = _split_sections(rest)
    return "\n".join([*lines, body, *sections])


def _restore_header(text: str) -> tuple[str, list[str], str]:
    lines = ["---"]
    titles: list[str] = []
    at = 3
    while True:
        at = _skip_space(text, at)
        if at >= len(text):
            raise PageError("header_truncated", "no closing --- on the one line")
        if text.startswith("---", at) and (at + 3 == len(text) or text[at + 3].isspace()):
            lines.append("---")
            return "\n".join(lines), titles, text[at + 3 :].strip()
        key = _KEY.match(text, at)
        if key is None:
            raise PageError("header_broken", f"expected a key, found {text[at : at + 40]!r}")
        at = _skip_space(text, key.end())
        if text.startswith("- [", at):
            lines.append(key[0])
            while item := _ITEM.match(text, at):
                lines.append("  " + item[0])
                at = _skip_space(text, item.end())
            if text.startswith("- [", at):
                raise PageError("header_broken", f"expected a link, found {text[at : at + 40]!r}")
            continue
        end = _value_end(text, at)
        value = text[at:end]
        lines.append(f"{key[0]} {value}")
        if key[1] == "title":
            titles.insert(0, unescape(value.strip('"')))
        elif key[1] == "description" and not titles:
            titles.append(unescape(value.strip('"'))[:50] + "…")
        at = end


def _value_end(text: str, at: int) -> int:
    if text.startswith('"', at):
        strict = _QUOTED.match(text, at)
        if strict is not None and _follows_key(text, strict.end()):
            return strict.end()
        lax = _LAX_QUOTED_END.search(text, at + 1)
        if lax is None:
            raise PageError("header_truncated", "a quoted value has no end")
        return lax.end()
    if _KEY.match(text, at) or text.startswith("--- ", at):
        return at
    bare = _BARE_END.search(text, at)
    if bare is None:
        raise PageError("header_truncated", "no closing --- on the one line")
    return bare.start()


def _follows_key(text: str, at: int) -> bool:
    at = _skip_space(text, at)
    return text.startswith("---", at) or _KEY.match(text, at) is not None


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _split_heading(rest: str, titles: list[str]) -> tuple[str, str]:
    for title in titles:
        printed = title.strip()
        if printed and rest.startswith(printed):
            return "# " + printed, rest[len(printed) :].strip()
    # Nothing says where the heading ends and the text begins: an empty heading claims neither.
    return "#", rest


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
    at = text.index("- [", start)
    lines = ["", text[start:at].strip()]
    while at < len(text):
        if not text.startswith("- [", at):
            return None
        end = _ITEM_END.search(text, at)
        if end is None:
            return None
        lines.append(text[at : end.end()])
        at = _skip_space(text, end.end())
    return lines
