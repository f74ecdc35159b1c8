"""The tables of the state, and how an older state becomes today's."""

from __future__ import annotations

from collections.abc import Callable

from newscrawl.database.addresses import add_addresses
from newscrawl.database.engine import Engine, pairs
from newscrawl.database.statements.identity import MAKE_META, READ_META, SET_META, SET_META_ONCE
from newscrawl.exceptions import StateError

Migration = tuple[str | Callable[[Engine], None], ...]

# Each entry leads from the version before it; entries are added, never changed.
_MIGRATIONS: tuple[Migration, ...] = (
    (
        # One crawl: its arguments in one spelling, and, with -a run=NAME, its name.
        """CREATE TABLE run (
            run_id TEXT PRIMARY KEY, crawl_key TEXT NOT NULL, arguments TEXT NOT NULL,
            state TEXT NOT NULL, started_at TEXT NOT NULL, finished_at TEXT, verdict TEXT)""",
        # What makes two processes that begin the same crawl at once begin it once.
        "CREATE UNIQUE INDEX run_open ON run (crawl_key) WHERE state = 'running'",
        "CREATE INDEX run_latest ON run (crawl_key, started_at)",
        # The stories of a run in the order in which they were met.
        """CREATE TABLE story (
            run_id TEXT NOT NULL, story_id TEXT NOT NULL, number INTEGER NOT NULL,
            PRIMARY KEY (run_id, story_id))""",
        "CREATE INDEX story_order ON story (run_id, number)",
        # The pages of a run. state: 0 waiting, 1 leased, 2 done, 3 failed.
        """CREATE TABLE page (
            run_id TEXT NOT NULL, uid TEXT NOT NULL, state SMALLINT NOT NULL, depth INTEGER NOT NULL,
            story INTEGER NOT NULL, via TEXT NOT NULL, referrer TEXT, token INTEGER NOT NULL DEFAULT 0,
            holder TEXT, lease_until DOUBLE PRECISION, attempts INTEGER NOT NULL DEFAULT 0,
            outcome TEXT, error TEXT, PRIMARY KEY (run_id, uid))""",
        "CREATE INDEX page_queue ON page (run_id, state, depth, story, uid)",
        # What is known of an article in a locale, over all runs.
        """CREATE TABLE known (
            uid TEXT PRIMARY KEY, version INTEGER NOT NULL, status TEXT NOT NULL,
            content_hash TEXT NOT NULL, published_at TEXT, published_raw TEXT,
            first_seen_at TEXT NOT NULL, last_seen_at TEXT NOT NULL, etag TEXT, last_modified TEXT,
            unmodified INTEGER NOT NULL DEFAULT 0, surroundings TEXT NOT NULL, links TEXT NOT NULL)""",
        # Each line written, so that none can be written twice.
        """CREATE TABLE version (
            uid TEXT NOT NULL, version INTEGER NOT NULL, run_id TEXT NOT NULL,
            PRIMARY KEY (uid, version))""",
        # Committed lines until they stand in a file; segment is null until one is chosen.
        """CREATE TABLE line (
            id {serial}, worker TEXT NOT NULL, run_id TEXT NOT NULL, kind TEXT NOT NULL,
            day TEXT NOT NULL, segment INTEGER, content {bytes} NOT NULL)""",
        "CREATE INDEX line_segment ON line (worker, segment)",
        """CREATE TABLE segment (
            run_id TEXT NOT NULL, number INTEGER NOT NULL, worker TEXT NOT NULL, kind TEXT NOT NULL,
            day TEXT NOT NULL, published SMALLINT NOT NULL DEFAULT 0, lines INTEGER, sha256 TEXT,
            PRIMARY KEY (run_id, number))""",
        "CREATE INDEX segment_waiting ON segment (worker, published)",
    ),
    (
        # Runs in the order in which they were begun: a clock may be set back between two of them.
        "ALTER TABLE run ADD COLUMN number INTEGER NOT NULL DEFAULT 0",
        """UPDATE run SET number =
            (SELECT count(*) FROM run AS earlier WHERE earlier.started_at <= run.started_at)""",
        "DROP INDEX run_latest",
        "CREATE INDEX run_latest ON run (crawl_key, number)",
    ),
    (
        # A page and an article are known by an opaque uid, a story, a locale and an address.
        "ALTER TABLE page ADD COLUMN story_id TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE page ADD COLUMN locale TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE page ADD COLUMN url TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE known ADD COLUMN story_id TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE known ADD COLUMN locale TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE known ADD COLUMN url TEXT NOT NULL DEFAULT ''",
        # Which reader the content_hash was made with.
        "ALTER TABLE known ADD COLUMN reader TEXT NOT NULL DEFAULT 'longbridge-markdown/1'",
        "ALTER TABLE known RENAME COLUMN surroundings TO metadata_hash",
        # It counted leases, and nobody read it.
        "ALTER TABLE page DROP COLUMN attempts",
        # How often a process ended while it worked on a page, over all runs.
        "CREATE TABLE crash (uid TEXT PRIMARY KEY, crashes INTEGER NOT NULL)",
        "UPDATE page SET outcome = 'skipped' WHERE outcome = 'kept'",
        "UPDATE meta SET key = 'origin longbridge' WHERE key = 'origin'",
        add_addresses,
        "CREATE INDEX known_story ON known (story_id)",
        "CREATE INDEX page_story ON page (run_id, story, uid)",
    ),
    (
        # When the next request may leave for a host, and what the host asked for. Times are seconds since
        # 1970 by the state's clock. refused_since: since when it answers nothing but refusals; probe_at: when
        # one request may try again.
        """CREATE TABLE host (
            host TEXT PRIMARY KEY, next_at DOUBLE PRECISION NOT NULL DEFAULT 0,
            paused_until DOUBLE PRECISION NOT NULL DEFAULT 0,
            crawl_delay DOUBLE PRECISION NOT NULL DEFAULT 0,
            crawl_delay_until DOUBLE PRECISION NOT NULL DEFAULT 0,
            refused_since DOUBLE PRECISION, probe_at DOUBLE PRECISION NOT NULL DEFAULT 0,
            probe_pause DOUBLE PRECISION NOT NULL DEFAULT 0)""",
        # The delays of the processes that are running.
        """CREATE TABLE host_delay (
            host TEXT NOT NULL, holder TEXT NOT NULL, delay DOUBLE PRECISION NOT NULL,
            until DOUBLE PRECISION NOT NULL, PRIMARY KEY (host, holder))""",
        # On which disk a worker's files are: its name and, unless the state lies on it, an inode
        # (queue/identity.py).
        "CREATE TABLE worker (worker TEXT PRIMARY KEY, disk TEXT NOT NULL)",
    ),
    (
        # The time that the last commit of each run was given (queue/stamps.py).
        "CREATE TABLE stamp (run_id TEXT PRIMARY KEY, last_at TEXT NOT NULL)",
        "CREATE INDEX stamp_last ON stamp (last_at)",
        # What was committed before, whichever runs that were, under a name that no run has.
        """INSERT INTO stamp (run_id, last_at)
            SELECT 'before version 5', MAX(CASE WHEN first_seen_at > last_seen_at
                THEN first_seen_at ELSE last_seen_at END) FROM known HAVING COUNT(*) > 0""",
        # An archive record waits as a line does; entry is what the index of its file will say of it, head the
        # first record of that file, and warcinfo what all requests of a run share, as JSON.
        "ALTER TABLE line ADD COLUMN entry TEXT",
        "ALTER TABLE segment ADD COLUMN head {bytes}",
        "ALTER TABLE run ADD COLUMN warcinfo TEXT",
        # The last archived body of a page, and of each robots.txt, as warc.records.Body writes it out.
        "ALTER TABLE known ADD COLUMN archived TEXT",
        "CREATE TABLE robots_txt (url TEXT PRIMARY KEY, archived TEXT NOT NULL)",
    ),
    (
        # What a page showed in this run, and when it was last read (promises/facts.py).
        "ALTER TABLE page ADD COLUMN facts TEXT",
        "ALTER TABLE known ADD COLUMN facts TEXT NOT NULL DEFAULT ''",
        # How a run kept its promises, and the counts that later runs are compared with (promises/).
        """CREATE TABLE report (
            run_id TEXT PRIMARY KEY, arguments_key TEXT NOT NULL, number INTEGER NOT NULL,
            reader TEXT NOT NULL, is_healthy SMALLINT NOT NULL, profile TEXT NOT NULL, fresh TEXT NOT NULL,
            promises TEXT NOT NULL)""",
        "CREATE INDEX report_of_crawl ON report (arguments_key, reader, number)",
    ),
)
SCHEMA_VERSION = len(_MIGRATIONS)
_IDENTITY = "identity"


