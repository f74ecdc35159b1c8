"""Archive files that are whole, other tools', and damaged in each way that a file can be."""

from __future__ import annotations

import base64
import gzip
import hashlib
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from scrapy.exceptions import IgnoreRequest

from newscrawl.exceptions import ArchiveError
from newscrawl.warc.answer import Head
from newscrawl.warc.reading import (
    ArchivedRecord,
    Message,
    decoded,
    message_of,
    read_record_at,
    read_records,
)
from newscrawl.warc.records import make_record, make_warcinfo
from tests.warc.answers import NOW, UID, answer

BODIES = [b"one\n" * 400, b"two\n" * 400, b"three\n" * 400]
PARTS = [
    make_warcinfo({"software": "test"}, "f.warc.gz", NOW),
    *(make_record(answer(body), UID, None).content for body in BODIES),
]
STARTS = [sum(map(len, PARTS[:number])) for number in range(4)]


def write(folder: Path, content: bytes) -> Path:
    path = folder / "f.warc.gz"
    path.write_bytes(content)
    return path


def rest_of(path: Path) -> tuple[list[ArchivedRecord], list[str]]:
    errors: list[ArchiveError] = []
    records = list(read_records(path, errors.append))
    return records, [str(error) for error in errors]


def bodies(records: list[ArchivedRecord]) -> list[bytes]:
    return [message_of(record).body for record in records if record.type == "response"]


def test_all_records_are_read_with_their_places(tmp_path: Path) -> None:
    path = write(tmp_path, b"".join(PARTS))
    records, errors = rest_of(path)
    assert errors == []
    assert [(record.number, record.offset) for record in records] == [*zip((1, 2, 3, 4), STARTS, strict=True)]
    assert bodies(records) == BODIES
    alone = read_record_at(path, STARTS[2])
    assert (alone.id, message_of(alone).body) == (records[2].id, BODIES[1])


@pytest.mark.parametrize("form", ["plain", "one member", "two members"])
def test_files_of_other_tools(tmp_path: Path, form: str) -> None:
    plain = b"".join(gzip.decompress(part) for part in PARTS).replace(b"WARC/1.1", b"WARC/1.0")
    cut = len(plain) // 2
    contents = {
        "plain": plain,
        "one member": gzip.compress(plain),
        "two members": gzip.compress(plain[:cut]) + gzip.compress(plain[cut:]),
    }
    records, errors = rest_of(write(tmp_path, contents[form]))
    assert (errors, bodies(records)) == ([], BODIES)
    if form == "plain":
        assert [plain[record.offset :][:8] for record in records] == [b"WARC/1.0"] * 4


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 0x55]) + content[at + 1 :]


