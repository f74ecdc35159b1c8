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
    assert Pace(HOST, 5.0, clock).seconds_left(downloader.typed()) == 0.0


def test_delay_between_requests(clock: Clock, downloader: FakeDownloader) -> None:
    pace = Pace(HOST, 5.0, clock)
    pace.note_request()
    assert pace.seconds_left(downloader.typed()) == 5.0
    clock.now += 3
    assert pace.seconds_left(downloader.typed()) == pytest.approx(2.0)
    clock.now += 10
    assert pace.seconds_left(downloader.typed()) == 0.0


def test_without_a_delay_nothing_waits(clock: Clock, downloader: FakeDownloader) -> None:
    pace = Pace(HOST, 0.0, clock)
    pace.note_request()
    assert pace.seconds_left(downloader.typed()) == 0.0


def test_a_transfer_that_began_late_counts(clock: Clock, downloader: FakeDownloader) -> None:
    pace = Pace(HOST, 5.0, clock)
    pace.note_request()
    clock.now += 4
    downloader.slots[HOST] = Slot(5.0, clock.now)
    assert pace.seconds_left(downloader.typed()) == 5.0
    downloader.slots = {"localhost": Slot(5.0, clock.now)}
    assert pace.seconds_left(downloader.typed()) == pytest.approx(1.0)


def test_pause(clock: Clock, downloader: FakeDownloader) -> None:
    pace = Pace(HOST, 0.0, clock)
    pace.pause(60)
    assert pace.seconds_left(downloader.typed()) == 60.0
    # A shorter one does not shorten it, a longer one lengthens it.
    pace.pause(10)
    assert pace.seconds_left(downloader.typed()) == 60.0
    clock.now += 30
    pace.pause(45)
    assert pace.seconds_left(downloader.typed()) == 45.0
    clock.now += 45
    assert pace.seconds_left(downloader.typed()) == 0.0


def test_the_longer_of_pause_and_delay_counts(clock: Clock, downloader: FakeDownloader) -> None:
    pace = Pace(HOST, 5.0, clock)
    pace.note_request()
    pace.pause(2)
    assert pace.seconds_left(downloader.typed()) == 5.0
    pace.pause(7)
    assert pace.seconds_left(downloader.typed()) == 7.0


def test_a_request_that_was_handed_out_does_not_wait_for_itself(
    clock: Clock, downloader: FakeDownloader
) -> None:
    pace = Pace(HOST, 5.0, clock)
    pace.note_request()
    assert pace.seconds_left(downloader.typed(), handed_out=True) == 0.0
    # Another transfer, such as that of robots.txt, came between.
    downloader.slots[HOST] = Slot(5.0, clock.now)
    assert pace.seconds_left(downloader.typed(), handed_out=True) == 5.0


def test_slow_down(clock: Clock, downloader: FakeDownloader) -> None:
    pace = Pace(HOST, 1.0, clock)
    downloader.slots[HOST] = Slot(1.0, 0.0)
    pace.note_request()
    pace.slow_down(10.0, downloader.typed())
    assert pace.seconds_left(downloader.typed()) == 10.0
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
