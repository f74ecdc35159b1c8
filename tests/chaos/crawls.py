"""Crawls that do not end by themselves: how they are started, killed and frozen."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random

from tests.chaos.report import NO_DAMAGE, Damage, compare, read_archive, read_lines, without_record

ROOT = Path(__file__).parent.parent.parent
# More restarts than this mean that a crawl does not get on.
_MOST_STARTS = 400
_ALREADY_RUNNING = 3
_LONGEST = 60.0


class Crawl:
    """One crawl of a served site into a folder, typed again and again until it ends."""

    def __init__(
        self,
        url: str,
        folder: Path,
        state_url: str | None = None,
        name: str | None = None,
        *,
        settings: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """``environment`` is for what ``tests.chaos.child`` reads."""
        self.folder = folder
        self._environment = dict(environment or {})
        self.words = ["crawl", "longbridge", "-a", f"url={url}", "-a", "depth=1000", "-L", "ERROR"]
        if name is not None:
            self.words += ["-a", f"run={name}"]
        if state_url is not None:
            self.words += ["-s", f"STATE_URL={state_url}"]
        for setting in (
            f"DATA_DIR={folder}",
            "DOWNLOAD_DELAY=0",
            "CONCURRENT_REQUESTS=8",
            "CONCURRENT_REQUESTS_PER_DOMAIN=8",
            "PUBLISH_INTERVAL=0.05",
            "LEASE_SECONDS=1",
            *settings,
        ):
            self.words += ["-s", setting]

    def start(self, bomb: int = 0, *, jump: float = 0.0, verb: str = "crawl") -> subprocess.Popen[str]:
        """Start the command; ``bomb`` is the critical point at which it dies, 0 for none.

        ``jump`` is the second at which its clock jumps, ``verb`` another one on the same folder.
        """
        words = self.words if verb == "crawl" else [verb, *self.words[self.words.index("-s") :]]
        return subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.child", str(bomb), str(jump), *words],
            cwd=ROOT,
            env={key: value for key, value in os.environ.items() if not key.startswith("NEWSCRAWL_")}
            | self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def told(self, verb: str) -> str:
        """Return what another verb prints of the same folder."""
        process = self.start(verb=verb)
        output, errors = process.communicate(timeout=_LONGEST)
        if process.returncode:
            raise AssertionError(f"status {process.returncode} of {verb}: {errors}")
        # The last word is the number of critical points.
        return output.rpartition("\n")[0].rpartition("\n")[0]

    def run(self, bomb: int = 0, jump: float = 0.0) -> tuple[int, str]:
        """Run the command to its end; return its status and what it printed."""
        process = self.start(bomb, jump=jump)
        output, errors = process.communicate(timeout=_LONGEST)
        if process.returncode not in (0, _ALREADY_RUNNING, -signal.SIGKILL):
            raise AssertionError(f"status {process.returncode}: {errors}")
        return process.returncode, output


def kill_until_done(crawl: Crawl, points: int, kills: int, random: Random) -> int:
    """Type a command again until it ends; kill it up to ``kills`` times. Return how often it was killed.

    Half of the kills are at a critical point, half at a moment of the clock. Every other time somebody types
    the same command beside it, or publishes; every fourth time the clock jumps.
    """
    killed = 0
    for _ in range(_MOST_STARTS):
        _check_readable(crawl.folder)
        rival = _rival(crawl, points, random) if random.random() < 0.5 else None
        jump = random.uniform(0.6, 1.2) if random.random() < 0.25 else 0.0
        if killed >= kills:
            status, _ = crawl.run(jump=jump)
        elif random.random() < 0.5:
            status, _ = crawl.run(random.randint(1, points), jump)
        else:
            status = _run_for(crawl, random.uniform(0.4, 1.4), jump)
        if rival is not None:
            _, errors = rival.communicate(timeout=_LONGEST)
            # Nothing can be published from a state that is not there yet.
            refused = "expected a state" in errors
            if rival.returncode not in (0, _ALREADY_RUNNING, -signal.SIGKILL) and not refused:
                raise AssertionError(f"status {rival.returncode} beside: {errors}")
        if status == 0 and not retry_crashed(crawl):
            return killed
        killed += status == -signal.SIGKILL
    raise AssertionError(f"no end after {_MOST_STARTS} starts")


def retry_crashed(crawl: Crawl) -> int:
    """Let pages wait again that three kills or more have hit; return how many.

    Pages that failed for any other reason are not to be found.
    """
    reasons = [line for line in crawl.told("status").splitlines() if line.startswith("  failed ")]
    if other := [line for line in reasons if not re.search(r"the process ended \d+ times", line)]:
        raise AssertionError(f"pages failed: {other}")
    if not reasons:
        return 0
    count = int(crawl.told("retry").split()[0])
    print(f"{count} pages were set aside and wait again", flush=True)
    return count


def _rival(crawl: Crawl, points: int, random: Random) -> subprocess.Popen[str]:
    """Start something else on the same folder; it may be killed, too."""
    bomb = random.randint(1, points) if random.random() < 0.3 else 0
    return crawl.start(bomb, verb=random.choice(["crawl", "publish"]))


def _run_for(crawl: Crawl, seconds: float, jump: float) -> int:
    process = crawl.start(jump=jump)
    try:
        process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
    return process.returncode


def _check_readable(folder: Path) -> None:
    """Read as a user would while the crawl is down or running: never half a line."""
    lines, torn = read_lines([folder])
    if torn:
        raise AssertionError(f"{torn} torn lines in {folder}")
    # Lines first: a line is never there ahead of its record.
    records, torn = read_archive([folder])
    lost = without_record(lines, records)
    if torn or lost:
        raise AssertionError(f"{torn} torn archive files in {folder}, no record of {lost}")


States = Callable[[str], str | None]
"""Gives the STATE_URL for a named data set: None for SQLite in its folder."""


def chaos_alone(url: str, folder: Path, kills: int, random: Random, states: States) -> tuple[int, Damage]:
    """Kill crawls until there were ``kills`` kills; return their number and all damage.

    A crawl that ends before that is followed by another, in a folder of its own.
    """
    calm = Crawl(url, folder / "calm", states("calm"))
    points = int(calm.run()[1].split()[-1])
    damage, done, number = NO_DAMAGE, 0, 0
    while done < kills:
        number += 1
        wild = Crawl(url, folder / f"wild{number}", states(f"wild{number}"))
        done += kill_until_done(wild, points, kills - done, random)
        damage += compare([calm.folder], [wild.folder])
    return done, damage
