"""One crawl a minute of a site that changes, with kills: ``python -m benchmarks.soak --minutes 30``.

Prints for each crawl its peak memory, open files, the size of the state and of its write-ahead log, and how
many files there are. In the end it says whether these stay flat, and holds every published line against what
the site showed. What grows by nature, the published lines and what the state knows of them, is held against
their number. Ends with status 1 where something grows, or a line is lost, repeated, torn or wrong. Needs
Linux (``/proc``).
"""

from __future__ import annotations

import argparse
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import linear_regression, mean

from benchmarks.changing_site import ChangingSite, revision_of
from benchmarks.generated_site import START
from newscrawl.archive.files import published_files, read_published, sweep
from newscrawl.sample_site import handler, serve
from tests.chaos.crawls import Crawl, retry_crashed
from tests.chaos.report import read_lines

_STORIES = 40
_POLL = 0.02
# Of one crawl: half of them are not killed, and the others once or more.
_MOST_KILLS = 3
_LONGEST = 120.0
_KB = 1024
# SQLite empties its log after 1,000 pages of 4 kB; a transaction may make it a little longer.
_LONGEST_LOG = 4_500


@dataclass
class Round:
    """One crawl, from its first start to its end, however often it was killed. Sizes in kB."""

    kills: int = 0
    memory: int = 0
    """The peak of resident memory, of any of its processes."""
    open_files: int = 0
    log: int = 0
    """The peak of the write-ahead log."""
    state: int = 0
    lines: int = 0
    published: int = 0
    manifests: int = 0
    parts: int = 0
    """Files that a killed process had half written."""
    others: int = 0
    """Files that are neither published nor manifests."""


