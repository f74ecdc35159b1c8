"""Runs, and the stories of a run."""

from __future__ import annotations

from newscrawl.database.statements.listed import Listed

# --- Runs

LATEST_RUN = "SELECT run_id, state, started_at FROM run WHERE crawl_key = ? ORDER BY number DESC LIMIT 1"
"""As ``Statements.latest_run``, without a lock."""
LAST_RUN_NUMBER = "SELECT COALESCE(MAX(number), 0) FROM run"
ADD_RUN = (
    "INSERT INTO run (run_id, number, crawl_key, arguments, state, started_at) VALUES (?, ?, ?, ?, ?, ?)"
)
FORGET_RUN = "UPDATE run SET state = 'forgotten' WHERE run_id = ?"
RESUME_RUN = "UPDATE run SET verdict = NULL, finished_at = NULL WHERE run_id = ?"
REOPEN_RUN = "UPDATE run SET state = 'running', finished_at = NULL WHERE run_id = ? AND state = 'finished'"
END_RUN = (
    "UPDATE run SET verdict = ?, finished_at = ?, "
    "state = CASE WHEN state = 'running' AND NOT EXISTS "
    "(SELECT 1 FROM page WHERE page.run_id = run.run_id AND page.state IN (0, 1)) "
    "THEN 'finished' ELSE state END WHERE run_id = ?"
)
"""Finished where no page waits or is leased any more."""
SET_ARGUMENTS = "UPDATE run SET arguments = ? WHERE run_id = ?"
SET_WARCINFO = "UPDATE run SET warcinfo = ? WHERE run_id = ?"
READ_WARCINFO = "SELECT warcinfo FROM run WHERE run_id = ?"
RUNS_IN_ORDER = "SELECT crawl_key, run_id FROM run ORDER BY number"
READ_RUN = "SELECT crawl_key, arguments, state, verdict, started_at, finished_at FROM run WHERE run_id = ?"
FIRST_START_OF_CRAWL = "SELECT min(started_at) FROM run WHERE crawl_key = ?"

# --- Stories

COUNT_STORIES = "SELECT count(*) FROM story WHERE run_id = ?"
LAST_STORY_NUMBER = "SELECT COALESCE(MAX(number), 0) FROM story WHERE run_id = ?"
STORY_NUMBERS = Listed("SELECT story_id, number FROM story WHERE run_id = ? AND story_id IN ({marks})")
ADD_STORY = (
    "INSERT INTO story (run_id, story_id, number) VALUES (?, ?, ?) ON CONFLICT (run_id, story_id) DO NOTHING"
)
RENAME_STORY = "UPDATE story SET story_id = ? WHERE run_id = ? AND story_id = ?"
DELETE_STORY = "DELETE FROM story WHERE run_id = ? AND story_id = ?"
DELETE_STORIES_OF_CRAWL = "DELETE FROM story WHERE run_id IN (SELECT run_id FROM run WHERE crawl_key = ?)"
