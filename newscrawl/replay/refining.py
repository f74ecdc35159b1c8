"""Revised readings (``newscrawl.observation/2``) refined again, each on the line of its version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import orjson

from newscrawl.archive.files import OBSERVATIONS
from newscrawl.archive.records import encode
from newscrawl.archive.refining import refine_again
from newscrawl.database.statements.scratch import (
    ADD_TO_REFINE,
    FIND_TO_REFINE,
    MAKE_TO_REFINE,
    PATHS_TO_REFINE,
    REFINED_OF_PATH,
    SET_REFINED,
)
from newscrawl.exceptions import DamagedLine
from newscrawl.replay.reading import site_of
from newscrawl.replay.revising import fields_of_revision
from newscrawl.replay.revisions import revision_lines
from newscrawl.replay.scratch import Scratch, scratch_folder
from newscrawl.sites.base import Site

Line = dict[str, Any]


class RevisedReadings:
    """All revised readings of a data folder, in a scratch file: they need texts that stand in other files."""

    def __init__(self, folder: Path, sites: Mapping[str, Site], lag: timedelta) -> None:
        """``sites`` are those that lines may come from, by name; ``lag`` is the setting BACKFILL_LAG."""
        self._folder = folder
        self._sites = sites
        self._lag = lag
        self._count = 0

    def __enter__(self) -> Self:
        """Raises DamagedLine."""
        self._stack = ExitStack()
        aside = self._stack.enter_context(scratch_folder())
        self._scratch = Scratch(aside / "refine.db", MAKE_TO_REFINE)
        self._stack.callback(self._scratch.close)
        try:
            self._find()
        except BaseException:
            self._stack.close()
            raise
        return self

    def _find(self) -> None:
        for path in sorted(self._folder.glob(f"{OBSERVATIONS}/dt=*/*.jsonl")):
            name = path.relative_to(self._folder).as_posix()
            try:
                for number, content, line in revision_lines(path):
                    self._scratch.add(ADD_TO_REFINE, (line["uid"], line["version"], name, number, content))
                    self._count += 1
            except (ValueError, KeyError) as error:
                raise DamagedLine(str(error)) from None

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def refine(self, line: Line) -> Iterator[tuple[Line, Line]]:
        """Refine those of one line of ``articles/``; yield each as it was and as it is.

        Raises DamagedLine for one that is none, or whose line is none.
        """
        if not self._count:
            return
        for row, path, number, content in list(
            self._scratch.rows(FIND_TO_REFINE, (line["uid"], line["version"]))
        ):
            before = orjson.loads(content)
            try:
                fields = fields_of_revision(before)
                again = refine_again({**line, **fields}, site_of(line, self._sites), self._lag)
            except (ValueError, KeyError) as error:
                raise DamagedLine(f"{path}:{number}: expected a revised reading, found {error}") from None
            if (before["available_at"] or "") > (again["available_at"] or ""):
                # What was said to be known later is not known earlier because it is concluded again.
                kept = {"available_at": before["available_at"], "available_rule": before["available_rule"]}
                again |= {**kept, "sessions": before["sessions"]}
            after = {**before, **{name: again[name] for name in fields}}
            self._scratch.add(SET_REFINED, (encode(after), row))
            yield before, after

    def files(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Yield the files that hold some, relative to the data folder, with all of these lines refined.

        Lines of ``newscrawl.observation/1`` in them are as they were. Raises DamagedLine.
        """
        for (name,) in list(self._scratch.rows(PATHS_TO_REFINE)):
            yield name, self._lines(name)

    def _lines(self, name: str) -> Iterator[bytes]:
        refined: dict[int, bytes] = {}
        for number, content, uid, version in self._scratch.rows(REFINED_OF_PATH, (name,)):
            if content is None:
                raise DamagedLine(f"{name}:{number}: expected a line of {uid} version {version}, found none")
            refined[number] = content
        with (self._folder / name).open("rb") as file:
            for number, content in enumerate(file, 1):
                yield refined.get(number, content)
