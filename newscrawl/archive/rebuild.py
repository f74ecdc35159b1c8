"""Rebuilds the state from the published lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonlines

from newscrawl.archive.files import ARTICLES, OBSERVATIONS, published_files
from newscrawl.archive.segments import parts_of
from newscrawl.archive.versions import Known, hash_metadata
from newscrawl.database.engine import Engine
from newscrawl.database.schema import make_identity, migrate_inside, prepare_inside
from newscrawl.database.statements.known import ADD_VERSION_ONCE, KNOWN_ARTICLE, STORE_KNOWN
from newscrawl.database.statements.lines import ADD_PUBLISHED_SEGMENT
from newscrawl.database.statements.stamps import RAISE_STAMP
from newscrawl.exceptions import NotAnArticleAddress, Refused, StateError
from newscrawl.items import ARTICLE_SCHEMA, OBSERVATION_SCHEMA
from newscrawl.plan import Links
from newscrawl.refine.dates import format_instant, parse_instant
from newscrawl.sites.base import Site, read_start, scope_of, source_of

_BATCH = 1_000
# In the place of a run, for the last stamp of all lines.
_REBUILT = "rebuilt"
# What a line of another shape raises where its values are read.
_MISSHAPEN = (KeyError, TypeError, AttributeError)


def set_aside(path: Path) -> Path | None:
    """Rename a damaged state file and its companions; return its new name, None where it is gone."""
    aside = Path(f"{path}.broken-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    # The file itself first: without its companions it would be an older state that could pass for whole.
    found = path.rename(aside) if path.exists() else None
    for companion in ("-wal", "-shm"):
        beside = Path(f"{path}{companion}")
        if beside.exists():
            beside.rename(f"{aside}{companion}")
    return found


def rebuild(
    engine: Engine, data_dir: Path, sites: Mapping[str, Site], *, worker: str, identity: str | None = None
) -> int:
    """Read every published line into an empty state; return how many articles there were.

    ``sites`` are those that lines may come from, by name. All files are ``worker``'s from then on, and the
    state has the ``identity`` of the folder, None for a folder without one.

    Uids, versions, hashes, times, validators and links are as they were when the last line of each
    article was written, an observation included. All of it is one transaction: a rebuilding that fails or
    is killed leaves no half state that would pass for a whole one. Raises StateError, naming file and line,
    for one that cannot be read.
    """

    def work() -> int:
        count = _rebuild(engine, data_dir, sites)
        files = sorted(published_files(data_dir))
        if files:
            # In the same transaction: a state that knows lines and not their files would be refused.
            migrate_inside(engine)
            _add_files(engine, files, worker)
            if identity is not None:
                make_identity(engine, identity)
        return count

    return engine.transact(work)


def _add_files(engine: Engine, files: Sequence[str], worker: str) -> None:
    rows: dict[tuple[str, int], tuple[str, tuple[object, ...]]] = {}
    for path in files:
        run_id, number, kind, day = parts_of(path)
        other, _ = rows.setdefault((run_id, number), (path, (run_id, number, worker, kind, day)))
        if other != path:
            raise StateError(
                f"expected one file of the run {run_id} with the number {number}, found {other} and {path}; "
                "move one of them away"
            )
    engine.executemany(ADD_PUBLISHED_SEGMENT, [row for _, row in rows.values()])


def _rebuild(engine: Engine, data_dir: Path, sites: Mapping[str, Site]) -> int:
    # Files come in no order that could be relied on: clocks jump, and runs overlap. So a line counts by
    # its version, and withdrawals, which need the links of the page before them, come last.
    count = 0
    last_stamp = ""
    seen: set[str] = set()
    pages: dict[str, Known] = {}
    gone: dict[str, Known] = {}
    versions: list[tuple[str, int, str]] = []
    for place, line in _lines(data_dir, ARTICLES, ARTICLE_SCHEMA):
        try:
            if (source := source_of(line["uid"])) not in seen:
                _prepare(engine, sites, source, line)
                seen.add(source)
            known = _known(line)
            last_stamp = max(last_stamp, known.first_seen_at)
            versions.append((known.uid, known.version, line["crawl"]["run_id"]))
            if known.status == "withdrawn":
                gone[known.uid] = _later(gone.get(known.uid), known)
            else:
                before = pages.get(known.uid) or _stored(engine, known.uid)
                pages[known.uid] = _later(before, known)
        except _MISSHAPEN as error:
            raise _unexpected(place, ARTICLE_SCHEMA, error) from None
        count += 1
        if len(versions) >= _BATCH:
            _save(engine, pages, versions)
            pages, versions = {}, []
    if count:
        _save(engine, pages, versions)
        last_stamp = max(last_stamp, _observe(engine, data_dir))
        _withdraw(engine, gone)
        # No later line may be stamped before those that are there.
        engine.execute(RAISE_STAMP, (_REBUILT, last_stamp))
    return count


def _observe(engine: Engine, data_dir: Path) -> str:
    """Bring pages up to what was observed last; else the next look would observe it again.

    Returns the last time that stands in an observation, "" for none.
    """
    last_stamp = ""
    for place, line in _lines(data_dir, OBSERVATIONS, OBSERVATION_SCHEMA):
        try:
            last_stamp = max(last_stamp, line["observed_at"])
            known = _stored(engine, line["uid"])
            if known is None or known.version != line["version"] or known.last_seen_at > line["observed_at"]:
                continue
            after = known._replace(
                last_seen_at=line["observed_at"],
                metadata_hash=_metadata_hash(line),
                links=_links(line, _published_at(line["published_raw"])),
            )
        except _MISSHAPEN as error:
            raise _unexpected(place, OBSERVATION_SCHEMA, error) from None
        engine.execute(STORE_KNOWN, after)
    return last_stamp


def _withdraw(engine: Engine, gone: dict[str, Known]) -> None:
    for uid, known in gone.items():
        before = _stored(engine, uid)
        if before is None:
            engine.execute(STORE_KNOWN, known)
        elif before.version < known.version:
            # A withdrawn line has no links; the last page's still lead where they led.
            after = known._replace(links=before.links, metadata_hash=before.metadata_hash)
            engine.execute(STORE_KNOWN, _later(before, after))


def _lines(data_dir: Path, kind: str, schema: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(data_dir.glob(f"{kind}/dt=*/*.jsonl")):
        with jsonlines.open(path) as reader:
            try:
                for number, line in enumerate(reader.iter(type=dict), 1):
                    if line.get("schema") != schema:
                        raise StateError(
                            f"{path}:{number}: expected schema {schema}, found {line.get('schema')}"
                        )
                    yield f"{path}:{number}", line
            except jsonlines.InvalidLineError as error:
                raise StateError(f"{path}:{error.lineno}: expected a line of JSON, found {error}") from None
            except UnicodeDecodeError as error:
                raise StateError(f"{path}: expected UTF-8, found {error}") from None


def _prepare(engine: Engine, sites: Mapping[str, Site], source: str, line: dict[str, Any]) -> None:
    site = sites.get(source)
    if site is None:
        raise StateError(f"expected lines of {', '.join(sorted(sites))}, found {line['uid']}")
    try:
        origin, _ = read_start(site, line["fetched_url"])
    except NotAnArticleAddress as error:
        raise StateError(f"fetched_url of {line['uid']}: {error}") from None
    prepare_inside(engine, site.name, scope_of(origin))


def _stored(engine: Engine, uid: str) -> Known | None:
    rows = engine.execute(KNOWN_ARTICLE, (uid,))
    return Known(*rows[0]) if rows else None


def _known(line: dict[str, Any]) -> Known:
    withdrawn = line["status"] == "withdrawn"
    http = line["http"] or {}
    return Known(
        uid=line["uid"],
        story_id=line["story_id"],
        locale=line["locale"],
        url=line["url"],
        version=line["version"],
        status=line["status"],
        content_hash=line["content_hash"],
        reader=line["parser"],
        published_at=line["published_at"],
        published_raw=line["published_raw"],
        first_seen_at=line["first_seen_at"],
        last_seen_at=line["first_seen_at"],
        etag=None if withdrawn else http.get("etag"),
        last_modified=None if withdrawn else http.get("last_modified"),
        unmodified=0,
        metadata_hash=_metadata_hash(line),
        links=_links(line, line["published_at"]),
    )


def _later(one: Known | None, other: Known) -> Known:
    """Return what the line with the higher version says, first seen when the earlier one was."""
    if one is None:
        return other
    later = one if one.version >= other.version else other
    return later._replace(first_seen_at=min(one.first_seen_at, other.first_seen_at))


def _metadata_hash(line: dict[str, Any]) -> str:
    return hash_metadata(
        [instrument["raw"] for instrument in line["instruments"]],
        [(alternate["locale"], alternate["url"]) for alternate in line["alternates"]],
        [(link["story_id"], link["title"], link["wire_time"]) for link in line["related"]],
        line["published_raw"],
    )


def _links(line: dict[str, Any], published_at: str | None) -> str:
    links = Links(
        tuple(alternate["url"] for alternate in line["alternates"]),
        tuple(link["url"] for link in line["related"]),
        published_at,
    )
    return json.dumps(links, separators=(",", ":"))


def _published_at(raw: str | None) -> str | None:
    try:
        return None if raw is None else format_instant(parse_instant(raw))
    except Refused:
        return None


def _unexpected(place: str, schema: str, error: Exception) -> StateError:
    what = f"{type(error).__name__}: {error}"
    return StateError(f"{place}: expected a line of {schema}, found {what}")


def _save(engine: Engine, batch: dict[str, Known], versions: list[tuple[str, int, str]]) -> None:
    engine.executemany(STORE_KNOWN, list(batch.values()))
    engine.executemany(ADD_VERSION_ONCE, versions)