def prepare(engine: Engine, site: str, origin: str) -> None:
    """Make or migrate the tables. Raises StateError for a newer state, or one of another origin.

    ``origin`` is where the pages of the site come from: a state has one for each site, because articles
    of a mirror have the same uids.
    """
    if not engine.has_table("meta") or not engine.read(lambda: _is_current(engine, site, origin)):
        engine.transact(lambda: prepare_inside(engine, site, origin))


def migrate(engine: Engine) -> None:
    """Migrate an existing state, whatever it is about. Raises StateError for a newer one."""
    if engine.read(lambda: _read_meta(engine)).get("schema_version") != str(SCHEMA_VERSION):
        engine.transact(lambda: migrate_inside(engine))


def is_prepared(engine: Engine) -> bool:
    """Tell whether the state was ever made."""
    return engine.has_table("meta")


def read_identity(engine: Engine) -> str | None:
    """Return what the state, and each data folder that belongs to it, is known by; None before it has one."""
    return _read_meta(engine).get(_IDENTITY)


def make_identity(engine: Engine, identity: str) -> str:
    """Give the state an identity unless it has one; return the one that it has. Inside a transaction."""
    engine.execute(SET_META_ONCE, (_IDENTITY, identity))
    return _read_meta(engine)[_IDENTITY]


