"""The pace of one site, by a clock that a test moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from newscrawl.queue.pace import Pace

if TYPE_CHECKING:
    from scrapy.core.downloader import Downloader


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Slot:
    def __init__(self, delay: float, lastseen: float) -> None:
        self.delay = delay
        self.lastseen = lastseen


class FakeDownloader:
    """As much of Scrapy's downloader as the pace looks at."""

    def __init__(self) -> None:
        self.slots: dict[str, Slot] = {}
        self.per_slot_settings: dict[str, dict[str, float]] = {}

    def typed(self) -> Downloader:
        return cast("Downloader", self)


HOST = "127.0.0.1"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def downloader() -> FakeDownloader:
    return FakeDownloader()


def test_first_request_leaves_at_once(clock: Clock, downloader: FakeDownloader) -> None:
    assert Pace(HOST, 5.0, clock).wait(downloader.typed()) == 0.0


def test_delay_between_requests(clock: Clock, downloader: FakeDownloader) -> None:
    pace = Pace(HOST, 5.0, clock)
    pace.left()
    assert pace.wait(downloader.typed()) == 5.0
    clock.now += 3
    assert pace.wait(downloader.typed()) == pytest.approx(2.0)
    clock.now += 10
    assert pace.wait(downloader.typed()) == 0.0


def test_without_a_delay_nothing_waits(clock: Clock, downloader: FakeDownloader) -> None:
    pace = Pace(HOST, 0.0, clock)
    pace.left()
    assert pace.wait(downloader.typed()) == 0.0


def test_a_transfer_that_began_late_counts(clock: Clock, downloader: FakeDownloader) -> None:
    pace = Pace(HOST, 5.0, clock)
    pace.left()
    clock.now += 4
    downloader.slots[HOST] = Slot(5.0, clock.now)
    assert pace.wait(downloader.typed()) == 5.0
    downloader.slots = {"localhost": Slot(5.0, clock.now)}
    assert pace.wait(downloader.typed()) == pytest.approx(1.0)


def test_hold(clock: Clock, downloader: FakeDownloader) -> None:
    pace = Pace(HOST, 0.0, clock)
    pace.hold(60)
    assert pace.wait(downloader.typed()) == 60.0
    # A shorter one does not shorten it, a longer one lengthens it.
    pace.hold(10)
    assert pace.wait(downloader.typed()) == 60.0
    clock.now += 30
    pace.hold(45)
    assert pace.wait(downloader.typed()) == 45.0
    clock.now += 45
    assert pace.wait(downloader.typed()) == 0.0


def test_the_longer_of_hold_and_delay_counts(clock: Clock, downloader: FakeDownloader) -> None:
    pace = Pace(HOST, 5.0, clock)
    pace.left()
    pace.hold(2)
    assert pace.wait(downloader.typed()) == 5.0
    pace.hold(7)
    assert pace.wait(downloader.typed()) == 7.0


def test_slow_down(clock: Clock, downloader: FakeDownloader) -> None:
    pace = Pace(HOST, 1.0, clock)
    downloader.slots[HOST] = Slot(1.0, 0.0)
    pace.left()
    pace.slow_down(10.0, downloader.typed())
    assert pace.wait(downloader.typed()) == 10.0
    assert downloader.slots[HOST].delay == 10.0
    # For a slot made anew, too.
    assert downloader.per_slot_settings == {HOST: {"delay": 10.0}}


def test_slow_down_never_speeds_up(clock: Clock, downloader: FakeDownloader) -> None:
    pace = Pace(HOST, 10.0, clock)
    downloader.slots[HOST] = Slot(10.0, 0.0)
    pace.slow_down(1.0, downloader.typed())
    assert pace.delay == 10.0
    assert downloader.slots[HOST].delay == 10.0
    assert downloader.per_slot_settings == {}
