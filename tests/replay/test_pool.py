"""Work shared among processes: in order, bounded, and over when its first process is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import count

from newscrawl.replay.pool import shared
from tests.crawl.crawl_runs import ROOT

TIME_LIMIT = 60.0


class Squares:
    def __init__(self, power: int) -> None:
        self.power = power

    def work(self, number: int) -> tuple[int, int]:
        return int(number**self.power), os.getpid()


def test_results_are_in_order_and_never_all_at_once() -> None:
    taken = 0

    def parts() -> Iterator[int]:
        nonlocal taken
        for number in count():
            taken += 1
            yield number

    results = shared(Squares, (2,), "work", parts(), 2)
    found = [next(results) for _ in range(50)]
    results.close()
    assert [square for square, _ in found] == [number**2 for number in range(50)]
    assert os.getpid() not in {pid for _, pid in found}
    assert taken < 50 + 10


def test_one_process_is_this_one() -> None:
    assert list(shared(Squares, (3,), "work", range(3), 1)) == [(n**3, os.getpid()) for n in range(3)]


CODE = """
import os, sys, time
from newscrawl.replay.pool import shared

class Waits:
    def work(self, part):
        print(os.getpid(), flush=True)
        time.sleep(3600 if part else 0)

list(shared(Waits, (), "work", [0, 1, 1, 1], 3))
"""


def test_processes_end_with_the_one_that_started_them() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", CODE], cwd=ROOT, stdout=subprocess.PIPE, start_new_session=True
    )
    try:
        assert process.stdout is not None
        with process.stdout as told:
            pids = {int(told.readline()) for _ in range(4)}
        process.kill()
        process.wait()
        deadline = time.monotonic() + TIME_LIMIT
        while any(map(_lives, pids)):
            assert time.monotonic() < deadline, "a worker outlived the process that started it"
            time.sleep(0.05)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _lives(pid: int) -> bool:
    # A zombie is no longer at work; whoever takes orphans here may leave it.
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S607
    return state.stdout.strip()[:1] not in ("", "Z")
