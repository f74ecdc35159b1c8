"""Hosts, and the delays of the processes that ask them. Times are seconds since 1970 by the state's clock."""

from __future__ import annotations

ADD_HOST = "INSERT INTO host (host) VALUES (?) ON CONFLICT (host) DO NOTHING"
SET_DELAY = (
    "INSERT INTO host_delay (host, holder, delay, until) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (host, holder) DO UPDATE SET delay = excluded.delay, until = excluded.until"
)
FORGET_DELAYS = "DELETE FROM host_delay WHERE holder = ? OR until < ?"
LOOK_AT_HOST = (
    "SELECT h.next_at, h.paused_until, h.crawl_delay, h.crawl_delay_until, h.refused_since, h.probe_at, "
    "h.probe_pause, "
    "(SELECT MAX(d.delay) FROM host_delay d WHERE d.host = h.host AND d.until > ?), "
    "(SELECT COUNT(*) FROM host_delay d WHERE d.host = h.host AND d.until > ? AND d.holder <> ?) "
    "FROM host h WHERE h.host = ?"
)
PUT_OFF_PROBE = "UPDATE host SET probe_at = ? + probe_pause WHERE host = ?"
RESERVE_UNTIL = "UPDATE host SET next_at = ? WHERE host = ?"
PAUSE_HOST = "UPDATE host SET paused_until = ? WHERE host = ? AND paused_until < ?"
SET_CRAWL_DELAY = (
    "UPDATE host SET crawl_delay = ?, crawl_delay_until = ?, "
    "next_at = CASE WHEN next_at < ? THEN ? ELSE next_at END WHERE host = ?"
)
NEXT_PROBE_PAUSE = "SELECT probe_pause * 2, refused_since FROM host WHERE host = ?"
NOTE_REFUSALS = "UPDATE host SET refused_since = ?, probe_pause = ?, probe_at = ? WHERE host = ?"
ARCHIVED_ROBOTS = "SELECT archived FROM robots_txt WHERE url = ?"
STORE_ARCHIVED_ROBOTS = (
    "INSERT INTO robots_txt (url, archived) VALUES (?, ?) "
    "ON CONFLICT (url) DO UPDATE SET archived = excluded.archived"
)
NOTE_ANSWER = "UPDATE host SET refused_since = NULL, probe_at = 0, probe_pause = 0 WHERE host = ?"
