"""An extension that gives a crawl names of its own, so that tests can say where a host is, on loopback."""

from __future__ import annotations

import json
import socket
from collections import Counter
from ipaddress import IPv4Network
from typing import Any, Self

import aiohttp.connector
from scrapy.crawler import Crawler

from newscrawl.network import public

PUBLIC = "127.0.0.1"


class FakeNames:
    """Resolves by the setting NAMES: the addresses of each name, one list for each time it is asked for.

    127.0.0.1 stands for a public address; all others of 127.0.0.0/8 are what they are. No answer is kept, as
    where a server gives its name a lifetime of 0.
    """

    def __init__(self, names: dict[str, list[list[str]]]) -> None:
        self._names = names
        self._asked: Counter[str] = Counter()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        names = cls(json.loads(crawler.settings["NAMES"]))
        # For the process of this one crawl.
        socket.getaddrinfo = names.getaddrinfo  # type: ignore[assignment]
        aiohttp.connector._DNSCacheTable.__contains__ = lambda *_: False  # type: ignore[method-assign]
        if crawler.settings.getbool("LOOPBACK_IS_PUBLIC"):
            loopback = IPv4Network("127.0.0.0/8")
            others = [network for network in public._NOT_PUBLIC if network != loopback]
            public._NOT_PUBLIC = [*others, *loopback.address_exclude(IPv4Network(PUBLIC))]
        return names

    def getaddrinfo(self, host: str, port: int, *_: object, **__: object) -> list[Any]:
        lists = self._names[host.rstrip(".")]
        found = lists[min(self._asked[host], len(lists) - 1)]
        self._asked[host] += 1
        kind, protocol = socket.SOCK_STREAM, socket.IPPROTO_TCP
        return [
            (socket.AF_INET6, kind, protocol, "", (address, port, 0, 0))
            if ":" in address
            else (socket.AF_INET, kind, protocol, "", (address, port))
            for address in found
        ]