def again(part: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """A record that was changed and compressed again, so that the gzip member is whole."""
    return gzip.compress(change(gzip.decompress(part)), mtime=0)


DAMAGED: dict[str, tuple[bytes, str]] = {
    "bytes that changed": (flipped(PARTS[2], len(PARTS[2]) // 2), "a damaged gzip member|another digest"),
    "a checksum that is wrong": (flipped(PARTS[2], len(PARTS[2]) - 6), "a damaged gzip member"),
    "a body that changed": (
        again(PARTS[2], lambda text: text.replace(b"two", b"tvo")),
        "another digest of the block",
    ),
    "a payload that changed": (
        again(PARTS[2], lambda text: text.replace(b"Payload-Digest: sha256:", b"Payload-Digest: sha256:0")),
        "another digest of the payload",
    ),
    "a length that is none": (
        again(PARTS[2], lambda text: text.replace(b"Content-Length: ", b"Content-Length: -")),
        "Content-Length '-",
    ),
    "a length that is too short": (
        again(PARTS[2], lambda text: text.replace(b"Content-Length: 1", b"Content-Length: ")),
        "no empty line after the block",
    ),
    "no record in a member": (gzip.compress(b"something else\r\n\r\n"), "bytes that begin none"),
    "a later version": (
        again(PARTS[2], lambda text: text.replace(b"WARC/1.1", b"WARC/1.9")),
        "the version 'WARC/1.9'",
    ),
    "no type": (again(PARTS[2], lambda text: text.replace(b"WARC-Type", b"WARC-Typo")), "no warc-type"),
    "no colon": (
        again(PARTS[2], lambda text: text.replace(b"WARC-Type:", b"WARC-Type")),
        "a header without a colon",
    ),
    "bytes between the members": (b"garbage", "bytes that begin no gzip member"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damage_is_named_and_the_rest_is_read(tmp_path: Path, name: str) -> None:
    damaged, found = DAMAGED[name]
    path = write(tmp_path, b"".join([*PARTS[:2], damaged, PARTS[3]]))
    with pytest.raises(ArchiveError, match=found):
        list(read_records(path))
    records, (error,) = rest_of(path)
    assert bodies(records) == [BODIES[0], BODIES[2]]
    assert error.startswith(f"{path}: record 3 at byte {STARTS[2]}: expected a WARC record, found ")


@pytest.mark.parametrize("left", [1, 5, 40, 200])
def test_a_file_that_is_cut_is_no_whole_one(tmp_path: Path, left: int) -> None:
    whole = b"".join(PARTS)
    cut = STARTS[3] + left
    path = write(tmp_path, whole[:cut])
    records, (error,) = rest_of(path)
    assert bodies(records) == BODIES[:2]
    assert f"record 4 at byte {STARTS[3]}" in error
    with pytest.raises(ArchiveError, match=f"record at byte {STARTS[3]}: expected a WARC record"):
        read_record_at(path, STARTS[3])


def test_a_plain_file_that_is_cut_or_damaged(tmp_path: Path) -> None:
    parts = [gzip.decompress(part) for part in PARTS]
    records, (error,) = rest_of(write(tmp_path, b"".join(parts)[:-10]))
    assert (bodies(records), "bytes too early" in error) == (BODIES[:2], True)
    parts[2] = parts[2].replace(b"two", b"tvo", 1)
    records, (error,) = rest_of(write(tmp_path, b"".join(parts)))
    assert (bodies(records), "another digest" in error) == ([BODIES[0], BODIES[2]], True)


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>no archive</html>", gzip.compress(b"", mtime=0)],
    ids=["empty", "HTML", "nothing in it"],
)
def test_files_that_are_no_archive(tmp_path: Path, content: bytes) -> None:
    path = write(tmp_path, content)
    records, (error,) = rest_of(path)
    assert (records, error.startswith(f"{path}: ")) == ([], True)
    with pytest.raises(ArchiveError, match="expected an archive file that can be read"):
        list(read_records(tmp_path / "none.warc.gz"))


def test_digests_of_other_tools_are_held_true(tmp_path: Path) -> None:
    def with_digest(text: bytes) -> Callable[[bytes], bytes]:
        block = gzip.decompress(PARTS[1]).partition(b"\r\n\r\n")[2].removesuffix(b"\r\n\r\n")
        sha1 = base64.b32encode(hashlib.sha1(block, usedforsecurity=False).digest())
        old = b"WARC-Block-Digest: sha256:" + hashlib.sha256(block).hexdigest().encode()
        return lambda whole: whole.replace(old, b"WARC-Block-Digest: " + text % sha1)

    for text, count in ((b"sha1:%s", 0), (b"sha1:A%s", 1), (b"blake3:%s", 0)):
        _, errors = rest_of(write(tmp_path, again(PARTS[1], with_digest(text))))
        assert len(errors) == count


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [(b"gzip", gzip.compress), (b"deflate", zlib.compress), (b"identity", bytes)],
)
def test_a_body_is_decoded_as_in_a_crawl(encoding: bytes, encode: Callable[[bytes], bytes]) -> None:
    came = Message(200, Head(b"HTTP/1.1 200 OK", ((b"content-encoding", encoding),)), encode(BODIES[0]))
    assert decoded(came, 10_000) == BODIES[0]
    assert decoded(came._replace(head=Head(b"", ())), 10_000) == came.body
    if encoding != b"identity":
        with pytest.raises(IgnoreRequest):
            decoded(came, 10)
