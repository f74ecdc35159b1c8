"""``data/README.md`` and the other pages, held to the code."""

from __future__ import annotations

import ast
import dataclasses
import doctest
import json
import math
import re
import typing
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import NoneType
from typing import Any

import pytest
import scrapy.commands
from markdown_it import MarkdownIt
from markdown_it.token import Token

from newscrawl import codes, http_info, items, named_in_text, observed
from newscrawl.archive.records import encode, stamp
from newscrawl.archive.segments import Segment
from newscrawl.lifecycle import manifest as manifests
from newscrawl.lifecycle.verdict import Verdict
from newscrawl.plan import KNOWN
from newscrawl.refine import availability, checks, refine
from newscrawl.refine.calendars import CALENDARS, calendar
from newscrawl.sites.longbridge import LONGBRIDGE
from newscrawl.sites.longbridge.news_ids import id_window, read_points
from newscrawl.symbols.tables import read_links, read_table

ROOT = Path(__file__).parent.parent
CONTRACT = ROOT / "data" / "README.md"
PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "data/README.md",
    "data/sample/README.md",
    "docs/add-a-site.md",
    "docs/architecture.md",
    "docs/archive.md",
    "docs/operations.md",
)

# The heading under which each part of a line is explained.
PARTS: dict[str, type] = {
    "Articles": items.Article,
    "alternates[]": items.Alternate,
    "instruments[]": items.Instrument,
    "instruments[].vendor": items.VendorSymbols,
    "instruments[].relevance": named_in_text.Relevance,
    "related[]": items.RelatedLink,
    "mentions[]": named_in_text.Mention,
    "sessions[]": items.Session,
    "refined_with": items.RefinedWith,
    "crawl": items.CrawlInfo,
    "http": http_info.HttpInfo,
    "http.archive": http_info.ArchivedAs,
    "Observations": observed.Observation,
    "Revised readings": observed.RevisedReading,
    "Rejected pages": items.Rejection,
}
# None while a page is on its way, never in a line that was written.
FILLED_WHEN_WRITTEN = {
    "Articles": {
        "first_seen_at",
        "fetched_at",
        "available_at",
        "available_rule",
        "content_hash",
        "http",
        "sessions",
    },
    "instruments[]": {"symbol", "code"},
    "crawl": {"run_id"},
    "Observations": {"observed_at"},
    "Revised readings": {"observed_at", "available_at", "available_rule", "sessions"},
    "Rejected pages": {"rejected_at", "fetched_at"},
}

Table = list[tuple[str, ...]]


def _parse(path: Path) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(path.read_text(encoding="utf-8"))


def _text(token: Token) -> str:
    return "".join(" " if part.type == "softbreak" else part.content for part in token.children or ())


def _tables(path: Path) -> dict[str, list[Table]]:
    """Return the tables of a page, without their header rows, by the heading above them."""
    found: dict[str, list[Table]] = {}
    rows: Table = []
    row: list[str] = []
    heading = previous = ""
    for token in _parse(path):
        if token.type == "inline":
            if previous == "heading_open":
                heading = _text(token)
            elif previous in ("td_open", "th_open"):
                row.append(_text(token))
        elif token.type == "table_open":
            rows = []
        elif token.type == "tr_open":
            row = []
        elif token.type == "tr_close":
            rows.append(tuple(row))
        elif token.type == "table_close":
            found.setdefault(heading, []).append(rows[1:])
        previous = token.type
    return found


@pytest.fixture(scope="module")
def tables() -> dict[str, list[Table]]:
    return _tables(CONTRACT)


def _json_type(annotation: object) -> tuple[str, bool]:
    """Return what JSON calls a type, and whether null may stand in its place."""
    arguments = typing.get_args(annotation)
    if NoneType in arguments:
        (rest,) = (argument for argument in arguments if argument is not NoneType)
        return _json_type(rest)[0], True
    if typing.get_origin(annotation) is list:
        return f"list of {_json_type(arguments[0])[0]}s", False
    if dataclasses.is_dataclass(annotation) or typing.get_origin(annotation) is dict:
        return "object", False
    return {str: "string", int: "number"}[typing.cast("type", annotation)], False


@pytest.mark.parametrize("heading", PARTS)
def test_every_field_is_explained_in_order_and_nothing_else(
    heading: str, tables: dict[str, list[Table]]
) -> None:
    explained = [row[0] for row in tables[heading][0]]
    assert explained == [field.name for field in dataclasses.fields(PARTS[heading])]


