"""A page's bytes to its header and the lines below it, in either form in which such pages are found."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from typing import NamedTuple, NoReturn

from newscrawl.codes import RejectionReason, WarningCode
from newscrawl.exceptions import PageError
from newscrawl.sites.base import Source
from newscrawl.sites.longbridge.flattened import restore
from newscrawl.sites.longbridge.front_matter import Header, read_header

# What the site answers where an article may not be shown: seen without a header, and short.
REGION_NOTICE = "该内容在当前地区不可见"

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Python has codecs by these names, and they are no character sets: some run, some raise what no
# other decoder raises, some take quadratic time or make halves of surrogate pairs.
_NO_CHARSETS = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"})


class PageText(NamedTuple):
    """A page taken apart at its header. ``is_flat`` tells that it came on one line."""

    header: Header
    lines: list[str]
    is_flat: bool
    warnings: list[str]


def read_text(source: Source, restore: Callable[[str], str] = restore) -> PageText:
    """Take a page's bytes apart. ``restore`` puts line breaks back into a page that came on one line.

    Raises PageError where the bytes are no text with a header.
    """
    text, warnings = _decode(source.content, source.charset)
    if not text.startswith("---"):
        _refuse(text)
    first, _, _ = text.partition("\n")
    is_flat = first.rstrip() != "---"
    if is_flat:
        if not text[3:4].isspace():
            _refuse(text)
        text = restore(text)
    lines = text.split("\n")
    header, end = read_header(lines)
    return PageText(header, lines[end:], is_flat, warnings)


def _decode(content: bytes, charset: str | None) -> tuple[str, list[str]]:
    warnings: list[str] = []
    encodings = [name for mark, name in _BOMS if content.startswith(mark)][:1] or ["utf-8"]
    if charset and _is_charset(charset):
        encodings.append(charset)
    for number, encoding in enumerate(encodings):
        try:
            text = content.decode(encoding)
        except (LookupError, ValueError):
            continue
        if number or encoding != "utf-8":
            warnings.append(WarningCode.ENCODING_NOT_UTF8)
        break
    else:
        text = content.decode("utf-8", errors="replace")
        warnings.append(WarningCode.ENCODING_REPLACED)
    if "\x00" in text:
        raise PageError(RejectionReason.NUL_BYTES, f"{text.count(chr(0))} NUL characters")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.lstrip("\ufeff \t\n"), warnings


def _is_charset(name: str) -> bool:
    try:
        return codecs.lookup(name).name not in _NO_CHARSETS
    except (LookupError, ValueError):
        return False


def _refuse(text: str) -> NoReturn:
    if not text or text.isspace():
        raise PageError(RejectionReason.EMPTY_DOCUMENT, "no text")
    start = text[:2_000].lower()
    if REGION_NOTICE in start:
        raise PageError(RejectionReason.REGION_NOTICE, text[:80])
    if start.startswith(("<!doctype html", "<html", "<head", "<!--", "<?xml", "<body")):
        raise PageError(RejectionReason.HTML_DOCUMENT, f"expected Markdown, found {text[:40]!r}")
    raise PageError(RejectionReason.NO_FRONT_MATTER, f"expected a --- line, found {text[:40]!r}")
