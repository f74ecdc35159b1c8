"""Faults around the workers, a few of each: nothing is damaged, and a defect that is planted is found."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest

from benchmarks.generated_site import START, pages
from newscrawl.sample_site import handler, serve
from tests.chaos.faults import Faults
from tests.chaos.report import NO_DAMAGE, Damage
from tests.postgres import Server, database, running

# As tests that use the common server are.
pytestmark = pytest.mark.slow


class Disturbed:
    """Crawls of a slower site on a server of their own, and what a fault of them did."""

    def __init__(self, url: str, server: Server, folder: Path) -> None:
        self._url, self._server, self._folder = url, server, folder

    def by(self, fault: str, most: int, **options: Any) -> tuple[int, Damage]:
        def states(name: str) -> str:
            return database(self._server.url, f"fault_{next(_databases)}")

        faults = Faults(self._server, self._url, Random(1), states, names="ab", **options)
        done, damage = getattr(faults, fault)(self._folder, most)
        return done, damage


_databases = count(1)


@pytest.fixture(scope="module")
def own_server() -> Iterator[Server]:
    with TemporaryDirectory(prefix="newscrawl-postgres-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with running(Path(folder) / "data") as server:
            with psycopg.connect(server.url, autocommit=True) as connection:
                # Power does not fail here, and it starts sooner.
                connection.execute("ALTER SYSTEM SET fsync = off")
            server.reload()
            yield server


@pytest.fixture
def disturbed(own_server: Server, tmp_path: Path) -> Iterator[Disturbed]:
    with serve(handler(pages(20), 0.1)) as origin:
        yield Disturbed(origin + START, own_server, tmp_path)


@pytest.mark.parametrize("fault", ["restarts", "terminations", "equal_names", "silences"])
def test_faults_around_the_workers(disturbed: Disturbed, fault: str) -> None:
    done, damage = disturbed.by(fault, 2)
    assert done >= 2
    assert damage == NO_DAMAGE


def test_lines_that_a_planted_defect_loses_are_counted(disturbed: Disturbed) -> None:
    _, damage = disturbed.by("restarts", 3, environment={"CHAOS_DEFECT": "forgets"})
    assert damage.lost > 0


@pytest.mark.parametrize("fault", ["restarts", "terminations"])
def test_workers_that_give_up_at_once_are_found(disturbed: Disturbed, fault: str) -> None:
    with pytest.raises(AssertionError, match=r"status 1: .*cannot be used"):
        disturbed.by(fault, 3, settings=("STATE_TIMEOUT=0",))


def test_names_that_are_not_bound_to_a_disk_are_found(disturbed: Disturbed) -> None:
    with pytest.raises(AssertionError, match=r"expected one disk that is not refused|found it gone"):
        disturbed.by("equal_names", 2, environment={"CHAOS_DEFECT": "any disk"})


def test_workers_that_wait_forever_are_found_and_ended(disturbed: Disturbed) -> None:
    with pytest.raises(AssertionError, match="do not end"):
        disturbed.by("silences", 3, environment={"CHAOS_SILENCE": "10000"}, longest=8.0)
