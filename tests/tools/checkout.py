"""What a package is built from, the pages that tests ask for, and what a crawl left in a data folder."""

from __future__ import annotations

import asyncio
import shutil
import threading
from pathlib import Path

from aiohttp import web

from tests.crawl.crawl_runs import ROOT, Run
from tests.crawl.crawl_runs import START as STORY
from tests.crawl.faulty_site import page

START = page("en", STORY)
MISSING = page("en", 999999999)
# Of the first story that the start is related to.
SECOND = page("en", 289868449)
# Seconds after which a gate is open by itself.
_LONGEST = 120.0
# A folder of these is enough to build from; what is left out is no part of a package.
_PARTS = ("pyproject.toml", "scrapy.cfg", "README.md", "LICENSE", "newscrawl", "data/sample")


def copy_checkout(folder: Path) -> Path:
    """Copy what packages are built from: building leaves files beside it."""
    for part in _PARTS:
        source, target = ROOT / part, folder / part
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    return folder


def left_in(folder: Path, status: int = 0, log: str = "") -> Run:
    """Return the run of a data folder for reading, however it was started."""
    return Run(folder, status, "", log)


class Gate:
    """A fault of a page: its answer does not come before the gate is opened."""

    def __init__(self) -> None:
        self._opened = threading.Event()

    def open(self) -> None:
        self._opened.set()

    async def __call__(self, request: web.BaseRequest, number: int) -> None:
        for _ in range(round(_LONGEST / 0.02)):
            if request.transport is None or self._opened.is_set():
                return
            await asyncio.sleep(0.02)
