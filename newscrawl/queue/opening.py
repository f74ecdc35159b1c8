"""From settings to an open state: where it is, whose it is, and whether it may be used."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from scrapy.settings import BaseSettings
from scrapy.utils.conf import closest_scrapy_cfg

from newscrawl.archive.files import check_writable, holds_lines, sweep, unusable, write_once
from newscrawl.archive.segments import Segments
from newscrawl.archive.warc_heads import shared_by_requests
from newscrawl.checked_settings import backfill_lag
from newscrawl.database.connect import connect, show_state, wrong_address
from newscrawl.database.engine import REMEDY, Engine
from newscrawl.database.interruption import Interruption
from newscrawl.database.schema import is_prepared, migrate, prepare
from newscrawl.database.statements.runs import SET_WARCINFO
from newscrawl.exceptions import OutputError, StateError, StateLost
from newscrawl.plan import Plan
from newscrawl.queue.identity import Home, refuse_other_state, settle
from newscrawl.queue.in_progress import MOST_CRASHES, InProgress, count_crashes
from newscrawl.queue.runs import Run, open_run
from newscrawl.sites.base import Origin, scope_of

logger = logging.getLogger(__name__)


class OpenState(NamedTuple):
    """What a crawl works with once its state is open."""

    run: Run
    segments: Segments
    in_progress: InProgress


def open_state(plan: Plan, settings: BaseSettings, interruption: Interruption | None = None) -> OpenState:
    """Open the state and begin or resume the run of a plan. May wait for other processes.

    ``interruption`` ends that from another thread. Raises StateError, OutputError, AlreadyRunning and
    AlreadyFinished.
    """
    engine = open_engine(plan.origin, settings, interruption)
    with closed_on_error(engine):
        return _open_state(engine, plan, settings)


def _open_state(engine: Engine, plan: Plan, settings: BaseSettings) -> OpenState:
    folder = data_dir(settings)
    worker = worker_name(settings)
    segments = Segments(engine, folder, worker)
    if not segments.lock_disk():
        raise StateError(
            f"the lines of the worker {worker} are being published to another disk, or new readings of them "
            "adopted; try again when that is done"
        )
    settle(home_of(engine, settings), worker)
    # What a killed process had committed is published before anything else, also where there turns out to be
    # nothing left to crawl.
    segments.publish()
    run = open_run(
        engine,
        plan,
        worker=worker,
        lease_seconds=settings.getfloat("LEASE_SECONDS"),
        backfill_lag=backfill_lag(settings),
    )
    # From now on the files of this run must stay, also those that an earlier process of it published.
    segments.run_id = run.run_id
    segments.check_files(run.run_id)
    if settings.getbool("ARCHIVE"):
        shared = shared_by_requests(settings, plan.site.accept)
        engine.transact(lambda: engine.execute(SET_WARCINFO, (shared, run.run_id)))
    places = folder / "state" / "in-progress"
    try:
        for uid, crashes in count_crashes(engine, places):
            logger.warning(
                "a process ended while it worked on %s (%d of %d times)", uid, crashes, MOST_CRASHES
            )
        return OpenState(run, segments, InProgress(places))
    except OSError as error:
        raise unusable(folder, error) from None


def data_dir(settings: BaseSettings) -> Path:
    """Return DATA_DIR as an absolute path; a relative one is relative to scrapy.cfg's folder."""
    config = closest_scrapy_cfg()
    return (Path(config).parent if config else Path.cwd()) / str(settings["DATA_DIR"])


def reference_dir(settings: BaseSettings) -> Path:
    """Return the folder of the lists that ``scrapy reference`` keeps, beside the data."""
    return data_dir(settings) / "reference"


def state_url(settings: BaseSettings) -> str:
    """Return STATE_URL with ``{DATA_DIR}`` filled in. Raises StateError where it names no state."""
    url = str(settings["STATE_URL"])
    # Before anything is said of it.
    if (text := wrong_address(url)) is not None:
        raise StateError(text)
    return url.replace("{DATA_DIR}", str(data_dir(settings)))


def sqlite_path(url: str) -> Path | None:
    """Return the file that a STATE_URL names; None for another engine, or memory."""
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


def home_of(engine: Engine, settings: BaseSettings) -> Home:
    """Return the data folder of these settings beside the state, which is open."""
    folder, url = data_dir(settings), state_url(settings)
    path = sqlite_path(url)
    is_inside = path is not None and path.resolve().is_relative_to(folder.resolve())
    beside = path.resolve().parent if path is not None and not is_inside else None
    return Home(engine, folder, show_state(url), is_inside, beside)


def open_engine(origin: Origin, settings: BaseSettings, interruption: Interruption | None = None) -> Engine:
    """Open the state for a crawl of an origin, made or migrated where needed.

    Raises OutputError for an unusable data folder; StateError for a state that cannot be used, is about
    another origin or folder, or is not there although its lines are.
    """
    folder = data_dir(settings)
    check_writable(folder)
    sweep(folder)
    url = state_url(settings)
    lost = StateLost(
        f"{folder} holds lines, but the state that knows them is gone: expected it at {show_state(url)}, "
        f"found none; choose another DATA_DIR or STATE_URL, or {REMEDY}"
    )
    path = sqlite_path(url)
    if path is not None and not path.exists() and holds_lines(folder):
        # Connecting would make an empty one.
        raise lost
    engine = connect(url, timeout=settings.getfloat("STATE_TIMEOUT"), interruption=interruption)
    with closed_on_error(engine):
        if not is_prepared(engine) and holds_lines(folder):
            raise lost
        # Before anything is changed in it.
        refuse_other_state(home_of(engine, settings))
        prepare(engine, origin.site.name, scope_of(origin))
    return engine


def open_existing(settings: BaseSettings) -> Engine:
    """Open a state that is there already, for looking at it or mending it. Raises StateError."""
    url = state_url(settings)
    path = sqlite_path(url)
    if path is not None and not path.exists():
        raise StateLost(f"expected a state at {path}, found none; `scrapy crawl` makes it")
    engine = connect(url, timeout=settings.getfloat("STATE_TIMEOUT"))
    with closed_on_error(engine):
        if not is_prepared(engine):
            raise StateLost(f"expected a state at {show_state(url)}, found an empty one")
        migrate(engine)
    return engine


@contextmanager
def closed_on_error(engine: Engine) -> Iterator[None]:
    """Close the engine where the block raises, and only there."""
    try:
        yield
    except BaseException:
        engine.close()
        raise


def worker_name(settings: BaseSettings) -> str:
    """Return the name of the disk that lines are published to: WORKER, or one stored in the folder.

    It belongs to the folder and not to the process, so that a restart publishes what a killed process
    had committed. Raises OutputError.
    """
    if settings["WORKER"]:
        return str(settings["WORKER"])
    path = data_dir(settings) / "state" / "worker"
    try:
        name = write_once(path, f"{secrets.token_hex(8)}\n".encode()).decode(errors="replace").strip()
    except OSError as error:
        raise unusable(path.parent, error) from None
    if not name:
        # A new name here would leave what was committed under the old one behind.
        raise OutputError(f"expected a worker's name in {path}, found nothing; write back what was there")
    return name
