"""The first record of an archive file: what all requests of a run share."""

from __future__ import annotations

import json
import platform

import scrapy
from scrapy.settings import BaseSettings

from newscrawl import __version__
from newscrawl.database.engine import Engine
from newscrawl.database.statements.runs import READ_WARCINFO
from newscrawl.refine.dates import format_instant
from newscrawl.warc.records import CONFORMS_TO, make_warcinfo

# Of the request headers these are told; others may hold a password.
_TOLD = ("Accept-Encoding", "Accept-Language")


def shared_by_requests(settings: BaseSettings, accept: str) -> str:
    """Return what all requests of a crawl share, as JSON: fields of a ``warcinfo`` record.

    ``accept`` is the Accept header of the site's pages.
    """
    headers = {
        str(name).lower(): value for name, value in settings.getdict("DEFAULT_REQUEST_HEADERS").items()
    }
    fields = {
        "software": f"newscrawl/{__version__} Scrapy/{scrapy.__version__} Python/{platform.python_version()}",
        "robots": "obey" if settings.getbool("ROBOTSTXT_OBEY") else "ignore",
        "http-header-user-agent": str(settings["USER_AGENT"]),
        "http-header-accept": accept,
    }
    for name in _TOLD:
        if isinstance(value := headers.get(name.lower()), str):
            fields[f"http-header-{name.lower()}"] = value
    return json.dumps(fields)


def make_head(engine: Engine, run_id: str, filename: str) -> bytes:
    """Return the first record of a file. Inside a transaction, which keeps it: a file is always the same."""
    rows = engine.execute(READ_WARCINFO, (run_id,))
    shared: dict[str, str] = json.loads((rows[0][0] if rows else None) or "{}")
    fields = {"format": "WARC File Format 1.1", "conformsTo": CONFORMS_TO, "isPartOf": run_id, **shared}
    return make_warcinfo(fields, filename, format_instant(engine.now()))
