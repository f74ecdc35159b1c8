"""Scratch files of commands that walk all lines: SQLite only, thrown away when the command ends.

They hold what would not fit into memory for a million pages.
"""

from __future__ import annotations

FAST = ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", "PRAGMA cache_size = -16000")
"""Nothing of a scratch file has to survive a crash."""

BEGIN, COMMIT = "BEGIN", "COMMIT"

# --- Where records are

MAKE_RECORDS = (
    """CREATE TABLE record (id TEXT PRIMARY KEY, file INTEGER, place INTEGER, digest TEXT, uid TEXT)
        WITHOUT ROWID""",
    "CREATE TABLE file (number INTEGER PRIMARY KEY, path TEXT)",
)
ADD_RECORD = "INSERT OR IGNORE INTO record VALUES (?, ?, ?, ?, ?)"
ADD_FILE = "INSERT INTO file VALUES (?, ?)"
FIND_RECORD = (
    "SELECT path, place, digest, uid FROM record JOIN file ON file.number = record.file WHERE id = ?"
)

# --- What lines say of each other

MAKE_FACTS = (
    """CREATE TABLE fact (story TEXT, uid TEXT, version INTEGER, seen TEXT, place INTEGER, date TEXT,
        is_written INTEGER, is_withdrawn INTEGER, is_warned INTEGER, changes INTEGER)""",
    "CREATE TABLE text_change (uid TEXT, version INTEGER, fields TEXT, PRIMARY KEY (uid, version))",
    "CREATE TABLE moved_story (story TEXT PRIMARY KEY)",
    "CREATE TABLE readable (uid TEXT PRIMARY KEY, seen TEXT, run_file TEXT, line BLOB)",
    "CREATE TABLE mend (file TEXT, uid TEXT, version INTEGER, fields TEXT)",
)
ADD_FACT = "INSERT INTO fact VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
INDEX_FACTS = (
    "CREATE INDEX readable_file ON readable (run_file, uid)",
    "CREATE INDEX fact_story ON fact (story, seen, place)",
    "CREATE INDEX fact_uid ON fact (uid, version)",
)
ADD_TEXT_CHANGE = "INSERT OR REPLACE INTO text_change VALUES (?, ?, ?)"
ADD_MOVED_STORY = "INSERT OR IGNORE INTO moved_story VALUES (?)"
ANY_MOVED_STORY = "SELECT 1 FROM moved_story LIMIT 1"
IS_MOVED = "SELECT 1 FROM moved_story WHERE story = ?"
FACTS_OF_MOVED = (
    "SELECT fact.story, uid, version, place, date, is_written, is_withdrawn, is_warned, changes FROM fact "
    "JOIN moved_story ON moved_story.story = fact.story ORDER BY fact.story, seen, place"
)
WITHDRAWN_AFTER_CHANGE = (
    "SELECT gone.rowid, gone.uid, gone.version, gone.place, text_change.fields FROM fact AS gone "
    "JOIN fact AS last ON last.uid = gone.uid AND last.version = "
    "(SELECT MAX(version) FROM fact WHERE uid = gone.uid AND version < gone.version AND is_withdrawn = 0) "
    "JOIN text_change ON text_change.uid = last.uid AND text_change.version = last.version "
    "WHERE gone.is_withdrawn = 1 AND gone.is_written = 1"
)
SET_DATE = "UPDATE fact SET date = ? WHERE rowid = ?"
ADD_READABLE = (
    "INSERT INTO readable VALUES (?, ?, ?, ?) ON CONFLICT (uid) DO UPDATE SET seen = excluded.seen, "
    "run_file = excluded.run_file, line = excluded.line WHERE excluded.seen > seen"
)
ANY_READABLE = "SELECT 1 FROM readable LIMIT 1"
READABLE_ONLY_NOW = (
    "SELECT run_file, uid, line FROM readable WHERE (run_file, uid) > (?, ?) AND "
    "NOT EXISTS (SELECT 1 FROM fact WHERE fact.uid = readable.uid) ORDER BY run_file, uid LIMIT 500"
)
# --- What an adoption writes

