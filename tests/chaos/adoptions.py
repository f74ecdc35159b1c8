"""Adoptions that do not end by themselves: killed, typed again, and held against an undisturbed one."""

from __future__ import annotations

import json
import signal
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from tests.crawl.crawl_runs import begun, run

_WORDS = ("replay", "--adopt", "-s", "SPIDER_MODULES=tests.chaos.bombed")
# When and by which run a line was made; all else is the same in every adoption.
_PASSING = ("observed_at", "first_seen_at", "available_at", "sessions", "crawl")
_LONGEST = 120.0


class Adoption:
    """``scrapy replay --adopt`` on a data folder; ``words`` are settings beside the folder."""

    def __init__(self, folder: Path, words: Sequence[str] = ()) -> None:
        self.folder = folder
        self._words = words
        self._count = folder.with_suffix(".count")

    def run(self, bomb: int = 0) -> int:
        """Run it to its end, or to the critical point ``bomb``; return its status."""
        env = {"CHAOS_BOMB": str(bomb), "CHAOS_COUNT": str(self._count)}
        found = run((*_WORDS, *self._words), self.folder, env)
        assert found.status in (0, -signal.SIGKILL), found.stderr
        return found.status

    def run_for(self, seconds: float) -> int:
        """Kill it after so many seconds, unless it has ended by then; return its status."""
        words = (*_WORDS, *self._words, "-s", f"DATA_DIR={self.folder}")
        log = self.folder.with_suffix(".log")
        with begun(words, log) as process:
            try:
                status = process.wait(seconds)
            except Exception:  # noqa: BLE001 - each kind of process has its own way to say that it runs
                process.kill()
                status = process.wait(_LONGEST)
        assert status in (0, -signal.SIGKILL), log.read_text(encoding="utf-8")
        return status

    def points(self) -> int:
        """Run it undisturbed; return how many critical points there were."""
        assert self.run() == 0
        return int(self._count.read_text(encoding="ascii"))

    def until_done(self, random: Random, points: int, kills: int) -> None:
        """Type it again until it ends; kill it so often at most, at points and at moments of the clock."""
        for _ in range(kills):
            self.check_readable()
            at_point = random.random() < 0.5
            status = self.run(random.randint(1, points)) if at_point else self.run_for(random.uniform(0, 0.6))
            if status == 0:
                return
        assert self.run() == 0

    def check_readable(self) -> None:
        """Read as a user would: never half a line."""
        for path in self.folder.glob("*/dt=*/*.jsonl"):
            for line in path.read_bytes().splitlines(keepends=True):
                assert line.endswith(b"\n")
                json.loads(line)

    def lines(self) -> Counter[str]:
        """What the data says, without what tells one adoption from another, and how often."""
        return Counter(
            _lasting(json.loads(line))
            for kind in ("articles", "observations")
            for path in self.folder.glob(f"{kind}/dt=*/*.jsonl")
            for line in path.read_bytes().splitlines()
        )

    def check_whole(self, expected: Counter[str]) -> None:
        """Nothing is lost, nothing stands twice; state, manifests and files agree."""
        assert set(expected.values()) == {1}
        assert self.lines() == expected
        # One run, resumed under its id.
        (manifest,) = self.folder.glob("runs/*-adopt-*.json")
        listed = {entry["path"] for entry in json.loads(manifest.read_bytes())["files"]}
        paths = self.folder.glob(f"*/dt=*/{manifest.stem}-*.jsonl")
        assert {path.relative_to(self.folder).as_posix() for path in paths} == listed
        checked = run(("verify", *self._words), self.folder)
        assert (checked.status, checked.stderr) == (0, "")


def _lasting(line: dict[str, Any]) -> str:
    return json.dumps({name: value for name, value in line.items() if name not in _PASSING}, sort_keys=True)