@pytest.mark.parametrize("heading", PARTS)
def test_types_are_those_of_the_code(heading: str, tables: dict[str, list[Table]]) -> None:
    filled = FILLED_WHEN_WRITTEN.get(heading, set())
    expected = {}
    for name, annotation in typing.get_type_hints(PARTS[heading]).items():
        kind, nullable = _json_type(annotation)
        expected[name] = f"{kind} or null" if nullable and name not in filled else kind
    assert {row[0]: row[1] for row in tables[heading][0]} == expected


def test_every_part_of_a_line_has_its_table() -> None:
    modules = (items, observed)
    written = {thing for module in modules for thing in vars(module).values() if isinstance(thing, type)}
    own = (*(module.__name__ for module in modules), http_info.__name__, named_in_text.__name__)
    assert {thing for thing in written if thing.__module__ in own} == set(PARTS.values())


def test_every_field_says_what_it_means(tables: dict[str, list[Table]]) -> None:
    empty = [
        (heading, row)
        for heading, found in tables.items()
        for table in found
        for row in table
        if not all(cell.strip() for cell in row)
    ]
    assert empty == []


def test_warnings_are_those_of_the_code(tables: dict[str, list[Table]]) -> None:
    assert tables["Warnings"][0] == [(code, code.meaning) for code in codes.WarningCode]


def test_reasons_are_those_of_the_code(tables: dict[str, list[Table]]) -> None:
    assert tables["Rejected pages"][1] == [(code, code.meaning) for code in codes.RejectionReason]


def test_rules_of_mentions_are_those_of_the_code(tables: dict[str, list[Table]]) -> None:
    # Backticks are not part of a table's text.
    rules = {code: code.meaning.replace("`", "") for code in codes.MentionRule}
    assert tables["mentions[]"][1] == list(rules.items())


def test_places_of_relevance_are_those_of_the_code(tables: dict[str, list[Table]]) -> None:
    assert tables["instruments[].relevance"][1] == [(code, code.meaning) for code in codes.Place]


def test_calendars_are_those_of_the_code(tables: dict[str, list[Table]]) -> None:
    assert [row[:3] for row in tables["sessions[]"][1]] == [
        (market, name, calendar(name).last_day.isoformat()) for market, name in CALENDARS.items()
    ]


@pytest.mark.parametrize(
    "closed_list", [codes.WarningCode, codes.RejectionReason, codes.MentionRule, codes.Place]
)
def test_codes_are_sorted_and_stay_in_one_cell(closed_list: Iterable[codes.WarningCode]) -> None:
    found = list(closed_list)
    assert found == sorted(found)
    assert [code for code in found if "|" in code.meaning or "\n" in code.meaning] == []


def _keys(node: ast.AST, name: str) -> Iterator[str]:
    """Yield the keys of the dict in which the manifest, or a part of it, is written down."""
    for found in ast.walk(node):
        if isinstance(found, ast.AnnAssign) and ast.unparse(found.target) == name:
            assert isinstance(found.value, ast.Dict)
            yield from _dict_keys(found.value)


def _dict_keys(node: ast.Dict) -> Iterator[str]:
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant):
            yield str(key.value)
        else:
            # `**{… for name in NAMES}` over a tuple of the module.
            assert isinstance(value, ast.DictComp)
            yield from getattr(manifests, ast.unparse(value.generators[0].iter))


def test_manifest_is_explained(tables: dict[str, list[Table]]) -> None:
    tree = ast.parse(Path(manifests.__file__).read_text(encoding="utf-8"))
    manifest, counts = tables["The manifest of a run"]
    assert [row[0] for row in manifest] == list(_keys(tree, "manifest"))
    (inner,) = (
        value
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and key.value == "counts"
    )
    assert isinstance(inner, ast.Dict)
    assert [row[0] for row in counts] == list(_dict_keys(inner))


def test_parts_of_the_manifest_are_named(tables: dict[str, list[Table]]) -> None:
    meanings = {row[0]: row[2] for row in tables["The manifest of a run"][0]}
    for name, parts in (
        ("verdict", Verdict._fields),
        ("files", tuple(field.name for field in dataclasses.fields(Segment))),
    ):
        words = re.findall(r"\w+", meanings[name])
        assert set(parts) <= set(words)
        assert sorted(parts, key=words.index) == list(parts)


def test_schemas_are_named() -> None:
    text = CONTRACT.read_text(encoding="utf-8")
    schemas = [value for name, value in vars(observed).items() if name.endswith("_SCHEMA")]
    for schema in (*schemas, items.ARTICLE_SCHEMA, items.REJECTION_SCHEMA, manifests.MANIFEST_SCHEMA):
        assert f"`{schema}`" in text


