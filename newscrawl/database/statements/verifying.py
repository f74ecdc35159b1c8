"""What ``scrapy verify`` asks the state, some rows at a time."""

from __future__ import annotations

VERSIONS_AFTER = (
    "SELECT uid, version FROM version WHERE uid > ? OR (uid = ? AND version > ?) "
    "ORDER BY uid, version LIMIT 1000"
)
HAS_VERSION = "SELECT 1 FROM version WHERE uid = ? AND version = ?"
KNOWN_AFTER = (
    "SELECT uid, version, content_hash FROM known WHERE uid > ? AND version > 0 ORDER BY uid LIMIT 1000"
)
WAITING_AFTER = (
    "SELECT id, kind, content, entry FROM line WHERE id > ? AND kind IN ('articles', 'archive') "
    "ORDER BY id LIMIT 500"
)
SEGMENTS = "SELECT run_id, number, kind, day, published, worker, lines, sha256 FROM segment"
