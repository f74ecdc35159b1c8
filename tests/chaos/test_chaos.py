"""A short form of ``make chaos``: few kills on each engine, and nothing may be lost, repeated or torn."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from random import Random

import pytest

from benchmarks.generated_site import START, pages
from newscrawl.sample_site import handler, serve
from newscrawl.warc.answer import Answer, Head
from newscrawl.warc.index import index_of, write_lines
from newscrawl.warc.records import Record, make_record, make_warcinfo
from tests.archived import archive_files
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
        '"http":{"date":null},"related":[],"warnings":[]}\n'
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


def test_damage_of_the_archive_is_seen(tmp_path: Path) -> None:
    records = [_record(number) for number in range(1, 5)]
    _archive(tmp_path / "calm", records)
    again = _record(3)
    _archive(tmp_path / "wild", [*records[:3], again])
    # One is not there, one stands twice; the line of the last one has no record.
    _line(tmp_path / "wild", records[3])
    damage = compare([tmp_path / "calm"], [tmp_path / "wild"])
    assert (damage.lost, damage.repeated, damage.torn) == (2, 1, 0)
    (path,) = archive_files(tmp_path / "wild")
    path.write_bytes(path.read_bytes()[:-20])
    assert compare([tmp_path / "calm"], [tmp_path / "wild"]).torn == 1


def _record(number: int) -> Record:
    body = f"page {number}".encode()
    url = f"https://longbridge.com/en/news/{number}.md"
    answer = Answer(url, Head(b"HTTP/1.1 200 OK", ()), body, "2026-11-23T00:00:00.000Z")
    return make_record(answer, f"longbridge:{number}:en", None)


def _archive(folder: Path, records: list[Record]) -> None:
    path = folder / "archive" / "dt=2026-11-23" / "run-000001.warc.gz"
    path.parent.mkdir(parents=True)
    parts = [make_warcinfo({}, path.name, "2026-11-23T00:00:00.000Z"), *(one.content for one in records)]
    path.write_bytes(b"".join(parts))
    places = [
        (one.entry, sum(map(len, parts[: number + 1])), len(one.content))
        for number, one in enumerate(records)
    ]
    index_of(path).write_bytes(b"".join(write_lines(places, path.name)))


def _line(folder: Path, record: Record) -> None:
    path = folder / "articles" / "dt=2026-11-23" / "run-000002.jsonl"
    path.parent.mkdir(parents=True)
    archive = {"record_id": record.id, "payload_digest": record.digest}
    line = {
        "uid": "longbridge:4:en",
        "version": 1,
        "fetched_at": "2026-11-23T00:00:00.000Z",
        "fetched_url": "http://x/en/news/4.md",
        "http": {"archive": archive},
        "related": [],
        "warnings": [],
    }
    path.write_text(json.dumps(line) + "\n")
