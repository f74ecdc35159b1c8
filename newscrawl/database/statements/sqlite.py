"""What is said to SQLite alone."""

from __future__ import annotations

from newscrawl.database.statements import hosts, identity, known, pages, runs
from newscrawl.database.statements.per_engine import Statements

SQLITE = Statements(
    bytes_type="BLOB",
    serial_type="INTEGER PRIMARY KEY AUTOINCREMENT",
    lock_tables=None,
    lock_run=None,
    latest_run=runs.LATEST_RUN,
    claim_waiting=pages.WAITING_PAGES,
    held_pages=pages.HELD_PAGES,
    known_articles=known.KNOWN_ARTICLES,
    lock_host=hosts.LOOK_AT_HOST,
    disk_of_worker=identity.DISK_OF_WORKER,
)

BEGIN_READ = "BEGIN"
BEGIN_WRITE = "BEGIN IMMEDIATE"
COMMIT = "COMMIT"
ROLLBACK = "ROLLBACK"
SYNC_AT_COMMIT = "PRAGMA synchronous = FULL"
SYNC_LATER = "PRAGMA synchronous = NORMAL"
USE_WAL = "PRAGMA journal_mode = WAL"
# Milliseconds in which SQLite waits by itself for another process, and cannot be interrupted.
WAIT_A_LITTLE = "PRAGMA busy_timeout = 2000"
PAGE_COUNT = "PRAGMA page_count"
PAGE_SIZE = "PRAGMA page_size"
CHECK = "PRAGMA quick_check(1)"
HAS_TABLE = "SELECT 1 FROM sqlite_master WHERE type='table' AND name=?"
