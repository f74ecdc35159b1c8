"""What a step of refinement is: it fills its own fields of an article from the others."""

from __future__ import annotations

import hashlib
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from typing import ClassVar

from newscrawl.codes import WarningCode
from newscrawl.items import Article
from newscrawl.reference import version as reference_version
from newscrawl.sites.base import Site

# Of the SHA-256 of a step's tables, this many hex digits stand in the record.
_DIGITS = 8


class Step(ABC):
    """One step: a pure function from an article and its site to the same article, further filled.

    A step reads no clock and keeps no state, so running it again, also over a line written long ago, gives
    what today's code and tables say. Running it twice is the same as running it once.
    """

    name: ClassVar[str]
    """The field of ``items.RefinedWith`` that holds the step's version."""
    number: ClassVar[int] = 1
    """The version of the step's code; it goes up when the same input gives another result."""
    tables: ClassVar[tuple[tuple[str, str], ...]] = ()
    """The csv files that the step looks things up in, each as (package, file name)."""
    warnings: ClassVar[frozenset[WarningCode]] = frozenset()
    """The warnings that are this step's own: they are set again each time it runs."""
    uses_reference: ClassVar[bool] = False
    """Whether the step looks listings up (``newscrawl.reference``), whose version is part of its own then."""
    runs_on_withdrawn: ClassVar[bool] = False
    """Whether the step has something to say of a withdrawn line, which has no texts and no lists."""

    @abstractmethod
    def apply(self, article: Article, site: Site | None) -> Iterable[str]:
        """Fill the step's fields and return the codes of the warnings that were found.

        ``article.warnings`` still holds those of the step's last run. ``site`` is None where nothing is known
        of the source; what only a site can tell is not checked then.
        """

    def version(self, site: Site | None = None) -> str:
        """Return the version of code and tables, as in ``refined_with``: ``1`` or ``1+9b3c0f12``.

        With the reference: ``1+9b3c0f12+reference-5d0c3b1a``.
        """
        version = f"{self.number}+{digest(self.tables)}" if self.tables else str(self.number)
        return f"{version}+reference-{reference_version()}" if self.uses_reference else version

    def __call__(self, article: Article, site: Site | None = None) -> Article:
        """Run the step on an article, which is changed in place, and return it.

        Warnings end up sorted and each only once. A withdrawn line gets no new ones.
        """
        withdrawn = article.status == "withdrawn"
        if withdrawn and not self.runs_on_withdrawn:
            return article
        found = list(self.apply(article, site))
        if found or article.warnings:
            kept = {code for code in article.warnings if code not in self.warnings}
            article.warnings = sorted(kept if withdrawn else kept.union(found))
        lists = reference_version() if self.uses_reference else ""
        setattr(article.refined_with, self.name, _version(self, site, lists))
        return article


# A version changes only with the lists in use, and each article asks for eight.
@lru_cache(maxsize=256)
def _version(step: Step, site: Site | None, lists: str) -> str:  # noqa: ARG001 - a part of the key
    return step.version(site)


@lru_cache(maxsize=64)
def digest(tables: tuple[tuple[str, str], ...]) -> str:
    """Return the first 8 hex digits of the SHA-256 of some csv files, joined in this order.

    ``tables`` are (package, file name). It is what ``cat FILE… | sha256sum`` prints.
    """
    # As text, so that a checkout with other line ends has the same version.
    content = "".join(files(package).joinpath(name).read_text(encoding="utf-8") for package, name in tables)
    return hashlib.sha256(content.encode()).hexdigest()[:_DIGITS]


@lru_cache(maxsize=64)
def tables_of(kind: type[Site]) -> tuple[tuple[str, str], ...]:
    """Return the csv files in the folder of a site's class, sorted, as (package, file name)."""
    package = sys.modules[kind.__module__].__package__
    if not package:
        return ()
    names = sorted(entry.name for entry in files(package).iterdir() if entry.name.endswith(".csv"))
    return tuple((package, name) for name in names)
