"""Scrapy's stats and signals, without the work that nobody asks for. Both are called many times a page."""

from __future__ import annotations

from typing import Any

from pydispatch.dispatcher import Any as AnySender
from pydispatch.dispatcher import getReceivers
from scrapy.signalmanager import SignalManager
from scrapy.statscollectors import MemoryStatsCollector


class QuickStats(MemoryStatsCollector):
    """Scrapy's own, which looks at each call for an argument that was removed from its interface."""

    def __getattribute__(self, name: str) -> Any:
        return object.__getattribute__(self, name)


class QuickSignals(SignalManager):
    """Scrapy's own, which prepares a signal also where nobody listens: five of the six that a page sends."""

    def send_catch_log(self, signal: Any, **kwargs: Any) -> list[tuple[Any, Any]]:
        """Send a signal; return (receiver, result) of each receiver, none where there is none."""
        for sender in (kwargs.get("sender", self.sender), AnySender):
            if getReceivers(sender, signal) or getReceivers(sender, AnySender):
                return super().send_catch_log(signal, **kwargs)
        return []
