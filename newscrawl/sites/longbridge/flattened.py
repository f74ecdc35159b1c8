"""The one-line form of a page: its line structure restored, so that one reader serves both forms.

Some answers are the same document with every line break turned into a space. Where a line began is
certain in the header (quotes and keys) and at the H1 (it equals the title); only there are line breaks put
back. What follows stays on one line: the lists at its end are found without line breaks (``sections.py``).
"""

from __future__ import annotations

import re

from newscrawl.codes import RejectionReason
from newscrawl.exceptions import PageError
from newscrawl.sites.longbridge.front_matter import MOST_CHARACTERS, unescape, unquote
from newscrawl.text.cleaning import decode_entities

_KEY = re.compile(r"([A-Za-z_][A-Za-z0-9_-]{0,63}):(?=\s|$)")
_QUOTED = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"(?=\s|$)')
_CLOSING = r"---(?:\s|$)"
_NEXT = rf"(?:[A-Za-z_][A-Za-z0-9_-]{{0,63}}:(?:\s|$)|{_CLOSING})"
_SEEN_KEY = (
    r"(?:title|type|locale|url|description|datetime|published_at|locales|author|symbol|name|industry):"
)
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
_BLANK_LINE = re.compile(r"\s\s+")
# Where the header has no title, the H1 is this much of the description.
_HEADING_LENGTH = 50
_LONGEST_HEADING = 200


def restore(text: str) -> str:
    """Return a flattened document with the line breaks that are certain.

    ``text`` begins with ``---`` and white space. Raises PageError ``header_truncated`` like the
    reader of headers does.
    """
    lines, rest = restore_start(text)
    return "\n".join([*lines, *_split_quote(rest)])


def restore_start(text: str) -> tuple[list[str], str]:
    """Return the lines down to the H1, and the text below it on one line. Raises like ``restore``."""
    header, values, rest = _restore_header(text)
    lines = [header, ""]
    if found := _LANGUAGES.match(rest):
        lines.append(found[0].rstrip())
        rest = rest[found.end() :]
    if rest.startswith("# "):
        heading, rest = _split_heading(rest[2:].lstrip(), values)
        lines.append(heading)
    return lines, rest


def _restore_header(text: str) -> tuple[str, dict[str, str], str]:
    lines = ["---"]
    values: dict[str, str] = {}
    at = 3
    while at <= MOST_CHARACTERS:
        at = skip_space(text, at)
        if text.startswith("---", at) and (at + 3 == len(text) or text[at + 3].isspace()):
            lines.append("---")
            return "\n".join(lines), values, text[at + 3 :].strip()
        key = _KEY.match(text, at)
        if key is None:
            end = _end(_BARE_END, text, at)
            lines.append(text[at:end])
            at = end
            continue
        at = skip_space(text, key.end())
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
        at = skip_space(text, end)
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


def skip_space(text: str, at: int) -> int:
    """Return where the white space at a place of a text ends."""
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


def _split_heading(rest: str, values: dict[str, str]) -> tuple[str, str]:
    for heading in _headings(values):
        end = len(heading)
        if heading and rest.startswith(heading) and (end == len(rest) or rest[end].isspace()):
            return "# " + heading, rest[end:].strip()
    if end := _cut_heading_end(rest, values):
        return "# " + rest[:end], rest[end:].strip()
    # Nothing says where the heading ends and the text begins: an empty heading claims neither.
    return "#", rest


def _split_quote(rest: str) -> list[str]:
    """Return the text below the H1, with a quote at its start on a line of its own.

    It ends at two spaces, which were a blank line. Where blank lines were dropped, nothing tells its end.
    """
    end = _BLANK_LINE.search(rest) if rest.startswith(">") else None
    return [rest] if end is None else [rest[: end.start()], "", rest[end.end() :]]


def _cut_heading_end(rest: str, values: dict[str, str]) -> int:
    """Return where an H1 ends that is the start of the description and ``…``; 0 where there is no such H1.

    White space does not count, since descriptions lose line breaks, nor does the number of characters.
    """
    end = rest.find("…", 0, _LONGEST_HEADING) + 1
    start = "".join(decode_entities(rest[:end]).split()).removesuffix("…")
    if not start or values.get("title", "").strip():
        return 0
    description = decode_entities(values.get("description", "")[: 2 * _LONGEST_HEADING])
    return end if "".join(description.split()).startswith(start) else 0
