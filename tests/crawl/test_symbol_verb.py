"""``scrapy symbol``: for people who want to know what a symbol is, and why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.crawl.crawl_runs import Run, run


@pytest.fixture
def ask(tmp_path: Path) -> Run:
    words = ("symbol", "02399.HK", "BRK.B.US", "80700.HK", "25049.HK", "--on", "2026-05-08")
    return run(words, tmp_path / "data")


def test_what_each_is_and_why(ask: Run) -> None:
    assert (ask.status, ask.stderr) == (0, "")
    assert not ask.folder.exists()
    for words in (
        "02399.HK = 2399.HK",
        "equity   XHKG, HKD; exchange code 02399",
        "Yahoo 2399.HK, RIC 2399.HK, Futu HK.02399",
        "HK 824 to 2799: equity, main (HKEX stock code allocation plan",
        "Yahoo BRK-B, Futu US.BRK.B",
        "main     700.HK",
        "25049.HK = 25049.HK\n  warrant ",
        "HK 10000 to 29999: warrant, derivative warrants",
    ):
        assert words in ask.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "expected at least one symbol, found none"),
        (("000001",), "expected a number with its market, such as 000001.SH or 000001.SZ, found '000001'"),
        (("000001 CH",), "expected a symbol with one reading, found '000001 CH': 000001.SH or 000001.SZ"),
        (("",), "expected CODE.MARKET or another tool's spelling of it, found ''"),
        (("700.HK", "--on", "yesterday"), "--on: expected a day such as 2025-10-08, found 'yesterday'"),
    ],
)
def test_wrong_input_is_one_line(tmp_path: Path, words: tuple[str, ...], message: str) -> None:
    found = run(("symbol", *words), tmp_path)
    assert (found.status, found.stdout, found.stderr) == (2, "", f"scrapy symbol: {message}\n")


def test_what_can_be_read_is_shown_beside_what_cannot(tmp_path: Path) -> None:
    found = run(("symbol", "HKG:2399", "nonsense", "2399 HK", "--json"), tmp_path)
    assert found.status == 2
    assert len(found.stderr.splitlines()) == 1
    lines = [json.loads(line) for line in found.stdout.splitlines()]
    assert [(line["given"], line["symbol"]) for line in lines] == [
        ("HKG:2399", "2399.HK"),
        ("2399 HK", "2399.HK"),
    ]


def test_the_day_decides(tmp_path: Path) -> None:
    shown = {
        day: run(("symbol", "833819.BJ", "--on", day), tmp_path).stdout.splitlines()[0]
        for day in ("2025-10-08", "2025-10-09")
    }
    assert shown == {"2025-10-08": "833819.BJ = 833819.BJ", "2025-10-09": "833819.BJ = 920819.BJ"}
