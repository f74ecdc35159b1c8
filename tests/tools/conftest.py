"""What the tests of other people's tools share: the sample site, and what a plain crawl of it writes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.crawl.crawl_runs import FAST, Record, comparable, crawl
from tests.crawl.faulty_site import FaultySite
from tests.tools.checkout import START


@pytest.fixture
def site() -> Iterator[FaultySite]:
    """The sample site on a port of its own."""
    with FaultySite().serving() as serving:
        yield serving


@pytest.fixture(scope="session")
def expected(tmp_path_factory: pytest.TempPathFactory) -> list[Record]:
    """The lines of ``scrapy crawl`` from a checkout, three hops deep."""
    with FaultySite().serving() as serving:
        run = crawl(serving.origin + START, tmp_path_factory.mktemp("plain") / "data", "-a", "depth=3", *FAST)
    run.check(0)
    assert len(run.lines()) == 89
    return comparable(run.lines())