def main() -> int:
    """Run it, and say how it went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, default=30, help="crawls, one for each minute")
    parser.add_argument("--interval", type=float, default=60.0, help="seconds from one crawl to the next")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    if options.minutes < 3:
        parser.error("expected at least 3 minutes, to see what grows")
    print(f"seed {options.seed}")
    with tempfile.TemporaryDirectory() as folder:
        site, rounds = run(options.minutes, options.interval, Path(folder), Random(options.seed))
        problems = grown(rounds)
        sweep_as_later(Path(folder))
        problems += wrong(site, rounds, Path(folder))
    print("\n".join(problems) or "flat, and every line is there once")
    return 1 if problems else 0


def run(count: int, interval: float, folder: Path, random: Random) -> tuple[ChangingSite, list[Round]]:
    """Crawl so often into a folder; return the site, with what it showed, and the figures of each crawl."""
    site = ChangingSite(_STORIES, count, random)
    rounds: list[Round] = []
    with serve(handler(site.pages)) as origin:
        crawl = Crawl(f"{origin}{START}", folder, settings=("PUBLISH_INTERVAL=60", "LEASE_SECONDS=120"))
        # Every page is asked for again, and no links but those of the first page are followed.
        crawl.words += ["-a", "recheck=9999w", "-a", "depth=1"]
        points = 0
        print(
            "minute  kills  memory kB  open files  state kB  log kB  lines  published  parts  others",
            flush=True,
        )
        for number in range(count):
            begin = time.monotonic()
            if number:
                site.step()
            found = Round()
            points = max(points, _crawl(crawl, points, found, random))
            _count(folder, found)
            rounds.append(found)
            print(
                f"{number + 1:6} {found.kills:6} {found.memory:10} {found.open_files:11} {found.state:9} "
                f"{found.log:7} {found.lines:6} {found.published:10} {found.parts:6} {found.others:7}",
                flush=True,
            )
            if number + 1 < count:
                time.sleep(max(0.0, begin + interval - time.monotonic()))
    return site, rounds


def _crawl(crawl: Crawl, points: int, found: Round, random: Random) -> int:
    """Run one crawl to its end and kill it on the way; return how many critical points it passed at last."""
    # The first shows how many points there are.
    kills = random.randint(1, _MOST_KILLS) if points and random.random() < 0.5 else 0
    while True:
        bomb = random.randint(1, points) if kills and random.random() < 0.5 else 0
        limit = random.uniform(0.3, 2.0) if kills and not bomb else _LONGEST
        process = crawl.start(bomb)
        try:
            is_over_time = _watch(process, crawl.folder, found, limit)
        finally:
            process.kill()
            output, errors = process.communicate()
        if process.returncode == -signal.SIGKILL and kills:
            kills -= 1
            found.kills += 1
        elif process.returncode or (is_over_time and not kills):
            sys.exit(f"expected status 0 within {_LONGEST:g} seconds, found {process.returncode}:\n{errors}")
        elif not retry_crashed(crawl):
            # One that had a bomb and ended before it prints nothing.
            return int(output.split()[-1]) if output.split() else points


def _watch(process: subprocess.Popen[str], folder: Path, found: Round, seconds: float) -> bool:
    """Note the peaks of a process until it ends; tell whether it was still there after so many seconds."""
    deadline = time.monotonic() + seconds
    place, log = Path(f"/proc/{process.pid}"), folder / "state" / "newscrawl.db-wal"
    while process.poll() is None:
        if time.monotonic() > deadline:
            return True
        # It may end at any moment.
        with suppress(OSError, StopIteration):
            status = (place / "status").read_text(encoding="utf-8")
            peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
            found.memory = max(found.memory, int(peak.split()[1]))
            found.open_files = max(found.open_files, len(list((place / "fd").iterdir())))
            found.log = max(found.log, log.stat().st_size // _KB)
        time.sleep(_POLL)
    return False


def _count(folder: Path, found: Round) -> None:
    """Fill in what is in the data folder between two crawls."""
    published = published_files(folder)
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    manifests = {path for path in files if path.startswith("runs/")}
    found.state = (folder / "state" / "newscrawl.db").stat().st_size // _KB
    found.lines = sum((folder / path).read_bytes().count(b"\n") for path in published)
    found.published, found.manifests = len(published), len(manifests)
    # What a killed process had half written stays for an hour (archive/files.py) and is removed then.
    found.parts = sum(path.endswith(".part") for path in files)
    found.others = len(files - published - manifests) - found.parts


def grown(rounds: Sequence[Round]) -> list[str]:
    """Print the slopes, and return what grows from crawl to crawl.

    The first one, which fills all, is left out. A straight line is fitted. What it gains from the first to
    the last crawl must be within the noise: a twentieth of the mean for memory, two open files, no other.
    """
    later = rounds[1:]
    problems = []
    for name, values, allowed in (
        ("memory kB", [one.memory for one in later], 0.05 * mean(one.memory for one in later)),
        ("open files", [one.open_files for one in later], 2.0),
        ("other files", [one.others for one in later], 0.0),
    ):
        slope = linear_regression(range(len(values)), values).slope
        gain = slope * (len(values) - 1)
        is_flat = gain <= allowed + 1e-9
        print(
            f"{name:12} {min(values)} to {max(values)}, {slope:+.2f} a crawl: {gain:+.1f} over all, "
            f"{allowed:.1f} allowed: {'flat' if is_flat else 'GROWS'}"
        )
        if not is_flat:
            problems.append(f"expected {name} to stay, found {gain:+.1f} over {len(values)} crawls")
    longest = max(one.log for one in rounds)
    print(f"log kB       {longest} at most, {_LONGEST_LOG} allowed")
    if longest > _LONGEST_LOG:
        problems.append(f"expected a log of {_LONGEST_LOG} kB at most, found {longest}")
    return problems + _grown_by_nature(rounds)


def _grown_by_nature(rounds: Sequence[Round]) -> list[str]:
    """Hold the state against the lines that it knows, and the published files against the processes."""
    first, last = rounds[0], rounds[-1]
    lines, state = last.lines - first.lines, last.state - first.state
    before, after = first.state / first.lines, state / max(1, lines)
    print(
        f"state        {before:.2f} kB a line after the first crawl, {after:.2f} kB for each of {lines} more"
    )
    processes = len(rounds) + sum(one.kills for one in rounds)
    print(f"published    {last.published} files by {processes} processes, {last.manifests} manifests")
    problems = []
    if after > before:
        problems.append(f"expected {before:.2f} kB of state a line at most, found {after:.2f}")
    # Each publishes when it begins and when it ends, articles and observations; and midnight may pass.
    if last.published > 2 * 2 * processes + 2:
        problems.append(
            f"expected 4 published files a process at most, found {last.published} by {processes}"
        )
    # A crawl that was killed behind its end, but before it said so, is typed again and is another one.
    kills = processes - len(rounds)
    if not len(rounds) <= last.manifests <= processes:
        problems.append(f"expected {len(rounds)} manifests, and {kills} more at most, found {last.manifests}")
    if last.parts > kills:
        problems.append(f"expected a half-written file a kill at most, found {last.parts} after {kills}")
    return problems


def sweep_as_later(folder: Path) -> None:
    """Do what the first crawl after two hours does with half-written files of killed processes."""
    later = time.time() - 7_200
    for path in folder.rglob("*.part"):
        os.utime(path, (later, later))
    sweep(folder)


def wrong(site: ChangingSite, rounds: Sequence[Round], folder: Path) -> list[str]:
    """Return what is wrong with the data: lines that are lost, repeated, torn or not what the site showed."""
    articles, torn = read_lines([folder])
    found: dict[str, dict[int, list[int | None]]] = defaultdict(lambda: defaultdict(list))
    for line in articles:
        found[line["uid"]][line["version"]].append(revision_of(line))
    problems = [f"expected whole lines, found {torn} torn"] if torn else []
    for uid in sorted(found.keys() | site.versions.keys()):
        expected = {number: [what] for number, what in enumerate(site.versions.get(uid, []), 1)}
        if dict(found[uid]) != expected:
            problems.append(f"expected of {uid} the revisions {expected}, found {dict(found[uid])}")
    kills = sum(one.kills for one in rounds)
    print(f"data         {len(articles)} articles of {len(site.versions)} pages, after {kills} kills")
    if parts := [path.name for path in folder.rglob("*.part")]:
        problems.append(f"expected no file half written, found {', '.join(parts)}")
    known, there = read_published(folder), len(published_files(folder))
    if known != there:
        problems.append(f"expected the {known} published files that the state knows, found {there}")
    state = sqlite3.connect(folder / "state" / "newscrawl.db")
    ((answer,),) = state.execute("PRAGMA integrity_check").fetchall()
    state.close()
    return problems if answer == "ok" else [*problems, f"expected a state in order, found: {answer}"]


if __name__ == "__main__":
    sys.exit(main())
