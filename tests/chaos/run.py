"""``make chaos``: so many faults of each kind, and what was lost, repeated or torn.

``python -m tests.chaos.run --kills 200``
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from itertools import count
from pathlib import Path
from random import Random

from benchmarks.generated_site import START, pages
from newscrawl.sample_site import handler, serve
from tests.chaos.crawls import chaos_alone
from tests.chaos.faults import Faults
from tests.chaos.report import NO_DAMAGE
from tests.chaos.together import chaos_together
from tests.postgres import database, running

# Seconds that a page takes where the crawls are not killed all the time, so that they last a while.
_LATENCY = 0.1

THREE = "PostgreSQL, three workers"
FORMS = {
    "sqlite": ("SQLite", "kills"),
    "postgres": ("PostgreSQL", "kills"),
    "workers": (THREE, "kills"),
    "restarts": (THREE, "server restarts"),
    "terminations": (THREE, "terminated connections"),
    "names": ("PostgreSQL, equal names", "refused workers"),
    "silences": (THREE, "silent networks"),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--kills", type=int, default=200, help="and other faults, of each kind; a tenth of them for silences"
    )
    parser.add_argument("--stories", type=int, default=150)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--only", choices=[*FORMS])
    options = parser.parse_args()
    print(f"seed {options.seed}; {options.stories * 3} pages; at least {options.kills} kills each")
    total = NO_DAMAGE
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder, "postgres")) as server,
        serve(handler(pages(options.stories))) as fast,
        serve(handler(pages(options.stories), _LATENCY)) as slow,
    ):
        url, slow_url = (origin + START for origin in (fast, slow))
        numbers = count(1)

        def new(name: str) -> str:
            return database(server.url, f"chaos_{next(numbers)}")

        for number, (key, (title, what)) in enumerate(FORMS.items()):
            if options.only not in (None, key):
                continue
            begin = time.monotonic()
            random, path, most = Random(options.seed + number), Path(folder, key), options.kills
            faults = Faults(server, slow_url, random, new)
            match key:
                case "sqlite":
                    done, damage = chaos_alone(url, path, most, random, lambda name: None)
                case "postgres":
                    done, damage = chaos_alone(url, path, most, random, new)
                case "workers":
                    done, damage = chaos_together(url, path, most, random, new)
                case "restarts":
                    done, damage = faults.restarts(path, most)
                case "terminations":
                    done, damage = faults.terminations(path, most)
                case "names":
                    done, damage = faults.equal_names(path, most)
                case _:
                    done, damage = faults.silences(path, max(1, most // 10))
            total += damage
            print(
                f"{title:26} {done} {what}: {damage.lost} lost, {damage.repeated} repeated, "
                f"{damage.torn} torn, {damage.changed} changed ({time.monotonic() - begin:.0f} s)",
                flush=True,
            )
    return 0 if total == NO_DAMAGE else 1


if __name__ == "__main__":
    sys.exit(main())
