"""Heads of answers: what is left out, put right, or left for the parser."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newscrawl.network.heads import _put_right, find_end, is_http, read_head

OK = b"HTTP/1.1 200 OK"


def _read(*lines: bytes, first: bytes = OK) -> tuple[list[bytes], int | None]:
    head = read_head(b"\r\n".join((first, *lines, b"", b"")))
    assert head.content.endswith(b"\r\n\r\n")
    return head.content[:-4].split(b"\r\n"), head.length


@pytest.mark.parametrize(
    "line",
    [
        b"no header at all",
        b"",
        b": value",
        b"X Name: value",
        b"X-Name : value",
        b"X-Name: a\0b",
        b"X-\0Name: a",
        b"X-Name: a\rb",
        b"X-Name: a\rContent-Length: 9",
        b"X-N\xc3\xa4me: a",
    ],
)
def test_lines_that_are_left_out(line: bytes) -> None:
    assert _read(b"A: 1", line, b"B: 2") == ([OK, b"A: 1", b"B: 2"], None)


@pytest.mark.parametrize(
    "line", [b"X-Name:", b"X-Name: \xff", b"X-Name: a: b", b"X-Name: a\x01", b"X: a\r\n\tb"]
)
def test_lines_that_stay(line: bytes) -> None:
    assert b"\r\n".join(_read(b"A: 1", line)[0]) == b"\r\n".join((OK, b"A: 1", line))


@pytest.mark.parametrize(
    ("lines", "left", "length"),
    [
        ([b"Content-Length: 5"], [b"Content-Length: 5"], 5),
        ([b"content-length:5 ", b"Content-Length: 5"], [b"Content-Length: 5"], 5),
        ([b"Content-Length: 5", b"Transfer-Encoding: chunked"], [b"Transfer-Encoding: chunked"], None),
        # The parser refuses these.
        ([b"Content-Length: 5", b"Content-Length: 6"], [b"Content-Length: 5", b"Content-Length: 6"], None),
        ([b"Content-Length: -1"], [b"Content-Length: -1"], None),
        ([b"Content-Length: 5, 5"], [b"Content-Length: 5, 5"], None),
        ([b"Content-Length\0: 5"], [b"Content-Length\0: 5"], None),
        ([b"Content-Length: "], [b"Content-Length: "], None),
        ([b"Transfer-Encoding : chunked"], [b"Transfer-Encoding : chunked"], None),
        ([b"Content-Length: 9999999999999999999"], [b"Content-Length: 9999999999999999999"], None),
    ],
)
def test_what_concerns_the_length_of_the_body(
    lines: list[bytes], left: list[bytes], length: int | None
) -> None:
    assert _read(*lines) == ([OK, *left], length)


def test_answers_without_a_body() -> None:
    for status in (b"204", b"304"):
        first = b"HTTP/1.1 " + status
        assert _read(b"Content-Length: 5", first=first) == ([first, b"Content-Length: 5"], 0)


@pytest.mark.parametrize(
    ("first", "found"),
    [(b"HTTP/1.2 200 OK", OK), (b"HTTP/1.0 200 OK", b"HTTP/1.0 200 OK"), (b"HTTP/2.0 200", b"HTTP/2.0 200")],
)
def test_versions(first: bytes, found: bytes) -> None:
    assert _read(first=first)[0] == [found]


@pytest.mark.parametrize(
    ("status", "is_interim"),
    [
        (b"100", True),
        (b"103 Early Hints", True),
        (b"199", True),
        (b"101", False),
        (b"200", False),
        (b"1000", False),
    ],
)
def test_interim_answers(status: bytes, *, is_interim: bool) -> None:
    assert read_head(b"HTTP/1.1 " + status + b"\r\n\r\n").is_interim == is_interim


@pytest.mark.parametrize(
    ("content", "start", "end"),
    [
        (b"a\r\n\r\nb", 0, 5),
        (b"a\n\nb", 0, 3),
        (b"a\n\r\nb", 0, 4),
        (b"a\r\n\r\n", 4, 5),
        (b"a\r\n\r\n", 3, 5),
        (b"a\r\r", 0, None),
        (b"a\r\nb", 0, None),
        (b"", 0, None),
    ],
)
def test_ends(content: bytes, start: int, end: int | None) -> None:
    assert find_end(content, start) == end


def test_what_can_be_http() -> None:
    assert all(is_http(part) for part in (b"", b"H", b"HTTP", b"HTTP/", b"HTTP/1.1 200"))
    assert not any(is_http(part) for part in (b"S", b"SSH-2.0", b"HTTP:", b"http/1.1", b"<html>"))


PARTS = [
    b"Content-Length: 5",
    b"Transfer-Encoding: chunked",
    b"A: 1",
    b"\r\n",
    b"\r",
    b"\n",
    b"\0",
    b" ",
    b":",
    b"x",
]


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(PARTS) | st.binary(max_size=5), max_size=15).map(b"".join))
def test_a_head_that_was_put_right_stays(rest: bytes) -> None:
    content = OK + b"\r\n" + rest.split(b"\n\n")[0] + b"\r\n\r\n"
    once = read_head(content[: find_end(content)])
    assert find_end(once.content) == len(once.content)
    assert read_head(once.content) == once


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.lists(st.sampled_from([b"Content-Length: 5", b"content-length:7 ", b"A: 1", b"B:"]), max_size=5))
def test_the_quick_way_agrees_with_the_other(lines: list[bytes]) -> None:
    quick, other = (read(b"\r\n".join((OK, *lines, b"", b""))) for read in (read_head, _put_right))
    assert (quick.length, quick.is_interim) == (other.length, other.is_interim)
    assert len(quick.content.split(b"\n")) == len(other.content.split(b"\n"))
