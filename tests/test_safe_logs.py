"""Logs in which nothing can steer a terminal, whoever wrote the message."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from newscrawl.safe_logs import SafeFormatter, escape_logs


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """What a handler of the root logger writes; its handlers are as they were afterwards."""
    before = [(handler, handler.formatter) for handler in logging.root.handlers]
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    logging.root.addHandler(handler)
    yield stream
    logging.root.removeHandler(handler)
    for other, formatter in before:
        other.setFormatter(formatter)


def _fail() -> None:
    raise ValueError("of \x9b2J a page")


def test_messages_and_tracebacks_are_escaped_and_keep_their_lines(stream: io.StringIO) -> None:
    escape_logs()
    escape_logs()
    try:
        _fail()
    except ValueError:
        logging.getLogger("another.library").exception("dropped: %s\nand a line", "\u202egnp.exe \x1b[2J")
    told = stream.getvalue().splitlines()
    assert told[0] == r"ERROR: dropped: U+202Egnp.exe \x1b[2J"
    assert told[1] == "and a line"
    assert told[2].startswith("Traceback")
    assert told[-1] == r"ValueError: of \x9b2J a page"


def test_a_handler_without_a_formatter_writes_the_message_alone() -> None:
    record = logging.makeLogRecord({"msg": "hello \x7f"})
    assert SafeFormatter(None).format(record) == r"hello \x7f"
