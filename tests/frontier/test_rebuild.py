"""A state made anew from the lines: the whole of it, or nothing that could pass for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from newscrawl.exceptions import StateError, StateLost
from newscrawl.frontier import rebuild as module
from newscrawl.frontier.connect import connect
from newscrawl.frontier.rebuild import rebuild
from newscrawl.frontier.schema import is_prepared, prepare
from newscrawl.frontier.segments import Segments
from newscrawl.frontier.sqlite import SqliteEngine
from newscrawl.frontier.store import Store
from tests.frontier.outcomes import article, plan

NewStore = Callable[..., Store]
STORIES = 12


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    """A data folder with a few stories in it."""
    engine = connect("sqlite://")
    prepare(engine, "longbridge.com")
    store = Store(engine, "w1", 60.0)
    store.open_run(plan(*range(1, STORIES + 1)), "longbridge")
    store.commit([(lease, article(lease.address)) for lease in store.claim(STORIES)])
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
        rebuild(engine, lines)
    assert not is_prepared(engine)
    broken.unlink()
    assert rebuild(engine, lines) == STORIES
    ((known,),) = engine.execute("SELECT count(*) FROM known")
    assert known == STORIES
    engine.close()


def test_damage_deep_in_a_file_is_found(lines: Path, tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    engine = SqliteEngine(path)
    rebuild(engine, lines)
    engine.check()
    ((root,),) = engine.execute("SELECT rootpage FROM sqlite_master WHERE name = 'known'")
    ((size,),) = engine.execute("PRAGMA page_size")
    engine.close()
    content = bytearray(path.read_bytes())
    content[(root - 1) * size : root * size] = b"\xff" * size
    path.write_bytes(content)
    damaged = SqliteEngine(path)
    assert is_prepared(damaged)
    with pytest.raises(StateLost, match="rebuild-state"):
        damaged.check()
    damaged.close()
