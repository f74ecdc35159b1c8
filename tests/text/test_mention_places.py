"""Where mentions stand, and as of which day they are read."""

from __future__ import annotations

from datetime import date

from newscrawl.named_in_text import Mention
from newscrawl.symbols import resolve
from newscrawl.text.mentions import find_mentions
from tests.text.test_mentions import DAY


def test_offsets_count_characters() -> None:
    body = "🙂，e\u0301 （09988.HK）"
    (found,) = find_mentions({"body": body}, (), DAY)
    assert found == Mention("9988.HK", "09988.HK", 6, 14, "symbol", "body")


def test_symbols_are_those_of_the_day() -> None:
    for day in (date(2025, 10, 8), date(2025, 10, 9)):
        (found,) = find_mentions({"body": "(833819.BJ)"}, (), day)
        assert found.symbol == resolve("833819.BJ", day).symbol


def test_the_three_texts_are_searched_each_with_its_own_offsets() -> None:
    texts = {"title": "Nvidia (NVDA)", "description": "Oracle (NYSE:ORCL)", "body": "(NASDAQ:NVDA) $ORCL"}
    assert [tuple(getattr(found, name) for name in ("symbol", "field", "start", "end")) for found in (
        find_mentions(texts, (), DAY)
    )] == [
        ("NVDA.US", "title", 8, 12),
        ("ORCL.US", "description", 8, 17),
        ("NVDA.US", "body", 1, 12),
        ("ORCL.US", "body", 14, 19),
    ]  # fmt: skip
