"""New readings committed to the state, some at a time, each batch whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import orjson

from newscrawl.archive.files import ARTICLES, OBSERVATIONS
from newscrawl.archive.records import decode_article, encode
from newscrawl.archive.revised import revised_known
from newscrawl.archive.translations import StoryDates, check_dates, dates_of_stories
from newscrawl.archive.versions import CommitTime, Known, on_article
from newscrawl.codes import WarningCode
from newscrawl.database.engine import Engine
from newscrawl.database.schema import lock_run
from newscrawl.database.statements.known import ADD_VERSION, STORE_KNOWN
from newscrawl.database.statements.lines import ADD_LINE
from newscrawl.items import Article
from newscrawl.queue.stamps import take_stamp
from newscrawl.replay.revising import FIRST, REVISION, VERSION, Adoptable
from newscrawl.warc.records import Body

_NEVER = "0001-01-01T00:00:00.000Z"


class AdoptionRun(NamedTuple):
    """One adoption, as a process works on it; it is resumed under the same ``run_id``."""

    engine: Engine
    run_id: str
    worker: str
    """The disk that its lines go to."""
    lag: timedelta
    """The setting BACKFILL_LAG."""


def commit_readings(run: AdoptionRun, batch: Sequence[Adoptable]) -> int:
    """Commit new readings in one durable transaction; return how many lines that are.

    What the state knows more of by now than when it was read (another version, the page itself) is left out.
    """
    return run.engine.transact(lambda: _commit(run, batch))


class _Writes:
    def __init__(self, known: dict[str, Known]) -> None:
        self.known = known
        self.changed: set[str] = set()
        self.lines: list[tuple[str, bytes]] = []
        self.versions: list[tuple[str, int]] = []

    def keep(self, kind: str, line: bytes, known: Known) -> None:
        self.lines.append((kind, line))
        self.known[known.uid] = known
        self.changed.add(known.uid)


def _commit(run: AdoptionRun, batch: Sequence[Adoptable]) -> int:
    engine = run.engine
    lock_run(engine, run.run_id)
    uids = sorted({one.uid for one in batch})
    # Locked, in the order of all others: a crawl on another disk may know the same articles.
    rows = engine.execute(engine.statements.known_articles.of(uids), uids)
    writes = _Writes({row[0]: Known(*row) for row in rows})
    # Read anew for each try: a commit that failed leaves its marks on them.
    lines = [orjson.loads(one.content) for one in batch]
    dates = dates_of_stories(
        engine, {line["story_id"] for one, line in zip(batch, lines, strict=True) if one.kind != REVISION}
    )
    stamp = take_stamp(engine, run.run_id)
    time = CommitTime(stamp.at, run.lag, stamp.is_clock_behind)
    for one, line in zip(batch, lines, strict=True):
        known = writes.known.get(one.uid)
        if one.kind == REVISION:
            _add_revision(writes, line, known, time)
        elif one.kind == VERSION and known is not None:
            _add_version(run, writes, one, line, known, dates, time)
        elif one.kind == FIRST and known is None:
            article = _article(run, line)
            check_dates(article, dates)
            change = on_article(article, None, time)
            assert change.known is not None
            writes.keep(ARTICLES, change.line, change.known._replace(archived=one.archived))
            writes.versions.append((one.uid, change.known.version))
    engine.executemany(ADD_VERSION, [(*version, run.run_id) for version in sorted(writes.versions)])
    engine.executemany(STORE_KNOWN, [writes.known[uid] for uid in sorted(writes.changed)])
    day = time.text[:10]
    engine.executemany(ADD_LINE, [(run.worker, run.run_id, kind, day, line) for kind, line in writes.lines])
    return len(writes.lines)


def _add_revision(writes: _Writes, line: dict[str, Any], known: Known | None, time: CommitTime) -> None:
    if known is None or known.version < line["version"]:
        return
    line["observed_at"] = time.text
    digest = None if line["archive"] is None else line["archive"]["payload_digest"]
    # A later body of the page has lists and links of its own, which this reading says nothing of.
    is_last = known.archived is not None and Body.of(known.archived).digest == digest
    writes.keep(OBSERVATIONS, encode(line), revised_known(known, line, is_last=is_last))


def _add_version(
    run: AdoptionRun,
    writes: _Writes,
    one: Adoptable,
    line: Mapping[str, Any],
    known: Known,
    dates: StoryDates,
    time: CommitTime,
) -> None:
    if known.version != one.version or known.status != "usable" or known.content_hash == line["content_hash"]:
        return
    article = _article(run, line)
    article.warnings = sorted({*article.warnings, WarningCode.READER_CHANGED})
    check_dates(article, dates)
    change = on_article(article, known, time)
    assert change.known is not None
    # Nobody has asked for the page: what a server will be asked for stays as it was.
    after = change.known._replace(
        last_seen_at=known.last_seen_at,
        etag=known.etag,
        last_modified=known.last_modified,
        unmodified=known.unmodified,
        archived=known.archived,
    )
    writes.keep(ARTICLES, change.line, after)
    writes.versions.append((one.uid, after.version))


def _article(run: AdoptionRun, line: Mapping[str, Any]) -> Article:
    # A page that was rejected has no time yet; the commit gives every one its own.
    article = decode_article({**line, "first_seen_at": line["first_seen_at"] or _NEVER})
    article.crawl.run_id = run.run_id
    return article