def test_rules_of_availability_are_those_of_the_code(tables: dict[str, list[Table]]) -> None:
    (table,) = tables["When it could have been known"]
    rules = {row[0]: row[1:] for row in table}
    assert list(rules) == ["observed", "backfill", "archived"]
    hours = f"{availability.BACKFILL_LAG / timedelta(hours=1):g} hours"
    assert all("BACKFILL_LAG" in rules[rule][0] for rule in ("observed", "backfill"))
    assert f"crawl.via is {codes.Via.ARCHIVE}" in rules["archived"][0]
    assert rules["backfill"][1].split() == ["published_at", "+", "BACKFILL_LAG"]
    text = CONTRACT.read_text(encoding="utf-8")
    assert f"`BACKFILL_LAG` is {hours} unless" in text


def test_windows_of_ids_are_those_of_the_code(tables: dict[str, list[Table]]) -> None:
    points = read_points()
    last = id_window(0).latest - timedelta(milliseconds=1)
    expected = [(f"before {points[0].day}", f"no beginning; ends with {last:%Y-%m-%d}")]
    for one, other in pairwise(points):
        step = (other.id - one.id) // 1_000
        widest = max(_width(one.id + number * step) for number in range(1_000))
        narrowest = min(_width(one.id), _width(other.id))
        days = tuple(math.ceil(width / timedelta(days=1)) for width in (narrowest, widest))
        expected.append((f"{one.day} to {other.day}", f"{days[0]} to {days[1]}"))
    assert tables["How the date is checked"][1] == expected


def _width(number: int) -> timedelta:
    window = id_window(number)
    assert window.earliest is not None
    return window.latest - window.earliest


def test_every_check_of_the_date_is_explained() -> None:
    text = CONTRACT.read_text(encoding="utf-8")
    section = text.partition("### How the date is checked")[2].partition("\n### ")[0]
    explained = set(re.findall(r"\*\*`(\w+)`\*\*", section))
    source = Path(checks.__file__).read_text(encoding="utf-8")
    found = {code.lower() for code in re.findall(r"yield WarningCode.(\w+)", source)}
    # The one check that is not of the date has a paragraph of its own.
    assert explained == found - {"control_characters"}
    assert "**Control characters** (`control_characters`)" in text
    assert explained < set(codes.WarningCode)


def test_types_of_instruments_are_named(tables: dict[str, list[Table]]) -> None:
    (meaning,) = (row[2] for row in tables["instruments[]"][0] if row[0] == "type")
    words = set(re.findall(r"\w+", meaning))
    assert {row.type for row in read_table()} <= words


def test_what_the_tables_of_codes_lack_is_named() -> None:
    text = " ".join(CONTRACT.read_text(encoding="utf-8").split())
    renamed = [link for link in read_links() if link.kind == "renamed"]
    assert f"Only {len(renamed)} pairs of codes are known here" in text
    rows = sorted((int(row.first), int(row.last)) for row in read_table() if row.market == "HK")
    gaps = [f"{low + 1}–{high - 1}" for (_, low), (high, _) in pairwise(rows) if high > low + 1]
    assert [gap for gap in gaps if gap not in text] == []
    assert gaps


def test_every_field_in_the_code_has_a_docstring() -> None:
    paths = (items.__file__, observed.__file__, named_in_text.__file__)
    trees = [ast.parse(Path(path).read_text(encoding="utf-8")) for path in paths]
    bare = []
    for node in (node for tree in trees for node in tree.body):
        if not isinstance(node, ast.ClassDef):
            continue
        for statement, below in zip(node.body, [*node.body[1:], None], strict=True):
            if not isinstance(statement, ast.AnnAssign):
                continue
            documented = (
                isinstance(below, ast.Expr)
                and isinstance(below.value, ast.Constant)
                and isinstance(below.value.value, str)
                and below.value.value.strip()
            )
            if not documented:
                bare.append(f"{node.name}.{ast.unparse(statement.target)}")
    assert bare == []


# --- README and docs ----------------------------------------------------------------------------


def test_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


def test_every_argument_is_in_the_readme() -> None:
    (arguments,) = _tables(ROOT / "README.md")["Crawling"][:1]
    names = [row[0].removeprefix("-a ").partition("=")[0] for row in arguments if row[0].startswith("-a ")]
    assert sorted(names) == sorted(KNOWN)


def test_the_line_in_the_readme_is_one_of_the_sample_site() -> None:
    (block,) = (token.content for token in _parse(ROOT / "README.md") if token.info == "json")
    shown = json.loads(block)
    page = (ROOT / "data" / "sample" / "en" / "news" / "289868449.md").read_bytes()
    article = refine(LONGBRIDGE.read_at(shown["url"], page), LONGBRIDGE)
    stamp(article, now=datetime.fromisoformat(shown["first_seen_at"]), version=shown["version"])
    line = json.loads(encode(article))
    for name, value in shown.items():
        assert _is_part(value, line[name]), name


