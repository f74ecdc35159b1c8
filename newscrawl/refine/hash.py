"""The hash by which two versions of an article have the same text."""

from __future__ import annotations

from newscrawl.codes import WarningCode
from newscrawl.items import Article
from newscrawl.refine.step import Step
from newscrawl.sites.base import Site
from newscrawl.text.cleaning import content_hash


class HashStep(Step):
    """``content_hash``: a new one makes a new version."""

    name = "hash"

    def apply(self, article: Article, site: Site | None) -> tuple[WarningCode, ...]:
        """Fill ``content_hash`` from title, description and body, see ``text.cleaning.content_hash``."""
        article.content_hash = content_hash(article.title, article.description, article.body)
        return ()


HASH = HashStep()
