"""What PostgreSQL's errors mean for a connection: whether it is lost, and whether another try may help."""

from __future__ import annotations

import re

import psycopg

# What libpq and the server say when another try brings the same. There are no codes for errors while a
# connection is made, only texts, and the server's may be in any language: what is not known is tried again.
_USELESS = re.compile(
    r"authentication failed|no password supplied|no pg_hba\.conf entry|pg_hba\.conf rejects"
    r"|does not exist|permission denied|is not permitted to log in|is not currently accepting connections"
    r"|does not support SSL|certificate|invalid .*option|unrecognized configuration parameter"
    r"|unsupported frontend protocol|invalid port",
    re.IGNORECASE,
)
_UNKNOWN_NAME = re.compile(r"could not translate host name|failed to resolve host", re.IGNORECASE)
# Beside an unknown name: another one of several hosts may be back soon.
_MAY_COME_BACK = re.compile(r"refused|timeout|timed out|No such file|FATAL|closed the connection|reset")


class CannotConnect(Exception):
    """No connection could be made. ``is_useless`` tells that another try brings the same."""

    def __init__(self, text: str, *, is_useless: bool = False) -> None:
        super().__init__(text)
        self.is_useless = is_useless


class Undecided(Exception):
    """The server does not know yet whether a transaction was committed."""

    def __init__(self) -> None:
        super().__init__("it is not known whether the last transaction was committed")


def cannot_connect(error: psycopg.Error, *, is_first: bool) -> CannotConnect:
    """Weigh why no connection could be made; ``is_first`` where there never was one.

    A name that cannot be resolved is taken for mistyped only then: later it is the network that is down.
    """
    text = str(error)
    is_unknown = _UNKNOWN_NAME.search(text) is not None and _MAY_COME_BACK.search(text) is None
    is_useless = (
        not isinstance(error, psycopg.OperationalError)
        or _USELESS.search(text) is not None
        or (is_first and is_unknown)
    )
    return CannotConnect(text, is_useless=is_useless)


def ends_connection(error: psycopg.Error) -> bool:
    """Tell whether an error of a statement means that another connection has to be made.

    Whether the connection itself is still there is for the caller to see.
    """
    if error.diag.severity_nonlocalized in ("FATAL", "PANIC"):
        return True
    # 08: connection exceptions. 25006: after a failover the old primary, or a copy, only reads.
    return error.sqlstate is not None and (error.sqlstate.startswith("08") or error.sqlstate == "25006")