MAKE_REVISIONS = (
    """CREATE TABLE revision (uid TEXT, version INTEGER, seen TEXT, line BLOB, PRIMARY KEY (uid, version))
        WITHOUT ROWID""",
)
ADD_REVISION = (
    "INSERT INTO revision VALUES (?, ?, ?, ?) ON CONFLICT (uid, version) DO UPDATE SET seen = excluded.seen, "
    "line = excluded.line WHERE excluded.seen >= seen"
)
"""Of several revised readings of a version the last one counts."""
FIND_REVISION = "SELECT line FROM revision WHERE uid = ? AND version = ?"
ALL_REVISIONS = "SELECT line FROM revision ORDER BY uid, version"
MAKE_OBSERVED = ("CREATE TABLE observed (uid TEXT, version INTEGER, digest TEXT)",)
ADD_OBSERVED = "INSERT INTO observed VALUES (?, ?, ?)"
INDEX_OBSERVED = ("CREATE INDEX observed_version ON observed (uid, version)",)
OBSERVED_OTHERWISE = "SELECT 1 FROM observed WHERE uid = ? AND version = ? AND digest IS NOT ? LIMIT 1"
MAKE_TO_REFINE = (
    """CREATE TABLE to_refine (uid TEXT, version INTEGER, path TEXT, number INTEGER, line BLOB,
        refined BLOB)""",
    "CREATE INDEX to_refine_version ON to_refine (uid, version)",
    "CREATE INDEX to_refine_path ON to_refine (path, number)",
)
ADD_TO_REFINE = "INSERT INTO to_refine VALUES (?, ?, ?, ?, ?, NULL)"
FIND_TO_REFINE = "SELECT rowid, path, number, line FROM to_refine WHERE uid = ? AND version = ?"
SET_REFINED = "UPDATE to_refine SET refined = ? WHERE rowid = ?"
PATHS_TO_REFINE = "SELECT DISTINCT path FROM to_refine ORDER BY path"
REFINED_OF_PATH = "SELECT number, refined, uid, version FROM to_refine WHERE path = ? ORDER BY number"
MAKE_ADOPTION = (
    """CREATE TABLE revised (uid TEXT, version INTEGER, before BLOB, after BLOB, PRIMARY KEY (uid, version))
        WITHOUT ROWID""",
    """CREATE TABLE adoptable (number INTEGER PRIMARY KEY, kind TEXT, uid TEXT, version INTEGER, content BLOB,
        archived TEXT)""",
)
ADD_REVISED = "INSERT OR REPLACE INTO revised VALUES (?, ?, ?, ?)"
FIND_REVISED = "SELECT after FROM revised WHERE uid = ? AND version = ?"
REVISED_AFTER = (
    "SELECT uid, version, before, after FROM revised WHERE (uid, version) > (?, ?) "
    "ORDER BY uid, version LIMIT 200"
)
ADD_ADOPTABLE = "INSERT INTO adoptable (kind, uid, version, content, archived) VALUES (?, ?, ?, ?, ?)"
COUNT_ADOPTABLE = "SELECT COUNT(*) FROM adoptable"
ADOPTABLE_AFTER = (
    "SELECT number, kind, uid, version, content, archived FROM adoptable WHERE number > ? "
    "ORDER BY number LIMIT ?"
)

# --- What the second pass changes

ADD_MEND = "INSERT INTO mend VALUES (?, ?, ?, ?)"
MENDED_FILES = "SELECT DISTINCT file FROM mend ORDER BY file"
MENDS_OF_FILE = "SELECT uid, version, fields FROM mend WHERE file = ?"

# --- Versions, for `scrapy verify`

