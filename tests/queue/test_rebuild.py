"""A state made anew from the lines: the whole of it, or nothing that could pass for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from newscrawl.archive import rebuild as module
from newscrawl.archive.rebuild import rebuild
from newscrawl.archive.segments import Segments
from newscrawl.archive.versions import Known
from newscrawl.database.connect import connect
from newscrawl.database.schema import is_prepared, prepare
from newscrawl.database.sqlite import SqliteEngine
from newscrawl.exceptions import StateError, StateLost
from newscrawl.results import Result
from newscrawl.sites.longbridge import LONGBRIDGE
from tests.queue.results import article, gone, number_of, page, plan
from tests.queue.workers import Worker, opened

STORIES = 12
SITES = {"longbridge": LONGBRIDGE}


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    """A data folder with a few stories in it."""
    engine = connect("sqlite://")
    prepare(engine, "longbridge", "longbridge.com")
    worker = opened(Worker(engine), plan(*range(1, STORIES + 1)))
    worker.commit(*[(lease, article(lease.page)) for lease in worker.claim(STORIES)])
    folder = tmp_path / "data"
    Segments(engine, folder, "w1").publish()
    engine.close()
    return folder


BROKEN = {
    "no JSON": (b"not json\n", r"x\.jsonl:1: expected a line of JSON"),
    "no UTF-8": (b"\xff\xfe{}\n", r"x\.jsonl: expected UTF-8|x\.jsonl:1: expected a line of JSON"),
    "no uid": (b'{"schema":"newscrawl.article/1"}\n', r"x\.jsonl:1: expected a line of newscrawl\.article/1"),
    "no object": (b"[]\n", r"x\.jsonl:1: expected a line of JSON"),
    "a later schema": (b'{"schema":"newscrawl.article/2"}\n', r"x\.jsonl:1: expected schema"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_line_that_cannot_be_read_leaves_no_half_state(
    lines: Path, state_url: str, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(module, "_BATCH", 5)
    content, message = BROKEN[name]
    broken = lines / "articles" / "dt=2099-01-01" / "x.jsonl"
    broken.parent.mkdir()
    broken.write_bytes(content)
    engine = connect(state_url)
    with pytest.raises(StateError, match=message):
        rebuild(engine, lines, SITES, worker="w1")
    assert not is_prepared(engine)
    broken.unlink()
    assert rebuild(engine, lines, SITES, worker="w1") == STORIES
    ((known,),) = engine.execute("SELECT count(*) FROM known")
    assert known == STORIES
    engine.close()


def test_damage_deep_in_a_file_is_found(lines: Path, tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    engine = SqliteEngine(path)
    rebuild(engine, lines, SITES, worker="w1")
    engine.check()
    ((root,),) = engine.execute("SELECT rootpage FROM sqlite_master WHERE name = 'known'")
    ((size,),) = engine.execute("PRAGMA page_size")
    engine.close()
    content = bytearray(path.read_bytes())
    content[(root - 1) * size : root * size] = b"\xff" * size
    path.write_bytes(content)
    damaged = SqliteEngine(path)
    assert is_prepared(damaged)
    with pytest.raises(StateLost, match="rebuild"):
        damaged.check()
    damaged.close()


def test_a_state_is_known_again_whatever_order_its_files_come_in(state_url: str, tmp_path: Path) -> None:
    moved = "2026-05-08T15:00:00.000Z"
    visits: tuple[dict[int, Result], ...] = (
        {n: article(page(n), 7) for n in range(1, 7)},
        {
            1: article(page(1), 7, 8, published_at=moved, symbols=("700.HK",)),
            2: article(page(2), 8),
            3: article(page(3), 7, text="another"),
            4: article(page(4), 8),
            5: article(page(5), 7, published_at=None),
            6: article(page(6), 8),
        },
        {
            1: article(page(1), 7, 8, published_at=moved, symbols=("700.HK",)),
            2: article(page(2), 9),
            3: article(page(3), 9, text="another"),
            4: article(page(4), 8, text="another"),
            5: article(page(5), 7, published_at=None),
            6: gone(page(6)),
        },
    )
    folder = tmp_path / "data"
    lived = connect("sqlite://")
    prepare(lived, "longbridge", "longbridge.com")
    for number, visit in enumerate(visits):
        worker = opened(Worker(lived), plan(*visit, depth="0"))
        worker.commit(*[(lease, visit[number_of(lease.page)]) for lease in worker.claim(len(visit))])
        worker.finish()
        part = tmp_path / f"part{number}"
        Segments(lived, part, "w1").publish()
        # A day before the one before it: as after a clock that was put right.
        for path in part.glob("*/dt=*/*.jsonl"):
            moved_to = folder / path.parent.parent.name / f"dt=2026-01-{9 - number:02d}" / path.name
            moved_to.parent.mkdir(parents=True, exist_ok=True)
            path.rename(moved_to)
    engine = connect(state_url)
    assert rebuild(engine, folder, SITES, worker="w1") == 9
    # When an article was last seen, how often it was not modified, and what was compared, no line says.
    columns = [name for name in Known._fields if name not in ("last_seen_at", "unmodified", "facts")]
    everything = f"SELECT {','.join(columns)} FROM known ORDER BY uid"
    assert [tuple(row) for row in engine.execute(everything)] == [*map(tuple, lived.execute(everything))]
    lived.close()
    engine.close()


def test_an_observation_that_cannot_be_read_is_named(lines: Path, state_url: str) -> None:
    broken = lines / "observations" / "dt=2099-01-01" / "x.jsonl"
    broken.parent.mkdir(parents=True)
    uid = page(1).uid
    broken.write_text(
        f'{{"schema":"newscrawl.observation/1","uid":"{uid}","version":1,"observed_at":"2099"}}\n'
    )
    engine = connect(state_url)
    with pytest.raises(StateError, match=r"x\.jsonl:1: expected a line of newscrawl\.observation/1"):
        rebuild(engine, lines, SITES, worker="w1")
    assert not is_prepared(engine)
    engine.close()
