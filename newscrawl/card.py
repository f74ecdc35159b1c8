"""One line of the data as a card for a person, in as many columns as the terminal has.

What stands in a line was written by others. It reaches the screen through ``safe`` and nothing else: no
character in it can steer a terminal, and no part of it is read as markup.
"""

from __future__ import annotations

import io
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from newscrawl.codes import WarningCode
from newscrawl.text.controls import escape, is_unsafe

GUIDE = "data/README.md"

_WIDTH_WHEN_PIPED = 100
# Of each list and of the body; the rest is counted.
_MOST_ENTRIES = 5
_MOST_BODY_LINES = 3
# In characters, before a value is laid out.
_LONGEST = 1000

_RULES = {"observed": "observed, a fact", "backfill": "backfill, an estimate"}
_MEANINGS = {code.value: code.meaning for code in WarningCode}

_LABEL, _FAINT, _ODD, _ALARM = "cyan", "dim", "reverse", "yellow"


def show(*parts: RenderableType) -> None:
    """Print to standard output: in colour on a terminal only, and without spaces at the ends of lines."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Some output takes no Chinese; an escape is better than a traceback.
        sys.stdout.reconfigure(errors="backslashreplace")
    width = None if sys.stdout.isatty() else _WIDTH_WHEN_PIPED
    console = Console(width=width, markup=False, emoji=False, highlight=False)
    with console.capture() as capture:
        console.print(*parts, sep="\n", crop=False)
    print(re.sub(r" +$", "", capture.get(), flags=re.MULTILINE), end="")


def card(line: Mapping[str, Any]) -> RenderableType:
    """Return a line of ``articles/`` as something that rich can print.

    A key that is missing, as in lines of an older schema, is left out.
    """
    withdrawn = line.get("status") == "withdrawn"
    rows = Table.grid(padding=(0, 2))
    rows.add_column(style=_LABEL, no_wrap=True)
    rows.add_column(overflow="fold")
    for label, key, draw in _ROWS:
        if key not in line:
            continue
        drawn = draw(line)
        if drawn is not None:
            rows.add_row(label, drawn)
        elif not withdrawn and key not in _OMITTED_WHEN_EMPTY:
            rows.add_row(label, Text("none", _FAINT))
    title = safe(line["title"], "bold") if line.get("title") else Text("no title", "italic dim")
    return Group(Rule(_name(line), align="left", style=_FAINT), title, *_gone(line), "", rows)


class Whereabouts:
    """Where lines are: (path, number of lines) of a run's newest files, and how many more it has."""

    def __init__(self, files: Sequence[tuple[str, int]], more: int = 0) -> None:
        self.files = files
        self.more = more

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for path, lines in self.files:
            # A path stays on one line, however long, so that it can be copied.
            name, number = safe(path), Text(f"  {_count(lines, 'line')}", _FAINT)
            name.no_wrap, name.overflow = True, "ignore"
            fits = name.cell_len + number.cell_len <= options.max_width
            yield name.append_text(number) if fits else Group(name, number)
        if self.more:
            yield Text(f"and {_count(self.more, 'earlier file')} of the same run", _FAINT)


def guide() -> RenderableType:
    """Return where to look on."""
    return Text(f"What each field means: {GUIDE}. With --json the line itself is printed.", _FAINT)


def safe(value: object, style: str = "") -> Text:
    r"""Return a value as text that shows what could steer a terminal: ``\x1b``, ``U+202E``."""
    text = Text(style=style, overflow="fold")
    whole = str(value)
    for unsafe, run in groupby(whole[:_LONGEST], is_unsafe):
        if unsafe:
            text.append("".join(map(escape, run)), _ODD)
        else:
            text.append("".join(run))
    return text if len(whole) <= _LONGEST else text.append("…")


def safe_json(line: str) -> str:
    """Return a line of JSON that means the same and has nothing in it that could steer a terminal."""
    return "".join(_json_escape(character) if is_unsafe(character) else character for character in line)


def _json_escape(character: str) -> str:
    if character in "\t\r\n":
        return " "  # it stands between two values: in a string it would be no JSON
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


# --- The rows ---------------------------------------------------------------------------------------


def _name(line: Mapping[str, Any]) -> Text:
    known = [key for key in ("locale", "version") if line.get(key) is not None]
    parts = [safe(line.get("uid") or "no uid", "bold")]
    parts += [Text.assemble(f"{key} ", safe(line[key])) for key in known]
    return Text(" · ").join(parts)


def _gone(line: Mapping[str, Any]) -> Iterable[Text]:
    if line.get("status") == "withdrawn":
        http = line.get("http")
        status = safe(http.get("status") if isinstance(http, dict) else "unknown")
        yield Text.assemble(
            "withdrawn: HTTP status ", status, " since ", _when(line, "fetched_at"), style=_ALARM
        )


