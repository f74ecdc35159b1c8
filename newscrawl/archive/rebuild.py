"""Rebuilds the state from the published lines and the archive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonlines

from newscrawl.archive.files import ARTICLES, OBSERVATIONS, published_files
from newscrawl.archive.line_links import links_of, metadata_hash_of
from newscrawl.archive.rebuild_archived import confirm_archived, record_of
from newscrawl.archive.segments import parts_of
from newscrawl.archive.versions import Known
from newscrawl.database.engine import Engine
from newscrawl.database.schema import make_identity, migrate_inside, prepare_inside
from newscrawl.database.statements.known import ADD_VERSION_ONCE, KNOWN_ARTICLE, STORE_KNOWN
from newscrawl.database.statements.lines import ADD_PUBLISHED_SEGMENT
from newscrawl.database.statements.stamps import RAISE_STAMP
from newscrawl.exceptions import NotAnArticleAddress, Refused, StateError
from newscrawl.items import ARTICLE_SCHEMA
from newscrawl.observed import OBSERVATION_SCHEMA, REVISION_SCHEMA
from newscrawl.refine.dates import format_instant, parse_instant
from newscrawl.sites.base import Site, read_start, scope_of, source_of

if TYPE_CHECKING:
    from newscrawl.replay.rebuilding import Revised

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
            confirm_archived(engine, data_dir, files)
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
        # A crawl imports all commands, and needs nothing of this.
        from newscrawl.replay.rebuilding import Revised  # noqa: PLC0415

        with Revised() as revised:
            last_stamp = max(last_stamp, _observe(engine, data_dir, revised))
            _withdraw(engine, gone)
            revised.apply(engine)
        # No later line may be stamped before those that are there.
        engine.execute(RAISE_STAMP, (_REBUILT, last_stamp))
    return count


def _observe(engine: Engine, data_dir: Path, revised: Revised) -> str:
    """Bring pages up to what was observed last; else the next look would observe it again.

    Readings that were adopted are left to ``revised``. Returns the last time that stands in an observation,
    "" for none.
    """
    last_stamp = ""
    for place, line in _lines(data_dir, OBSERVATIONS, OBSERVATION_SCHEMA, REVISION_SCHEMA):
        try:
            last_stamp = max(last_stamp, line["observed_at"])
            if line["schema"] == REVISION_SCHEMA:
                revised.add(line)
                continue
            revised.note(line)
            known = _stored(engine, line["uid"])
            if known is None or known.version != line["version"] or known.last_seen_at > line["observed_at"]:
                continue
            after = known._replace(
                last_seen_at=line["observed_at"],
                metadata_hash=metadata_hash_of(line),
                links=links_of(line, _published_at(line["published_raw"])),
            )
        except _MISSHAPEN as error:
            raise _unexpected(place, line["schema"], error) from None
        engine.execute(STORE_KNOWN, after)
    return last_stamp


def _withdraw(engine: Engine, gone: dict[str, Known]) -> None:
    for uid, known in gone.items():
        before = _stored(engine, uid)
        if before is None:
            engine.execute(STORE_KNOWN, known)
        elif before.version < known.version:
            # A withdrawn line has no links; the last page's still lead where they led.
            after = known._replace(
                links=before.links, metadata_hash=before.metadata_hash, archived=before.archived
            )
            engine.execute(STORE_KNOWN, _later(before, after))


def _lines(data_dir: Path, kind: str, *schemas: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(data_dir.glob(f"{kind}/dt=*/*.jsonl")):
        with jsonlines.open(path) as reader:
            try:
                for number, line in enumerate(reader.iter(type=dict), 1):
                    if line.get("schema") not in schemas:
                        raise StateError(
                            f"{path}:{number}: expected schema {' or '.join(schemas)}, "
                            f"found {line.get('schema')}"
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
        metadata_hash=metadata_hash_of(line),
        links=links_of(line, line["published_at"]),
        archived=record_of(line),
    )


def _later(one: Known | None, other: Known) -> Known:
    """Return what the line with the higher version says, first seen when the earlier one was."""
    if one is None:
        return other
    later = one if one.version >= other.version else other
    return later._replace(first_seen_at=min(one.first_seen_at, other.first_seen_at))


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
