"""1, 2, 4 and 8 workers of one run, and what the site sees of them: ``python -m benchmarks.fleet``.

First without a delay, on PostgreSQL: the site takes 50 ms to answer, each worker has eight requests on the
way. Prints pages a second over the whole run, the start of the processes included, and at the site while all
are at work; and how both grow. All workers share this machine's processors and its disk.

Then with DOWNLOAD_DELAY=0.1, and the same for three different crawls of one data folder on SQLite. Prints the
largest number of requests in any second, and the smallest and largest in any ten, begin and end left out, as
the site notes when they come. Ends with exit status 1 where more than 11 came in a second, or not 90 to 100
in ten.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path

from aiohttp import web

from benchmarks.generated_site import LOCALES, START, pages
from benchmarks.processes import Figures, count_lines, fast_crawl, run_scrapy
from benchmarks.story_times import story_id
from newscrawl.sample_site import handler, serve
from tests.postgres import database, server

_WORKERS = (1, 2, 4, 8)
_DELAY = 0.1
# Seconds after which a run is ended that does not end.
_LONGEST = 60.0
# Seconds of a run with a delay that are begin and end: its processes start, and not all have a page.
_BEGIN = 3.0
_END = 2.0

Times = Callable[[], list[float]]
"""Gives when the requests came since the last call, in seconds."""


def main() -> int:
    """Run the measurements and print them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--stories", type=int, default=500, help="of the site that is crawled without a delay"
    )
    parser.add_argument("--latency", type=float, default=0.05)
    parser.add_argument("--delayed-stories", type=int, default=66)
    options = parser.parse_args()
    is_kept = True
    with (
        tempfile.TemporaryDirectory() as folder,
        server(Path(folder, "postgres")) as server_url,
        _noting_site(options.stories, options.latency) as fast,
        _noting_site(options.delayed_stories, options.latency) as slow,
    ):
        numbers = count(1)

        def fleet(workers: int, url: str) -> list[list[str]]:
            data = Path(folder, f"postgres{next(numbers)}")
            state = database(server_url, data.name)
            more = ["-a", "run=fleet", "-s", f"STATE_URL={state}"]
            return [[*fast_crawl(url, data / str(number), 8), *more] for number in range(workers)]

        _measure_speed(fleet, *fast, options.stories * len(LOCALES))
        total = options.delayed_stories * len(LOCALES)
        for workers in _WORKERS:
            name = f"PostgreSQL, workers: {workers}"
            is_kept &= _measure_delay(name, fleet(workers, slow[0]), slow[1], total)
        data = Path(folder, "sqlite")
        starts = [slow[0].replace(str(story_id(0)), str(story_id(number))) for number in range(3)]
        crawls = [fast_crawl(start, data, 8) for start in starts]
        is_kept &= _measure_delay("SQLite, three crawls", crawls, slow[1], total)
    return 0 if is_kept else 1


def _measure_speed(fleet: Callable[[int, str], list[list[str]]], url: str, times: Times, total: int) -> None:
    print(f"{total} pages, no delay")
    alone: tuple[float, float] | None = None
    for workers in _WORKERS:
        figures, noted = _crawl(fleet(workers, url), times, total)
        # The middle of the run: all processes are up, and there are pages for all of them.
        first, last = noted[len(noted) * 3 // 10], noted[len(noted) * 9 // 10]
        whole, middle = total / figures.seconds, len(noted) * 0.6 / (last - first)
        alone = alone or (whole, middle)
        print(
            f"  workers: {workers}  whole run {whole:4.0f} pages/s, ratio {whole / alone[0]:.2f};  "
            f"at the site {middle:4.0f} pages/s, ratio {middle / alone[1]:.2f};  "
            f"processors in use {figures.processor / figures.seconds:.1f}",
            flush=True,
        )


def _measure_delay(name: str, crawls: list[list[str]], times: Times, total: int) -> bool:
    """Run crawls with a delay; print what the site saw, and tell whether it is what it may see."""
    crawls = [[*words, "-s", f"DOWNLOAD_DELAY={_DELAY}"] for words in crawls]
    _, noted = _crawl(crawls, times, total)
    second = _most(noted, 1.0)
    inner = [moment for moment in noted if noted[0] + _BEGIN <= moment <= noted[-1] - _END]
    least, most = _least(inner, 10.0), _most(inner, 10.0)
    mean = (len(inner) - 1) / (inner[-1] - inner[0])
    is_kept = second <= 11 and least >= 90 and most <= 100
    print(
        f"{name:22} {len(noted)} requests, at most {second} in a second, {least} to {most} in ten, "
        f"{mean:.2f} a second in the mean"
        f"{'' if is_kept else ': expected at most 11, and 90 to 100'}",
        flush=True,
    )
    return is_kept


def _crawl(commands: list[list[str]], times: Times, total: int) -> tuple[Figures, list[float]]:
    figures = run_scrapy(*commands, longest=_LONGEST)
    folders = {word for words in commands for word in words if word.startswith("DATA_DIR=")}
    files = (path for folder in folders for path in Path(folder.partition("=")[2]).glob("articles/*/*.jsonl"))
    count_lines(files, total)
    return figures, times()


def _most(times: Sequence[float], seconds: float) -> int:
    """Return the largest number of requests in any so many seconds."""
    return max(bisect_left(times, moment + seconds) - number for number, moment in enumerate(times))


def _least(times: Sequence[float], seconds: float) -> int:
    """Return the smallest number of requests in any so many seconds from the first one to the last."""
    return min(
        bisect_right(times, moment + seconds) - number - 1
        for number, moment in enumerate(times)
        if moment + seconds <= times[-1]
    )


@contextmanager
def _noting_site(stories: int, latency: float) -> Iterator[tuple[str, Times]]:
    """Serve a generated site from a process of its own; yield the start's address, and when it was asked."""
    here, there = multiprocessing.Pipe()
    site = multiprocessing.Process(target=_serve, args=(stories, latency, there), daemon=True)
    site.start()

    def times() -> list[float]:
        here.send("times")
        found: list[float] = here.recv()
        return found

    try:
        yield here.recv() + START, times
    finally:
        here.send("end")
        site.join()


def _serve(stories: int, latency: float, pipe: Connection) -> None:
    answer = handler(pages(stories), latency)
    noted: list[float] = []

    async def noting(request: web.BaseRequest) -> web.StreamResponse:
        noted.append(time.monotonic())
        return await answer(request)

    with serve(noting) as origin:
        pipe.send(origin)
        while pipe.recv() == "times":
            pipe.send(noted)
            noted.clear()


if __name__ == "__main__":
    sys.exit(main())
