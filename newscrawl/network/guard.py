"""Connections to addresses that are not public are refused, unless the start names the address itself.

Names are judged by the addresses that are really connected to, at the moment of each connection: a name may
resolve to another address the next time. What is behind a proxy the proxy resolves.
"""

from __future__ import annotations

import socket
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
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


# A crawl asks for pages of one host again and again.
@lru_cache(maxsize=256)
def _refused(host: str, start: str) -> str | None:
    """Return what is found where a host is an address that the start does not let in; None otherwise."""
    address = read_address(host)
    if address is not None and not lets_in(start, address):
        return str(address)
    return "this machine" if is_this_machine(host) and not is_this_machine(start) else None


class Guarded:
    """Holds the connections that are made inside of it to what the ``start`` of the crawl lets in.

    ``is_direct`` is False for a request through a proxy. The proxy is the user's own choice and may be
    anywhere; only a host that is no name is judged then. Raises NotPublic.
    """

    # A class: a generator takes several times as long, for each request.
    __slots__ = ("_attempt", "_host", "_is_direct", "_token")

    def __init__(self, host: str, start: str, *, is_direct: bool) -> None:
        # A connection that is kept would be used again without a look at its address.
        if (found := _refused(host, start)) is not None:
            raise NotPublic(host, found)
        self._host = host
        self._is_direct = is_direct
        self._attempt = _Attempt(start)

    def __enter__(self) -> None:
        self._token = _current.set(self._attempt if self._is_direct else None)

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        _current.reset(self._token)
        attempt = self._attempt
        if isinstance(error, Exception) and attempt.refused and not attempt.has_tried:
            raise NotPublic(self._host, str(attempt.refused[0])) from error
