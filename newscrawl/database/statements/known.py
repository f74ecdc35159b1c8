"""What is known of articles over all runs, and their versions."""

from __future__ import annotations

from newscrawl.database.statements.listed import Listed

COLUMNS = (
    "uid",
    "story_id",
    "locale",
    "url",
    "version",
    "status",
    "content_hash",
    "reader",
    "published_at",
    "published_raw",
    "first_seen_at",
    "last_seen_at",
    "etag",
    "last_modified",
    "unmodified",
    "metadata_hash",
    "links",
    "archived",
    "facts",
)
"""The fields of ``archive.versions.Known``, in their order."""
_NAMES = ",".join(COLUMNS)

KNOWN_ARTICLE = f"SELECT {_NAMES} FROM known WHERE uid = ?"
KNOWN_ARTICLES = Listed(f"SELECT {_NAMES} FROM known WHERE uid IN ({{marks}}) ORDER BY uid")
"""As ``Statements.known_articles``, without a lock."""
STORE_KNOWN = (
    f"INSERT INTO known ({_NAMES}) VALUES ({','.join('?' * len(COLUMNS))}) ON CONFLICT (uid) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name != "uid")
)
KNOWN_LINKS = Listed("SELECT uid, story_id, locale, url, links FROM known WHERE uid IN ({marks})")
KNOWN_STORIES = Listed("SELECT uid, story_id FROM known WHERE uid IN ({marks})")
KNOWN_DATES = Listed(
    "SELECT story_id, uid, published_at FROM known WHERE version > 0 AND story_id IN ({marks})"
)
KNOWN_ARCHIVED = Listed("SELECT uid, archived FROM known WHERE uid IN ({marks})")
SET_ARCHIVED = "UPDATE known SET archived = ? WHERE uid = ?"
FORGET_UNCONFIRMED = "UPDATE known SET archived = NULL WHERE archived NOT LIKE ?"
"""What holds no more than a record's id (``archive.rebuild_archived``): it has no space."""
STORIES_BY_DAY = (
    "SELECT substr(published_at, 1, 10), count(DISTINCT story_id), count(*) FROM known "
    "WHERE version > 0 AND published_at >= ? AND uid LIKE ? GROUP BY substr(published_at, 1, 10) ORDER BY 1"
)
"""Stories and pages of a site by the day of publication, since a time."""
COUNT_ARTICLES = "SELECT count(*), max(published_at), max(last_seen_at) FROM known WHERE version > 0"

ADD_VERSION = "INSERT INTO version (uid, version, run_id) VALUES (?, ?, ?)"
ADD_VERSION_ONCE = f"{ADD_VERSION} ON CONFLICT (uid, version) DO NOTHING"
COUNT_VERSIONS = "SELECT count(*) FROM version"
COUNT_VERSIONS_OF_CRAWL = (
    "SELECT count(*) FROM version WHERE run_id IN (SELECT run_id FROM run WHERE crawl_key = ?)"
)
