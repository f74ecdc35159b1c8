"""``scrapy symbol``: one block a symbol, one clear line for each that cannot be read, no state touched."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import pytest

from newscrawl.items import Instrument
from tests.crawl.crawl_runs import Run, run

DAY = ("--date", "2026-05-08")


def symbol(tmp_path: Path, *words: str) -> Run:
    found = run(("symbol", *words), tmp_path / "data")
    assert "Traceback" not in found.stderr + found.stdout
    # It needs no state, and makes no folder for one.
    assert not found.folder.exists()
    return found


def test_each_symbol_has_a_block_with_its_reasons(tmp_path: Path) -> None:
    found = symbol(tmp_path, *DAY, "02399.HK", "BRK.B.US", "80700.HK", "25049.HK")
    assert (found.status, found.stderr) == (0, "")
    share, ticker, counter, warrant = found.stdout.rstrip("\n").split("\n\n")
    assert share.splitlines() == [
        "02399.HK",
        "  read      02399.HK, as the site writes it",
        "  symbol    2399.HK on 2026-05-08",
        "  type      equity",
        "  code      02399, market HK, XHKG",
        "  currency  HKD",
        "  Yahoo     2399.HK",
        "  Reuters   2399.HK",
        "  Futu      HK.02399",
        (
            "  why       code range: HK 02192-02777, main board; source: "
            "HKEX Stock Code Allocation Plan 2026-03-12 (transcription)"
        ),
    ]
    assert "  type      unknown\n" in ticker
    assert "  Yahoo     BRK-B\n" in ticker
    assert "  primary   700.HK\n" in counter
    assert counter.count("  why       ") == 2
    assert "  type      warrant\n" in warrant
    assert "derivative warrants" in warrant


def test_the_day_counts(tmp_path: Path) -> None:
    before = symbol(tmp_path, "833819.BJ", "--date", "2025-10-08").stdout
    after = symbol(tmp_path, "833819.BJ", "--date=2025-10-09").stdout
    assert "  symbol    833819.BJ on 2025-10-08\n" in before
    assert "  symbol    920819.BJ on 2025-10-09\n" in after
    assert "  why       renamed: " in after


def test_json_holds_the_fields_of_a_line(tmp_path: Path) -> None:
    found = symbol(tmp_path, *DAY, "--json", "HKG:2399", "9834.HK")
    assert (found.status, found.stderr) == (0, "")
    first, second = (json.loads(line) for line in found.stdout.splitlines())
    assert list(first) == [*(field.name for field in fields(Instrument)), "date", "why"]
    assert (first["raw"], first["symbol"], first["type"]) == ("HKG:2399", "2399.HK", "equity")
    assert first["vendor"] == {"yahoo": "2399.HK", "ric": "2399.HK", "futu": "HK.02399"}
    assert (second["currency"], second["primary_symbol"]) == ("USD", "2834.HK")
    assert len(second["why"]) == 2


def test_what_cannot_be_read_has_one_line_each_and_the_others_are_shown(tmp_path: Path) -> None:
    found = symbol(tmp_path, *DAY, "600519", "00700.HK", "000000.SZ", "BRK.B", "")
    assert found.status == 2
    assert found.stdout.startswith("00700.HK\n")
    assert found.stdout.count("\n  type ") == 1
    lines = found.stderr.splitlines()
    assert len(lines) == 4
    for line, words in zip(lines, ["600519.SZ", "'000000.SZ'", "BRK.B.US", "''"], strict=True):
        assert line.startswith("scrapy symbol: expected ")
        assert "found " in line
        assert words in line


@pytest.mark.parametrize(
    "words",
    [(), ("--json",), ("--date=2026-13-01", "700.HK"), ("--date=yesterday", "700.HK"), ("--date=", "700.HK")],
    ids=" ".join,
)
def test_wrong_arguments_have_one_line(words: tuple[str, ...], tmp_path: Path) -> None:
    found = symbol(tmp_path, *words)
    assert (found.status, found.stdout) == (2, "")
    (line,) = found.stderr.splitlines()
    assert line.startswith("scrapy symbol: expected ")
    assert ", found " in line
