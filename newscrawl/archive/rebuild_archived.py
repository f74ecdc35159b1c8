"""What a rebuilt state knows of archived bodies, so that further records can refer to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from newscrawl.archive.files import ARCHIVE
from newscrawl.database.engine import Engine, pairs
from newscrawl.database.statements.hosts import ARCHIVED_ROBOTS, STORE_ARCHIVED_ROBOTS
from newscrawl.database.statements.known import FORGET_UNCONFIRMED, KNOWN_ARCHIVED, SET_ARCHIVED
from newscrawl.warc.entries import entries_of
from newscrawl.warc.index import Entry
from newscrawl.warc.records import Body

_BATCH = 500


def record_of(line: dict[str, Any]) -> str | None:
    """Return the id of the record that a line names: what stands in ``known.archived`` until it is found."""
    archive = (line["http"] or {}).get("archive")
    return None if archive is None or line["status"] == "withdrawn" else str(archive["record_id"])


def confirm_archived(engine: Engine, data_dir: Path, files: Sequence[str]) -> None:
    """Look for the records that the lines of a rebuilt state name, and for robots.txt. Inside a transaction.

    A record that is not there any more is forgotten: nothing may refer to it. Raises ArchiveError.
    """
    paths = [data_dir / path for path in files if path.startswith(f"{ARCHIVE}/")]
    wanted: dict[tuple[str | None, str], str] = {}
    for batch in _batches(paths):
        uids = sorted({entry.uid for entry in batch if entry.uid is not None})
        known = pairs(engine.execute(KNOWN_ARCHIVED.of(uids), uids)) if uids else {}
        found = [entry for entry in batch if entry.uid is not None and known.get(entry.uid) == entry.id]
        _store(engine, [entry for entry in found if not entry.is_revisit])
        wanted.update({(entry.uid, entry.digest): entry.id for entry in found if entry.is_revisit})
        for entry in batch:
            if entry.uid is None and not entry.is_revisit:
                _store_robots(engine, entry)
    if wanted:
        # The line names a revisit; what it refers to is the body.
        for batch in _batches(paths):
            _store(
                engine,
                [entry for entry in batch if not entry.is_revisit and (entry.uid, entry.digest) in wanted],
            )
    engine.execute(FORGET_UNCONFIRMED, ("% %",))


def _batches(paths: Sequence[Path]) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    for path in paths:
        for entry in entries_of(path):
            batch.append(entry)
            if len(batch) >= _BATCH:
                yield batch
                batch = []
    if batch:
        yield batch


def _store(engine: Engine, entries: Sequence[Entry]) -> None:
    engine.executemany(SET_ARCHIVED, [(_body(entry).text, entry.uid) for entry in entries])


def _store_robots(engine: Engine, entry: Entry) -> None:
    rows = engine.execute(ARCHIVED_ROBOTS, (entry.url,))
    if not rows or Body.of(rows[0][0]).fetched_at <= entry.fetched_at:
        engine.execute(STORE_ARCHIVED_ROBOTS, (entry.url, _body(entry).text))


def _body(entry: Entry) -> Body:
    return Body(entry.id, entry.digest, entry.url, entry.fetched_at, entry.status)