def _is_part(shown: Any, whole: Any) -> bool:
    """Tell whether a value is the whole one, or a shortened form of it."""
    if isinstance(shown, dict):
        return all(_is_part(value, whole[name]) for name, value in shown.items())
    if isinstance(shown, list):
        return len(shown) <= len(whole) and all(any(_is_part(one, other) for other in whole) for one in shown)
    if isinstance(shown, str) and shown.endswith(" …"):
        return bool(whole.startswith(shown.removesuffix(" …")))
    return bool(shown == whole)


# Words that this project once had for itself. The field has its own.
PRIVATE = re.compile(
    r"\b(twins?|tally|manners|oddit(y|ies)|surroundings|frontier|assembly line|in the way|the house)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize("path", sorted((ROOT / "newscrawl").rglob("*.py")), ids=lambda path: path.stem)
def test_code_has_no_private_words(path: Path) -> None:
    if path.name != "schema.py":  # old migrations are never changed
        assert PRIVATE.findall(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("name", [name for name in PAGES if name != "CHANGELOG.md"])
def test_docs_have_no_private_words(name: str) -> None:
    assert PRIVATE.findall((ROOT / name).read_text(encoding="utf-8")) == []


def test_the_words_of_the_architecture_are_few() -> None:
    (words,) = _tables(ROOT / "docs" / "architecture.md")["Words"]
    assert len(words) == 10


def test_paths_in_the_architecture_are_there() -> None:
    (places,) = _tables(ROOT / "docs" / "architecture.md")["Where to find things"]
    named = [path for row in places for path in re.findall(r"newscrawl/[\w/.]*", row[1])]
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_session_in_the_architecture_runs() -> None:
    (block,) = (
        token.content for token in _parse(ROOT / "docs" / "architecture.md") if token.info == "python"
    )
    session = doctest.DocTestParser().get_doctest(block, {}, "architecture.md", None, 0)
    assert len(session.examples) > 1
    assert doctest.DocTestRunner(verbose=False).run(session).failed == 0


def test_commands_in_the_operations_page_are_there() -> None:
    (commands,) = _tables(ROOT / "docs" / "operations.md")["Looking and repairing"]
    named = {row[0].split()[1] for row in commands}
    there = {path.stem for path in (ROOT / "newscrawl" / "commands").glob("[a-z]*.py")}
    # Some take the place of Scrapy's own, whose documentation is Scrapy's.
    replaced = {path.stem for path in Path(scrapy.commands.__file__).parent.glob("[a-z]*.py")}
    assert {"crawl", "runspider", "parse", "shell", "fetch", "view", "check", "settings"} == there & replaced
    assert named == there - replaced - {"symbol"}


def _present() -> list[str]:
    return [name for name in PAGES if (ROOT / name).exists()]


def _links(path: Path) -> Iterator[str]:
    for token in _parse(path):
        for part in token.children or ():
            target = part.attrs.get("href") or part.attrs.get("src")
            if target:
                yield str(target)


def _anchors(path: Path) -> set[str]:
    """Return the anchors that a page's headings have where Markdown is shown in a browser."""
    tokens = _parse(path)
    headings = [_text(token).lower() for before, token in pairwise(tokens) if before.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", ["README.md", "data/README.md"])
def test_page_exists(name: str) -> None:
    assert (ROOT / name).is_file()


@pytest.mark.parametrize("name", _present())
def test_links_between_pages_lead_somewhere(name: str) -> None:
    page = ROOT / name
    broken = []
    for link in _links(page):
        if re.match(r"[a-z][a-z0-9+.\-]*:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        leads = target.is_relative_to(ROOT) and target.exists()
        if leads and anchor and target.suffix == ".md":
            leads = anchor in _anchors(target)
        if not leads:
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("name", _present())
def test_pages_name_no_path_of_one_machine(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert re.findall(r"(?<![\w.])/(?:home|Users|root)/\S*", text) == []


def test_snippets_for_loading_are_those_that_are_tested() -> None:
    # tests/test_loading.py runs the blocks of data/README.md; another spelling would go untested.
    tested = {token.content for token in _parse(CONTRACT) if token.type == "fence"}
    section = ""
    shown = []
    previous = ""
    for token in _parse(ROOT / "README.md"):
        if token.type == "inline" and previous == "heading_open":
            section = _text(token)
        elif token.type == "fence" and section == "Loading":
            shown.append(token.content)
        previous = token.type
    assert [block for block in shown if block not in tested] == []
