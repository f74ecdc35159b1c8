"""Several workers of one run, disturbed while they run, until all have ended."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

from tests.chaos.crawls import Crawl, States, retry_crashed
from tests.chaos.report import NO_DAMAGE, Damage, compare

# Seconds that workers may take, and how many more for each fault.
_LONGEST = 60.0
_LONGER = 5.0
# In one run; after that it comes to its end, and another one begins.
_MOST_IN_ONE = 30

Process = subprocess.Popen[str]
Strike = Callable[[int, Process], int]
"""Does something bad while the worker of that number runs. Returns how many faults that was."""
Round = Callable[[Path, str, int, int], tuple[int, list[Crawl]]]
"""Disturbs a new run until it ends. Takes how the folders' names begin, the state's address, the number of
critical points and the most faults; returns the faults and the workers."""


def end(processes: Mapping[Crawl, Process]) -> None:
    """End what is left of processes that were started here."""
    for process in processes.values():
        process.kill()
        process.communicate()


def disturb(
    crawls: list[Crawl], points: int, most: int, strike: Strike, random: Random, longest: float | None = None
) -> tuple[int, int]:
    """Run workers, ``strike`` at random moments, and start again what was killed, until all have ended.

    Returns how many faults there were, and how many workers were started to die at a critical point beside.
    ``longest`` is how many seconds all may take. Whatever happens, no process is left.
    """
    faults = bombs = 0
    deadline = time.monotonic() + (_LONGEST + _LONGER * most if longest is None else longest)
    running = {crawl: crawl.start() for crawl in crawls}
    try:
        while running:
            if time.monotonic() > deadline:
                raise AssertionError("the workers do not end")
            time.sleep(random.uniform(0.02, 0.3))
            crawl, process = random.choice(list(running.items()))
            if process.poll() is None and faults < most:
                faults += strike(crawls.index(crawl), process)
            for crawl, process in list(running.items()):
                if process.poll() is None:
                    continue
                _, errors = process.communicate()
                if process.returncode == 0:
                    del running[crawl]
                elif process.returncode == -signal.SIGKILL:
                    bomb = random.randint(1, points) if 2 * bombs < most and random.random() < 0.5 else 0
                    bombs += bomb > 0
                    running[crawl] = crawl.start(bomb)
                else:
                    raise AssertionError(f"status {process.returncode}: {errors}")
    finally:
        end(running)
    return faults, bombs


def finish(workers: list[Crawl], random: Random) -> None:
    """Let the pages be asked for again that too many kills have hit."""
    if retry_crashed(workers[0]):
        disturb(workers, 0, 0, lambda number, process: 0, random)


def chaos_rounds(
    url: str, folder: Path, most: int, states: Callable[[str], str], disturbed: Round
) -> tuple[int, Damage]:
    """Disturb one run after another until there were ``most`` faults; return their number and all damage."""
    calm = Crawl(url, folder / "calm", states("calm"))
    points = int(calm.run()[1].split()[-1])
    damage, done, number = NO_DAMAGE, 0, 0
    while done < most:
        if number > most + 5:
            raise AssertionError(f"only {done} faults in {number} runs")
        number += 1
        state = states(f"wild{number}")
        faults, workers = disturbed(folder / f"wild{number}", state, points, min(most - done, _MOST_IN_ONE))
        done += faults
        damage += compare([calm.folder], [worker.folder for worker in workers])
    return done, damage


def workers_of(
    url: str,
    beginning: Path,
    state: str,
    settings: tuple[str, ...] = (),
    environment: dict[str, str] | None = None,
    *,
    names: str = "abc",
) -> list[Crawl]:
    """Return workers of one run, each with a disk of its own."""
    return [
        Crawl(url, Path(f"{beginning}-{part}"), state, "shared", settings=settings, environment=environment)
        for part in names
    ]


def chaos_together(url: str, folder: Path, kills: int, random: Random, states: States) -> tuple[int, Damage]:
    """Kill and freeze three workers on one run.

    A frozen worker sleeps past its leases, so that others take its pages, and then goes on.
    """

    def strike(number: int, process: Process) -> int:
        if random.random() < 0.7:
            process.kill()
        else:
            process.send_signal(signal.SIGSTOP)
            time.sleep(1.5)
            process.send_signal(signal.SIGCONT)
        return 1

    def disturbed(beginning: Path, state: str, points: int, most: int) -> tuple[int, list[Crawl]]:
        workers = workers_of(url, beginning, state)
        faults = sum(disturb(workers, points, most, strike, random))
        finish(workers, random)
        return faults, workers

    return chaos_rounds(url, folder, kills, lambda name: str(states(name)), disturbed)
