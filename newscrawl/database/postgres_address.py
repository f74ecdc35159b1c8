"""What a postgresql:// address says, and which parts of it may be shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict

from newscrawl.exceptions import StateError

# Whatever else is in them may belong to a password that is not escaped.
_PLAIN_HOST = re.compile(r"[\w.,:/-]*", re.ASCII)
_PLAIN_NAME = re.compile(r"[\w.$-]*", re.ASCII)
# Keys that libpq does not mark as secrets, because nobody is asked for them.
_ALSO_SECRET = re.compile(r"password|secret|scram")


def parameters_of(url: str) -> dict[str, Any]:
    """Return what a postgresql:// address says, by libpq's names. Raises StateError, without the address.

    libpq decides. What it reads although a part of the password may have ended up elsewhere is refused: an
    ``@`` that is not escaped, besides the one before the host, and a port that is no number.
    """
    # libpq's own messages quote what they do not understand, which may be a part of the password.
    unreadable = StateError(
        "STATE_URL: expected postgresql://USER:PASSWORD@HOST:PORT/NAME with special characters as %XX, "
        "found one that cannot be read"
    )
    server, rest = re.match(r"([^/?]*)(.*)", url.partition("://")[2], re.DOTALL).groups()  # type: ignore[union-attr]
    if "@" in rest or server.count("@") > 1 or "\0" in url:
        raise unreadable
    try:
        found = conninfo_to_dict(url)
    except (psycopg.Error, UnicodeError):
        raise unreadable from None
    ports = str(found.get("port", "")).split(",")
    if not all(port.isdigit() for port in ports if port):
        raise unreadable
    return found


def show_postgres(url: str) -> str:
    """Return scheme, host, port and database name of an address; only its scheme where libpq refuses it."""
    hidden = f"{url.partition('://')[0]}://…"
    try:
        found = parameters_of(url)
    except StateError:
        return hidden
    host = found.get("host") or found.get("hostaddr") or ""
    name = found.get("dbname") or ""
    if not _PLAIN_HOST.fullmatch(host) or not _PLAIN_NAME.fullmatch(name):
        return hidden
    port = f":{found['port']}" if found.get("port") else ""
    return f"postgresql://{host}{port}/{name}"


def secrets_of(parameters: Mapping[str, Any]) -> frozenset[str]:
    """Return every secret of a connection in the spellings in which an error could show it.

    Which parameters are secrets is libpq's answer. What it takes from the environment (PGPASSWORD) is among
    them.
    """
    secret: set[str] = set()
    for option in pq.Conninfo.get_defaults():
        name = option.keyword.decode()
        if option.dispchar == b"*" or _ALSO_SECRET.search(name):
            default = None if option.val is None else option.val.decode(errors="replace")
            secret.update(str(value) for value in (parameters.get(name), default) if value)
    return frozenset(spelling for value in secret for spelling in _spellings(value))


def one_line(text: str, secrets: Iterable[str]) -> str:
    """Return an error's text as a line that shows no secret."""
    # The longest first: one may be a part of another.
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    return " ".join(text.split())


def _spellings(value: str) -> Iterable[str]:
    yield value
    yield " ".join(value.split()) or value
    yield quote(value, safe="")
    yield quote(value)
    yield repr(value)[1:-1]
    # As psycopg writes it for libpq.
    yield value.replace("\\", "\\\\").replace("'", "\\'")
