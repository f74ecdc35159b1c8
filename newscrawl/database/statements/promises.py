"""What pages showed, and how runs kept their promises."""

from __future__ import annotations

FACTS_OF_RUN = (
    "SELECT p.uid, p.url, p.outcome, p.facts, k.story_id FROM page p LEFT JOIN known k ON k.uid = p.uid "
    "WHERE p.run_id = ? AND p.uid > ? AND p.outcome IS NOT NULL ORDER BY p.uid LIMIT ?"
)
# `fresh` is empty where the run read nothing.
STORE_REPORT = (
    "INSERT INTO report (run_id, arguments_key, reader, number, is_healthy, profile, fresh, promises) "
    "SELECT run_id, ?, ?, number, ?, ?, ?, ? FROM run WHERE run_id = ? "
    "ON CONFLICT (run_id) DO UPDATE SET reader = excluded.reader, is_healthy = excluded.is_healthy, "
    "profile = excluded.profile, fresh = excluded.fresh, promises = excluded.promises"
)
EARLIER_REPORTS = (
    "SELECT r.number, r.run_id, r.is_healthy, r.profile, r.fresh, r.promises FROM report r "
    "WHERE r.arguments_key = ? AND r.reader = ? AND r.run_id <> ? "
    "AND r.number < (SELECT number FROM run WHERE run_id = ?) AND r.run_id >= ? AND r.fresh <> '' "
    "ORDER BY r.number DESC LIMIT ?"
)
LATEST_REPORTS = (
    "SELECT r.number, r.run_id, r.is_healthy, r.profile, r.fresh, r.promises FROM report r "
    "WHERE r.arguments_key = ? AND r.reader = ? AND r.run_id <> ? "
    "AND r.number < (SELECT number FROM run WHERE run_id = ?) AND r.run_id >= ? "
    "ORDER BY r.number DESC LIMIT ?"
)
FIRST_REPORTS = (
    "SELECT r.number, r.run_id, r.is_healthy, r.profile, r.fresh, r.promises FROM report r "
    "WHERE r.arguments_key = ? AND r.reader = ? AND r.run_id <> ? "
    "AND r.number < (SELECT number FROM run WHERE run_id = ?) AND r.run_id >= ? AND r.is_healthy = 1 "
    "AND r.fresh <> '' ORDER BY r.number LIMIT ?"
)
READ_REPORT = "SELECT is_healthy, promises FROM report WHERE run_id = ?"
