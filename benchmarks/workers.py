"""Two workers on one PostgreSQL run against one: ``python -m benchmarks.workers``.

The site takes a moment to answer, as sites do (``--latency`` seconds; 0 shows what is left when site,
database and workers share two cores). Each worker has eight requests on the way. Prints pages a second
and the ratio. The server comes from a package of the development set.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from itertools import count
from pathlib import Path

from benchmarks.processes import Figures, count_lines, fast_crawl, generated_site, run_scrapy
from tests.postgres import database, server


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stories", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--latency", type=float, default=0.05)
    options = parser.parse_args()
    total = options.stories * 3
    ratios = []
    numbers = count(1)
    with (
        tempfile.TemporaryDirectory() as folder,
        server(Path(folder, "postgres")) as server_url,
        generated_site(options.stories, options.latency) as url,
    ):
        for number in range(1, options.rounds + 1):
            one, two = (
                _crawl(url, database(server_url, f"bench_{next(numbers)}"), workers, total)
                for workers in (1, 2)
            )
            ratios.append(one.seconds / two.seconds)
            print(
                f"round {number}: one worker {total / one.seconds:.0f} pages/s, "
                f"two {total / two.seconds:.0f} pages/s, ratio {ratios[-1]:.2f}",
                flush=True,
            )
    print(f"median ratio {statistics.median(ratios):.2f} (min {min(ratios):.2f}, max {max(ratios):.2f})")


def _crawl(url: str, state_url: str, workers: int, total: int) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        commands = [
            [
                *fast_crawl(url, Path(folder, str(number)), 8),
                "-a",
                "run=shared",
                "-s",
                f"STATE_URL={state_url}",
            ]
            for number in range(workers)
        ]
        figures = run_scrapy(*commands)
        count_lines(Path(folder).glob("*/articles/*/*.jsonl"), total)
        return figures


if __name__ == "__main__":
    main()
