"""Faults of what lies around the workers: the server, its connections, the network, the workers' names."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from random import Random

import psycopg

from tests.chaos.crawls import Crawl
from tests.chaos.report import Damage
from tests.chaos.together import Process, chaos_rounds, disturb, end, finish, workers_of
from tests.pg_proxy import Proxy
from tests.postgres import Server

States = Callable[[str], str]
# Seconds after which a silent server is given up here. Everything else is in proportion.
SILENCE = 2.0
_LONGEST = 120.0
_REFUSED = "expected the worker same on the disk that it publishes to"


class Faults:
    """The four faults on one PostgreSQL server, each repeated until there were enough.

    ``settings`` and ``environment`` are for the crawls that are disturbed, ``longest`` is how many seconds
    one of them may take, ``names`` has a letter for each of the workers.
    """

    def __init__(
        self,
        server: Server,
        url: str,
        random: Random,
        states: States,
        *,
        settings: tuple[str, ...] = (),
        environment: dict[str, str] | None = None,
        longest: float | None = None,
        names: str = "abc",
    ) -> None:
        self._server = server
        self._url = url
        self._random = random
        self._states = states
        self._settings = settings
        self._environment = environment or {}
        self._longest = longest
        self._names = names

    def restarts(self, folder: Path, most: int) -> tuple[int, Damage]:
        """Stop the server in order, or as a loss of power would, and start it a moment later."""

        def strike(number: int, process: Process) -> int:
            if not self._is_worth_it(process):
                return 0
            (self._server.kill if self._random.random() < 0.3 else self._server.stop)()
            try:
                time.sleep(self._random.uniform(0.0, 0.7))
                self._kill_sometimes(process)
            finally:
                self._server.start()
            return 1

        return self._three_workers(folder, most, strike)

    def terminations(self, folder: Path, most: int) -> tuple[int, Damage]:
        """End connections on the server, half of the time such as are inside a transaction."""

        def strike(number: int, process: Process) -> int:
            if not self._is_worth_it(process):
                return 0
            ended = self._terminate()
            self._kill_sometimes(process)
            return ended

        return self._three_workers(folder, most, strike)

    def _terminate(self) -> int:
        order = "state = 'idle', random()" if self._random.random() < 0.5 else "random()"
        with psycopg.connect(self._server.url, autocommit=True) as connection:
            found = connection.execute(
                "SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity "
                f"WHERE application_name LIKE 'newscrawl-%%' ORDER BY {order} LIMIT %s) AS found",
                (self._random.choice([1, 1, 3]),),
            )
            return sum(bool(ended) for (ended,) in found)

    def _three_workers(
        self, folder: Path, most: int, strike: Callable[[int, Process], int]
    ) -> tuple[int, Damage]:
        def disturbed(beginning: Path, state: str, points: int, most: int) -> tuple[int, list[Crawl]]:
            workers = workers_of(
                self._url, beginning, state, self._settings, self._environment, names=self._names
            )
            faults, _ = disturb(workers, points, most, strike, self._random, self._longest)
            finish(workers, self._random)
            return faults, workers

        return chaos_rounds(self._url, folder, most, self._states, disturbed)

    def silences(self, folder: Path, most: int) -> tuple[int, Damage]:
        """Let nothing through between a worker and the server: for a while, or never on that connection."""

        def disturbed(beginning: Path, state: str, points: int, most: int) -> tuple[int, list[Crawl]]:
            with ExitStack() as stack:
                proxies = [stack.enter_context(Proxy(state)) for _ in self._names]
                workers = [
                    Crawl(
                        self._url,
                        Path(f"{beginning}-{number}"),
                        proxy.url,
                        "shared",
                        settings=self._settings,
                        environment={"CHAOS_SILENCE": f"{SILENCE}", **self._environment},
                    )
                    for number, proxy in enumerate(proxies)
                ]

                def strike(number: int, process: Process) -> int:
                    return self._silence(proxies[number], process) if self._is_worth_it(process) else 0

                faults, _ = disturb(workers, points, most, strike, self._random, self._longest)
                finish(workers, self._random)
                return faults, workers

        return chaos_rounds(self._url, folder, most, self._states, disturbed)

    def _silence(self, proxy: Proxy, process: Process) -> int:
        match self._random.choice(["all", "all", "forsaken", "commit"]):
            case "all":
                proxy.freeze()
                # Shorter and longer than the server is waited for.
                time.sleep(self._random.uniform(0.1, 1.5 * SILENCE))
                self._kill_sometimes(process)
                time.sleep(self._random.uniform(0.0, SILENCE))
                proxy.thaw()
            case "forsaken":
                proxy.forsake()
            case _:
                # The worker cannot know whether it was committed.
                trap = self._random.choice([proxy.freeze_request, proxy.freeze_answer])
                trap(b"COMMIT")
                if not proxy.sprung.wait(1.0):
                    return 0
        return 1

    def _is_worth_it(self, process: Process) -> bool:
        """Tell whether a worker is connected; now and then also of one that starts."""
        with psycopg.connect(self._server.url, autocommit=True) as connection:
            ((connections,),) = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s",
                (f"newscrawl-{process.pid}",),
            ).fetchall()
        return bool(connections) or self._random.random() < 0.02

    def _kill_sometimes(self, process: Process) -> None:
        if self._random.random() < 0.2:
            process.kill()

    def equal_names(self, folder: Path, most: int) -> tuple[int, Damage]:
        """Start workers of one name on several disks, again and again: all but one are refused."""

        def disturbed(beginning: Path, state: str, points: int, most: int) -> tuple[int, list[Crawl]]:
            disks = workers_of(
                self._url,
                beginning,
                state,
                ("WORKER=same", *self._settings),
                self._environment,
                names=self._names,
            )
            refused, home = self._one_home(disks, points, most)
            finish([home], self._random)
            return refused, disks

        return chaos_rounds(self._url, folder, most, self._states, disturbed)

    def _one_home(self, disks: list[Crawl], points: int, most: int) -> tuple[int, Crawl]:
        """Run one worker on several disks at once; return how many were refused, and which disk was not."""
        refused: Counter[Crawl] = Counter()
        homes: list[Crawl] = []
        deadline = time.monotonic() + (_LONGEST + most if self._longest is None else self._longest)
        running: dict[Crawl, Process] = {}
        try:
            for disk in self._random.sample(disks, len(disks)):
                running[disk] = disk.start()
                time.sleep(self._random.choice([0.0, 0.1, 1.0]))
            while running:
                if time.monotonic() > deadline:
                    raise AssertionError("the workers do not end")
                time.sleep(self._random.uniform(0.02, 0.2))
                if self._random.random() < 0.05:
                    self._random.choice(list(running.values())).kill()
                for disk in [disk for disk, process in running.items() if process.poll() is not None]:
                    status = _status(running.pop(disk))
                    if status == 0:
                        homes.append(disk)
                    elif status == 1:
                        refused[disk] += 1
                    is_enough = homes or refused.total() >= most
                    if status == -signal.SIGKILL or (status == 1 and not is_enough):
                        bomb = self._random.randint(1, points) if self._random.random() < 0.2 else 0
                        running[disk] = disk.start(bomb)
        finally:
            end(running)
        if len(homes) != 1 or homes[0] in refused:
            names = [home.folder.name for home in homes]
            raise AssertionError(f"expected one disk that is not refused, found that {names} ended well")
        return refused.total(), homes[0]


def _status(process: Process) -> int:
    """Return how a worker ended: well, refused in one line that says why, or killed."""
    _, errors = process.communicate()
    is_refused = process.returncode == 1 and _REFUSED in errors and "\n" not in errors.strip()
    if process.returncode not in (0, -signal.SIGKILL) and not is_refused:
        raise AssertionError(f"status {process.returncode}: {errors}")
    return process.returncode
