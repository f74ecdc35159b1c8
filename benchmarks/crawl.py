"""The whole job against a plain Scrapy spider, in the same run: ``python -m benchmarks.crawl``.

Serves a generated site from a process of its own and crawls it in turn with (a) ``plain_spider.py``
under Scrapy's stock settings, without delay, and (b) newscrawl with the same concurrency. Prints
pages a second over the whole process, start-up included, the ratio b/a, and peak resident memory.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import jsonlines

from benchmarks.generated_site import FIRST_ID, pages
from newscrawl.sample_site import handler, serve

_ROOT = Path(__file__).parent.parent
_CONCURRENCY = ("-s", "CONCURRENT_REQUESTS=16", "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=16")


class Figures(NamedTuple):
    """One run: pages written a second, and peak resident memory in MB."""

    rate: float
    memory: float


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stories", type=int, default=3_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    here, there = multiprocessing.Pipe()
    site = multiprocessing.Process(target=_serve, args=(options.stories, there), daemon=True)
    site.start()
    origin = here.recv()
    plain: list[Figures] = []
    ours: list[Figures] = []
    for number in range(1, options.rounds + 1):
        plain.append(_run_plain(origin, options.stories))
        ours.append(_run_newscrawl(origin, options.stories))
        print(
            f"round {number}: plain {plain[-1].rate:.0f} pages/s, newscrawl {ours[-1].rate:.0f} pages/s, "
            f"ratio {ours[-1].rate / plain[-1].rate:.2f}",
            flush=True,
        )
    here.send("end")
    site.join()
    ratios = [b.rate / a.rate for a, b in zip(plain, ours, strict=True)]
    print(f"{options.stories * 3} pages, median of {options.rounds} rounds")
    for name, runs in (("plain", plain), ("newscrawl", ours)):
        rate = statistics.median(run.rate for run in runs)
        memory = statistics.median(run.memory for run in runs)
        print(f"  {name:10} {rate:7.0f} pages/s  {memory:5.0f} MB peak")
    print(f"  ratio      {statistics.median(ratios):7.2f} (min {min(ratios):.2f}, max {max(ratios):.2f})")


def _serve(stories: int, pipe: Connection) -> None:
    with serve(handler(pages(stories))) as origin:
        pipe.send(origin)
        pipe.recv()


def _run_plain(origin: str, stories: int) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "pages.jsonl")
        spider = str(_ROOT / "benchmarks" / "plain_spider.py")
        # From a folder outside the project, so that no setting of the project counts.
        words = ["runspider", spider, "-a", f"url={_start(origin)}", "-o", str(output), *_CONCURRENCY]
        seconds, memory = _time(words, Path(folder))
        return Figures(_count([output], stories) / seconds, memory)


def _run_newscrawl(origin: str, stories: int) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        words = ["crawl", "longbridge", "-a", f"url={_start(origin)}", "-a", "depth=1000"]
        words += ["-s", "DOWNLOAD_DELAY=0", "-s", f"DATA_DIR={folder}", *_CONCURRENCY]
        seconds, memory = _time(words, _ROOT)
        return Figures(_count(list(Path(folder).glob("articles/*/*.jsonl")), stories) / seconds, memory)


def _start(origin: str) -> str:
    return f"{origin}/en/news/{FIRST_ID}.md"


def _time(words: list[str], folder: Path) -> tuple[float, float]:
    """Run a scrapy command; return its wall seconds and its peak resident memory in MB."""
    begin = time.perf_counter()
    log = Path(tempfile.gettempdir(), f"newscrawl-benchmark-{os.getpid()}.log")
    with log.open("wb") as errors:
        child = os.posix_spawn(
            sys.executable,
            [sys.executable, "-c", _SCRAPY, str(folder), *words],
            dict(os.environ),
            file_actions=[(os.POSIX_SPAWN_DUP2, errors.fileno(), fd) for fd in (1, 2)],
        )
        _, status, usage = os.wait4(child, 0)
    if status:
        sys.exit(f"expected status 0 of scrapy {' '.join(words)}, found {status}; its words are in {log}")
    log.unlink()
    return time.perf_counter() - begin, usage.ru_maxrss / 1024


_SCRAPY = "import os, sys; os.chdir(sys.argv.pop(1)); from scrapy.cmdline import execute; execute()"


def _count(files: list[Path], stories: int) -> int:
    """Return the lines written, which must be the whole site once."""
    lines = 0
    for path in files:
        with jsonlines.open(path) as reader:
            lines += sum(1 for _ in reader)
    if lines != stories * 3:
        sys.exit(f"expected {stories * 3} lines, found {lines}")
    return lines


if __name__ == "__main__":
    main()
