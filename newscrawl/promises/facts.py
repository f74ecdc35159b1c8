"""What is kept of one page that was read, so that a run can be judged as a whole.

A page's facts are committed with its outcome, so they outlive a process that is killed, and are the same
whichever worker read the page. They are numbers and short digests; no text.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from zlib import crc32

import orjson

from newscrawl.codes import WarningCode
from newscrawl.items import Article

# Shorter ones are no article, see `body` in PROMISES.
PLAUSIBLE_BODY = 80
# Bytes of UTF-8. So much of a body's first line and of its end is compared between pages: 96 characters of an
# English text, 32 of a Chinese one. A banner is a line of its own, and may be shorter.
_EDGE = 96
# How much of a title's beginning and end is: a fixed prefix of a few words, or the name of the site.
_TITLE_EDGE = 6
# How many characters of a body are looked at for letters, and how many of those that are no space are letters
# and digits at least. Of English and of Chinese texts over three quarters are; of texts whose characters were
# replaced by question marks, few are.
_LETTERS_IN = 200
_FEWEST_LETTERS = 0.5
# Bytes of UTF-8 that are no letters and digits of ASCII, and those that begin no character from U+4000 to
# U+9FFF, where nearly all Chinese characters are.
_NO_ASCII = bytes(byte for byte in range(256) if byte > 127 or not chr(byte).isalnum())
_NO_CHINESE = bytes(byte for byte in range(256) if not 0xE4 <= byte <= 0xE9)

COUNTED_WARNINGS = tuple(
    str(code)
    for code in (
        WarningCode.ID_DATE_DIFFERS,
        WarningCode.LOCALE_MISMATCH,
        WarningCode.UNKNOWN_KEY,
        WarningCode.UNREADABLE_HEADER_LINE,
        WarningCode.NO_SECTIONS,
        WarningCode.UNREADABLE_ITEM,
        WarningCode.PARTS_MISSING,
        WarningCode.UNKNOWN_HEADING,
        WarningCode.DATE_IN_FUTURE,
        WarningCode.ENCODING_REPLACED,
        WarningCode.CONTROL_CHARACTERS,
        WarningCode.UNKNOWN_MARKET,
    )
)
"""Warnings whose share among the pages is bounded; their places are bits of ``Facts.warned``."""

FIELDS = ("title", "description", "body", "published_at", "instruments", "related", "alternates", "letters")
"""Fields that a page may fill; their places are bits of ``Facts.filled``."""

PARTS = ("text", "date", "instruments", "alternates", "related")
"""Parts of a page that may differ from the last reading; their places are bits of ``Facts.changed``."""

_BIT_OF_WARNING = {code: 1 << place for place, code in enumerate(COUNTED_WARNINGS)}


class Facts(NamedTuple):
    """What one page showed. Lengths are in characters; digests are CRC-32, 0 where there is nothing."""

    locale: str
    filled: int
    title_length: int
    description_length: int
    body_length: int
    instruments: int
    related: int
    warned: int
    published_minute: int | None
    """Minutes since 1970; None without a date."""
    lag: int | None
    """Minutes from publication to the fetch; below 0 for a date in the future."""
    title: int
    body: int
    title_head: int
    """Of the title's first characters; 0 where the title is hardly longer."""
    title_tail: int
    head: int
    """Of the body's first line, cut; 0 where the body is hardly longer."""
    tail: int
    date_hash: int
    """Of the date as printed; 0 where it could not be read."""
    instruments_hash: int
    alternates_hash: int
    related_hash: int
    text_hash: int
    reader: str
    is_known: bool = False
    """The page was read before, by the same reader."""
    changed: int = 0
    """What differs from that reading."""


