"""``scrapy head``: a card that a person can read, whatever stands in the line."""

from __future__ import annotations

import io
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

import newscrawl
from newscrawl.card import Whereabouts, card, safe, safe_json
from newscrawl.http_info import HttpInfo
from newscrawl.items import Alternate, Article, Instrument, RelatedLink, Session
from newscrawl.named_in_text import Mention

ROOT = Path(newscrawl.__file__).parents[1]
RUN = "20260508T141500Z-longbridge-3f2a"
HOSTILE = "[red]up[/red] :smile: \x1b]0;title\x07\x1b[31m \x9b2J \u202etxt.exe\u2066 \u2028 \ud83d\x7f"
SHOWN = r"[red]up[/red] :smile: \x1b]0;title\x07\x1b[31m \x9b2J U+202Etxt.exeU+2066 U+2028 U+D83D\x7f"  # noqa: RUF100

Line = dict[str, Any]


def line(**changes: object) -> Line:
    article = Article(
        uid="longbridge:285741170:en",
        story_id="longbridge:285741170",
        url="https://longbridge.com/en/news/285741170.md",
        locale="en",
        alternates=[Alternate(locale, f"https://longbridge.com/{locale}") for locale in ("en", "zh-CN")],
        title="Pallets rise",
        description="A summary of one sentence. " * 10,
        body="First paragraph. " * 10 + "\n\nSecond\tparagraph.\n\nThird.\n\nFourth.",
        published_at="2026-05-08T14:18:31.000Z",
        published_raw="2026-05-08T14:18:31.000Z",
        first_seen_at="2026-05-10T01:00:00.500Z",
        fetched_at="2026-05-10T01:00:00.000Z",
        available_at="2026-05-08T15:18:31.000Z",
        available_rule="backfill",
        instruments=[
            Instrument("02399.HK", "2399.HK", "02399", "HK", "XHKG", "equity", "code_range", "HKD"),
            Instrument("QRST.US", "QRST.US", "QRST", "US", None, "unknown", "none", "USD"),
            Instrument("NRMK.DE"),
        ],
        related=[
            RelatedLink("longbridge:1", "https://longbridge.com", "Next", "09:31 ET", 1, ""),
            RelatedLink("longbridge:2", "https://longbridge.com", None, None, 2, ""),
        ],
        http=HttpInfo(200),
        mentions=[Mention("2399.HK", "02399.HK", 0, 8, "symbol")],
        sessions=[
            Session("HK", "XHKG", "2026-05-11", "", "2026-05-11T01:30:00.000Z", "after"),
        ],
    )
    return {**asdict(article), **changes}


CHINESE: Line = {
    "uid": "longbridge:285741170:zh-CN",
    "locale": "zh-CN",
    "title": "灯湾物流佛山第二座冷链枢纽启用，上调全年货量目标",
    "description": "灯湾物流启用佛山第二座冷链枢纽。" * 10,
    "body": "灯湾物流位于佛山的第二座冷链枢纽周四启用。" * 10,
    "mentions": [
        {"symbol": "2399.HK", "text": "$灯湾物流(02399.HK)"},
        {"symbol": "2399.HK", "text": "$灯湾物流(02399.HK)"},
        {"symbol": "700.HK", "text": "00700.HK"},
    ],
}
WITHDRAWN: Line = {
    "status": "withdrawn",
    "version": 2,
    "title": None,
    "description": None,
    "body": "",
    "alternates": [],
    "instruments": [],
    "related": [],
    "mentions": [],
    "sessions": [],
    "http": {"status": 410},
}


def drawn(line: Line, width: int = 80, **options: Any) -> str:
    """A card as it comes to the screen."""
    output = io.StringIO()
    Console(file=output, width=width, _environ={}, **options).print(card(line))
    text = output.getvalue()
    assert max(map(cell_len, text.split("\n"))) <= width or options
    return text


def rows(line: Line, width: int = 80) -> dict[str, list[str]]:
    """The rows of a card by their labels."""
    found: dict[str, list[str]] = {}
    label = ""
    for text in drawn(line, width).partition("\n\n")[2].splitlines():
        label = text[:11].strip() or label
        found.setdefault(label, []).append(text[13:].rstrip())
    return found


# --- The card ---------------------------------------------------------------------------------------


def test_an_article() -> None:
    head, title, *_ = drawn(line()).splitlines()
    assert head.startswith("longbridge:285741170:en · locale en · version 1 ──")
    assert title == "Pallets rise"
    found = rows(line())
    description, body = found.pop("description"), found.pop("body")
    assert found == {
        "address": ["https://longbridge.com/en/news/285741170.md"],
        "published": ["2026-05-08 14:18:31 UTC"],
        "first seen": ["2026-05-10 01:00:00 UTC"],
        "available": ["2026-05-08 15:18:31 UTC  backfill, an estimate"],
        "tradable": ["HK  2026-05-11 01:30:00 UTC"],
        "instruments": [
            "symbol   type     market  currency",
            "2399.HK  equity   HK      HKD",
            "QRST.US  unknown  US      USD",
            "NRMK.DE  unknown  –       –",
        ],
        "mentions": ["2399.HK  02399.HK"],
        "related": ["1  09:31 ET  Next", "2            no title"],
        "alternates": ["en, zh-CN"],
    }
    # Both are cut, not folded.
    assert len(description) == 1
    assert description[0].startswith("A summary of one sentence. A")
    assert description[0].endswith("…")
    assert body[0].endswith("…")
    assert body[1:] == ["Second paragraph.", "Third.", f"{len(line()['body'])} characters in all"]


