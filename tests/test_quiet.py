"""Stats and signals that do less work: each call has the results of Scrapy's own."""

from __future__ import annotations

import asyncio
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from pydispatch import dispatcher
from pydispatch.dispatcher import Any as AnySender
from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import StopDownload
from scrapy.http import Request
from scrapy.signalmanager import SignalManager
from scrapy.statscollectors import MemoryStatsCollector
from scrapy.utils._download_handlers import check_stop_download
from twisted.internet.defer import Deferred, succeed
from twisted.python.failure import Failure

from newscrawl.quiet import QuickSignals, QuickStats

KINDS = (SignalManager, QuickSignals)
SIGNAL, OTHER = object(), object()


class Receivers:
    """Notes what it is called with."""

    def __init__(self) -> None:
        self.told: list[tuple[str, object]] = []

    def first(self, signal: object, sender: object, word: str = "") -> str:
        self.told.append(("first", word))
        return "first"

    def second(self) -> None:
        self.told.append(("second", None))

    async def slow(self, word: str = "") -> str:
        await asyncio.sleep(0)
        self.told.append(("slow", word))
        return "slow"

    def deferred(self) -> Deferred[str]:
        self.told.append(("deferred", None))
        return succeed("deferred")

    async def slow_failing(self) -> None:
        await asyncio.sleep(0)
        self.told.append(("slow_failing", None))
        raise ValueError("slow no")

    def failing(self) -> None:
        self.told.append(("failing", None))
        raise ValueError("no")


@pytest.fixture(autouse=True)
def nobody_else() -> Iterator[None]:
    """Connections of one test are none of the next: an exception may keep its receiver alive."""
    yield
    _disconnect_all()


def _disconnect_all() -> None:
    for table in (dispatcher.connections, dispatcher.senders, dispatcher.sendersBack):
        table.clear()


@pytest.fixture
def receivers() -> Receivers:
    # Connections are weak: they end with it.
    return Receivers()


def _connected(case: str, manager: SignalManager, receivers: Receivers) -> None:
    match case:
        case "one":
            manager.connect(receivers.first, SIGNAL)
        case "two":
            manager.connect(receivers.first, SIGNAL)
            manager.connect(receivers.second, SIGNAL)
        case "another signal":
            manager.connect(receivers.first, OTHER)
        case "any signal":
            manager.connect(receivers.first, AnySender)
        case "any sender":
            manager.connect(receivers.first, SIGNAL, sender=AnySender)
        case "any of both":
            manager.connect(receivers.first, AnySender, sender=AnySender)
        case "a failure between":
            manager.connect(receivers.first, SIGNAL)
            manager.connect(receivers.failing, SIGNAL)
            manager.connect(receivers.second, SIGNAL)
        case "another sender":
            manager.connect(receivers.first, SIGNAL, sender="another")
        case "disconnected":
            manager.connect(receivers.first, SIGNAL)
            manager.disconnect(receivers.first, SIGNAL)
        case _:
            assert case == "none"


CASES = {
    "none": 0, "one": 1, "two": 2, "another signal": 0, "any signal": 1, "any sender": 1, "any of both": 1,
    "a failure between": 3, "another sender": 0, "disconnected": 0,
}  # fmt: skip


def _results(results: list[tuple[Any, Any]]) -> list[tuple[str, object]]:
    return [
        (receiver.__name__, repr(result.value) if isinstance(result, Failure) else result)
        for receiver, result in results
    ]


@pytest.mark.parametrize("case", CASES)
def test_signals(case: str, caplog: pytest.LogCaptureFixture) -> None:
    found = []
    for kind in KINDS:
        caplog.clear()
        receivers, sender = Receivers(), object()
        manager = kind(sender)
        _connected(case, manager, receivers)
        results = _results(manager.send_catch_log(SIGNAL, word="hello"))
        logged = [record.getMessage().partition(":")[0] for record in caplog.records]
        found.append((results, receivers.told, logged))
    assert found[0] == found[1]
    results, told, logged = found[1]
    assert len(results) == len(told) == CASES[case]
    assert logged == (["Error caught on signal handler"] if case == "a failure between" else [])


SLOW = {"slow": 0, "deferred": 0, "failing": 1, "slow_failing": 1}


