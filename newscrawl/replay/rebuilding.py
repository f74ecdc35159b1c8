"""What adopted readings say to a state that is rebuilt from the lines."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any, Self

import orjson

from newscrawl.archive.revised import revised_known
from newscrawl.archive.versions import Known
from newscrawl.database.engine import Engine
from newscrawl.database.statements.known import KNOWN_ARTICLE, STORE_KNOWN
from newscrawl.database.statements.scratch import (
    ADD_OBSERVED,
    ADD_REVISION,
    ALL_REVISIONS,
    INDEX_OBSERVED,
    MAKE_OBSERVED,
    MAKE_REVISIONS,
    OBSERVED_OTHERWISE,
)
from newscrawl.replay.scratch import Scratch, scratch_folder


class Revised:
    """The last revised reading of each version, in a scratch file: an adoption may have written a million."""

    def __enter__(self) -> Self:
        self._stack = ExitStack()
        folder = self._stack.enter_context(scratch_folder())
        self._scratch = Scratch(folder / "revised.db", (*MAKE_REVISIONS, *MAKE_OBSERVED))
        self._stack.callback(self._scratch.close)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def add(self, line: dict[str, Any]) -> None:
        """Add a line of ``newscrawl.observation/2``."""
        row = line["uid"], line["version"], line["observed_at"], orjson.dumps(line)
        self._scratch.add(ADD_REVISION, row)

    def note(self, line: dict[str, Any]) -> None:
        """Note a later look at a page, a line of ``newscrawl.observation/1``."""
        archive = line.get("archive")
        digest = None if archive is None else archive["payload_digest"]
        self._scratch.add(ADD_OBSERVED, (line["uid"], line["version"], digest))

    def apply(self, engine: Engine) -> None:
        """Bring what is known of articles up to these readings. Inside a transaction."""
        self._scratch.run(INDEX_OBSERVED)
        for (content,) in self._scratch.rows(ALL_REVISIONS):
            line = orjson.loads(content)
            rows = engine.execute(KNOWN_ARTICLE, (line["uid"],))
            if not rows:
                continue
            digest = None if line["archive"] is None else line["archive"]["payload_digest"]
            key = line["uid"], line["version"], digest
            is_last = digest is not None and self._scratch.one(OBSERVED_OTHERWISE, key) is None
            engine.execute(STORE_KNOWN, revised_known(Known(*rows[0]), line, is_last=is_last))
