"""Connections to addresses that are not public are refused, unless the start names the address itself.

Names are judged by the addresses that are really connected to, at the moment of each connection: a name may
resolve to another address the next time. What is behind a proxy the proxy resolves.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from ipaddress import ip_address

from aiohttp import AddrInfoType
from scrapy.exceptions import IgnoreRequest

from newscrawl.network.public import IPAddress, is_this_machine, lets_in, read_address


class NotPublic(IgnoreRequest):
    """An address is not public, and no start names it. The page counts as failed and is not asked again."""

    def __init__(self, host: str, found: str) -> None:
        super().__init__(
            f"no connection to {host}: expected a public address, found {found} "
            "(a start that names the address itself, or ALLOW_PRIVATE=1, allows it)"
        )


@dataclass
class _Attempt:
    """What is known of the connection that a request makes: for which start, and what came of it."""

    start: str
    refused: list[IPAddress] = field(default_factory=list)
    has_tried: bool = False
    """An address was connected to, or it was tried."""


# Set in the task that makes a request; the tasks in which its connection is made inherit it.
_current: ContextVar[_Attempt | None] = ContextVar("attempt", default=None)


def make_socket(info: AddrInfoType) -> socket.socket:
    """Make the socket for one address of a connection. Raises OSError where the address is refused."""
    family, kind, protocol, _, place = info
    attempt = _current.get()
    if attempt is not None:
        address = ip_address(place[0])
        if not lets_in(attempt.start, address):
            attempt.refused.append(address)
            raise OSError(f"{address} is not a public address")
        attempt.has_tried = True
    return socket.socket(family=family, type=kind, proto=protocol)


@contextmanager
def guarded(host: str, start: str, *, is_direct: bool) -> Iterator[None]:
    """Hold the connections that are made inside to what the ``start`` of the crawl lets in.

    ``is_direct`` is False for a request through a proxy. The proxy is the user's own choice and may be
    anywhere; only a host that is no name is judged then. Raises NotPublic.
    """
    address = read_address(host)
    if address is not None and not lets_in(start, address):
        # A connection that is kept would be used again without a look at its address.
        raise NotPublic(host, str(address))
    if is_this_machine(host) and not is_this_machine(start):
        raise NotPublic(host, "this machine")
    attempt = _Attempt(start)
    token = _current.set(attempt if is_direct else None)
    try:
        yield
    except Exception as error:
        if attempt.refused and not attempt.has_tried:
            raise NotPublic(host, str(attempt.refused[0])) from error
        raise
    finally:
        _current.reset(token)
