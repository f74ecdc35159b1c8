"""The state made anew from the lines that were published."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonlines

from newscrawl.exceptions import NotAnArticleAddress, StateError
from newscrawl.frontier.commits import KNOWN_SQL
from newscrawl.frontier.engine import Engine
from newscrawl.frontier.opening import origin_of
from newscrawl.frontier.schema import prepare_inside
from newscrawl.frontier.versions import ARTICLES, Known, digest_surroundings
from newscrawl.items import ARTICLE_SCHEMA
from newscrawl.pages.address import read_start

_BATCH = 1_000


def set_aside(path: Path) -> Path | None:
    """Rename a damaged state file and its companions; return its new name, None where it is gone."""
    if not path.exists():
        return None
    suffix = f".broken-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    for companion in ("-wal", "-shm"):
        beside = Path(f"{path}{companion}")
        if beside.exists():
            beside.rename(f"{beside}{suffix}")
    return path.rename(f"{path}{suffix}")


def rebuild(engine: Engine, data_dir: Path) -> int:
    """Read every published article into an empty state; return how many lines there were.

    Uids, versions, hashes, times, validators and links are as they were when the last line of each
    article was written. All of it is one transaction: a rebuilding that fails or is killed leaves no half
    state that would pass for a whole one. Raises StateError, naming file and line, for one that cannot be
    read.
    """
    return engine.transact(lambda: _rebuild(engine, data_dir))


def _rebuild(engine: Engine, data_dir: Path) -> int:
    count = 0
    origin: str | None = None
    batch: dict[str, Known] = {}
    versions: list[tuple[str, int, str]] = []
    for place, line in _lines(data_dir):
        try:
            uid, version, run_id = line["uid"], line["version"], line["crawl"]["run_id"]
            if origin is None:
                origin = _origin(line)
                prepare_inside(engine, origin)
            batch[uid] = _known(line, batch.get(uid) or _stored(engine, uid))
        except (KeyError, TypeError, AttributeError) as error:
            what = f"{type(error).__name__}: {error}"
            raise StateError(f"{place}: expected a line of {ARTICLE_SCHEMA}, found {what}") from None
        versions.append((uid, version, run_id))
        count += 1
        if len(versions) >= _BATCH:
            _save(engine, batch, versions)
            batch, versions = {}, []
    if versions:
        _save(engine, batch, versions)
    return count


def _lines(data_dir: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    # Folders sort by day and names by run and segment: a later version comes later.
    for path in sorted(data_dir.glob(f"{ARTICLES}/dt=*/*.jsonl")):
        with jsonlines.open(path) as reader:
            try:
                for number, line in enumerate(reader.iter(type=dict), 1):
                    if line.get("schema") != ARTICLE_SCHEMA:
                        raise StateError(
                            f"{path}:{number}: expected schema {ARTICLE_SCHEMA}, found {line.get('schema')}"
                        )
                    yield f"{path}:{number}", line
            except jsonlines.InvalidLineError as error:
                raise StateError(f"{path}:{error.lineno}: expected a line of JSON, found {error}") from None
            except UnicodeDecodeError as error:
                raise StateError(f"{path}: expected UTF-8, found {error}") from None


def _origin(line: dict[str, Any]) -> str:
    try:
        return origin_of(read_start(line["fetched_url"])[0])
    except NotAnArticleAddress as error:
        raise StateError(f"fetched_url of {line['uid']}: {error}") from None


def _stored(engine: Engine, uid: str) -> Known | None:
    sql = f"SELECT {','.join(Known._fields)} FROM known WHERE uid = ?"
    rows = engine.execute(sql, (uid,))
    return Known(*rows[0]) if rows else None


def _known(line: dict[str, Any], before: Known | None) -> Known:
    if before is not None and before.version >= line["version"]:
        return before
    withdrawn = line["status"] == "withdrawn"
    http = line["http"] or {}
    after = Known(
        uid=line["uid"],
        version=line["version"],
        status=line["status"],
        content_hash=line["content_hash"],
        published_at=line["published_at"],
        published_raw=line["published_raw"],
        first_seen_at=line["first_seen_at"] if before is None else before.first_seen_at,
        last_seen_at=line["first_seen_at"],
        etag=None if withdrawn else http.get("etag"),
        last_modified=None if withdrawn else http.get("last_modified"),
        unmodified=0,
        surroundings=digest_surroundings(
            [instrument["raw"] for instrument in line["instruments"]],
            [(alternate["locale"], alternate["url"]) for alternate in line["alternates"]],
            [(link["story_id"], link["title"], link["wire_time"]) for link in line["related"]],
            line["published_raw"],
        ),
        links=json.dumps(
            [
                [alternate["locale"] for alternate in line["alternates"]],
                [link["story_id"].rpartition(":")[2] for link in line["related"]],
                line["published_at"],
            ],
            separators=(",", ":"),
        ),
    )
    if withdrawn and before is not None:
        # A withdrawn line has no links; the last page's still lead where they led.
        return after._replace(links=before.links, surroundings=before.surroundings)
    return after


def _save(engine: Engine, batch: dict[str, Known], versions: list[tuple[str, int, str]]) -> None:
    engine.executemany(KNOWN_SQL, list(batch.values()))
    engine.executemany(
        "INSERT INTO version (uid, version, run_id) VALUES (?, ?, ?) ON CONFLICT (uid, version) DO NOTHING",
        versions,
    )
