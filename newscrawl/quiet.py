"""Scrapy's stats and signals, without the work that nobody asks for. Both are called many times a page."""

from __future__ import annotations

import logging
from inspect import isawaitable
from typing import Any

from pydispatch.dispatcher import Any as AnySender
from pydispatch.dispatcher import connections, getAllReceivers, liveReceivers
from pydispatch.robustapply import robustApply
from scrapy.signalmanager import SignalManager
from scrapy.statscollectors import MemoryStatsCollector
from scrapy.utils.defer import ensure_awaitable
from scrapy.utils.python import global_object_name
from twisted.internet.defer import Deferred

logger = logging.getLogger(__name__)


_NOBODY: dict[Any, Any] = {}


class QuickStats(MemoryStatsCollector):
    """Scrapy's own, which looks at each call for an argument that was removed from its interface."""

    def __getattribute__(self, name: str) -> Any:
        return object.__getattribute__(self, name)


class QuickSignals(SignalManager):
    """Scrapy's own, which prepares a signal also where nobody listens: five of the six that a page sends."""

    def send_catch_log(self, signal: Any, **kwargs: Any) -> list[tuple[Any, Any]]:
        """Send a signal; return (receiver, result) of each receiver, none where there is none."""
        for sender in (kwargs.get("sender", self.sender), AnySender):
            # By sender and signal; what getReceivers() gives, which is called four times as often as a page.
            receivers = connections.get(id(sender), _NOBODY)
            if receivers.get(signal) or receivers.get(AnySender):
                return super().send_catch_log(signal, **kwargs)
        return []

    async def send_catch_log_async(self, signal: Any, **kwargs: Any) -> list[tuple[Any, Any]]:
        """Send a signal whose receivers may be asynchronous; return (receiver, result or exception) of each.

        A single receiver is called here. Scrapy makes a task for each, that all run at the same time.
        """
        kwargs.setdefault("sender", self.sender)
        receivers = tuple(liveReceivers(getAllReceivers(kwargs["sender"], signal)))
        if len(receivers) != 1 or "dont_log" in kwargs:
            return await super().send_catch_log_async(signal, **kwargs)
        (receiver,) = receivers
        try:
            result = robustApply(receiver, signal=signal, **kwargs)
            if isinstance(result, Deferred) or isawaitable(result):
                result = await ensure_awaitable(result, _warn=global_object_name(receiver))
        except Exception as error:
            extra = {"spider": kwargs.get("spider")}
            logger.exception(
                "Error caught on signal handler: %(receiver)s", {"receiver": receiver}, extra=extra
            )
            result = error
        return [(receiver, result)]
