"""Compressed bodies that were cut, anywhere, and those that were not."""

from __future__ import annotations

import gzip
import zlib

import pytest

from newscrawl.network.packed import is_whole

PLAIN = b"news " * 10_000
PACKED = gzip.compress(PLAIN)
MEMBERS = gzip.compress(PLAIN) + gzip.compress(b"more") + gzip.compress(PLAIN)


def _deflated(content: bytes) -> bytes:
    """Pack without a frame, which some servers send as ``deflate``."""
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(content) + stream.flush()


@pytest.mark.parametrize("most", [0, 1, len(PLAIN) - 1, len(PLAIN), len(PLAIN) + 1])
def test_a_whole_body_is_whole_whatever_the_bound(most: int) -> None:
    assert is_whole(PACKED, most)


@pytest.mark.parametrize("cut", [1, 4, 8, len(PACKED) // 2, len(PACKED)])
def test_a_cut_body_is_not(cut: int) -> None:
    body = PACKED[:-cut]
    assert not is_whole(body, 10 * len(PLAIN))
    # 0 is no bound (DOWNLOAD_MAXSIZE).
    assert not is_whole(body, 0)


def test_a_body_over_the_bound_is_left_to_the_check_of_its_size() -> None:
    body = PACKED[:-4]
    assert is_whole(body, len(PLAIN) - 1)
    assert not is_whole(body, len(PLAIN))


@pytest.mark.parametrize("body", [b"", b"no gzip at all", PACKED[1:], b"\x1f\x8b"])
def test_what_is_no_gzip_is_not_whole(body: bytes) -> None:
    assert not is_whole(body, 0)


@pytest.mark.parametrize("cut", [0, 1, 8, 9, len(PACKED) - 3, len(PACKED) - 1])
def test_a_cut_in_a_later_member(cut: int) -> None:
    body = MEMBERS[: len(MEMBERS) - cut]
    assert is_whole(body, 0) == (cut == 0)
    assert is_whole(body, 10 * len(PLAIN)) == (cut == 0)


def test_a_cut_between_members_tells_nothing() -> None:
    assert is_whole(MEMBERS[: -len(PACKED)], 0)


@pytest.mark.parametrize("most", [len(PLAIN) - 1, len(PLAIN), len(PLAIN) + 3])
def test_members_are_unpacked_up_to_the_bound(most: int) -> None:
    # The next member is not looked at: it is cut.
    assert is_whole(MEMBERS[:-1], most)


@pytest.mark.parametrize("behind", [b"\0" * 10_000, b"\0\0junk", b"junk"])
def test_what_is_no_member_does_not_matter(behind: bytes) -> None:
    assert is_whole(PACKED + behind, 0)


def test_filling_between_members() -> None:
    assert is_whole(PACKED + bytes(5_000) + PACKED, 0)
    assert not is_whole(PACKED + bytes(5_000) + PACKED[:-1], 0)


@pytest.mark.parametrize("body", [zlib.compress(PLAIN), _deflated(PLAIN)])
def test_deflate_with_a_frame_and_without(body: bytes) -> None:
    assert is_whole(body, 0, [b"deflate"])
    for cut in (1, len(body) // 2, len(body)):
        assert not is_whole(body[:-cut], 0, [b"deflate"])


def test_output_that_is_left_at_the_end_of_the_input() -> None:
    # More than is unpacked at once, from a few bytes at the end.
    assert is_whole(_deflated(bytes(5_000_000)), 0, [b"deflate"])


def test_a_body_packed_twice() -> None:
    inner = PACKED[:-100]
    assert is_whole(zlib.compress(PACKED), 0, [b"deflate", b"gzip"])
    assert not is_whole(zlib.compress(inner), 0, [b"deflate", b"gzip"])
    assert not is_whole(zlib.compress(PACKED)[:-1], 0, [b"deflate", b"gzip"])


def test_no_coding_at_all() -> None:
    assert is_whole(b"anything", 1, [])
