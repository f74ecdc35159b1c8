"""Lines as the project writes them load with the very blocks that ``data/README.md`` prints."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from newscrawl.archive.files import ARTICLES
from newscrawl.archive.records import encode, stamp
from newscrawl.items import Article, RefinedWith
from newscrawl.refine.dates import format_instant
from newscrawl.text.cleaning import content_hash
from tests.tools.loading_lines import (
    BARE_FILES,
    CONTRACT,
    NOW,
    TIMES,
    Files,
    bare,
    blocks,
    first_of_all,
    full,
)


@pytest.fixture(scope="session")
def lines(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """A folder with data/ in it, and what its lines hold in the order of file names.

    Bare files come first, so that a type taken from the first ones is wrong for the last.
    """
    folder = tmp_path_factory.mktemp("loading")
    segments = Files(folder / "data", "20261123T011500Z-longbridge-3f2a")
    files = [[bare(100 + number)] for number in range(BARE_FILES)]
    files += [[bare(200), full(201)], [full(202), full(203)], [first_of_all(204), bare(205)]]
    written = []
    for number, articles in enumerate(files):
        for article in articles:
            stamp(article, now=NOW, version=1)
            if not article.instruments:
                # As an early version without calendars wrote it, so that a column is null in the first files.
                article.sessions = None
            line = encode(article)
            segments.add(ARTICLES, "2026-11-22" if number < 10 else "2026-11-23", line)
            written.append(json.loads(line))
        segments.publish()
    return folder, written


def test_lines_hold_what_the_libraries_stumble_over(lines: tuple[Path, list[dict[str, Any]]]) -> None:
    folder, written = lines
    files = sorted(folder.glob("data/articles/dt=*/*.jsonl"))
    assert len(files) == BARE_FILES + 3
    assert list(written[0]) == [field.name for field in dataclasses.fields(Article)]
    assert all(line["published_at"] is None for line in written[:BARE_FILES])
    assert all(line["sessions"] is None for line in written[:BARE_FILES])
    assert [found["market"] for found in written[-3]["sessions"]] == ["HK", "US"]
    assert [found["rule"] for found in written[-3]["mentions"]] == ["cashtag"]
    versions = [line["refined_with"] for line in written]
    assert {tuple(found) for found in versions} == {
        tuple(field.name for field in dataclasses.fields(RefinedWith))
    }
    assert all(found["mentions"] is None for found in versions[:BARE_FILES])
    assert versions[-3]["mentions"]
    # A separator of lines is an escape in a line.
    assert b"\\u2028" in files[0].read_bytes()


# --- pandas ---------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def frame(lines: tuple[Path, list[dict[str, Any]]]) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(lines[0])
        return _run_pandas(blocks("pandas", "python"))


def _run_pandas(blocks: list[str]) -> dict[str, Any]:
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, CONTRACT.name, "exec"), names)  # noqa: S102  # the page's own block
    return names


def test_pandas_times_are_time_stamps(frame: Any, lines: tuple[Path, list[dict[str, Any]]]) -> None:
    articles = frame["articles"]
    for name in TIMES:
        assert str(articles[name].dtype).startswith("datetime64[")
        assert str(articles[name].dt.tz) == "UTC"
        texts = [None if is_null else format_instant(moment.to_pydatetime(warn=False))
                 for moment, is_null in zip(articles[name], articles[name].isna(), strict=True)]  # fmt: skip
        assert texts == [line[name] for line in lines[1]]


def test_pandas_changes_nothing_else(frame: Any, lines: tuple[Path, list[dict[str, Any]]]) -> None:
    articles = frame["articles"]
    assert list(articles.columns) == list(lines[1][0])
    for name in articles.columns:
        if name not in TIMES:
            values = [
                None if not isinstance(value, (list, dict)) and value != value else value
                for value in articles[name]
            ]
            assert values == [line[name] for line in lines[1]], name


def test_pandas_explodes_instruments(frame: Any, lines: tuple[Path, list[dict[str, Any]]]) -> None:
    expected = [found["symbol"] for line in lines[1] for found in line["instruments"]]
    assert list(frame["tagged"]["symbol"]) == expected


@pytest.mark.parametrize("name", ["bare", "full"])
def test_pandas_one_kind_of_file_alone(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    article = {"bare": bare, "full": full}[name](1)
    stamp(article, now=NOW, version=1)
    segments = Files(tmp_path / "data", "run")
    segments.add(ARTICLES, "2026-11-23", encode(article))
    segments.publish()
    monkeypatch.chdir(tmp_path)
    articles = _run_pandas(blocks("pandas", "python")[:1])["articles"]
    assert {str(articles[column].dt.tz) for column in TIMES} == {"UTC"}
    assert not str(articles["wire_time"].dtype).startswith("datetime")


# --- DuckDB ---------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def database(lines: tuple[Path, list[dict[str, Any]]]) -> Iterator[duckdb.DuckDBPyConnection]:
    with pytest.MonkeyPatch.context() as patch, duckdb.connect() as connection:
        patch.chdir(lines[0])
        connection.execute(blocks("DuckDB", "sql")[0])
        yield connection


def _dicts(database: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    database.execute(query)
    names = [column[0] for column in database.description or ()]
    return [dict(zip(names, row, strict=True)) for row in database.fetchall()]


def _as_line(value: Any) -> Any:
    """Turn the naive times that DuckDB hands out back into what stands in a line."""
    if isinstance(value, datetime):
        assert value.tzinfo is None
        return format_instant(value.replace(tzinfo=UTC))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [_as_line(part) for part in value]
    if isinstance(value, dict):
        return {name: _as_line(part) for name, part in value.items()}
    return value


def test_duckdb_types(database: duckdb.DuckDBPyConnection) -> None:
    types = {row["column_name"]: row["column_type"] for row in _dicts(database, "DESCRIBE articles")}
    assert [name for name, kind in types.items() if kind == "TIMESTAMP"] == TIMES
    assert list(types) == [*(field.name for field in dataclasses.fields(Article)), "dt"]
    assert types["wire_time"] == types["published_raw"] == types["title"] == "VARCHAR"
    assert types["version"] == "BIGINT"
    assert types["extra"] == "JSON"
    assert types["dt"] == "DATE"


@pytest.mark.parametrize("zone", ["UTC", "Asia/Hong_Kong"])
def test_duckdb_holds_every_value(
    zone: str, database: duckdb.DuckDBPyConnection, lines: tuple[Path, list[dict[str, Any]]]
) -> None:
    database.execute(f"SET TimeZone = '{zone}'")
    found = _dicts(database, "FROM articles ORDER BY uid")
    days = [row.pop("dt") for row in found]
    assert {str(day) for day in days} == {"2026-11-22", "2026-11-23"}
    for row in found:
        row["extra"] = json.loads(row["extra"])
    # Equality of dicts says nothing of the order of keys; the types above do, and this for the parts.
    assert [json.dumps(_as_line(row)) for row in found] == [json.dumps(line) for line in lines[1]]


def test_duckdb_first_of_each_text(
    database: duckdb.DuckDBPyConnection, lines: tuple[Path, list[dict[str, Any]]]
) -> None:
    query = blocks("DuckDB", "sql")[1]
    assert len(_dicts(database, query)) == len(lines[1])


def test_duckdb_first_of_each_text_over_two_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    seen: dict[str, int] = {}
    for hour, title in ((9, "as it was"), (3, "as it was"), (12, "as it became")):
        article = full(1)
        article.title = title
        article.content_hash = content_hash(title, article.description, article.body)
        stamp(article, now=NOW.replace(hour=hour), version=1)
        segments = Files(tmp_path / "data", f"20261123T{hour:02d}0000Z-longbridge-3f2a")
        segments.add(ARTICLES, "2026-11-23", encode(article))
        segments.publish()
        seen[title] = min(hour, seen.get(title, 24))
    create, query = blocks("DuckDB", "sql")
    with duckdb.connect() as connection:
        connection.execute(create)
        found = _dicts(connection, query)
    assert {row["title"]: row["first_seen_at"].hour for row in found} == seen


# --- Hugging Face datasets ------------------------------------------------------------------------

# Importing it takes a second or two and brings warnings of its own: another process, offline, with a
# cache of its own. None of this project's code runs there.
_TELL = """
import sys
from datetime import timezone

