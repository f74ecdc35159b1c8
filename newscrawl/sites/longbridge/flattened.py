"""The one-line form of a page: its line structure restored, so that one reader serves both forms.

Some answers are the same document with every line break turned into a space. Where a line began is
certain in the header (quotes and keys), at the H1 (it equals the title) and in the closing lists
(their items are links); only there are line breaks put back. The body stays on one line.
"""

from __future__ import annotations

import re

from newscrawl.codes import RejectionReason
from newscrawl.exceptions import PageError
from newscrawl.sites.longbridge.front_matter import MOST_CHARACTERS, unescape, unquote
from newscrawl.sites.longbridge.sections import KNOWN_HEADINGS
from newscrawl.text.cleaning import decode_entities

_KEY = re.compile(r"([A-Za-z_][A-Za-z0-9_-]{0,63}):(?=\s|$)")
_QUOTED = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"(?=\s|$)')
_CLOSING = r"---(?:\s|$)"
_NEXT = rf"(?:[A-Za-z_][A-Za-z0-9_-]{{0,63}}:(?:\s|$)|{_CLOSING})"
_SEEN_KEY = r"(?:title|type|locale|url|description|datetime|locales|author|symbol|name|industry):"
# A value whose own quotes are not escaped still ends where a key or the closing line follows; one
# that lacks its last quote ends before the first key known to exist.
_LAX_QUOTED_END = re.compile(rf'"(?=\s+{_NEXT})|(?=\s{_SEEN_KEY}\s+(?:"|- \[))')
_BARE_END = re.compile(rf"\s(?={_NEXT})")
# In a text without quotes a word and a colon are the text's own, unless the key is known.
_BARE_TEXT_END = re.compile(rf"\s(?={_SEEN_KEY}(?:\s|$)|{_CLOSING})")
_TEXTS = ("title", "description")
_ITEM = re.compile(r"[-*] \[[^\]\n]{0,200}\]\([^)\s]{0,2000}\)")
_BROKEN_ITEM_END = re.compile(rf"\s(?=[-*] |{_NEXT})")
_LANGUAGES = re.compile(r"> ?[^\[\]]{0,80}(?:\[[^\]]{0,40}\]\([^)\s]{0,300}\)[\s|]*){1,20}(?=# )")
_HEADING = re.compile(r"(?:(?<=\s)|^)#{2,4} (?=[^\[\]#]{1,80}?[-*] \[)")
_KNOWN_HEADING = re.compile(
    rf"(?:(?<=\s)|^)(#{{2,4}} (?:{'|'.join(map(re.escape, sorted(KNOWN_HEADINGS)))}))(?=\s|$)"
)
_BULLET = re.compile(r"[-*] \[")
_ITEM_END = re.compile(
    r'\]\((?:https?://|/)[^\s()]*(?: "[^"\n]{0,200}")?\)(?=$|\s+[-*] \[|\s+#{2,4} )', re.IGNORECASE
)
_MOST_HEADINGS = 10
# Where the header has no title, the H1 is this much of the description.
_HEADING_LENGTH = 50


def restore(text: str) -> str:
    """Return a flattened document with the line breaks that are certain.

    ``text`` begins with ``---`` and white space. Raises PageError ``header_truncated`` like the
    reader of headers does.
    """
    header, headings, rest = _restore_header(text)
    lines = [header, ""]
    if found := _LANGUAGES.match(rest):
        lines.append(found[0].rstrip())
        rest = rest[found.end() :]
    if rest.startswith("# "):
        heading, rest = _split_heading(rest[2:].lstrip(), headings)
        lines.append(heading)
    body, sections = _split_sections(rest)
    return "\n".join([*lines, _KNOWN_HEADING.sub(r"\n\1\n", body), *sections])


def _restore_header(text: str) -> tuple[str, list[str], str]:
    lines = ["---"]
    values: dict[str, str] = {}
    at = 3
    while at <= MOST_CHARACTERS:
        at = _skip_space(text, at)
        if text.startswith("---", at) and (at + 3 == len(text) or text[at + 3].isspace()):
            lines.append("---")
            return "\n".join(lines), _headings(values), text[at + 3 :].strip()
        key = _KEY.match(text, at)
        if key is None:
            end = _end(_BARE_END, text, at)
            lines.append(text[at:end])
            at = end
            continue
        at = _skip_space(text, key.end())
        if text.startswith(("- ", "* "), at):
            lines.append(key[0])
            at = _restore_items(text, at, lines)
            continue
        end = _value_end(text, at, key[1])
        value = text[at:end]
        lines.append(f"{key[0]} {value}")
        values.setdefault(key[1], unescape(unquote(value)))
        at = end
    raise PageError(
        RejectionReason.HEADER_TRUNCATED, f"no closing --- in the first {MOST_CHARACTERS} characters"
    )


def _restore_items(text: str, at: int, lines: list[str]) -> int:
    while text.startswith(("- ", "* "), at):
        item = _ITEM.match(text, at)
        end = item.end() if item else _end(_BROKEN_ITEM_END, text, at + 1)
        lines.append("  " + text[at:end])
        at = _skip_space(text, end)
    return at


def _value_end(text: str, at: int, key: str) -> int:
    if not text.startswith('"', at):
        # One back, to the white space behind the key: a value may be missing.
        return max(at, _end(_BARE_TEXT_END if key in _TEXTS else _BARE_END, text, at - 1))
    strict = _QUOTED.match(text, at)
    if strict is not None:
        edge = _end(_BARE_END, text, strict.end())
        if text[edge - 1] != '"' or edge == strict.end():
            # Whatever stands between the two is a line of its own.
            return strict.end()
    lax = _LAX_QUOTED_END.search(text, at + 1)
    if lax is None:
        raise PageError(RejectionReason.HEADER_TRUNCATED, "a quoted value has no end")
    return lax.end()


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.search(text, at)
    if found is None:
        raise PageError(RejectionReason.HEADER_TRUNCATED, "no closing --- on the one line")
    return found.start()


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _headings(values: dict[str, str]) -> list[str]:
    """Return what the H1 can be, going by the header."""
    title = values.get("title", "").strip()
    if title:
        return [title, decode_entities(title).strip(), title.removeprefix('"')]
    headings = []
    for description in (values.get("description", ""), decode_entities(values.get("description", ""))):
        start = description[:_HEADING_LENGTH].lstrip()
        headings += [start + "…", start.rstrip() + "…"]
        if len(description) <= _HEADING_LENGTH:
            headings.append(description.strip())
    return headings


def _split_heading(rest: str, headings: list[str]) -> tuple[str, str]:
    for heading in headings:
        end = len(heading)
        if heading and rest.startswith(heading) and (end == len(rest) or rest[end].isspace()):
            return "# " + heading, rest[end:].strip()
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
        at = _skip_space(text, end.end())
    return lines
