"""Committed lines, and the segments that they are published in."""

from __future__ import annotations

from newscrawl.database.statements.listed import Listed

# --- Lines

ADD_LINE = "INSERT INTO line (worker, run_id, kind, day, content) VALUES (?, ?, ?, ?, ?)"
ADD_RECORD = "INSERT INTO line (worker, run_id, kind, day, content, entry) VALUES (?, ?, ?, ?, ?, ?)"
LINES_WITHOUT_SEGMENT = (
    "SELECT run_id, kind, day FROM line WHERE worker = ? AND segment IS NULL GROUP BY run_id, kind, day "
    "ORDER BY run_id, kind = 'archive', kind, day"
)
CHOOSE_LINES = (
    "UPDATE line SET segment = ? WHERE worker = ? AND segment IS NULL AND run_id = ? AND kind = ? AND day = ?"
)
COUNT_CHOSEN_LINES = "SELECT count(*) FROM line WHERE worker = ? AND run_id = ? AND segment = ?"
LINES_OF_SEGMENT = (
    "SELECT id, content, entry FROM line WHERE worker = ? AND run_id = ? AND segment = ? AND id > ? "
    "ORDER BY id LIMIT ?"
)
DELETE_LINES = "DELETE FROM line WHERE worker = ? AND run_id = ? AND segment = ?"
TAKE_OVER_LINES = "UPDATE line SET worker = ? WHERE worker = ?"
COUNT_LINES_OF_RUN = "SELECT count(*) FROM line WHERE run_id = ?"

# --- Segments

LAST_SEGMENT_NUMBER = "SELECT COALESCE(MAX(number), 0) FROM segment WHERE run_id = ?"
ADD_SEGMENT = (
    "INSERT INTO segment (run_id, number, worker, kind, day, lines, head) VALUES (?, ?, ?, ?, ?, ?, ?)"
)
ADD_PUBLISHED_SEGMENT = (
    "INSERT INTO segment (run_id, number, worker, kind, day, published) VALUES (?, ?, ?, ?, ?, 1)"
)
NOTE_PUBLISHED = (
    "UPDATE segment SET published = 1, lines = ?, sha256 = ?, head = NULL WHERE run_id = ? AND number = ?"
)
TAKE_OVER_SEGMENTS = "UPDATE segment SET worker = ? WHERE worker = ? AND published = 0"
UNPUBLISHED_SEGMENTS = (
    "SELECT run_id, number, kind, day, lines, head FROM segment WHERE worker = ? AND published = 0 "
    "ORDER BY run_id, kind <> 'archive', number"
)
"""Archive files first, so that no line is published ahead of its record."""
PUBLISHED_BY_WORKER = (
    "SELECT number, kind, day FROM segment WHERE run_id = ? AND worker = ? AND published = 1 ORDER BY number"
)
PUBLISHED_OF_RUN = (
    "SELECT kind, day, number, lines, sha256 FROM segment WHERE run_id = ? AND published = 1 ORDER BY number"
)
COUNT_PUBLISHED = "SELECT count(*) FROM segment WHERE published = 1"
IS_PUBLISHED = "SELECT published, lines FROM segment WHERE run_id = ? AND number = ?"
ALL_SEGMENTS = "SELECT run_id, number, kind, day, published, worker FROM segment"
SEGMENTS_BUT_OF_WORKERS = Listed(f"{ALL_SEGMENTS} WHERE worker NOT IN ({{marks}})")
SEGMENTS_OF_WORKERS = Listed(
    "SELECT run_id, number, kind, day, worker FROM segment WHERE worker IN ({marks})"
)
