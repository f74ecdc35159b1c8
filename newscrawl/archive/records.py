"""A record to the bytes of its line and back, and the fields that only a commit can fill."""

from __future__ import annotations

import dataclasses
import json
import types
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache
from operator import attrgetter
from typing import Any, Union, get_args, get_origin, get_type_hints

import orjson

from newscrawl import items, observed
from newscrawl.codes import MentionRule, Place, RejectionReason, Via, WarningCode
from newscrawl.exceptions import Refused
from newscrawl.items import ARTICLE_SCHEMA, Article, Rejection
from newscrawl.observed import Observation, RevisedReading
from newscrawl.refine import commit_steps
from newscrawl.refine.availability import BACKFILL_LAG
from newscrawl.refine.dates import format_instant, parse_instant
from newscrawl.shown import shorten
from newscrawl.text.controls import escape_in_json


def stamp(
    article: Article,
    *,
    now: datetime,
    version: int,
    lag: timedelta = BACKFILL_LAG,
    is_clock_behind: bool = False,
) -> None:
    """Set what is known only when a version is committed: its number, its times and its sessions.

    ``now`` is the time of the commit, aware (``queue.stamps``), ``lag`` the setting BACKFILL_LAG.
    ``is_clock_behind`` tells that the store's clock was behind earlier commits: the line is warned of. An
    article whose commit failed may be stamped again.
    """
    if not isinstance(article.extra, dict):
        raise TypeError(f"expected a dict in extra, found {type(article.extra).__name__}")
    article.version = version
    article.first_seen_at = format_instant(now)
    # As of all warnings, a withdrawn line gets no new one.
    is_told = is_clock_behind and article.status != "withdrawn"
    if is_told or WarningCode.CLOCK_BEHIND in article.warnings:
        kept = {code for code in article.warnings if code != WarningCode.CLOCK_BEHIND}
        article.warnings = sorted(kept | {WarningCode.CLOCK_BEHIND} if is_told else kept)
    for step in commit_steps(lag):
        step(article)


def encode(record: Article | Observation | RevisedReading | Rejection | Mapping[str, Any]) -> bytes:
    """Return one line of JSON Lines: compact, keys in field order, with its line end.

    Raw UTF-8, but for the characters of ``text.controls.has_controls``, which are JSON escapes.
    """
    kind = type(record)
    if kind in _FIELDS and _is_plain(_VALUES[kind](record)):
        # What orjson refuses (a longer integer), the encoder below writes or refuses.
        with suppress(orjson.JSONEncodeError):
            return escape_in_json(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
    return escape_in_json(_ENCODER.encode(record).encode() + b"\n")


def encode_value(value: Any) -> str:
    """Return the value of a field as JSON, spelled as in a line."""
    return escape_in_json(_ENCODER.encode(value).encode()).decode()


def decode_article(line: Mapping[str, Any]) -> Article:
    """Return the article that a line of ``articles/`` holds, as parsed from JSON.

    Fields that were added to the schema later may be missing. Raises ValueError, in one line, for anything
    that is no such line: another schema, a field that is missing or not known, a value of another type, no
    time of commit.
    """
    if line.get("schema") != ARTICLE_SCHEMA:
        raise ValueError(f"expected schema {ARTICLE_SCHEMA}, found {shorten(line.get('schema'))}")
    if missing := _FIRST_FIELDS - line.keys():
        raise ValueError(f"expected the field {min(missing)}, found none")
    article: Article = _build(Article, line, "line")
    for name, text in (("first_seen_at", article.first_seen_at), ("fetched_at", article.fetched_at)):
        try:
            parse_instant(text or "")
        except Refused:
            raise ValueError(f"expected a time in {name}, found {text!r:.60}") from None
    return article


_FIELDS = {
    kind: tuple(field.name for field in dataclasses.fields(kind))
    for kind in (*vars(items).values(), *vars(observed).values())
    if isinstance(kind, type) and dataclasses.is_dataclass(kind)
}
_VALUES = {kind: attrgetter(*names) for kind, names in _FIELDS.items()}
# Codes are strings to both encoders.
_LEAVES = frozenset({str, int, bool, types.NoneType, MentionRule, Place, RejectionReason, Via, WarningCode})
_NESTED = frozenset({list, dict, *_FIELDS})
# Each line has these; what comes after them in the order of fields was added to the schema later.
_FIRST_FIELDS = frozenset(_FIELDS[Article][: _FIELDS[Article].index("refined_with")])


def _is_plain(values: Sequence[Any]) -> bool:
    """Tell whether orjson writes values as the encoder below does.

    orjson takes less time, is less strict (null for NaN, dates, any dataclass) and spells numbers otherwise.
    """
    # Level by level: a record has some dozens of small ones in it, and a call for each would take longer.
    while True:
        kinds = set(map(type, values)) - _LEAVES
        if not kinds:
            return True
        if not kinds <= _NESTED:
            return False
        inner: list[Any] = []
        for value in [value for value in values if type(value) in kinds]:
            kind: Any = type(value)
            if kind is list:
                inner += value
            elif kind is not dict:
                inner += _VALUES[kind](value)
            elif value:
                # `extra`, which may hold anything.
                return False
        values = inner


def _as_dict(value: Any) -> dict[str, Any]:
    # dataclasses.asdict deep-copies every leaf, which costs more than the encoding itself.
    if type(value) not in _FIELDS:
        raise TypeError(f"expected a value that JSON knows, found {type(value).__name__}")
    return {name: getattr(value, name) for name in _FIELDS[type(value)]}


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_as_dict)


@cache
def _hints() -> dict[type[Any], dict[str, Any]]:
    return {kind: get_type_hints(kind) for kind in _FIELDS}


def _build(hint: Any, value: Any, name: str) -> Any:
    """Return a value from JSON as what a field's annotation says, checked all the way down."""
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _build_record(hint, value, name)
    kind, arguments = get_origin(hint), get_args(hint)
    if kind in (Union, types.UnionType):
        return None if value is None else _build(arguments[0], value, name)
    if kind is list and isinstance(value, list):
        return [_build(arguments[0], part, name) for part in value]
    if kind is dict and isinstance(value, dict):
        return value
    # In Python a bool is a number as well.
    if kind is None and type(value) is hint:
        return value
    raise _mismatch(name, hint, value)


def _build_record(kind: type[Any], value: Any, name: str) -> Any:
    if not isinstance(value, Mapping):
        raise _mismatch(name, kind, value)
    hints = _hints()[kind]
    if unknown := value.keys() - hints.keys():
        raise ValueError(f"expected no field {min(unknown)!r} in {kind.__name__}, found one")
    try:
        return kind(**{key: _build(hints[key], part, key) for key, part in value.items()})
    except TypeError:
        # A field without a default is not there.
        raise ValueError(f"expected all fields of {kind.__name__} in {name}, found {sorted(value)}") from None


def _mismatch(name: str, hint: Any, value: Any) -> ValueError:
    expected = hint.__name__ if isinstance(hint, type) and get_origin(hint) is None else hint
    return ValueError(f"expected {expected} in {name}, found {str(value)[:60]!r}")
