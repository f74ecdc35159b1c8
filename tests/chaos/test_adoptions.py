"""An adoption killed at each of its critical points, and at any moment: nothing is lost or stands twice."""

from __future__ import annotations

import shutil
from collections import Counter
from itertools import count
from pathlib import Path
from random import Random
from typing import NamedTuple

import psycopg
import pytest

from tests.chaos.adoptions import Adoption
from tests.crawl.crawl_runs import FAST, START, crawl
from tests.crawl.faulty_site import FaultySite, page
from tests.crawl.sample_graph import Node
from tests.postgres import database

FIRST = Node("en", str(START))
BROKEN = ("-s", "SPIDER_MODULES=tests.replay.broken")
# On PostgreSQL so many points are passed over: the transactions are the same.
_EVERY = 5


class Calm(NamedTuple):
    """What an undisturbed adoption leaves, and how many critical points it passes."""

    lines: Counter[str]
    points: int


def crawled(folder: Path, *words: str) -> Path:
    """A story with each kind of line that an adoption writes."""
    site = FaultySite()
    hong_kong = page("zh-HK", START)
    site.pages[hong_kong] = b"mend me\n" + site.pages[hong_kong]
    with site.serving():
        done = crawl(site.origin + FIRST.path, folder, "-a", "depth=0", *FAST, *BROKEN, *words)
    assert done.status == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return crawled(tmp_path_factory.mktemp("adoptions") / "data")


@pytest.fixture(scope="module")
def calm(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Calm:
    adoption = Adoption(shutil.copytree(data, tmp_path_factory.mktemp("calm") / "data"))
    points = adoption.points()
    lines = adoption.lines()
    adoption.check_whole(lines)
    # Two lines were there; a version, a revised reading and a page that was rejected come to them.
    assert lines.total() == 5
    return Calm(lines, points)


@pytest.mark.slow
def test_killed_at_each_point(data: Path, calm: Calm, tmp_path: Path) -> None:
    assert calm.points > 20
    for point in range(1, calm.points + 1):
        adoption = Adoption(shutil.copytree(data, tmp_path / str(point)))
        assert adoption.run(point) != 0
        adoption.check_readable()
        assert adoption.run() == 0
        adoption.check_whole(calm.lines)
        shutil.rmtree(adoption.folder)


@pytest.mark.slow
def test_killed_again_and_again(data: Path, calm: Calm, tmp_path: Path) -> None:
    random = Random(15)
    for number in range(4):
        adoption = Adoption(shutil.copytree(data, tmp_path / str(number)))
        adoption.until_done(random, calm.points, 6)
        # Where it ended before a kill, there is nothing left to do.
        assert adoption.run() == 0
        adoption.check_whole(calm.lines)


def test_killed_on_postgres(postgres_url: str, tmp_path: Path) -> None:
    numbers = count(1)
    url = database(postgres_url, "adoptions")
    data = crawled(tmp_path / "data", "-s", f"STATE_URL={url}", "-s", "WORKER=w1")

    def copied() -> Adoption:
        """A copy of folder and state, bound to each other anew."""
        number = next(numbers)
        folder = shutil.copytree(data, tmp_path / f"data{number}")
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE adoptions{number} TEMPLATE adoptions")
        state = url.replace("/adoptions?", f"/adoptions{number}?")
        path = folder / "state" / "identity"
        disk = f"{path.read_text(encoding='ascii').split()[1]} {path.stat().st_ino}"
        with psycopg.connect(state, autocommit=True) as connection:
            connection.execute("UPDATE worker SET disk = %s", (disk,))
        return Adoption(folder, ("-s", f"STATE_URL={state}", "-s", "WORKER=w1"))

    calm = copied()
    points = calm.points()
    expected = calm.lines()
    calm.check_whole(expected)
    for point in range(1, points + 1, _EVERY):
        adoption = copied()
        assert adoption.run(point) != 0
        assert adoption.run() == 0
        adoption.check_whole(expected)
    adoption = copied()
    adoption.until_done(Random(15), points, 4)
    adoption.check_whole(expected)
