"""States as older versions of the schema made them, for both engines."""

from __future__ import annotations

import re
from pathlib import Path

from newscrawl.database.engine import Engine

VERSIONS = (1, 2, 3, 4)
# The unfinished run in each of them, and the disk that its lines belong to.
RUN_ID = "20260620T080017Z-longbridge-cccc"
DISK = "disk1"


def load(engine: Engine, version: int) -> None:
    """Make the tables of a version in an empty database, and fill them."""
    text = (Path(__file__).parent / f"version-{version}.sql").read_text(encoding="utf-8")
    text = text.replace("{serial}", engine.statements.serial_type).replace(
        "{bytes}", engine.statements.bytes_type
    )
    text = re.sub(r"AS_BYTES\('(.*)'\)", lambda found: _as_bytes(engine, found[1]), text)
    statements = [part for part in re.sub(r"(?m)^--.*\n", "", text).split(";\n") if part.strip()]
    engine.transact(lambda: [engine.execute(statement) for statement in statements])


def _as_bytes(engine: Engine, text: str) -> str:
    # The file has the line's end as an escape.
    content = (text.removesuffix("\\n") + "\n").encode().hex()
    return f"X'{content}'" if engine.statements.bytes_type == "BLOB" else f"'\\x{content}'::bytea"
