"""A migration: addresses, stories and locales for the rows of a state that had only uids.

Frozen: it knows the uids and links of schema version 2, when there was one site, and imports nothing that
may change.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from newscrawl.database.engine import Engine, Row

_BATCH = 1_000


def add_addresses(engine: Engine) -> None:
    """Fill the columns that version 3 added to ``page`` and ``known``; write ``links`` as addresses."""
    _in_batches(
        engine,
        "SELECT run_id, uid FROM page WHERE run_id > ? OR run_id = ? AND uid > ? "
        "ORDER BY run_id, uid LIMIT ?",
        ("", "", ""),
        lambda row: (row[0], row[0], row[1]),
        "UPDATE page SET story_id = ?, locale = ?, url = ? WHERE run_id = ? AND uid = ?",
        lambda row: (_story(row[1]), _locale(row[1]), _url(row[1]), row[0], row[1]),
    )
    _in_batches(
        engine,
        "SELECT uid, links FROM known WHERE uid > ? ORDER BY uid LIMIT ?",
        ("",),
        lambda row: (row[0],),
        "UPDATE known SET story_id = ?, locale = ?, url = ?, links = ? WHERE uid = ?",
        lambda row: (_story(row[0]), _locale(row[0]), _url(row[0]), _links(*row), row[0]),
    )


def _in_batches(
    engine: Engine,
    select: str,
    first: tuple[str, ...],
    after: Callable[[Row], tuple[str, ...]],
    update: str,
    values: Callable[[Row], tuple[str, ...]],
) -> None:
    """Update each selected row; never all of them in memory."""
    place = first
    while rows := engine.execute(select, (*place, _BATCH)):
        engine.executemany(update, [values(row) for row in rows])
        place = after(rows[-1])


def _story(uid: str) -> str:
    return uid.rpartition(":")[0]


def _locale(uid: str) -> str:
    return uid.rpartition(":")[2]


def _url(uid: str) -> str:
    _, number, locale = uid.split(":")
    return f"https://longbridge.com/{locale}/news/{number}.md"


def _links(uid: str, links: str) -> str:
    source, number, own = uid.split(":")
    locales, related, published_at = json.loads(links)
    return json.dumps(
        [
            [_url(f"{source}:{number}:{locale}") for locale in locales],
            [_url(f"{source}:{other}:{own}") for other in related],
            published_at,
        ],
        separators=(",", ":"),
    )
