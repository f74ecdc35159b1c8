"""What is kept of one page that was read, so that a run can be judged as a whole.

A page's facts are committed with its outcome, so they outlive a process that is killed, and are the same
whichever worker read the page. They are numbers and short digests; no text.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import NamedTuple

import orjson

from newscrawl.codes import WarningCode
from newscrawl.items import Article
from newscrawl.refine.dates import read_instant

# Shorter ones are no article, see `body` in PROMISES.
PLAUSIBLE_BODY = 80
# How much of a body's beginning and end is compared between pages.
_EDGE = 60
# How much of a title's beginning and end is: a fixed prefix of a few words, or the name of the site.
_TITLE_EDGE = 6
# How much of the texts is looked at for letters, and how much of it they are at least. Of English and of
# Chinese texts over three quarters are letters and digits; of texts whose characters were replaced by
# question marks, few are.
_LETTERS_IN = 200
_FEWEST_LETTERS = 0.5

_NO_LETTER = re.compile(r"[^\w\s]")

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


class Facts(NamedTuple):
    """What one page showed. Lengths are in characters, digests 8 hex digits (32 bits of a SHA-256)."""

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
    title: str
    body: str
    title_head: str
    """Of the title's first characters; empty where the title is hardly longer."""
    title_tail: str
    head: str
    """Of the body's first characters; empty where the body is hardly longer."""
    tail: str
    date_hash: str
    instruments_hash: str
    alternates_hash: str
    related_hash: str
    text_hash: str
    reader: str
    is_known: bool = False
    """The page was read before, by the same reader."""
    changed: int = 0
    """What differs from that reading."""


def facts_of(article: Article, before: str) -> Facts:
    """Return the facts of an article; ``before`` are those of its last reading, encoded, or empty."""
    published = read_instant(article.published_at)
    fetched = read_instant(article.fetched_at)
    minute = None if published is None else int(published.timestamp()) // 60
    title, body = article.title or "", article.body
    has_title_edges = len(title) > 2 * _TITLE_EDGE
    # A short body is its own beginning: `body` compares it as a whole.
    has_edges = len(body) > 2 * _EDGE
    facts = Facts(
        locale=article.locale,
        filled=_bits(
            bool(value)
            for value in (
                article.title,
                article.description,
                len(body) >= PLAUSIBLE_BODY,
                minute is not None,
                article.instruments,
                article.related,
                len(article.alternates) > 1,
                _has_letters(f"{title} {body[:_LETTERS_IN]}"),
            )
        ),
        title_length=len(title),
        description_length=len(article.description or ""),
        body_length=len(body),
        instruments=len(article.instruments),
        related=len(article.related),
        warned=_bits(code in article.warnings for code in COUNTED_WARNINGS),
        published_minute=minute,
        lag=None if minute is None or fetched is None else int(fetched.timestamp()) // 60 - minute,
        title=_digest(title),
        body=_digest(body),
        title_head=_digest(title[:_TITLE_EDGE]) if has_title_edges else "",
        title_tail=_digest(title[-_TITLE_EDGE:]) if has_title_edges else "",
        head=_digest(body[:_EDGE]) if has_edges else "",
        tail=_digest(body[-_EDGE:]) if has_edges else "",
        date_hash=_digest(article.published_raw or ""),
        instruments_hash=_digest("\n".join(found.raw for found in article.instruments)),
        alternates_hash=_digest("\n".join(found.url for found in article.alternates)),
        related_hash=_digest("\n".join(found.story_id for found in article.related)),
        text_hash=(article.content_hash or "")[:8],
        reader=article.parser,
    )
    return _compared(facts, decode(before)) if before else facts


def _compared(now: Facts, before: Facts | None) -> Facts:
    if before is None or now.reader != before.reader:
        # Another reader may find other parts on the same page.
        return now
    changed = _bits(
        (
            now.text_hash != before.text_hash,
            now.date_hash != before.date_hash,
            now.instruments_hash != before.instruments_hash,
            now.alternates_hash != before.alternates_hash,
            now.related_hash != before.related_hash,
        )
    )
    return now._replace(is_known=True, changed=changed)


def encode(facts: Facts) -> str:
    """Return facts as they are stored: a JSON list."""
    return orjson.dumps(tuple(facts)).decode()


def decode(text: str) -> Facts | None:
    """Return stored facts; None for those that another version stored with other parts."""
    values = orjson.loads(text)
    return Facts(*values) if len(values) == len(Facts._fields) else None


def _has_letters(text: str) -> bool:
    shown = len(text) - text.count(" ") - text.count("\n")
    return shown - len(_NO_LETTER.findall(text)) >= _FEWEST_LETTERS * shown


def _bits(values: Iterable[bool]) -> int:
    return sum(1 << place for place, value in enumerate(values) if value)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:8]