@pytest.mark.parametrize("case", [*CASES, *SLOW])
def test_asynchronous_signals(case: str, caplog: pytest.LogCaptureFixture) -> None:
    found = []
    for kind in KINDS:
        caplog.clear()
        receivers, sender = Receivers(), object()
        manager = kind(sender)
        if case in SLOW:
            manager.connect(getattr(receivers, case), SIGNAL)
        else:
            _connected(case, manager, receivers)
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            sent = asyncio.run(manager.send_catch_log_async(SIGNAL, word="hello"))
        results = [(receiver.__name__, repr(result)) for receiver, result in sent]
        logged = [(record.getMessage().partition(":")[0], bool(record.exc_info)) for record in caplog.records]
        found.append((results, receivers.told, logged, [str(warning.message) for warning in warned]))
        _disconnect_all()
    assert found[0] == found[1]
    results, told, logged, _ = found[1]
    assert len(results) == len(told) == CASES.get(case, 1)
    failures = SLOW.get(case, case == "a failure between")
    assert logged == [("Error caught on signal handler", True)] * failures


@pytest.mark.parametrize("kind", KINDS)
def test_asynchronous_signals_of_what_need_not_be_logged(
    kind: type[SignalManager], receivers: Receivers, caplog: pytest.LogCaptureFixture
) -> None:
    manager = kind("own")
    manager.connect(receivers.failing, SIGNAL)
    ((_, result),) = asyncio.run(manager.send_catch_log_async(SIGNAL, dont_log=ValueError))
    assert isinstance(result, ValueError)
    assert caplog.records == []


@pytest.mark.parametrize("kind", KINDS)
def test_signals_of_a_given_sender(kind: type[SignalManager], receivers: Receivers) -> None:
    manager = kind("own")
    manager.connect(receivers.first, SIGNAL, sender="given")
    assert manager.send_catch_log(SIGNAL) == []
    assert _results(manager.send_catch_log(SIGNAL, sender="given")) == [("first", "first")]


@pytest.mark.parametrize("kind", KINDS)
def test_a_receiver_that_is_gone_is_not_called(kind: type[SignalManager]) -> None:
    manager, receivers = kind("own"), Receivers()
    manager.connect(receivers.first, SIGNAL)
    del receivers
    assert manager.send_catch_log(SIGNAL) == []


def test_what_was_connected_before_stays_connected(receivers: Receivers) -> None:
    # As a spider replaces the crawler's signals.
    crawler = Crawler(Spider)
    crawler.signals.connect(receivers.first, SIGNAL)
    crawler.signals = QuickSignals(crawler)
    assert _results(crawler.signals.send_catch_log(SIGNAL)) == [("first", "first")]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("signal", [signals.headers_received, signals.bytes_received])
def test_a_download_can_be_stopped(
    kind: type[SignalManager], signal: object, caplog: pytest.LogCaptureFixture
) -> None:
    crawler = Crawler(Spider)
    crawler.signals = kind(crawler)
    stop = StopDownload(fail=False)

    def receiver() -> None:
        raise stop

    request = Request("http://127.0.0.1/")
    assert check_stop_download(signal, crawler, request) is None
    crawler.signals.connect(receiver, signal)
    with caplog.at_level(logging.ERROR):
        assert check_stop_download(signal, crawler, request) is stop
    assert caplog.records == []


# Method by method: several calls, each with its arguments.
CALLS: dict[str, list[tuple[Any, ...]]] = {
    "get_value": [("a",), ("b",), ("b", 7)],
    "get_stats": [()],
    "set_value": [("b", "text"), ("a", None)],
    "set_stats": [({"c": 1},)],
    "inc_value": [("a",), ("a", 3), ("b", 2, 10), ("b",)],
    "max_value": [("a", 3), ("a", 2), ("b", 0)],
    "min_value": [("a", 3), ("a", -2), ("b", 0)],
    "clear_stats": [()],
    "open_spider": [()],
    "close_spider": [()],
    "__str__": [()],
}


@pytest.mark.parametrize("call", CALLS)
def test_stats(call: str, caplog: pytest.LogCaptureFixture) -> None:
    found = []
    for kind in (MemoryStatsCollector, QuickStats):
        crawler = Crawler(Spider)
        crawler.spider = Spider("own")
        stats = kind(crawler)
        stats.set_value("a", 1)
        caplog.clear()
        with caplog.at_level(logging.INFO):
            result = [getattr(stats, call)(*arguments) for arguments in CALLS[call]]
        logged = [record.getMessage() for record in caplog.records]
        found.append((result, stats.get_stats(), stats.spider_stats, logged))
    assert found[0] == found[1]


def test_every_method_of_stats_is_compared() -> None:
    methods = {name for name in dir(MemoryStatsCollector) if not name.startswith("_")}
    assert methods == set(CALLS) - {"__str__"}
