"""``make chaos``: at least so many kills on each engine, and what was lost, repeated or torn.

``python -m tests.chaos.run --kills 200``
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from random import Random

from benchmarks.generated_site import FIRST_ID, pages
from newscrawl.sample_site import handler, serve
from tests.chaos.crawls import States, chaos_alone, chaos_together
from tests.chaos.report import NO_DAMAGE, Damage
from tests.postgres import database, server

Chaos = Callable[[str, Path, int, Random, States], tuple[int, Damage]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="for each of the three forms")
    parser.add_argument("--stories", type=int, default=150)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--only", choices=["sqlite", "postgres", "workers"])
    options = parser.parse_args()
    print(f"seed {options.seed}; {options.stories * 3} pages; at least {options.kills} kills each")
    total = NO_DAMAGE
    with (
        tempfile.TemporaryDirectory() as folder,
        server(Path(folder, "postgres")) as server_url,
        serve(handler(pages(options.stories))) as origin,
    ):
        url = f"{origin}/en/news/{FIRST_ID}.md"
        numbers = count(1)

        def postgres(name: str) -> str:
            return database(server_url, f"chaos_{next(numbers)}")

        forms: dict[str, tuple[str, Chaos, States]] = {
            "sqlite": ("SQLite", chaos_alone, lambda name: None),
            "postgres": ("PostgreSQL", chaos_alone, postgres),
            "workers": ("PostgreSQL, three workers", chaos_together, postgres),
        }
        for number, (key, (title, chaos, states)) in enumerate(forms.items()):
            if options.only not in (None, key):
                continue
            begin = time.monotonic()
            random = Random(options.seed + number)
            kills, damage = chaos(url, Path(folder, key), options.kills, random, states)
            total += damage
            print(
                f"{title:26} {kills} kills: {damage.lost} lost, {damage.repeated} repeated, "
                f"{damage.torn} torn, {damage.changed} changed ({time.monotonic() - begin:.0f} s)",
                flush=True,
            )
    return 0 if total == NO_DAMAGE else 1


if __name__ == "__main__":
    sys.exit(main())