# A crawl spends this on each page: plain expressions, because calls and generators cost as much as the work.
def encoded_facts_of(article: Article, before: str) -> str:
    """Return the facts of an article, encoded; ``before`` are those of its last reading, or empty."""
    minute = lag = None
    if article.published_at is not None:
        minute = _minute(article.published_at[:_TO_THE_MINUTE])
        if article.fetched_at is not None:
            lag = _minute(article.fetched_at[:_TO_THE_MINUTE]) - minute
    title, body, description = article.title or "", article.body, article.description or ""
    instruments, related, alternates = article.instruments, article.related, article.alternates
    warned = 0
    for code in article.warnings:
        warned |= _BIT_OF_WARNING.get(code, 0)
    title_head = title_tail = head = tail = 0
    if len(title) > 2 * _TITLE_EDGE:
        title_head, title_tail = _digest(title[:_TITLE_EDGE]), _digest(title[-_TITLE_EDGE:])
    text = body.encode("utf-8", "surrogatepass")
    # A short body is its own beginning: `body` compares it as a whole.
    if len(text) > 2 * _EDGE:
        head, tail = crc32(text[:_EDGE].partition(b"\n")[0]), crc32(text[-_EDGE:])
    values = (
        article.locale,
        bool(title)
        | bool(description) << 1
        | (len(body) >= PLAUSIBLE_BODY) << 2
        | (minute is not None) << 3
        | bool(instruments) << 4
        | bool(related) << 5
        | (len(alternates) > 1) << 6
        | _has_letters(title, body, text) << 7,
        len(title),
        len(description),
        len(body),
        len(instruments),
        len(related),
        warned,
        minute,
        lag,
        _digest(title) if title else 0,
        crc32(text),
        title_head,
        title_tail,
        head,
        tail,
        0 if minute is None or article.published_raw is None else _digest(article.published_raw),
        _digest("\n".join([found.raw for found in instruments])) if instruments else 0,
        _digest("\n".join([found.url for found in alternates])) if alternates else 0,
        _digest("\n".join([found.story_id for found in related])) if related else 0,
        int((article.content_hash or "0")[:8], 16),
        article.parser,
    )
    return orjson.dumps(values + _compared(values, before) if before else values).decode()


def facts_of(article: Article, before: str) -> Facts:
    """Return the facts of an article; ``before`` are those of its last reading, encoded, or empty."""
    return Facts(*orjson.loads(encoded_facts_of(article, before)))


def _compared(now: tuple[Any, ...], before: str) -> tuple[bool, int]:
    """Return whether the page was read before, and what is another now."""
    then = orjson.loads(before)
    if not _is_whole(then) or now[_READER] != then[_READER]:
        # Another reader may find other parts on the same page.
        return False, 0
    return True, (
        (now[_TEXT] != then[_TEXT])
        | (now[_DATE] != then[_DATE]) << 1
        | (now[_INSTRUMENTS] != then[_INSTRUMENTS]) << 2
        | (now[_ALTERNATES] != then[_ALTERNATES]) << 3
        | (now[_RELATED] != then[_RELATED]) << 4
    )


_READER = Facts._fields.index("reader")
# In the order of PARTS. A date that can no longer be read is another one.
_TEXT, _DATE, _INSTRUMENTS, _ALTERNATES, _RELATED = (Facts._fields.index(f"{name}_hash") for name in PARTS)
_LEAST = len(Facts._fields) - len(Facts._field_defaults)


def encode(facts: Facts) -> str:
    """Return facts as they are stored: a JSON list. What a page that was never read lacks may be left out."""
    return orjson.dumps(tuple(facts)).decode()


def decode(text: str) -> Facts | None:
    """Return stored facts; None for those that another version stored with other parts."""
    values = orjson.loads(text)
    return Facts(*values) if _is_whole(values) else None


def _is_whole(values: Sequence[Any]) -> bool:
    # Digests are numbers. Those of an earlier version were texts.
    return _LEAST <= len(values) <= len(Facts._fields) and not isinstance(values[_READER - 1], str)


def _has_letters(title: str, body: str, encoded: bytes) -> bool:
    head = encoded[:_LETTERS_IN]
    # Counting bytes is quick, and enough for nearly all pages.
    found = len(head.translate(None, _NO_ASCII)) + 3 * len(head.translate(None, _NO_CHINESE))
    if head and found >= _FEWEST_LETTERS * len(head):
        return True
    text = title + body[:_LETTERS_IN]
    shown = len(text) - text.count(" ") - text.count("\n")
    return sum(map(str.isalnum, text)) >= _FEWEST_LETTERS * shown


def _digest(text: str) -> int:
    return crc32(text.encode("utf-8", "surrogatepass"))


# Pages of one moment come together, and the locales of one story.
@lru_cache(maxsize=64)
def _minute(text: str) -> int:
    """Return the minutes from 1970 to a time (UTC) that is written down to the minute."""
    moment = datetime.fromisoformat(text)
    return (moment.toordinal() - _DAY_1970) * 1_440 + moment.hour * 60 + moment.minute


_DAY_1970 = date(1970, 1, 1).toordinal()
_TO_THE_MINUTE = len("2026-11-23T01:15")
