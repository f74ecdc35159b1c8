"""What is said to PostgreSQL alone.

Those of ``PostgresEngine`` have ``?`` for parameters, as all others; those of the connection, its locks and
its transactions go to psycopg as they are and have ``%s``.
"""

from __future__ import annotations

from newscrawl.database.statements import hosts, identity, known, pages, runs
from newscrawl.database.statements.listed import Listed
from newscrawl.database.statements.per_engine import Statements

POSTGRES = Statements(
    bytes_type="BYTEA",
    serial_type="BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    lock_tables="SELECT pg_advisory_xact_lock(7465616)",
    lock_run="SELECT 1 FROM run WHERE run_id = ? FOR UPDATE",
    latest_run=f"{runs.LATEST_RUN} FOR UPDATE",
    claim_waiting=f"{pages.WAITING_PAGES} FOR UPDATE OF p SKIP LOCKED",
    held_pages=pages.HELD_PAGES.ending("FOR UPDATE"),
    known_articles=known.KNOWN_ARTICLES.ending("FOR UPDATE"),
    lock_host=f"{hosts.LOOK_AT_HOST} FOR UPDATE OF h",
    disk_of_worker=f"{identity.DISK_OF_WORKER} FOR UPDATE",
)

# --- The engine

CLOCK = "SELECT clock_timestamp()"
HAS_TABLE = "SELECT to_regclass(?)"

# --- Transactions

# BEGIN and its companions are one message: together they take one round trip.
BEGIN_READ = "BEGIN"
BEGIN_WRITE = "BEGIN; SELECT pg_current_xact_id()"
BEGIN_WRITE_WITHOUT_SYNC = "BEGIN; SET LOCAL synchronous_commit = off; SELECT pg_current_xact_id()"
COMMIT = "COMMIT"
ROLLBACK = "ROLLBACK"
WHAT_BECAME_OF = "SELECT pg_xact_status(%s::xid8)"

# --- The connection

# For as many settings, each a name and a value, as the session has.
SET_UP_SESSION = Listed(
    "SELECT pg_backend_pid(), (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()), "
    "{marks}",
    "set_config(%s, %s, false)",
)
END_BACKEND = (
    "SELECT state, pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = %s AND backend_start = %s"
)

# --- Locks that end with the connection

TRY_LOCK = "SELECT pg_try_advisory_lock(%s)"
TRY_LOCK_SHARED = "SELECT pg_try_advisory_lock_shared(%s)"
UNLOCK = "SELECT pg_advisory_unlock(%s)"
# A 64-bit lock is listed as two halves (PostgreSQL's documentation of pg_locks).
HOLDERS_OF_LOCK = (
    "SELECT l.pid, a.backend_start FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid "
    "WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 "
    "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND (l.classid::bigint << 32 | l.objid::bigint) = %s"
)