def _published(line: Mapping[str, Any]) -> Text:
    when = _when(line, "published_at")
    raw = line.get("published_raw")
    if line.get("published_at") is None and raw is not None:
        when.append("; the page says ").append_text(safe(raw))
    return when


def _available(line: Mapping[str, Any]) -> Text:
    when = _when(line, "available_at")
    rule = line.get("available_rule")
    if rule is None:
        return when
    return when.append("  ").append_text(safe(_RULES.get(str(rule), rule), _FAINT))


def _tradable(line: Mapping[str, Any]) -> RenderableType | None:
    return _entries(
        [
            (safe(session.get("market"), "bold"), _when(session, "tradable_at"))
            for session in _dicts(line, "sessions")
        ]
    )


def _instruments(line: Mapping[str, Any]) -> RenderableType | None:
    keys = ("type", "market", "currency")
    entries = [
        (
            safe(entry.get("symbol") or entry.get("raw"), "bold"),
            *(Text("–", _FAINT) if entry.get(key) is None else safe(entry[key]) for key in keys),
        )
        for entry in _dicts(line, "instruments")
    ]
    return _entries(entries, heads=("symbol", *keys))


def _mentions(line: Mapping[str, Any]) -> RenderableType | None:
    counts = Counter(
        (str(mention.get("symbol")), str(mention.get("text"))) for mention in _dicts(line, "mentions")
    )
    return _entries(
        [
            (safe(symbol, "bold"), _cut(safe(text)), Text(f"× {times}" if times > 1 else "", _FAINT))
            for (symbol, text), times in counts.items()
        ]
    )


def _related(line: Mapping[str, Any]) -> RenderableType | None:
    links = _dicts(line, "related")
    timed = any(link.get("wire_time") for link in links)
    return _entries(
        [
            (
                safe(link.get("position"), _FAINT),
                *([safe(link.get("wire_time") or "", _FAINT)] if timed else []),
                _cut(safe(link["title"]) if link.get("title") else Text("no title", "italic dim")),
            )
            for link in links
        ]
    )


def _alternates(line: Mapping[str, Any]) -> Text | None:
    found = [safe(alternate.get("locale")) for alternate in _dicts(line, "alternates")]
    return Text(", ").join(found) if found else None


def _warnings(line: Mapping[str, Any]) -> RenderableType | None:
    codes = line["warnings"] if isinstance(line["warnings"], list) else []
    return _entries(
        [(safe(code, _ALARM), Text(_MEANINGS.get(str(code), ""), overflow="fold")) for code in codes]
    )


def _description(line: Mapping[str, Any]) -> Text | None:
    return _cut(safe(line["description"])) if line["description"] else None


def _body(line: Mapping[str, Any]) -> RenderableType | None:
    body = str(line["body"] or "")
    # Not `splitlines`: it takes characters for line ends that `safe` has to show.
    lines = [part.replace("\t", " ") for part in body.split("\n") if part.strip()]
    if not lines:
        return None
    shown = [_cut(safe(part)) for part in lines[:_MOST_BODY_LINES]]
    return Group(*shown, Text(f"{len(body):,} characters in all", _FAINT))


_ROWS = (
    ("address", "url", lambda line: safe(line["url"])),
    ("published", "published_at", _published),
    ("wire time", "wire_time", lambda line: safe(line["wire_time"]) if line["wire_time"] else None),
    ("first seen", "first_seen_at", lambda line: _when(line, "first_seen_at")),
    ("available", "available_at", _available),
    ("tradable", "sessions", _tradable),
    ("instruments", "instruments", _instruments),
    ("mentions", "mentions", _mentions),
    ("related", "related", _related),
    ("alternates", "alternates", _alternates),
    ("warnings", "warnings", _warnings),
    ("description", "description", _description),
    ("body", "body", _body),
)
_OMITTED_WHEN_EMPTY = ("wire_time", "sessions", "warnings")


# --- Their parts ------------------------------------------------------------------------------------


def _entries(rows: Sequence[Sequence[Text]], heads: Sequence[str] = ()) -> RenderableType | None:
    """Return a small table of the first rows, and how many there are more; None where there are none."""
    if not rows:
        return None
    table = Table.grid(padding=(0, 2))
    if heads:
        table.add_row(*(Text(head, _FAINT) for head in heads))
    for row in rows[:_MOST_ENTRIES]:
        table.add_row(*row)
    more = len(rows) - _MOST_ENTRIES
    return Group(table, Text(f"and {more} more", _FAINT)) if more > 0 else table


def _when(line: Mapping[str, Any], key: str) -> Text:
    value = line.get(key)
    if value is None:
        return Text("unknown")
    try:
        return Text(f"{datetime.fromisoformat(str(value)).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC")
    except (ValueError, OverflowError):
        return safe(value)


def _cut(text: Text) -> Text:
    text.no_wrap, text.overflow = True, "ellipsis"
    return text


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _dicts(line: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    value = line.get(key)
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
