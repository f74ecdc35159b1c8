"""What the state is, and on which disks its workers' files are."""

from __future__ import annotations

# --- The state: its version, its identity, and the origin of each site

MAKE_META = "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)"
READ_META = "SELECT key, value FROM meta"
SET_META = (
    "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
)
SET_META_ONCE = "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO NOTHING"

# --- Workers

WORKERS = "SELECT worker, disk FROM worker"
DISK_OF_WORKER = "SELECT disk FROM worker WHERE worker = ?"
"""As ``Statements.disk_of_worker``, without a lock."""
ADD_WORKER = "INSERT INTO worker (worker, disk) VALUES (?, ?)"
SET_DISK = "UPDATE worker SET disk = ? WHERE worker = ? AND disk <> ?"
KNOWS_WORKER = (
    "SELECT 1 FROM line WHERE worker = ? UNION ALL SELECT 1 FROM segment WHERE worker = ? "
    "UNION ALL SELECT 1 FROM worker WHERE worker = ?"
)
"""Whether a worker ever committed a line or had a disk; its name three times."""
