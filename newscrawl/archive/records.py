"""A record to the bytes of its line, and the stamp it gets at the moment of commit."""

from __future__ import annotations

import dataclasses
import io
import json
from datetime import datetime
from typing import Any

import jsonlines

from newscrawl import items
from newscrawl.codes import WarningCode
from newscrawl.items import Article, Observation, Rejection, Session
from newscrawl.refine.dates import availability, format_instant
from newscrawl.refine.sessions import first_sessions

_BEYOND = WarningCode.SESSION_BEYOND_CALENDAR


def stamp(article: Article, *, now: datetime, version: int) -> None:
    """Set what is known only when a version is committed: its number, its times and the
    sessions after them.

    ``now`` is the committing store's clock, aware.
    """
    # The canonical form, as DatesPipeline wrote it.
    published = datetime.fromisoformat(article.published_at) if article.published_at else None
    available, rule = availability(published, now, version)
    article.version = version
    article.first_seen_at = format_instant(now)
    article.available_at = format_instant(available)
    article.available_rule = rule
    markets = [found.market for found in article.instruments if found.market is not None]
    sessions, beyond = first_sessions(markets, available)
    article.sessions = None if sessions is None else [Session(*session) for session in sessions]
    # An outcome whose commit failed is stamped again, perhaps at another time.
    kept = [code for code in article.warnings if code != _BEYOND]
    article.warnings = sorted([*kept, _BEYOND]) if beyond else kept


def encode(record: Article | Observation | Rejection) -> bytes:
    """Return one line of JSON Lines: compact, raw UTF-8, keys in field order, with its line end."""
    buffer = io.StringIO()
    with jsonlines.Writer(buffer, dumps=_ENCODER.encode) as writer:
        writer.write(record)
    return buffer.getvalue().encode()


_FIELDS = {
    kind: tuple(field.name for field in dataclasses.fields(kind))
    for kind in vars(items).values()
    if isinstance(kind, type) and dataclasses.is_dataclass(kind)
}


def _as_dict(value: Any) -> dict[str, Any]:
    # dataclasses.asdict deep-copies every leaf, which costs more than the encoding itself.
    return {name: getattr(value, name) for name in _FIELDS[type(value)]}


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_as_dict)
