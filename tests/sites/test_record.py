"""The script that records a page writes what the test of recorded pages reads."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from newscrawl.sites.base import read_start
from tests.sites.record import BadInput, main, record
from tests.sites.recordings import BELOW, SITES, Recording, recordings_of

URL = "https://longbridge.com/en/news/291000001.md"
RECORDED = recordings_of("longbridge")
PLAIN = next(page.content for page in RECORDED if page.name == "plain")


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def below(tmp_path: Path) -> Path:
    """A folder with the usual address and no pages."""
    place = tmp_path / "longbridge" / "recorded"
    place.mkdir(parents=True)
    (place / "asked.json").write_bytes((BELOW / "longbridge" / "recorded" / "asked.json").read_bytes())
    return tmp_path


@pytest.mark.parametrize("page", RECORDED, ids=lambda page: page.name)
def test_every_recorded_page_is_recorded_again_byte_for_byte(page: Recording, tmp_path: Path) -> None:
    asked = page.asked
    ending = "txt" if (page.folder / "page.txt").exists() else None
    again = record(
        "longbridge",
        page.name,
        asked.origin.url(asked.page),
        page.content,
        charset=asked.charset,
        ending=ending,
        below=below(tmp_path),
    )
    assert files_of(again.folder) == files_of(page.folder)


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        (URL, None),
        ("https://longportapp.com/news/291000001?channel=1", None),
        ("https://longbridge.com/zh-HK/news/291000001", {"locale": "zh-HK"}),
        ("https://longbridge.com/en/news/5", {"url": "https://longbridge.com/en/news/5.md"}),
        ("http://127.0.0.1:8123/news/291000001", {"url": "http://127.0.0.1:8123/en/news/291000001.md"}),
    ],
)
def test_asked_says_what_differs_from_the_usual_address(
    url: str, asked: dict[str, str] | None, tmp_path: Path
) -> None:
    page = record("longbridge", "one", url, PLAIN, below=below(tmp_path))
    assert page.own_asked == (asked or {})
    assert (page.folder / "asked.json").exists() is (asked is not None)
    # The folder says all that the reader needs.
    assert page.asked.origin.url(page.asked.page) == read_start(page.site, url)[0].url(page.asked.page)
    assert page.asked.page == read_start(page.site, url)[1]


def test_without_a_usual_address_every_page_names_its_own(tmp_path: Path) -> None:
    page = record("longbridge", "one", URL, PLAIN, charset="utf-8", below=tmp_path)
    assert page.own_asked == {"url": URL, "charset": "utf-8"}
    assert recordings_of("longbridge", tmp_path) == [page]
    assert page.record() == page.expected


def test_a_refused_page_has_its_reason_and_no_expectation(tmp_path: Path) -> None:
    page = record("longbridge", "one", URL, b"<html></html>", below=below(tmp_path))
    assert files_of(page.folder) == {"page.md": b"<html></html>", "error.txt": b"html_document\n"}
    assert page.refusal == "html_document"


def test_again_replaces_all_that_the_script_wrote(tmp_path: Path) -> None:
    folder = below(tmp_path)
    first = record("longbridge", "one", URL, PLAIN + b"\xff", charset="latin-1", below=folder)
    assert set(files_of(first.folder)) == {"page.bin", "asked.json", "expected.json"}
    with pytest.raises(BadInput, match=r"expected a new name or --again, found .*one"):
        record("longbridge", "one", URL, b"", below=folder)
    assert set(files_of(first.folder)) == {"page.bin", "asked.json", "expected.json"}
    again = record("longbridge", "one", URL, b"", again=True, below=folder)
    assert files_of(again.folder) == {"page.md": b"", "error.txt": b"empty_document\n"}


def test_the_command_prints_what_to_look_at(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "page"
    file.write_bytes(PLAIN)
    assert main(["longbridge", "one", URL, str(file), "--folder", str(tmp_path)]) == 0
    shown = capsys.readouterr()
    for part in (
        f"asked for    {URL}\n",
        "title        Tallow Street Ferries adds a night crossing\n",
        "published    2026-06-30T09:12:44.108Z, printed 2026-06-30T09:12:44.108Z\n",
        "alternates   3: en, zh-CN, zh-HK\n",
        "instruments  ",
        "related      2: ",
        "warnings     none\n",
        f"written      {tmp_path / 'longbridge' / 'recorded' / 'one'}\n",
    ):
        assert part in shown.out
    assert shown.err == ""
    assert json.loads((tmp_path / "longbridge/recorded/one/expected.json").read_text(encoding="utf-8"))


def test_the_command_reads_standard_input_and_says_why_a_page_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"<html>\xff")))
    assert main(["longbridge", "one", URL, "--folder", str(tmp_path), "--charset", "utf-8"]) == 0
    out = capsys.readouterr().out
    assert f"asked for    {URL} (utf-8)\n" in out
    assert "refused      html_document: expected Markdown, found" in out
    assert (tmp_path / "longbridge/recorded/one/page.bin").read_bytes() == b"<html>\xff"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "expected SITE NAME ADDRESS [FILE]"),
        (["longbridge", "one"], "required: ADDRESS"),
        (["longbridge", "one", URL, "FILE", "--fast"], "--fast"),
        (["nowhere", "one", URL, "FILE"], f"({', '.join(SITES)}), found 'nowhere'"),
        (["longbridge", "../one", URL, "FILE"], "expected a name such as long_title, found '../one'"),
        (["longbridge", "", URL, "FILE"], "found ''"),
        (["longbridge", "One", URL, "FILE"], "found 'One'"),
        (["longbridge", "one", "longbridge.com", "FILE"], "expected an article's address such as https://"),
        (["longbridge", "one", "https://me:x@longbridge.com/news/1", "FILE"], "without user name"),
        (["longbridge", "one", URL, "NOTHING"], "expected a file with the page's bytes, found: "),
        (["longbridge", "one", URL, "FILE", "--ending", "m/d"], "such as md, found 'm/d'"),
    ],
)
def test_bad_input_is_one_line_and_status_2_and_nothing_is_written(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "FILE").write_bytes(PLAIN)
    paths = [str(tmp_path / word) if word in ("FILE", "NOTHING") else word for word in arguments]
    assert main([*paths, "--folder", str(tmp_path / "below")]) == 2
    shown = capsys.readouterr()
    assert message in shown.err
    assert shown.err.startswith("expected ")
    assert "found" in shown.err
    assert shown.err.count("\n") == 1
    assert shown.out == ""
    assert not (tmp_path / "below").exists()


def test_a_folder_that_cannot_be_written_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "page"
    file.write_bytes(PLAIN)
    assert main(["longbridge", "one", URL, str(file), "--folder", str(file)]) == 2
    assert capsys.readouterr().err.startswith("expected a folder that can be written, found: ")


@pytest.mark.slow
def test_it_runs_as_a_program(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.sites.record", "longbridge", "one", URL, "--folder", str(tmp_path)],
        cwd=BELOW.parent.parent,
        input=PLAIN,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"Tallow Street Ferries" in done.stdout
