"""Records as bytes, and read again."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

from newscrawl.warc.answer import Answer
from newscrawl.warc.reading import ArchivedRecord, Message, message_of, read_records
from newscrawl.warc.records import Body, Record, make_record, make_warcinfo
from tests.warc.answers import NOW, UID, URL, answer


def known(body: bytes = b"text\n") -> Body:
    found = make_record(answer(body, fetched_at="2026-11-20T00:00:00.000Z"), UID, None).body
    assert found is not None
    return found


def read(record: Record, folder: Path) -> tuple[ArchivedRecord, Message]:
    path = folder / "one.warc.gz"
    path.write_bytes(record.content)
    (found,) = read_records(path)
    assert found.id == record.id
    assert found.fields["warc-payload-digest"] == record.digest
    return found, message_of(found)


def test_a_response_is_the_answer_as_it_came(tmp_path: Path) -> None:
    came = answer("正文".encode() * 500)
    made = make_record(came, UID, None)
    record, message = read(made, tmp_path)
    assert (record.type, record.uid, record.offset) == ("response", UID, 0)
    assert (message.status, message.head, message.body) == (200, came.head, came.body)
    assert record.fields["warc-target-uri"] == URL
    assert record.fields["warc-date"] == NOW
    assert record.fields["warc-ip-address"] == "127.0.0.1"
    assert made.digest == f"sha256:{hashlib.sha256(came.body).hexdigest()}"
    assert made.body == Body(made.id, made.digest, URL, NOW, 200)
    assert "newscrawl-redirected-from" not in record.fields
    # The bytes themselves, as the standard has them.
    lines = gzip.decompress(made.content).split(b"\r\n")
    assert lines[:3] == [b"WARC/1.1", b"WARC-Type: response", b"WARC-Record-ID: <%s>" % made.id.encode()]


def test_an_empty_answer_is_one_too(tmp_path: Path) -> None:
    record, message = read(make_record(answer(b"", 404), UID, known()), tmp_path)
    assert (record.type, message.status, message.body) == ("response", 404, b"")


def test_a_known_body_is_not_kept_twice(tmp_path: Path) -> None:
    before = known()
    made = make_record(answer(), UID, before)
    record, message = read(made, tmp_path)
    assert (record.type, record.refers_to, made.body) == ("revisit", before.record_id, None)
    assert (made.digest, message.body) == (before.digest, b"")
    assert message.head == answer().head
    fields = record.fields
    assert fields["warc-profile"].endswith("/revisit/identical-payload-digest")
    assert fields["warc-refers-to-target-uri"] == URL
    assert fields["warc-refers-to-date"] == "2026-11-20T00:00:00.000Z"
    assert fields["warc-truncated"] == "length"


def test_the_same_body_under_another_status_is_another_answer() -> None:
    made = make_record(answer(status=404), UID, known())
    assert made.body is not None
    assert made.body.status == 404


def test_304_refers_to_the_body_that_is_still_valid(tmp_path: Path) -> None:
    before = known()
    made = make_record(answer(b"", 304), UID, before)
    record, message = read(made, tmp_path)
    assert (record.type, record.refers_to, message.status) == ("revisit", before.record_id, 304)
    assert record.fields["warc-profile"].endswith("/revisit/server-not-modified")
    assert (made.digest, made.body) == (before.digest, None)
    # Nothing to refer to: all there is, is the answer.
    record, message = read(make_record(answer(b"", 304), UID, None), tmp_path)
    assert (record.type, record.refers_to, message.status) == ("response", None, 304)


def test_a_redirect_and_a_file_that_is_no_page_are_told(tmp_path: Path) -> None:
    record, _ = read(make_record(answer(asked_for="https://longbridge.com/a"), None, None), tmp_path)
    assert record.fields["newscrawl-redirected-from"] == "https://longbridge.com/a"
    assert record.uid is None


def test_what_the_state_keeps_of_a_body_is_read_again() -> None:
    body = known()._replace(url="https://longbridge.com/a b")
    assert Body.of(body.text) == body


def test_a_setting_begins_no_field_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "info.warc.gz"
    path.write_bytes(make_warcinfo({"software": "one\r\nWARC-Type: response"}, "info.warc.gz", NOW))
    (record,) = read_records(path)
    assert (record.type, record.block) == ("warcinfo", b"software: one WARC-Type: response\r\n")


def test_records_of_any_size_are_read_again(tmp_path: Path) -> None:
    for size in (0, 1, 255, 256, 4_000, 33_000, 70_000, 300_000):
        came: Answer = answer(bytes(number * number % 251 for number in range(size)))
        _, message = read(make_record(came, UID, None), tmp_path)
        assert message.body == came.body
