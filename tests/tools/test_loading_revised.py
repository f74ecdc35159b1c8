"""Revised readings load with the block of DuckDB that ``data/README.md`` prints."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from newscrawl.archive.files import OBSERVATIONS
from newscrawl.archive.records import encode
from newscrawl.items import Instrument
from newscrawl.observed import Observation, RevisedReading
from newscrawl.refine.dates import format_instant
from tests.tools.loading_lines import NOW, Files, blocks


def test_duckdb_has_the_last_reading_of_each_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    tagged = [Instrument("700.HK", symbol="700.HK", market="HK")]
    for hour, raw in ((9, None), (12, "2026-05-08T22:18:31+08:00"), (3, "before")):
        now = format_instant(NOW.replace(hour=hour))
        segments = Files(tmp_path / "data", f"20261123T{hour:02d}0000Z-adopt-3f2a")
        segments.add(OBSERVATIONS, "2026-11-23", encode(Observation(uid="longbridge:1:en", observed_at=now)))
        revised = RevisedReading(
            uid="longbridge:1:en",
            observed_at=now,
            published_at=None if raw is None else format_instant(NOW),
            published_raw=raw,
            available_at=now,
            available_rule="observed",
            instruments=tagged if raw else [],
        )
        segments.add(OBSERVATIONS, "2026-11-23", encode(revised))
        segments.publish()
    (create,) = blocks("The newest reading", "sql")
    with duckdb.connect() as connection:
        connection.execute(create)
        query = "SELECT uid, version, published_at, published_raw, instruments[1].symbol FROM revised"
        rows = connection.execute(query).fetchall()
    assert rows == [
        ("longbridge:1:en", 1, NOW.replace(tzinfo=None), "2026-05-08T22:18:31+08:00", "700.HK"),
    ]
