"""The pages of a run. ``state`` is 0 for one that waits, 1 leased, 2 done, 3 failed (``codes.PageState``)."""

from __future__ import annotations

from newscrawl.database.statements.listed import Listed

# --- Which are fetched next, and whose they are

WAITING_PAGES = (
    "SELECT p.uid, p.story_id, p.locale, p.url, p.depth, p.via, p.referrer, p.referrer IS NULL, k.version, "
    "k.published_at, k.first_seen_at, k.etag, k.last_modified, k.unmodified, k.status, k.content_hash, "
    "k.reader, k.archived, COALESCE(c.crashes, 0) "
    "FROM page p LEFT JOIN known k ON k.uid = p.uid LEFT JOIN crash c ON c.uid = p.uid "
    "WHERE p.run_id = ? AND p.state = 0 "
    "ORDER BY p.depth, p.story, p.uid LIMIT ?"
)
"""As ``Statements.claim_waiting``, without a lock."""
LEASE_PAGES = Listed(
    "UPDATE page SET state = ?, token = token + 1, holder = ?, lease_until = ? "
    "WHERE run_id = ? AND uid IN ({marks}) RETURNING uid, token"
)
RENEW_LEASES = "UPDATE page SET lease_until = ? WHERE run_id = ? AND state = 1 AND holder = ?"
OWN_LEASES = "SELECT uid, token FROM page WHERE run_id = ? AND state = 1 AND holder = ?"
RELEASE_PAGE = "UPDATE page SET state = 0 WHERE run_id = ? AND uid = ?"
RELEASE_OWN = "UPDATE page SET state = 0 WHERE run_id = ? AND state = 1 AND holder = ?"
RELEASE_ALL = "UPDATE page SET state = 0 WHERE run_id = ? AND state = 1"
RELEASE_EXPIRED = (
    "UPDATE page SET state = 0 WHERE run_id = ? AND state = 1 AND holder <> ? "
    "AND NOT lease_until BETWEEN ? AND ?"
)
"""Those of other holders whose leases end before the first or after the second of two times."""

# --- What became of them

HELD_PAGES = Listed(
    "SELECT uid, token, depth, story_id FROM page WHERE run_id = ? AND state = 1 AND uid IN ({marks}) "
    "ORDER BY uid"
)
"""As ``Statements.held_pages``, without a lock."""
END_PAGE = "UPDATE page SET state = ?, outcome = ?, error = ?, facts = ? WHERE run_id = ? AND uid = ?"
SKIP_PAGES = Listed("UPDATE page SET state = ?, outcome = ? WHERE run_id = ? AND uid IN ({marks})")
LET_PAGE_WAIT_AGAIN = (
    "UPDATE page SET state = ?, outcome = NULL, error = NULL WHERE run_id = ? AND uid = ? AND state = ?"
)
LET_PAGES_WAIT_AGAIN = (
    "UPDATE page SET state = ?, outcome = NULL, error = NULL WHERE run_id = ? AND state = ? RETURNING uid"
)
COUNT_CRASH = (
    "INSERT INTO crash (uid, crashes) VALUES (?, 1) "
    "ON CONFLICT (uid) DO UPDATE SET crashes = crash.crashes + 1 RETURNING crashes"
)
FORGET_CRASHES = "DELETE FROM crash WHERE uid = ?"

# --- Where they lead

ADD_PAGES = Listed(
    "INSERT INTO page (run_id, uid, story_id, locale, url, state, depth, story, via, referrer) "
    "VALUES {marks} ON CONFLICT (run_id, uid) DO NOTHING RETURNING uid",
    "(?,?,?,?,?,?,?,?,?,?)",
)
DEPTHS_AND_STORIES = Listed("SELECT uid, depth, story_id FROM page WHERE run_id = ? AND uid IN ({marks})")
SHORTEN_WAY = "UPDATE page SET depth = ? WHERE run_id = ? AND uid = ? AND depth > ? RETURNING outcome"
MOVE_TO_STORY = "UPDATE page SET story_id = ?, story = ? WHERE run_id = ? AND uid = ?"
OTHER_PAGE_OF_STORY = "SELECT 1 FROM page WHERE run_id = ? AND story = ? AND uid <> ? LIMIT 1"
PAGES_WITH_OUTCOMES = Listed(
    "SELECT uid, depth, outcome, referrer FROM page WHERE run_id = ? AND outcome IN ({marks}) "
    "ORDER BY depth, story, uid"
)
DELETE_PAGES_OF_CRAWL = "DELETE FROM page WHERE run_id IN (SELECT run_id FROM run WHERE crawl_key = ?)"

# --- How many they are

ANY_UNFINISHED = "SELECT 1 FROM page WHERE run_id = ? AND state IN (0, 1) LIMIT 1"
COUNT_PAGES = "SELECT state, outcome, count(*) FROM page WHERE run_id = ? GROUP BY state, outcome"
COUNT_STORIES_WITH_OUTCOMES = Listed(
    "SELECT count(DISTINCT story) FROM page WHERE run_id = ? AND outcome IN ({marks})"
)
COUNT_LOCALES_WITH_OUTCOMES = Listed(
    "SELECT locale, count(*) FROM page WHERE run_id = ? AND outcome IN ({marks}) "
    "GROUP BY locale ORDER BY locale"
)
FAILED_STARTS = Listed(
    "SELECT p.uid, p.outcome, p.error FROM page p LEFT JOIN known k ON k.uid = p.uid "
    "WHERE p.run_id = ? AND p.depth = 0 AND p.referrer IS NULL AND COALESCE(k.version, 0) = 0 "
    "AND p.outcome IN ({marks})"
)
"""The starts of a run that were never read, by it or before."""
WITHDRAWN_STARTS = Listed(
    "SELECT p.uid FROM page p JOIN known k ON k.uid = p.uid "
    "WHERE p.run_id = ? AND p.depth = 0 AND p.referrer IS NULL AND k.version > 0 "
    "AND p.outcome IN ({marks}) ORDER BY p.uid"
)
"""The starts of a run that were read before."""
REASONS_OF_FAILED = (
    "SELECT error, count(*) FROM page WHERE run_id = ? AND state = ? "
    "GROUP BY error ORDER BY count(*) DESC, error LIMIT ?"
)
REASONS_OF_DROPPED = (
    "SELECT error, count(*) FROM page WHERE run_id = ? AND state = ? AND outcome = 'dropped' "
    "GROUP BY error ORDER BY count(*) DESC, error LIMIT ?"
)
