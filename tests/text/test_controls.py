"""Characters that steer what shows them: found, escaped in JSON, and shown as what they are."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newscrawl.text.controls import escape_in_json, has_controls, is_unsafe, show, show_lines

CONTROLS = {
    "escape": "\x1b",
    "bell": "\x07",
    "NUL": "\x00",
    "vertical tab": "\x0b",
    "carriage return": "\r",
    "DEL": "\x7f",
    "padding": "\x80",
    "next line": "\x85",
    "CSI": "\x9b",
    "application command": "\x9f",
    "line separator": "\u2028",
    "paragraph separator": "\u2029",
    "embedding": "\u202a",
    "override": "\u202e",
    "isolate": "\u2066",
    "end of an isolate": "\u2069",
}
HARMLESS = {
    "tab": "\t",
    "line feed": "\n",
    "no-break space": "\xa0",
    "pound": "£",
    "ideographic space": "\u3000",
    "right-to-left mark": "\u200f",
    "zero width joiner": "\u200d",
    "dagger": "\u2020",
    "per mille": "\u2030",
    "quote": "\u2019",
    "word joiner": "\u2060",
    "Chinese": "長",
    "soft hyphen": "\xad",
}


@pytest.mark.parametrize("name", CONTROLS)
def test_a_control_is_found_and_escaped_and_means_the_same(name: str) -> None:
    text = f"é{CONTROLS[name]}長"
    assert has_controls(text)
    line = json.dumps({"body": text}, ensure_ascii=False).encode()
    escaped = escape_in_json(line)
    assert not has_controls(escaped.decode())
    assert json.loads(escaped) == {"body": text}
    assert show(text) == f"é{show(CONTROLS[name])}長"
    assert show(text).isprintable()


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_no_control_stays_in_lines(name: str) -> None:
    text = f"é{HARMLESS[name]}長"
    assert not has_controls(text)
    line = json.dumps({"body": text}, ensure_ascii=False).encode()
    assert escape_in_json(line) == line


@given(st.text())
def test_any_text(text: str) -> None:
    line = json.dumps(text, ensure_ascii=False).encode("utf-8", "replace")
    escaped = escape_in_json(line)
    assert json.loads(escaped) == json.loads(line)
    assert not has_controls(escaped.decode())
    assert (escaped == line) == (not has_controls(line.decode()))
    assert not any(map(is_unsafe, show(text)))
    assert not any(map(is_unsafe, show_lines(text).translate({9: None, 10: None})))
    # Shown again it is as it was.
    assert show(show(text)) == show(text)


def test_how_they_are_shown() -> None:
    shown = r"\x1b]0;title\x07 \x9b2J U+202Egnp.exeU+2066 U+2028 U+E000 a\x09b\x0ac\x7f" + " 長\u3000橋"
    text = "\x1b]0;title\x07 \x9b2J \u202egnp.exe\u2066 \u2028 \ue000 a\tb\nc\x7f 長\u3000橋"
    assert show(text) == shown
    assert "a\tb\nc" in show_lines(text)
    assert show_lines("plain") == show("plain") == "plain"
