"""Answers are archived with the outcome of their page: in one transaction, in one file, once."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest

from newscrawl.archive import segments as segments_module
from newscrawl.archive.segments import Segments
from newscrawl.codes import Outcome, RejectionReason
from newscrawl.database.statements.runs import SET_WARCINFO
from newscrawl.database.thread import InTheLoop
from newscrawl.exceptions import OutputError
from newscrawl.http_info import HttpInfo
from newscrawl.items import Rejection
from newscrawl.queue import archiving as module
from newscrawl.queue.archiving import Archiving, finish
from newscrawl.queue.commits import Finished
from newscrawl.queue.leases import Lease
from newscrawl.queue.result_groups import ResultGroups
from newscrawl.queue.state_calls import StateCalls
from newscrawl.results import Dropped, NotModified, Result
from newscrawl.warc import records as records_module
from newscrawl.warc.answer import Answer
from newscrawl.warc.reading import message_of, read_records
from newscrawl.warc.records import Body
from tests.archived import archive_files, missing_records, records_in, records_of
from tests.queue.results import article, gone, plan
from tests.queue.test_result_groups import STATUS
from tests.queue.workers import NewWorker, Worker, opened
from tests.warc.answers import NOW, answer

ROBOTS = "https://longbridge.com/robots.txt"


@pytest.fixture
def worker(new_worker: NewWorker) -> Worker:
    return opened(new_worker(), plan(1, 2, 3))


def came(lease: Lease, body: bytes = b"text", status: int = 200) -> Answer:
    return answer(body, status, url=lease.page.url)


def finished(
    lease: Lease, result: Result | None = None, body: bytes = b"text", status: int = 200
) -> Finished:
    result = article(lease.page) if result is None else result
    if not isinstance(result, NotModified | Dropped):
        # In the line it stands as fetched_at.
        result.fetched_at = NOW
    (found,) = finish([(lease, result, came(lease, body, status))])
    return found


def known(worker: Worker, lease: Lease) -> Body | None:
    ((text,),) = worker.rows("SELECT archived FROM known WHERE uid = ?", (lease.page.uid,)) or [(None,)]
    return None if text is None else Body.of(text)


def asked_again(worker: Worker, times: int) -> Lease:
    worker.finish()
    # Another crawl each time: this process still has the lock of the one before.
    return opened(worker, plan(1, depth=str(times))).claim_one()


def test_a_record_and_its_line_are_published_together(worker: Worker, tmp_path: Path) -> None:
    one, two, three = worker.claim(3)
    rejected = Rejection(uid=two.page.uid, reason=RejectionReason.NOT_NEWS, http=HttpInfo(200))
    batch = [finished(one), finished(two, rejected, b"no news"), finished(three, gone(three.page), b"", 404)]
    assert worker.commit(*batch) == ["read", "rejected", "missing"]
    assert Segments(worker.engine, tmp_path, "w1").publish() == 3
    (path,) = archive_files(tmp_path)
    records = records_in(path)
    assert [(record.uid, message_of(record).status) for record in records] == [
        (one.page.uid, 200),
        (two.page.uid, 200),
        (three.page.uid, 404),
    ]
    lines = [json.loads(found.read_bytes()) for found in sorted(tmp_path.glob("*/dt=*/*.jsonl"))]
    assert len(lines) == 2
    assert missing_records(lines, records_of([tmp_path])) == []
    (segment,) = [
        part
        for part in Segments(worker.engine, tmp_path, "w1").published(worker.run_id)
        if "warc" in part.path
    ]
    assert segment.as_entry() == {
        "path": path.relative_to(tmp_path).as_posix(),
        "records": 4,
        "sha256": segment.sha256,
    }


def test_an_outcome_that_comes_too_late_leaves_no_record(worker: Worker) -> None:
    lease = worker.claim_one()
    assert worker.commit(finished(lease._replace(token=lease.token + 1))) == [None]
    assert worker.rows("SELECT * FROM line") == []


def test_a_commit_that_fails_leaves_neither(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    lease = worker.claim_one()
    with monkeypatch.context() as patch:
        patch.setattr("newscrawl.queue.commits.ADD_RECORD", "INSERT INTO nowhere VALUES (?, ?, ?, ?, ?, ?)")
        with pytest.raises(Exception, match="nowhere"):
            worker.commit(finished(lease))
    assert worker.rows("SELECT * FROM line") == []
    assert worker.commit(finished(lease)) == ["read"]


@pytest.mark.parametrize("step", ["fsync", "index", "replace", "note"])
def test_what_a_crash_left_is_published_the_same(
    worker: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    for lease in worker.claim(3):
        worker.commit(finished(lease))
    calm, wild = tmp_path / "calm", tmp_path / "wild"

    class Crash(Exception):
        pass

    def crash(*_: object) -> None:
        raise Crash

    targets = {
        "fsync": (os, "fsync"),
        "index": (segments_module, "write_lines"),
        "replace": (Path, "replace"),
        "note": (Segments, "_note"),
    }
    with monkeypatch.context() as patch:
        patch.setattr(*targets[step], crash)
        with pytest.raises(Crash):
            Segments(worker.engine, wild, "w1").publish()
    # A file that appeared has its index, and no line appeared ahead of it.
    assert all(len(records_in(path)) == 3 for path in archive_files(wild))
    assert list(wild.glob("articles/*/*.jsonl")) == []
    with monkeypatch.context() as patch:
        # What the next process would publish elsewhere, without what the first one left there.
        patch.setattr(Segments, "_note", crash)
        with pytest.raises(Crash):
            Segments(worker.engine, calm, "w1").publish()
    assert Segments(worker.engine, wild, "w1").publish() == 2
    (expected,), (found,) = archive_files(calm), archive_files(wild)
    assert found.read_bytes() == expected.read_bytes()
    assert found.with_name(found.name.replace(".warc.gz", ".cdxj")).exists()
    assert worker.rows("SELECT head FROM segment WHERE head IS NOT NULL") == []
    assert worker.rows("SELECT * FROM line") == []


def test_where_records_cannot_be_written_no_line_is(
    worker: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data"
    worker.commit(finished(worker.claim_one()))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(segments_module, "write_lines", full)
        with pytest.raises(OutputError, match="No space left"):
            Segments(worker.engine, folder, "w1").publish()
    assert [path for path in folder.rglob("*") if path.is_file()] == []
    assert Segments(worker.engine, folder, "w1").publish() == 2


def test_the_first_record_says_what_requests_share(worker: Worker, tmp_path: Path) -> None:
    shared = json.dumps({"http-header-user-agent": "test/1"})
    worker.engine.transact(lambda: worker.engine.execute(SET_WARCINFO, (shared, worker.run_id)))
    worker.commit(finished(worker.claim_one()))
    Segments(worker.engine, tmp_path, "w1").publish()
    (path,) = archive_files(tmp_path)
    info = next(read_records(path)).block.decode()
    assert f"isPartOf: {worker.run_id}\r\n" in info
    assert "http-header-user-agent: test/1\r\n" in info


def test_a_304_confirms_the_body_of_the_last_article(worker: Worker) -> None:
    lease = worker.claim_one()
    worker.commit(finished(lease))
    first = known(worker, lease)
    assert first is not None
    lease = asked_again(worker, 1)
    assert lease.archived == first.text
    # Read and rejected: its validators are those of the article.
    rejected = Rejection(uid=lease.page.uid, reason=RejectionReason.NOT_NEWS, http=HttpInfo(200))
    worker.commit(finished(lease, rejected, b"no news"))
    assert known(worker, lease) == first
    lease = asked_again(worker, 2)
    again = finished(lease, NotModified(), b"", 304)
    assert again.record is not None
    assert again.record.digest == first.digest
    worker.commit(again)
    lease = asked_again(worker, 3)
    worker.commit(finished(lease, Dropped(article(lease.page), "too short"), b"dropped"))
    later = known(worker, lease)
    assert later is not None
    assert later.digest != first.digest
    # An article that was not archived has no body to refer to.
    lease = asked_again(worker, 4)
    worker.commit((lease, article(lease.page)))
    assert known(worker, lease) is None


class Groups:
    """The results of one worker, with the archive."""

    def __init__(self, worker: Worker) -> None:
        self.calls = StateCalls(worker.engine, InTheLoop(), lambda: None)
        self.archiving = Archiving(worker.run, self.calls)
        self.groups = ResultGroups(worker.run, self.calls, lambda _: STATUS, lambda *_: None, self.archiving)

    def add(self, lease: Lease, others: int = 1) -> asyncio.Future[Outcome | None]:
        self.groups.note(lease.page.uid, came(lease))
        return self.groups.add(lease, article(lease.page), others)


def test_results_are_committed_with_their_records(worker: Worker) -> None:
    groups = Groups(worker)

    async def crawl() -> None:
        leases = worker.claim(3)
        assert await asyncio.gather(*(groups.add(lease, 3) for lease in leases)) == ["read"] * 3

    asyncio.run(crawl())
    assert worker.rows("SELECT kind, count(*) FROM line GROUP BY kind ORDER BY kind") == [
        ("archive", 3),
        ("articles", 3),
    ]


def test_an_answer_that_cannot_be_archived_is_no_line_without_a_record(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups = Groups(worker)
    one, two = worker.claim(2)
    make = records_module.make_record

    def broken(found: Answer, uid: str | None, body: Body | None) -> object:
        if uid == one.page.uid:
            raise ValueError("broken")
        return make(found, uid, body)

    monkeypatch.setattr(module, "make_record", broken)

    async def crawl() -> None:
        found = await asyncio.gather(groups.add(one, 2), groups.add(two, 2))
        assert list(found) == [Outcome.ERROR, Outcome.READ]

    asyncio.run(crawl())
    assert worker.rows("SELECT error FROM page WHERE uid = ?", (one.page.uid,)) == [
        ("ValueError at the archive",)
    ]
    assert [line["uid"] for line in worker.lines()] == [two.page.uid]


def test_what_is_asked_of_the_state_later_is_done_later(worker: Worker) -> None:
    groups = Groups(worker)
    found: list[int] = []

    def count() -> int:
        return len(worker.engine.execute("SELECT 1 FROM line"))

    async def crawl() -> None:
        (lease,) = worker.claim(1)
        done = groups.add(lease)
        groups.calls.start(lambda: worker.engine.read(count), found.append)
        await groups.calls.drain()
        assert done.result() == "read"

    asyncio.run(crawl())
    assert found == [2]


def test_without_a_loop_records_are_committed_all_the_same(worker: Worker) -> None:
    groups = Groups(worker)

    async def crawl() -> None:
        one, two, _ = worker.claim(3)
        groups.add(one)
        # The loop ends before the records of this one are known to be made; the others wait for a third.
        groups.add(two, 9)

    loop = asyncio.new_event_loop()
    loop.run_until_complete(crawl())
    groups.groups.flush_now()
    loop.close()
    assert worker.rows("SELECT kind, count(*) FROM line GROUP BY kind ORDER BY kind") == [
        ("archive", 2),
        ("articles", 2),
    ]


def test_robots_txt_is_kept_where_it_changed(worker: Worker) -> None:
    groups = Groups(worker)

    async def keep(*bodies: tuple[bytes, int]) -> None:
        for body, status in bodies:
            groups.archiving.keep_robots(answer(body, status, url=ROBOTS))
            await groups.calls.drain()

    asyncio.run(keep((b"a", 200), (b"a", 200), (b"", 404), (b"", 200), (b"", 200), (b"a", 200)))
    assert groups.calls.failure is None
    kept = [
        json.loads(entry.partition("{")[1] + entry.partition("{")[2])
        for (entry,) in worker.rows("SELECT entry FROM line ORDER BY id")
    ]
    assert [found["status"] for found in kept] == ["200", "404", "200", "200"]
