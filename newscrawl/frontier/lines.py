"""A record to the bytes of its line, and the stamp it gets at the moment of commit."""

from __future__ import annotations

import dataclasses
import io
from datetime import datetime
from typing import Any

import jsonlines

from newscrawl.fields.dates import availability, format_instant, parse_instant
from newscrawl.items import Article, Rejection


def stamp(article: Article, *, now: datetime, version: int) -> None:
    """Set what is known only when a version is committed: its number and its times.

    ``now`` is the committing store's clock, aware.
    """
    published = parse_instant(article.published_at) if article.published_at else None
    available, rule = availability(published, now, version)
    article.version = version
    article.first_seen_at = format_instant(now)
    article.available_at = format_instant(available)
    article.available_rule = rule


def encode(record: Article | Rejection) -> bytes:
    """Return one line of JSON Lines: compact, raw UTF-8, keys in field order, with its line end."""
    buffer = io.StringIO()
    with jsonlines.Writer(buffer, compact=True) as writer:
        writer.write(_as_dict(record))
    return buffer.getvalue().encode()


_FIELDS: dict[type, tuple[str, ...]] = {}


def _as_dict(value: Any) -> Any:
    # dataclasses.asdict deep-copies every leaf, which costs more than the encoding itself.
    if isinstance(value, list):
        return [_as_dict(part) for part in value]
    kind = type(value)
    names = _FIELDS.get(kind)
    if names is None:
        if not dataclasses.is_dataclass(value):
            return value
        names = _FIELDS[kind] = tuple(field.name for field in dataclasses.fields(value))
    return {name: _as_dict(getattr(value, name)) for name in names}
