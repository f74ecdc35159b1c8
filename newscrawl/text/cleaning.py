"""Titles, descriptions and the hash over a text."""

from __future__ import annotations

import hashlib
import html
import re
from unicodedata import combining, is_normalized, normalize

# Entities nest when a page was escaped more than once (`&amp;#34;`). More layers than this are no mistake of
# publishing: such a text is left as it is, which also keeps the work linear.
_MAX_LAYERS = 4

# No space stands between zone and title (`15:43 ETFrom Power to Lifestyle`, `15:43 ETIBM rises`). A title
# whose time has no zone is rare and one that begins in capitals is not, so only the listed words that begin
# like a zone stay whole. A small letter after the zone belongs to the same word (`ETihad`), unless a capital
# follows (`ETiPhone`).
_CLOCK = re.compile(
    r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?: ?[AaPp][Mm])? "
    r"(?:EST|EDT|ET|CST|CDT|CT|MST|MT|PST|PDT|PT|GMT|UTC|BST|CEST|CET|IST|HKT|SGT|AEST|JST)"
)
_OWN_WORDS = (
    "ET[FNP][Ss]?|ETHER|ETHEREUM|ETH|ETIHAD|ETSY|ESTEE|ESTONIA|HKTDC|HKTVmall|HKTVMALL|HKTV|CSTONE"
    "|CT[AO][Ss]?|CTRIP|CTF|CTS|CTSH|CTVA|CTRA|CDTX|MTR|MTN|MTA|MTD|MTG|MTB|MTU|MTCH|MST[RUXYZ]"
    "|PTC|PTT|PTA|PTO|PTON|PTSD|PTCT|PST[GH]|ISTANBUL|ISTAT|AESTHETICS?"
)
_MARKS = r"[\"“‘「『《【(\[$€£¥#*]"
_WIRE_TIME = re.compile(
    rf"(?![0-9:]+(?: ?[AaPp][Mm])? (?:{_OWN_WORDS})\b)({_CLOCK.pattern})"
    rf"(?:\s+(?=[^\W_]|{_MARKS}|')"
    rf"|(?=[a-z][A-Z]|(?![a-zß-öø-ÿ])[^\W_]|{_MARKS}|'(?!s\b)))"
)


# More marks on one letter than any language has. `normalize` puts the marks of a letter in order by
# moving each of them past the others, one step at a time; a run like this would take it minutes.
_MANY_MARKS = re.compile(r"[^\w\s]{64,}")


def decode_entities(text: str) -> str:
    """Return a text with one layer of HTML entities decoded.

    A text with a numeric entity too long for a number (thousands of digits) is returned as it is.
    """
    try:
        return html.unescape(text)
    except ValueError:
        return text


def _nfc(text: str) -> str:
    if is_normalized("NFC", text):
        return text
    return normalize("NFC", _MANY_MARKS.sub(_in_order, text))


def _in_order(found: re.Match[str]) -> str:
    ordered: list[str] = []
    marks: list[str] = []
    for character in "".join(normalize("NFD", character) for character in found[0]):
        if combining(character):
            marks.append(character)
            continue
        ordered += [*sorted(marks, key=combining), character]
        marks.clear()
    return "".join([*ordered, *sorted(marks, key=combining)])


def _one_line(text: str) -> str:
    parts = text.splitlines()
    if len(parts) == 1:
        return parts[0].strip()
    return " ".join(stripped for part in parts if (stripped := part.strip()))


def clean_line(text: str) -> str:
    """Return a title or description with entities decoded, in NFC, on one line.

    Each line break and the white space around it become one space; outer white space is cut. The
    function is idempotent: ``clean_line(clean_line(x)) == clean_line(x)``.
    """
    if "&" not in text and is_normalized("NFC", text):
        return _one_line(text)
    current = text
    for _ in range(_MAX_LAYERS + 1):
        cleaned = _one_line(_nfc(decode_entities(current)))
        if cleaned == current:
            return cleaned
        current = cleaned
    return _one_line(text)


def split_wire_time(title: str) -> tuple[str | None, str]:
    """Split a wire service's time from the front of a title.

    ``"15:43 ETFrom Power"`` gives ``("15:43 ET", "From Power")``. Where no time stands there, or it
    cannot be told from the title's own words (``15:43 ETSY up``), the answer is ``(None, title)``. The
    time has no date and is never the time of publication.
    """
    found = _WIRE_TIME.match(title) if title[:1].isdigit() else None
    if found is None:
        return None, title
    rest = title[found.end() :]
    # Two times in a row: nothing tells which is the agency's.
    if _CLOCK.match(rest):
        return None, title
    return found.group(1), rest


def content_hash(title: str | None, description: str | None, body: str | None) -> str:
    """Return the SHA-256 (64 hex digits) by which two versions of an article are the same.

    Each part is taken in NFC with every run of Unicode white space made one space and the ends
    trimmed; None counts as empty; the three are joined by U+001F and encoded in UTF-8.
    """
    joined = "\x1f".join(_squash(part) for part in (title, description, body))
    return hashlib.sha256(joined.encode()).hexdigest()


# `str.split` takes these four separators for white space; Unicode's White_Space property does not.
_NOT_WHITE = re.compile("[\x1c-\x1f]")
_WHITE = re.compile("[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")


def _squash(text: str | None) -> str:
    if not text:
        return ""
    text = _nfc(text)
    if _NOT_WHITE.search(text):
        return _WHITE.sub(" ", text).strip(" ")
    return " ".join(text.split())