def _read_meta(engine: Engine) -> dict[str, str]:
    return pairs(engine.execute(READ_META))


def _is_current(engine: Engine, site: str, origin: str) -> bool:
    meta = _read_meta(engine)
    return meta.get("schema_version") == str(SCHEMA_VERSION) and meta.get(_origin_key(site)) == origin


def _origin_key(site: str) -> str:
    return f"origin {site}"


def lock_run(engine: Engine, run_id: str) -> None:
    """Wait until no other worker of the run is in a transaction that takes this lock.

    What adds pages and stories to a run, or hands out numbers of it, does so one worker at a time, and
    takes this lock before any other, so that workers cannot deadlock. On SQLite only one transaction
    writes at a time anyway.
    """
    if (sql := engine.statements.lock_run) is not None:
        engine.execute(sql, (run_id,))


def prepare_inside(engine: Engine, site: str, origin: str) -> None:
    """Do the same as :func:`prepare` inside a transaction of the caller's."""
    migrate_inside(engine)
    known = _read_meta(engine).get(_origin_key(site), origin)
    if known != origin:
        raise StateError(
            f"expected a start on {known}, which this state is about, found one on {origin}; "
            "choose another DATA_DIR or STATE_URL"
        )
    _save_meta(engine, _origin_key(site), origin)


def migrate_inside(engine: Engine) -> None:
    """Make or migrate the tables inside a transaction of the caller's."""
    statements = engine.statements
    if statements.lock_tables is not None:
        # Workers that begin together: the first makes the tables, the others wait here.
        engine.execute(statements.lock_tables)
    engine.execute(MAKE_META)
    version = int(_read_meta(engine).get("schema_version", "0"))
    if version > SCHEMA_VERSION:
        raise StateError(
            f"the state is of version {version}, this newscrawl knows up to {SCHEMA_VERSION}: use a newer one"
        )
    for steps in _MIGRATIONS[version:]:
        for step in steps:
            if callable(step):
                step(engine)
            else:
                engine.execute(
                    step.replace("{serial}", statements.serial_type).replace("{bytes}", statements.bytes_type)
                )
    _save_meta(engine, "schema_version", str(SCHEMA_VERSION))


def _save_meta(engine: Engine, key: str, value: str) -> None:
    engine.execute(SET_META, (key, value))
