"""SECURITY.md: each statement of what is defended names tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")


def _statements() -> list[str]:
    part = PAGE.partition("\n## What is defended\n")[2].partition("\n## ")[0]
    return [
        " ".join(found.split())
        for found in re.findall(r"^- (.+?)(?=^- |^\*\*|\Z)", part, re.MULTILINE | re.DOTALL)
    ]


def test_there_are_statements() -> None:
    assert len(_statements()) > 10


@pytest.mark.parametrize("statement", _statements(), ids=lambda statement: statement[:40])
def test_each_statement_names_tests_that_are_there(statement: str) -> None:
    found = re.search(r"\((`tests/[^)]+)\)$", statement)
    assert found is not None, statement
    for path in re.findall(r"`([^`]+)`", found[1]):
        assert "\ndef test_" in (ROOT / path).read_text(encoding="utf-8"), path


def test_no_person_and_no_mail_is_named() -> None:
    assert "@" not in PAGE.replace("url=@FILE", "")
