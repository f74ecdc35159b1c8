"""From settings to an open state: where it is, whose it is, and whether it may be used."""

from __future__ import annotations

import secrets
from pathlib import Path

from scrapy.settings import BaseSettings
from scrapy.utils.conf import closest_scrapy_cfg

from newscrawl.archive.files import check_writable, holds_lines, sweep, unusable, write_once
from newscrawl.database.connect import connect
from newscrawl.database.engine import REMEDY, Engine
from newscrawl.database.schema import is_prepared, prepare
from newscrawl.exceptions import OutputError, StateError, StateLost
from newscrawl.sites.longbridge.address import LONGBRIDGE, Site

_LOOPBACK = ("localhost", "[::1]")


def data_dir(settings: BaseSettings) -> Path:
    """Return DATA_DIR as an absolute path; a relative one is relative to scrapy.cfg's folder."""
    config = closest_scrapy_cfg()
    return (Path(config).parent if config else Path.cwd()) / str(settings["DATA_DIR"])


def state_url(settings: BaseSettings) -> str:
    """Return STATE_URL with ``{DATA_DIR}`` filled in."""
    return str(settings["STATE_URL"]).replace("{DATA_DIR}", str(data_dir(settings)))


def sqlite_path(url: str) -> Path | None:
    """Return the file that a STATE_URL names; None for another engine, or memory."""
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


def open_for(site: Site, settings: BaseSettings) -> Engine:
    """Open the state for a crawl of a site, made or migrated where needed.

    Raises OutputError for an unusable data folder; StateError for a state that cannot be used, is
    another site's, or is not there although its lines are.
    """
    folder = data_dir(settings)
    check_writable(folder)
    sweep(folder)
    url = state_url(settings)
    lost = StateLost(f"{folder} holds lines, but the state that knows them is gone; {REMEDY}")
    path = sqlite_path(url)
    if path is not None and not path.exists() and holds_lines(folder):
        # Connecting would make an empty one.
        raise lost
    engine = connect(url)
    if not is_prepared(engine) and holds_lines(folder):
        engine.close()
        raise lost
    return _prepared(engine, origin_of(site))


def open_existing(settings: BaseSettings) -> Engine:
    """Open a state that is there already, for looking at it or mending it. Raises StateError."""
    url = state_url(settings)
    path = sqlite_path(url)
    if path is not None and not path.exists():
        raise StateLost(f"expected a state at {path}, found none; `scrapy crawl` makes it")
    engine = connect(url)
    if not is_prepared(engine):
        engine.close()
        raise StateLost(f"expected a state at {url.split('@')[-1]}, found an empty one")
    ((origin,),) = engine.read(lambda: engine.execute("SELECT value FROM meta WHERE key = 'origin'"))
    return _prepared(engine, origin)


def _prepared(engine: Engine, origin: str) -> Engine:
    try:
        prepare(engine, origin)
    except StateError:
        engine.close()
        raise
    return engine


def origin_of(site: Site) -> str:
    """Return what one state is about: the source, a mirror's host, or any replay on this machine."""
    if site == LONGBRIDGE:
        return site.host
    if site.host in _LOOPBACK or site.host.startswith("127."):
        return "loopback"
    return site.host


def worker_name(settings: BaseSettings) -> str:
    """Return the name of the disk that lines are published to: WORKER, or one kept in the folder.

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
