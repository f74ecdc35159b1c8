"""A state of an older version becomes today's, and the crawl that it holds goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from newscrawl.archive.segments import Segments
from newscrawl.database import addresses, schema
from newscrawl.database.connect import connect
from newscrawl.database.engine import Engine
from newscrawl.database.schema import SCHEMA_VERSION, migrate, prepare
from newscrawl.exceptions import StateError
from newscrawl.queue.overview import overview, retry_failed
from newscrawl.results import NotModified
from newscrawl.sites.base import Page
from tests.postgres import database
from tests.queue.results import PUBLISHED, article, gone, number_of, page, plan
from tests.queue.states import DISK, RUN_ID, VERSIONS, load
from tests.queue.workers import Worker, opened

EN, CHINESE = "en", "zh-CN"
# Where the articles of the unfinished crawl lead, by number and locale.
GRAPH = {(1, EN): (2, 7, 9), (1, CHINESE): (3,), (7, EN): (8,), (2, EN): (3, 4), (3, CHINESE): (4,)}
LOCALES = {1: (EN, CHINESE)}


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> int:
    number: int = request.param
    return number


@pytest.fixture
def engine(state_url: str, version: int) -> Iterator[Engine]:
    """A state of an older version."""
    engine = connect(state_url)
    load(engine, version)
    yield engine
    engine.close()


@pytest.fixture
def migrated(engine: Engine) -> Engine:
    prepare(engine, "longbridge", "longbridge.com")
    return engine


def rows(engine: Engine, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in engine.read(lambda: engine.execute(sql))]


def known_pages() -> list[Page]:
    numbers = [(1, EN), (1, CHINESE), (6, EN), (7, EN), (8, EN)]
    return [page(number, locale) for number, locale in numbers]


def test_pages_have_a_story_a_locale_and_an_address(migrated: Engine) -> None:
    found = rows(
        migrated, f"SELECT uid, story_id, locale, url FROM page WHERE run_id = '{RUN_ID}' ORDER BY uid"
    )
    numbers = [(1, EN), (1, CHINESE), (2, EN), (3, CHINESE), (7, EN), (8, EN), (9, EN)]
    assert [Page(*row) for row in found] == [page(number, locale) for number, locale in numbers]
    assert rows(migrated, "SELECT count(*) FROM page WHERE url = '' OR story_id = '' OR locale = ''") == [
        (0,)
    ]
    # Each stands with the number of its story.
    assert rows(
        migrated,
        "SELECT p.uid FROM page p LEFT JOIN story s ON s.run_id = p.run_id AND s.story_id = p.story_id "
        "WHERE s.number IS NULL OR s.number <> p.story",
    ) == []  # fmt: skip


def test_articles_have_addresses_and_lead_to_addresses(migrated: Engine) -> None:
    found = rows(migrated, "SELECT uid, story_id, locale, url, links FROM known ORDER BY uid")
    assert [Page(*row[:4]) for row in found] == known_pages()
    for *columns, links in found:
        of = Page(*columns)
        number = number_of(of)
        assert json.loads(links) == [
            [page(number, locale).url for locale in LOCALES.get(number, (EN,))],
            [page(other, of.locale).url for other in GRAPH.get((number, of.locale), ())],
            PUBLISHED,
        ]
    assert rows(migrated, "SELECT DISTINCT reader FROM known") == [("longbridge-markdown/1",)]


def test_words_that_changed(migrated: Engine) -> None:
    meta = dict(rows(migrated, "SELECT key, value FROM meta"))
    assert meta == {"schema_version": str(SCHEMA_VERSION), "origin longbridge": "longbridge.com"}
    outcomes = rows(migrated, "SELECT outcome, count(*) FROM page GROUP BY outcome ORDER BY outcome")
    assert dict(outcomes) == {
        None: 2, "failed": 1, "read": 2, "skipped": 3, "unchanged": 1, "withdrawn": 1
    }  # fmt: skip
    # The column counted leases before.
    assert rows(migrated, "SELECT * FROM crash") == []


def test_what_was_committed_is_not_stamped_before(migrated: Engine) -> None:
    (((name, last),), seen) = (
        rows(migrated, "SELECT run_id, last_at FROM stamp"),
        rows(migrated, "SELECT first_seen_at, last_seen_at FROM known"),
    )
    assert name == "before version 5"
    assert last == max(text for row in seen for text in row)


def test_runs_keep_their_order(migrated: Engine) -> None:
    found = rows(migrated, "SELECT substr(run_id, 29), number FROM run ORDER BY number")
    assert found == [("aaaa", 1), ("bbbb", 2), ("cccc", 3)]
    assert opened(Worker(migrated, DISK), plan(5)).run.resumed is False
    assert rows(migrated, "SELECT max(number) FROM run") == [(4,)]


def shape(engine: Engine) -> list[tuple[Any, ...]]:
    """The columns and indexes of a state."""
    if engine.statements.bytes_type == "BLOB":
        columns = (
            'SELECT t.name, c.name, upper(c.type), c."notnull", c.pk '
            "FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table' ORDER BY 1, 2"
        )
        indexes = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'index' ORDER BY 1"
    else:
        columns = (
            "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns "
            "WHERE table_schema = 'public' ORDER BY 1, 2"
        )
        indexes = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"
    return rows(engine, columns) + rows(engine, indexes)


def test_a_migrated_state_has_the_tables_of_a_new_one(
    migrated: Engine, version: int, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    found = shape(migrated)
    if migrated.statements.bytes_type == "BLOB":
        new = connect(f"sqlite:///{tmp_path}/new.db")
    else:
        new = connect(database(request.getfixturevalue("postgres_url"), f"new_state_{version}"))
    prepare(new, "longbridge", "longbridge.com")
    assert found == shape(new)
    new.close()


def crawl(worker: Worker) -> None:
    while leases := worker.claim(2):
        for lease in leases:
            number = number_of(lease.page)
            related = GRAPH.get((number, lease.page.locale), ())
            locales = LOCALES.get(number, (EN,))
            worker.commit((lease, article(lease.page, *related, text=f"text {number}", locales=locales)))


def written(folder: Path) -> list[str]:
    """The uids in the files of a data folder."""
    return sorted(
        json.loads(line)["uid"]
        for path in folder.glob("articles/dt=*/*.jsonl")
        for line in path.read_text(encoding="utf-8").splitlines()
    )


def test_an_unfinished_run_is_resumed_and_loses_and_repeats_nothing(migrated: Engine, tmp_path: Path) -> None:
    segments = Segments(migrated, tmp_path, DISK)
    # What the killed process had committed.
    assert segments.publish() == 1
    assert written(tmp_path) == [page(1, CHINESE).uid]
    worker = Worker(migrated, DISK)
    assert worker.open(plan(1)) is True
    assert worker.run_id == RUN_ID
    leased = worker.claim(9)
    assert [(lease.page, lease.via, lease.depth) for lease in leased] == [
        (page(2), "related", 1),
        (page(3, CHINESE), "related", 1),
    ]
    worker.give_back()
    crawl(worker)
    assert worker.is_exhausted()
    worker.finish("done")
    segments.publish()
    # All but the first, which stands in a file of the older version, and those that were known before.
    new = [(1, CHINESE), (2, EN), (3, EN), (3, CHINESE), (4, EN), (4, CHINESE)]
    assert written(tmp_path) == [page(number, locale).uid for number, locale in new]
    versions = rows(migrated, "SELECT uid, version FROM version ORDER BY uid, version")
    assert len(versions) == len(set(versions)) == 11
    counts = worker.count()
    assert counts.outcomes == {"read": 7, "skipped": 2, "failed": 1}
    assert counts.failed_starts == {}
    # The same pages and depths as where there never was an older version.
    calm = Worker(connect("sqlite://"))
    prepare(calm.engine, "longbridge", "longbridge.com")
    calm.open(plan(1))
    crawl(calm)
    pages = f"SELECT uid, depth FROM page WHERE run_id = '{RUN_ID}' ORDER BY uid"
    assert rows(migrated, pages) == calm.rows("SELECT uid, depth FROM page ORDER BY uid")
    calm.close()
    # What had failed is told, and can be asked for again.
    assert [crawl.failed for crawl in overview(migrated).crawls] == [[], [("HTTP 500", 1)]]
    assert retry_failed(migrated) == 1


def test_what_was_known_is_known(migrated: Engine) -> None:
    worker = opened(Worker(migrated), plan(7, 6, depth="1"))
    assert worker.run.resumed is False
    seven, six = worker.claim(5)
    assert (seven.page, seven.etag, seven.reader) == (page(7), '"text 7"', "longbridge-markdown/1")
    assert (six.page, six.etag, six.content_hash) == (page(6), None, None)
    results = [(seven, article(page(7), 8, text="text 7")), (six, article(page(6), text="text 6"))]
    # The text and what stands around it are those of the older version; a page that came back is a version.
    assert worker.commit(*results) == ["unchanged", "read"]
    assert [(line["uid"], line["version"]) for line in worker.lines()][1:] == [(page(6).uid, 3)]
    assert worker.lines("observations") == []
    # 8 is known and old: it is not asked for.
    assert worker.claim(5) == []
    assert worker.count().outcomes == {"unchanged": 1, "read": 1, "skipped": 1}


def test_a_page_that_is_gone_or_not_modified(migrated: Engine) -> None:
    worker = opened(Worker(migrated), plan(7, 6, depth="1"))
    seven, six = worker.claim(5)
    assert worker.commit((seven, NotModified()), (six, gone(page(6)))) == ["unchanged", "missing"]
    worker.finish("done")
    again = opened(Worker(migrated), plan(7))
    seven = again.claim_one()
    assert again.commit((seven, gone(page(7)))) == ["withdrawn"]
    (line,) = [line for line in again.lines() if line["uid"] == page(7).uid]
    assert (line["version"], line["url"], line["locale"]) == (2, page(7).url, EN)
    assert line["story_id"] == page(7).story_id


def test_all_rows_are_migrated_however_many(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "_BATCH", 2)
    test_pages_have_a_story_a_locale_and_an_address(_prepared(engine))
    test_articles_have_addresses_and_lead_to_addresses(engine)


def _prepared(engine: Engine) -> Engine:
    prepare(engine, "longbridge", "longbridge.com")
    return engine


def test_the_verbs_that_only_look_migrate_too(engine: Engine) -> None:
    migrate(engine)
    migrate(engine)
    test_words_that_changed(engine)


def test_a_migration_that_fails_leaves_the_state_as_it_was(
    engine: Engine, version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = shape(engine)

    def broken(_: Engine) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(schema, "_MIGRATIONS", (*schema._MIGRATIONS[:-1], (*schema._MIGRATIONS[-1], broken)))
        with pytest.raises(KeyboardInterrupt):
            prepare(engine, "longbridge", "longbridge.com")
    assert shape(engine) == before
    assert rows(engine, "SELECT value FROM meta WHERE key = 'schema_version'") == [(str(version),)]
    test_words_that_changed(_prepared(engine))


def test_another_origin_is_refused_and_nothing_is_migrated(engine: Engine, version: int) -> None:
    with pytest.raises(StateError, match=r"expected a start on longbridge\.com.*found one on loopback"):
        prepare(engine, "longbridge", "loopback")
    assert rows(engine, "SELECT value FROM meta WHERE key = 'schema_version'") == [(str(version),)]


def test_two_sites_share_one_state(migrated: Engine) -> None:
    prepare(migrated, "owls", "owls.example")
    prepare(migrated, "longbridge", "longbridge.com")
    assert dict(rows(migrated, "SELECT key, value FROM meta WHERE key <> 'schema_version'")) == {
        "origin longbridge": "longbridge.com",
        "origin owls": "owls.example",
    }
    for site, origin in (("owls", "mirror.example"), ("longbridge", "owls.example")):
        with pytest.raises(StateError, match=f"found one on {origin}"):
            prepare(migrated, site, origin)
