"""An older state becomes today's."""

from __future__ import annotations

from newscrawl.database import schema
from newscrawl.database.connect import connect
from newscrawl.database.schema import prepare
from newscrawl.queue.runs import Store, crawl_key
from tests.queue.outcomes import plan


def test_runs_of_the_first_version_keep_their_order(state_url: str) -> None:
    engine = connect(state_url)
    with_one = schema._MIGRATIONS[:1]

    def make() -> None:
        engine.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
        for statement in with_one[0]:
            engine.execute(
                statement.replace("{serial}", engine.serial_type).replace("{bytes}", engine.bytes_type)
            )
        save = "INSERT INTO meta (key, value) VALUES (?, ?)"
        engine.executemany(save, [("schema_version", "1"), ("origin", "longbridge.com")])
        rows = [
            (name, crawl_key(plan(1)), "{}", state, f"2026-11-2{day}T00:00:00.000Z")
            for name, state, day in (("b", "finished", 2), ("c", "running", 3), ("a", "finished", 1))
        ]
        engine.executemany(
            "INSERT INTO run (run_id, crawl_key, arguments, state, started_at) VALUES (?, ?, ?, ?, ?)", rows
        )

    engine.transact(make)
    prepare(engine, "longbridge.com")
    found = engine.execute("SELECT run_id, number FROM run ORDER BY number")
    assert [tuple(row) for row in found] == [("a", 1), ("b", 2), ("c", 3)]
    store = Store(engine, "w1", 60.0)
    assert store.open_run(plan(1), "longbridge") is True
    assert store.run_id == "c"
    store.finish_run("done")
    engine.close()
    engine = connect(state_url)
    assert Store(engine, "w1", 60.0).open_run(plan(1), "longbridge") is False
    ((latest,),) = engine.execute("SELECT max(number) FROM run")
    assert latest == 4
    engine.close()
