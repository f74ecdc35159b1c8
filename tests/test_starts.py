"""The argument ``url``: what a file of addresses may be, and that errors do not show what is in it."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newscrawl import regular_files
from newscrawl.exceptions import ArgumentError
from newscrawl.plan import Plan
from newscrawl.sites.longbridge import LONGBRIDGE
from newscrawl.starts import MOST_BYTES, read_addresses

URL = "https://longbridge.com/en/news/285741170.md"
MARKER = "root:$6$hunter2"

any_texts = settings(
    derandomize=True,
    deadline=None,
    max_examples=200,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def refused(text: str) -> str:
    """The one line in which a url is refused."""
    with pytest.raises(ArgumentError) as caught:
        Plan.from_arguments(LONGBRIDGE, {"url": text})
    message = str(caught.value)
    assert message.startswith("url: expected ")
    assert message.isprintable()
    assert len(message) < 1_000
    return message


def test_a_line_that_is_no_address_is_named_by_its_number(tmp_path: Path) -> None:
    file = tmp_path / "shadow"
    file.write_text(f"# users\n{URL}\r\n\r{MARKER}:19700:0:99999:7:::\n", encoding="utf-8")
    message = refused(f"@{file}")
    assert "hunter2" not in message
    assert f"in line 4 of '{file}'" in message


def test_two_sites_in_a_file_are_named_by_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "starts"
    file.write_text(f"{URL}\n{URL}\nhttp://secret.example/en/news/1.md\n", encoding="utf-8")
    message = refused(f"@{file}")
    assert f"found line 1 of '{file}' and line 3 of '{file}'" in message
    assert "secret" not in message


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"https://longbridge.com/en/news/1\nhunter2\xff", "no UTF-8 in line 2"),
        (f"{URL}\n".encode("utf-16"), "no UTF-8 in line 1"),
        (b"\xef\xbb\xbf# hunter2\r\n\r\nhunter2\xed\xa0\x80", "no UTF-8 in line 3"),
        (b"# hunter2\nhunter2\0\n", "a NUL in line 2"),
        (b"\0", "a NUL in line 1"),
        (b"# hunter2\n", "none in"),
        (b"https://user:hunter2@longbridge.com/en/news/1.md", "something else in line 1"),
        (b"https://longbridge.com:99999/hunter2", "something else in line 1"),
    ],
)
def test_what_is_no_list_of_addresses_is_not_shown(tmp_path: Path, content: bytes, found: str) -> None:
    file = tmp_path / "starts"
    file.write_bytes(content)
    message = refused(f"@{file}")
    assert found in message
    assert str(file) in message
    assert "hunter2" not in message
    # Nor the byte that could not be decoded.
    assert "0x" not in message


@any_texts
@given(st.binary(max_size=40), st.binary(max_size=40))
def test_no_bytes_of_a_file_are_shown(tmp_path: Path, before: bytes, after: bytes) -> None:
    file = tmp_path / "starts"
    file.write_bytes(before + b"hunter2" + after)
    assert "hunter2" not in refused(f"@{file}")


def test_a_folder_a_pipe_a_socket_and_a_device_are_refused(tmp_path: Path) -> None:
    assert "a folder" in refused(f"@{tmp_path}")
    assert "a folder" in refused("@")
    # Nobody writes to it: to open it as other files are opened would wait.
    os.mkfifo(tmp_path / "pipe")
    assert "a pipe" in refused(f"@{tmp_path / 'pipe'}")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(tmp_path / "socket"))
        assert "a socket" in refused(f"@{tmp_path / 'socket'}")
    (tmp_path / "link").symlink_to("/dev/zero")
    for path in ("/dev/zero", "/dev/null", str(tmp_path / "link")):
        assert f"a device: '{path}'" in refused(f"@{path}")


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="no /proc here")
def test_files_that_the_system_makes_up_are_refused() -> None:
    assert "makes up while it is read" in refused("@/proc/self/status")


def test_a_file_changed_into_a_device_after_the_first_look_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "starts"
    file.write_text(URL, encoding="utf-8")
    before = file.stat()
    file.unlink()
    file.symlink_to("/dev/zero")
    monkeypatch.setattr(Path, "stat", lambda path, **options: before)
    assert "a device" in refused(f"@{file}")


def test_a_file_has_16_mb_at_most(tmp_path: Path) -> None:
    file = tmp_path / "starts"
    line = f"{URL}\n".encode()
    count = MOST_BYTES // len(line)
    file.write_bytes(line * count + b"#" * (MOST_BYTES - count * len(line)))
    assert file.stat().st_size == 16 * 1024 * 1024
    assert len(read_addresses(f"@{file}")) == count
    with file.open("ab") as more:
        more.write(b"#")
    assert "more than 16777216 bytes" in refused(f"@{file}")


def test_a_file_that_grows_while_it_is_read_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    # One that has no end: only what was read is counted.
    monkeypatch.setattr(regular_files, "_check", lambda found, most: None)
    assert "more than 16777216 bytes" in refused("@/dev/zero")


def test_a_file_that_may_not_be_read_is_named_with_the_reason(tmp_path: Path) -> None:
    assert refused(f"@{tmp_path}/none").endswith(f"'{tmp_path}/none': No such file or directory")
    assert "the path 'a\\x00b'" in refused("@a\0b")


def test_line_ends_of_all_systems_are_line_ends_and_others_are_not(tmp_path: Path) -> None:
    file = tmp_path / "starts"
    file.write_bytes(f"\ufeff{URL}\r{URL}\r\n{URL}\n".encode())
    assert [(start.url, start.place) for start in read_addresses(f"@{file}")] == [
        (URL, f"line {number} of '{file}'") for number in (1, 2, 3)
    ]
    # An editor counts it as one line, and so do errors.
    file.write_bytes(f"# a\u2028b\x0bc\n{MARKER}\n".encode())
    assert "line 2 of" in refused(f"@{file}")


@pytest.mark.parametrize(
    "url",
    [
        "https://user:hunter2@longbridge.com/en/news/1.md",
        "https://user:hun@hunter2@longbridge.com/en/news/1.md",
        "https://user:hunter2/@longbridge.com/en/news/1.md",
        "https://u:hunter2/x@longbridge.com/en/news/1.md",
        "https://u@hunter2/x@longbridge.com/en/news/1.md",
        "https://user:1?hunter2@longbridge.com/en/news/1.md",
        "https://user:hun ter2hunter2@longbridge.com/en/news/1.md",
        "https://user:a,hunter2,b@longbridge.com/en/news/1.md",
        "ftp://user:hunter2@longbridge.com/",
        "user:hunter2@longbridge.com/en/news/1.md",
        "https://longbridge.com/en/login?token=hunter2",
        "https://longbridge.com/en/login#hunter2",
    ],
)
def test_a_password_in_an_address_is_not_shown(url: str) -> None:
    message = refused(url)
    assert "hunter2" not in message
    assert re.search("longbridge.com|address 1 of ", message)


@pytest.mark.parametrize("name", ["locales", "depth", "limit", "since", "recheck", "run", "fresh", "x\ny"])
def test_long_values_are_shortened_and_control_characters_escaped(name: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        Plan.from_arguments(LONGBRIDGE, {"url": URL, name: "\x1b]0;" + "x" * 100_000})
    message = str(caught.value)
    assert message.isprintable()
    assert len(message) < 300
