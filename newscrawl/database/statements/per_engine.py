"""What each engine says in its own way."""

from __future__ import annotations

from dataclasses import dataclass

from newscrawl.database.statements.listed import Listed


@dataclass(frozen=True, slots=True)
class Statements:
    """One engine's own words, for statements that mean the same on both.

    They differ in locks. On SQLite only one transaction writes at a time; on PostgreSQL rows that will be
    changed are locked when they are read.
    """

    bytes_type: str
    serial_type: str
    """The type of a key that counts up by itself."""
    lock_tables: str | None
    """Wait until nobody else makes or migrates tables; None where nobody else can."""
    lock_run: str | None
    """Wait until no other worker of a run has this lock; None where no other can."""
    latest_run: str
    claim_waiting: str
    """Leaves out what another worker is about to claim."""
    held_pages: Listed
    known_articles: Listed
    lock_host: str
    """What is known of a host that will be changed."""
    disk_of_worker: str