MAKE_VERSIONS = (
    "CREATE TABLE seen (uid TEXT, version INTEGER, place TEXT, hash TEXT)",
    "CREATE TABLE named (id TEXT, digest TEXT, uid TEXT, place TEXT)",
    """CREATE TABLE seen_revision (uid TEXT, version INTEGER, seen TEXT, place TEXT, hash TEXT,
        digest TEXT)""",
)
ADD_SEEN = "INSERT INTO seen VALUES (?, ?, ?, ?)"
INDEX_SEEN = ("CREATE INDEX seen_version ON seen (uid, version)",)
TWICE = "SELECT uid, version, MIN(rowid), MAX(rowid) FROM seen GROUP BY uid, version HAVING COUNT(*) > 1"
PLACE_OF = "SELECT place FROM seen WHERE rowid = ?"
FIND_SEEN = "SELECT place, hash FROM seen WHERE uid = ? AND version = ?"
ADD_SEEN_REVISION = "INSERT INTO seen_revision VALUES (?, ?, ?, ?, ?, ?)"
REVISIONS_IN_ORDER = (
    "SELECT one.uid, one.version, one.place, one.hash, one.digest, seen.hash FROM seen_revision AS one "
    "LEFT JOIN seen ON seen.uid = one.uid AND seen.version = one.version "
    "ORDER BY one.uid, one.version, one.seen, one.place"
)
"""Revised readings in the order of their times, each with the hash in the line of its version."""
ADD_NAMED = "INSERT INTO named VALUES (?, ?, ?, ?)"
GAPS = (
    "SELECT uid, MIN(version), MAX(version), COUNT(DISTINCT version) FROM seen GROUP BY uid "
    "HAVING COUNT(DISTINCT version) <> MAX(version) OR MIN(version) <> 1"
)
COUNT_SEEN = "SELECT COUNT(*) FROM seen"
UNKNOWN_RECORDS = (
    "SELECT named.place, named.id, named.digest, named.uid, record.digest, record.uid FROM named "
    "LEFT JOIN record ON record.id = named.id "
    "WHERE record.id IS NULL OR record.digest <> named.digest OR record.uid IS NOT named.uid"
)

# --- Archives made elsewhere

MAKE_FOREIGN = (
    "CREATE TABLE foreign_page (uid TEXT, fetched_at TEXT, file INTEGER, place INTEGER, number INTEGER)",
)
ADD_FOREIGN = "INSERT INTO foreign_page VALUES (?, ?, ?, ?, ?)"
FOREIGN_IN_ORDER = "SELECT uid, file, place, number FROM foreign_page ORDER BY uid, fetched_at, file, place"

# --- What the state says, for `scrapy verify`

MAKE_STATE = (
    "CREATE TABLE state_version (uid TEXT, version INTEGER, PRIMARY KEY (uid, version)) WITHOUT ROWID",
    "CREATE TABLE waiting (uid TEXT, version INTEGER, PRIMARY KEY (uid, version)) WITHOUT ROWID",
)
ADD_STATE_VERSION = "INSERT OR IGNORE INTO state_version VALUES (?, ?)"
ADD_WAITING = "INSERT OR IGNORE INTO waiting VALUES (?, ?)"
VERSIONS_WITHOUT_LINE = (
    "SELECT uid, version FROM state_version AS one WHERE "
    "NOT EXISTS (SELECT 1 FROM seen WHERE uid = one.uid AND version = one.version) AND "
    "NOT EXISTS (SELECT 1 FROM waiting WHERE uid = one.uid AND version = one.version)"
)
LINES_WITHOUT_VERSION = (
    "SELECT uid, version, place FROM seen AS one WHERE "
    "NOT EXISTS (SELECT 1 FROM state_version WHERE uid = one.uid AND version = one.version)"
)
STATE_GAPS = (
    "SELECT uid, MIN(version), MAX(version), COUNT(*) FROM state_version GROUP BY uid "
    "HAVING COUNT(*) <> MAX(version) OR MIN(version) <> 1"
)
