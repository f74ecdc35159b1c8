"""``newscrawl.symbols`` as a library: what its docstring shows is what it does."""

from __future__ import annotations

import doctest

from newscrawl import symbols


def test_the_example_in_the_docstring() -> None:
    result = doctest.testmod(symbols, optionflags=doctest.ELLIPSIS)
    assert (result.failed, result.attempted) == (0, 5)


def test_everything_that_is_promised_is_there() -> None:
    assert [name for name in symbols.__all__ if not hasattr(symbols, name)] == []