def test_chinese_is_as_wide_as_it_looks() -> None:
    found = rows(line(**CHINESE))
    assert CHINESE["title"] in drawn(line(**CHINESE))
    first, second = found["mentions"]
    assert (first, second) == ("2399.HK  $灯湾物流(02399.HK)  × 2", "700.HK   00700.HK")
    for key in ("description", "body"):
        assert found[key][0].endswith("…")
        assert 65 <= cell_len(found[key][0]) <= 67


def test_a_withdrawn_line_says_so_and_nothing_that_it_lacks() -> None:
    head, title, gone, *_ = drawn(line(**WITHDRAWN)).splitlines()
    assert "· version 2 ─" in head
    assert title == "no title"
    assert gone == "withdrawn: HTTP status 410 since 2026-05-10 01:00:00 UTC"
    assert set(rows(line(**WITHDRAWN))) == {"address", "published", "first seen", "available"}


def test_what_is_empty_is_none_and_what_is_not_known_is_left_out() -> None:
    empty: Line = {"instruments": [], "mentions": [], "related": [], "alternates": [], "description": None}
    found = rows(line(**empty, body="", sessions=None, warnings=[], wire_time=None))
    assert {label for label, texts in found.items() if texts == ["none"]} == {*empty, "body"}
    assert not {"tradable", "warnings", "wire time"} & set(found)


def test_lines_of_an_older_schema() -> None:
    older = {key: value for key, value in line().items() if key not in ("mentions", "sessions", "http")}
    assert set(rows(line())) - set(rows(older)) == {"mentions", "tradable"}
    assert "no title" in drawn({})


@pytest.mark.parametrize("value", [None, 1, "text", [1], {"a": 1}])
def test_no_value_breaks_a_card(value: object) -> None:
    for key in line():
        drawn(line(**{key: value}))


def test_dates_that_are_none() -> None:
    raw = rows(line(published_at=None, published_raw="8 May"))["published"]
    assert raw == ["unknown; the page says 8 May"]
    assert rows(line(published_at=None, published_raw=None))["published"] == ["unknown"]
    odd = rows(line(published_at="soon", available_at="2026-05-08T15:18:31+08:00", available_rule="observed"))
    assert odd["published"] == ["soon"]
    assert odd["available"] == ["2026-05-08 07:18:31 UTC  observed, a fact"]


def test_long_lists_are_folded() -> None:
    instruments = [{"symbol": f"{number}.HK"} for number in range(1, 9)]
    mentions = [{"symbol": "1.HK", "text": str(number)} for number in range(30)]
    related = [{"position": number, "title": "t"} for number in range(1, 8)]
    found = rows(line(instruments=instruments, mentions=mentions, related=related))
    assert found["instruments"][-2:] == ["5.HK    –     –       –", "and 3 more"]
    assert found["mentions"][-1] == "and 25 more"
    # No wire times, no column for them.
    assert found["related"][-2:] == ["5  t", "and 2 more"]


def test_warnings_have_their_meaning() -> None:
    found = rows(line(warnings=["date_missing", "of_tomorrow"]))
    assert found["warnings"] == ["date_missing  the header has no datetime", "of_tomorrow"]


def test_paths_are_not_broken_for_their_number() -> None:
    output = io.StringIO()
    Console(file=output, width=40).print(Whereabouts([("a" * 30, 1), ("b" * 36, 1200)], more=3))
    assert [text.rstrip() for text in output.getvalue().splitlines()] == [
        f"{'a' * 30}  1 line",
        "b" * 36,
        "  1,200 lines",
        "and 3 earlier files of the same run",
    ]


# --- Hostile text -----------------------------------------------------------------------------------


def everywhere(value: object, text: str) -> object:
    """A value in which every text is another."""
    if isinstance(value, dict):
        return {key: everywhere(part, text) for key, part in value.items()}
    if isinstance(value, list):
        return [everywhere(part, text) for part in value]
    return text if value is None or isinstance(value, str) else value


def test_nothing_steers_the_terminal_or_is_markup() -> None:
    hostile = {**line(), "warnings": [HOSTILE]}
    hostile = {key: everywhere(value, HOSTILE) for key, value in hostile.items()}
    text = drawn(hostile, 200)
    assert [character for character in text if not character.isprintable() and character != "\n"] == []
    assert text.count(SHOWN) > 15
    assert text.splitlines()[1] == SHOWN


def test_nothing_steers_a_terminal_in_colour() -> None:
    hostile = {key: everywhere(value, "\x1b[41m\u202e") for key, value in line().items()}
    text = drawn(hostile, force_terminal=True, color_system="standard")
    assert "\x1b[36m" in text
    assert "\x1b[41m" not in text
    assert "\u202e" not in text


def test_safe_keeps_what_is_harmless() -> None:
    plain = "Café 灯湾\u3000“quoted” €5 [b] :tada: 🚀"
    assert safe(plain).plain == plain
    assert len(safe("x" * 5000).plain) == 1001


def test_safe_json_means_the_same() -> None:
    for text in (json.dumps(HOSTILE + "灯", ensure_ascii=False), '\t{"a":\r\n1}'):
        safe_text = safe_json(text)
        assert json.loads(safe_text) == json.loads(text)
        assert safe_text.isprintable()
    assert "灯" in safe_json('"灯"')
