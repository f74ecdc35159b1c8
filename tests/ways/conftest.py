"""One site and the lines of ``scrapy crawl``, which all other ways are compared with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.crawl.crawl_runs import FAST, Record, comparable, crawl
from tests.crawl.faulty_site import FaultySite
from tests.ways.programs import FIRST


@pytest.fixture(scope="session")
def site() -> Iterator[FaultySite]:
    """A site that no test changes."""
    with FaultySite().serving() as site:
        yield site


@pytest.fixture(scope="session")
def expected(site: FaultySite, tmp_path_factory: pytest.TempPathFactory) -> list[Record]:
    """The comparable lines of ``scrapy crawl`` from the start of the sample, with default arguments."""
    run = crawl(site.origin + FIRST.path, tmp_path_factory.mktemp("expected"), *FAST)
    run.check(0)
    assert len(run.lines()) == 18
    return comparable(run.lines())
