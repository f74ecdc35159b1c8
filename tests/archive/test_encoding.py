"""The bytes of a line are those of the standard library's json but for characters that steer what shows them,
which are escapes; and what that refuses is refused.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable
from datetime import UTC, date, datetime
from enum import Enum, StrEnum
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newscrawl.archive.records import encode, encode_value
from newscrawl.items import Article, Instrument, Rejection
from newscrawl.observed import Observation

Record = Article | Observation | Rejection


# Written out, unlike in the code: DEL, C1, ends of lines and paragraphs, what turns the direction of writing.
ESCAPED = frozenset("\x7f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069").union(
    map(chr, range(128, 160))
)


def _expected(record: Any) -> bytes:
    """What the line was before another encoder wrote it."""
    is_record = dataclasses.is_dataclass(record) and not isinstance(record, type)
    plain = dataclasses.asdict(record) if is_record else record
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return "".join(f"\\u{ord(it):04x}" if it in ESCAPED else it for it in text).encode() + b"\n"


def _filled(kind: Any, text: str) -> Any:
    """Return a value of what an annotation says, without a gap anywhere."""
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return kind(**{field.name: _filled(hints[field.name], text) for field in dataclasses.fields(kind)})
    if get_origin(kind) is list:
        return [_filled(get_args(kind)[0], text)] * 2
    if get_origin(kind) is dict:
        return {}
    if args := [arg for arg in get_args(kind) if arg is not type(None)]:
        return _filled(args[0], text)
    return {bool: True, int: 2**53 + 1}.get(kind, text)


TEXTS = {
    "plain": "text",
    "empty": "",
    "line separators": "a\u2028b\u2029c\u0085d",
    "line ends": "a\nb\r\nc",
    "control characters": "".join(map(chr, range(32))),
    "DEL and C1": "".join(map(chr, range(127, 160))),
    "marks": "\"'\\/<>&",
    "emoji": "👩\u200d👧🇭🇰\U0010ffff",
    "Chinese": "長橋港股，𠮷",
    "byte order mark": "\ufeff\ufffe\ufffd",
    "combining": "e\u0301 \u202e",
}


@pytest.mark.parametrize("kind", [Article, Observation, Rejection])
@pytest.mark.parametrize("name", TEXTS)
def test_every_field_filled(kind: type[Record], name: str) -> None:
    record = _filled(kind, TEXTS[name])
    line = encode(record)
    assert line == _expected(record)
    assert line.count(b"\n") == 1
    assert list(json.loads(line)) == [field.name for field in dataclasses.fields(kind)]


@given(st.text(max_size=50))
def test_any_text(text: str) -> None:
    article = Article(title=text, warnings=[text])
    assert encode(article) == _expected(article)
    assert encode_value([text]) == _expected([text]).decode().removesuffix("\n")


class _Word(StrEnum):
    A = "a"


class _Other(Enum):
    A = "a"


@dataclasses.dataclass
class _Foreign:
    field: int = 1


class _Text(str):
    __slots__ = ()


WRITTEN: dict[str, object] = {
    "nested": {"a": [{"b": [None, True, {}, []]}]},
    "a tuple": (1, "a"),
    "a dataclass of ours": Instrument("x"),
    "floats": [1e16, 1e-7, 1.5e-5, -0.0, 5e-324, 0.1, 1e22, 12345.678e100],
    "long integers": [2**63, 2**64, -(2**63) - 1, 2**200],
    "keys that are numbers": {2: "a", 1.5: "b", True: "c", None: "d"},
    "a word": _Word.A,
    "a word as a key": {_Word.A: 1},
    "a kind of text": _Text("a"),
    "much nesting": eval("[" * 150 + "]" * 150),  # noqa: S307
    "odd texts": TEXTS,
}
REFUSED: dict[str, object] = {
    "not a number": math.nan,
    "infinite": [{"a": -math.inf}],
    "a set": {1},
    "bytes": b"a",
    "a time": datetime(2026, 5, 8, tzinfo=UTC),
    "a date": date(2026, 5, 8),
    "a UUID": UUID(int=1),
    "another dataclass": _Foreign(),
    "another enum": _Other.A,
    "a key that is a tuple": {(1,): 1},
    "a key that is a date": {date(2026, 5, 8): 1},
    "half a pair": "\ud800",
    "half a pair as a key": {"\udfff": 1},
}
PLACES: dict[str, Callable[[Any], Article]] = {
    "extra": lambda value: Article(extra={"name": value}),
    "a field": lambda value: Article(title=value),
    "a list": lambda value: Article(warnings=[value]),
    "a part": lambda value: Article(instruments=[Instrument(value)]),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", WRITTEN)
def test_written(name: str, place: str) -> None:
    article = PLACES[place](WRITTEN[name])
    assert encode(article) == _expected(article)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str, place: str) -> None:
    with pytest.raises((TypeError, ValueError)):
        encode(PLACES[place](REFUSED[name]))


@pytest.mark.parametrize("name", REFUSED)
def test_refused_elsewhere(name: str) -> None:
    with pytest.raises((TypeError, ValueError)):
        encode({"name": REFUSED[name]})
    if not name.startswith("half"):
        # A value becomes text, which a file refuses later.
        with pytest.raises((TypeError, ValueError)):
            encode_value(REFUSED[name])


@pytest.mark.parametrize("name", WRITTEN)
def test_a_line_that_was_read_is_written_as_it_was(name: str) -> None:
    # `scrapy refine` writes lines again whose extra it does not know.
    line = encode(PLACES["extra"](WRITTEN[name]))
    assert encode(json.loads(line)) == line
