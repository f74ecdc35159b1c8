"""``scrapy head``: the command, its output and its arguments."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.crawl.crawl_runs import ROOT, Run, environment, run_scrapy
from tests.test_card import CHINESE, Line, line

RUN = "20260508T141500Z-longbridge-3f2a"


def write(folder: Path, name: str, *lines: Line | str) -> Path:
    path = folder / "articles" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = [text if isinstance(text, str) else json.dumps(text, ensure_ascii=False) for text in lines]
    path.write_bytes("".join(f"{text}\n" for text in texts).encode())
    return path


def head(folder: Path, *words: str, **env: str) -> Run:
    ours = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TTY_COMPATIBLE")
    clean = {name: value for name, value in environment().items() if name not in ours}
    found = run_scrapy(
        ("head", "-s", f"DATA_DIR={folder}", *words), ROOT, {**clean, "TERM": "xterm-256color", **env}, folder
    )
    assert "Traceback" not in found.stderr
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs; the newer one has two files, on two days."""
    folder = tmp_path_factory.mktemp("data")
    write(folder, "dt=2026-05-09/20260507T000000Z-longbridge-aaaa-000009.jsonl", line(title="Old"))
    write(folder, f"dt=2026-05-08/{RUN}-000001.jsonl", line(title="Third"))
    write(folder, f"dt=2026-05-09/{RUN}-000002.jsonl", line(title="First \u202e"), line(**CHINESE))
    return folder


def test_the_files_of_the_newest_run_and_the_first_line(folder: Path) -> None:
    found = head(folder)
    assert (found.status, found.stderr) == (0, "")
    listing, cards = found.stdout.split("\n\n", 1)
    paths = [text for text in listing.splitlines() if not text.startswith("  ")]
    counts = re.findall(r"  (\d+ lines?)$", listing, re.MULTILINE)
    newest = [f"dt=2026-05-09/{RUN}-000002.jsonl", f"dt=2026-05-08/{RUN}-000001.jsonl"]
    names = [os.path.relpath(folder / "articles" / name, ROOT) for name in newest]
    assert [text.partition("  ")[0] for text in paths] == names
    assert counts == ["2 lines", "1 line"]
    assert "First U+202E" in cards
    assert cards.count("published") == 1
    assert cards.splitlines()[-1].startswith("What each field means: data/README.md")


def test_piped_text_is_plain_and_100_columns_wide(folder: Path) -> None:
    found = head(folder, "-n", "2")
    assert "\x1b" not in found.stdout
    rules = [text for text in found.stdout.splitlines() if text.endswith("─")]
    assert [len(rule) for rule in rules] == [100, 100]
    assert CHINESE["title"] in found.stdout
    assert [text for text in found.stdout.splitlines() if text != text.rstrip()] == []


def test_colour_can_be_forced_and_forbidden(folder: Path) -> None:
    assert "\x1b[36m" in head(folder, FORCE_COLOR="1").stdout
    # Bold and faint are no colours.
    assert "\x1b[36m" not in head(folder, FORCE_COLOR="1", NO_COLOR="1").stdout


def test_json_is_the_line_and_nothing_else(folder: Path) -> None:
    found = head(folder, "--json", "-n", "9", FORCE_COLOR="1")
    texts = found.stdout.splitlines()
    titles = [json.loads(text)["title"] for text in texts]
    assert titles == ["First \u202e", CHINESE["title"], "Third", "Old"]
    assert json.loads(texts[0]) == line(title="First \u202e")
    assert "\u202e" not in found.stdout
    assert found.stdout.count("\n") == len(texts)


def test_output_that_takes_no_chinese(folder: Path) -> None:
    found = head(folder, "-n", "2", PYTHONIOENCODING="ascii")
    assert found.status == 0
    assert "\\u706f\\u6e7e" in found.stdout
    assert json.loads(head(folder, "--json", PYTHONIOENCODING="ascii").stdout) == line(title="First \u202e")


def test_no_lines(tmp_path: Path) -> None:
    for words in ((), ("--json",)):
        found = head(tmp_path, *words)
        assert (found.status, found.stdout) == (1, "")
        assert found.stderr == f"scrapy head: expected lines in {tmp_path / 'articles'}, found none\n"


@pytest.mark.parametrize("damage", ['{"title": "cut', "[1]", "", "[" * 100_000], ids=range(4))
def test_a_damaged_line_is_named(tmp_path: Path, damage: str) -> None:
    path = write(tmp_path, f"dt=2026-05-08/{RUN}-000001.jsonl", line(title="Whole"), damage)
    assert head(tmp_path).status == 0
    found = head(tmp_path, "--json", "-n", "2")
    assert found.status == 1
    assert json.loads(found.stdout)["title"] == "Whole"
    (text,) = found.stderr.splitlines()
    assert text == (
        f"scrapy head: {os.path.relpath(path, ROOT)}:2: expected a JSON object, found a damaged line"
    )


@pytest.mark.parametrize("number", ["0", "-1", "two", "²"])
def test_numbers_that_are_none(folder: Path, number: str) -> None:
    found = head(folder, f"-n={number}")
    assert (found.status, found.stdout) == (2, "")
    assert "expected a whole number from 1, found" in found.stderr


def test_a_crawl_does_not_load_rich() -> None:
    # A crawl imports the modules of all commands.
    code = "import sys, newscrawl.commands.head; print('rich' in sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (found.stdout, found.stderr) == ("False\n", "")
