"""Arguments of a crawl in their natural types."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from newscrawl.arguments import spell
from newscrawl.exceptions import ArgumentError

SPELLED: list[tuple[str, object, str]] = [
    ("url", "https://longbridge.com/en/news/1.md", "https://longbridge.com/en/news/1.md"),
    ("url", ["a", "b"], "a,b"),
    ("locales", ("en", "zh-CN"), "en,zh-CN"),
    ("url", Path("starts.txt"), "@starts.txt"),
    ("depth", 3, "3"),
    ("limit", 0, "0"),
    ("since", date(2026, 5, 1), "2026-05-01"),
    ("since", datetime(2026, 5, 1, 12, tzinfo=UTC), "2026-05-01T12:00:00+00:00"),
    ("recheck", timedelta(days=2), "2d"),
    ("recheck", timedelta(hours=36), "36h"),
    ("recheck", timedelta(weeks=3), "3w"),
    ("recheck", timedelta(minutes=90), "90m"),
    ("recheck", timedelta(0), "never"),
    ("fresh", True, "1"),
    ("fresh", False, "0"),
]


@pytest.mark.parametrize(("name", "value", "text"), SPELLED)
def test_a_value_is_spelled_as_on_a_command_line(name: str, value: object, text: str) -> None:
    assert spell(name, value) == text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("depth", 3.0),
        ("depth", True),
        ("limit", Decimal(3)),
        ("url", {"a"}),
        ("url", [1]),
        ("url", b"a"),
        ("recheck", timedelta(seconds=90)),
        ("recheck", timedelta(days=-1)),
        ("fresh", object()),
    ],
)
def test_other_values_are_refused_in_one_line(name: str, value: object) -> None:
    with pytest.raises(ArgumentError, match=f"^{name}: expected ") as caught:
        spell(name, value)
    assert len(str(caught.value).splitlines()) == 1
