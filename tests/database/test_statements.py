"""Statements: written once, and the same for both engines but for what they must say differently."""

from __future__ import annotations

from dataclasses import fields

import pytest

from newscrawl.archive.versions import Known
from newscrawl.database.statements import hosts, identity, known, pages, runs
from newscrawl.database.statements.listed import Listed
from newscrawl.database.statements.per_engine import Statements
from newscrawl.database.statements.postgres import POSTGRES
from newscrawl.database.statements.sqlite import SQLITE


def test_a_list_has_a_mark_for_each_value() -> None:
    listed = Listed("SELECT uid FROM page WHERE run_id = ? AND uid IN ({marks}) LIMIT ?")
    assert listed.of(["a"]) == "SELECT uid FROM page WHERE run_id = ? AND uid IN (?) LIMIT ?"
    assert listed.of("abc") == "SELECT uid FROM page WHERE run_id = ? AND uid IN (?,?,?) LIMIT ?"


def test_a_mark_may_be_a_row() -> None:
    listed = Listed("INSERT INTO version VALUES {marks}", "(?,?)")
    assert listed.of([1, 2]) == "INSERT INTO version VALUES (?,?),(?,?)"


def test_a_list_may_have_an_end() -> None:
    listed = Listed("INSERT INTO version VALUES {marks}", "(?,?)").ending("RETURNING uid")
    assert listed.of([1]) == "INSERT INTO version VALUES (?,?) RETURNING uid"


def test_a_list_is_written_once_for_each_number_of_values() -> None:
    assert pages.LEASE_PAGES.of([1, 2, 3]) is pages.LEASE_PAGES.of("abc")


def test_the_columns_of_an_article_are_the_fields_of_what_is_known() -> None:
    assert Known._fields == known.COLUMNS


COMMON: dict[str, str | Listed] = {
    "latest_run": runs.LATEST_RUN,
    "claim_waiting": pages.WAITING_PAGES,
    "held_pages": pages.HELD_PAGES,
    "known_articles": known.KNOWN_ARTICLES,
    "lock_host": hosts.LOOK_AT_HOST,
    "disk_of_worker": identity.DISK_OF_WORKER,
}
OWN = {"bytes_type", "serial_type", "lock_tables", "lock_run"}


def test_every_statement_of_an_engine_is_compared() -> None:
    assert {field.name for field in fields(Statements)} == {*COMMON, *OWN}


@pytest.mark.parametrize("name", COMMON)
def test_engines_differ_in_locks_alone(name: str) -> None:
    common = _text(COMMON[name])
    assert _text(getattr(SQLITE, name)) == common
    assert _text(getattr(POSTGRES, name)).startswith(f"{common} FOR UPDATE")


def _text(statement: str | Listed) -> str:
    return statement.of("ab") if isinstance(statement, Listed) else statement
