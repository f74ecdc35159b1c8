"""A short form of ``make chaos``: few kills on each engine, and nothing may be lost, repeated or torn."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from random import Random

import pytest

from benchmarks.generated_site import START, pages
from newscrawl.sample_site import handler, serve
from tests.chaos.crawls import chaos_alone
from tests.chaos.report import NO_DAMAGE, compare
from tests.chaos.together import chaos_together
from tests.postgres import database

KILLS = 3


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serve(handler(pages(20))) as origin:
        yield origin + START


def test_killed_on_sqlite(url: str, tmp_path: Path) -> None:
    kills, damage = chaos_alone(url, tmp_path, KILLS, Random(1), lambda name: None)
    assert kills >= KILLS
    assert damage == NO_DAMAGE


@pytest.mark.parametrize("workers", [1, 3])
def test_killed_on_postgres(url: str, tmp_path: Path, postgres_url: str, workers: int) -> None:
    numbers = count(1)

    def states(name: str) -> str:
        return database(postgres_url, f"chaos_{workers}_{next(numbers)}")

    chaos = chaos_alone if workers == 1 else chaos_together
    kills, damage = chaos(url, tmp_path, KILLS, Random(workers), states)
    assert kills >= KILLS
    assert damage == NO_DAMAGE


def test_damage_is_seen(tmp_path: Path) -> None:
    line = (
        '{"uid":"longbridge:%d:en","version":1,"title":"a","fetched_url":"http://x/en/news/1.md",'
        '"http":{"date":null},"related":[]}\n'
    )
    for folder, content in (
        ("calm", line % 1 + line % 2 + line % 3),
        ("wild", line % 1 + line % 1 + (line % 2).replace('"a"', '"b"') + '{"uid":'),
    ):
        path = tmp_path / folder / "articles" / "dt=2026-11-23" / "run-000001.jsonl"
        path.parent.mkdir(parents=True)
        path.write_text(content)
    damage = compare([tmp_path / "calm"], [tmp_path / "wild"])
    assert (damage.lost, damage.repeated, damage.changed, damage.torn) == (1, 1, 1, 1)