def tell(value):
    if hasattr(value, "astimezone"):
        assert value.utcoffset().total_seconds() == 0, value
        value = value.astimezone(timezone.utc).replace(tzinfo=None)
        return value.isoformat(timespec="milliseconds") + "Z"
    if isinstance(value, list):
        return [tell(part) for part in value]
    if isinstance(value, dict):
        return {name: tell(part) for name, part in value.items()}
    return value

found = {"types": {name: str(part) for name, part in articles.features.items()},
         "rows": [tell(row) for row in articles]}
Path(sys.argv[1]).write_text(json.dumps(found), encoding="utf-8")
"""


def _load_dataset(folder: Path, scratch: Path) -> dict[str, Any]:
    script = scratch / "load.py"
    script.write_text("\n".join([*blocks("Hugging Face datasets", "python"), _TELL]), encoding="utf-8")
    told = scratch / "told.json"
    environment = {
        **os.environ,
        "HF_HUB_OFFLINE": "1",
        "HF_HOME": str(scratch / "cache"),
        "HF_DATASETS_CACHE": str(scratch / "cache" / "datasets"),
    }
    result = subprocess.run(
        [sys.executable, str(script), str(told)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    found: dict[str, Any] = json.loads(told.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("datasets")


@pytest.fixture(scope="session")
def dataset(lines: tuple[Path, list[dict[str, Any]]], scratch: Path) -> dict[str, Any]:
    return _load_dataset(lines[0], scratch)


def test_datasets_types(dataset: dict[str, Any]) -> None:
    types = dataset["types"]
    assert list(types) == [field.name for field in dataclasses.fields(Article)]
    assert [name for name, kind in types.items() if kind == "Value('timestamp[ms, tz=UTC]')"] == TIMES
    assert (
        types["wire_time"] == types["published_raw"] == types["title"] == types["extra"] == "Value('string')"
    )


def test_datasets_holds_every_value(
    dataset: dict[str, Any], lines: tuple[Path, list[dict[str, Any]]]
) -> None:
    rows = [{**row, "extra": json.loads(row["extra"])} for row in dataset["rows"]]
    assert [json.dumps(row) for row in rows] == [json.dumps(line) for line in lines[1]]


def test_datasets_sees_a_new_file_behind_its_cache(scratch: Path, tmp_path: Path) -> None:
    for count in (1, 2):
        article = full(count)
        stamp(article, now=NOW, version=1)
        segments = Files(tmp_path / "data", f"run-{count}")
        segments.add(ARTICLES, "2026-11-23", encode(article))
        segments.publish()
        assert len(_load_dataset(tmp_path, scratch)["rows"]) == count
