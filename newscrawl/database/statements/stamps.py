"""The last stamp of each run: the time that its last commit was given.

Each run has a row of its own, which its workers take one after another anyway (``lock_run``), so that runs on
one state do not wait for each other's.
"""

from __future__ import annotations

TAKE_STAMP = (
    "INSERT INTO stamp (run_id, last_at) "
    "SELECT ?, CASE WHEN latest.at > ? THEN latest.at ELSE ? END "
    "FROM (SELECT MAX(last_at) AS at FROM stamp) AS latest WHERE 1 = 1 "
    "ON CONFLICT (run_id) DO UPDATE SET last_at = excluded.last_at RETURNING last_at"
)
"""The run, and the time twice: keep and return the later of that time and the last stamp of any run."""
RAISE_STAMP = (
    "INSERT INTO stamp (run_id, last_at) VALUES (?, ?) ON CONFLICT (run_id) DO UPDATE "
    "SET last_at = CASE WHEN stamp.last_at > excluded.last_at THEN stamp.last_at ELSE excluded.last_at END"
)
