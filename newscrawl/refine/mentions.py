"""What the texts themselves name, apart from what the source tagged, and what that says of the tags."""

from __future__ import annotations

from collections.abc import Iterator

from newscrawl.codes import WarningCode
from newscrawl.items import Article
from newscrawl.reference import names_of
from newscrawl.refine.instruments import day_of
from newscrawl.refine.relevance import set_relevance
from newscrawl.refine.step import Step
from newscrawl.sites.base import Site
from newscrawl.symbols import TABLES
from newscrawl.text.mention_places import NamesOf
from newscrawl.text.mentions import find_first_mentions


class MentionsStep(Step):
    """``mentions``: the places in title, description and body that name an instrument; and ``relevance``."""

    name = "mentions"
    number = 2
    tables = TABLES
    uses_reference = True
    warnings = frozenset({WarningCode.MENTIONS_CUT})

    def __init__(self, names_of: NamesOf | None = None) -> None:
        """Make the step; ``names_of`` is a reference of listings, see ``text.mentions``."""
        self._names_of = names_of

    def apply(self, article: Article, site: Site | None) -> Iterator[WarningCode]:
        """Fill ``mentions`` by the rules of ``text.mentions``, and ``relevance`` of each instrument by them.

        Needs the instruments with their symbols: a form that alone would be in doubt counts where the story
        tags the instrument, where one of its texts names it without doubt, or where its name stands before.
        Of very many the first are taken.
        """
        texts = {"title": article.title or "", "description": article.description or "", "body": article.body}
        tagged = [found.symbol for found in article.instruments if found.symbol is not None]
        article.mentions, is_cut = find_first_mentions(texts, tagged, day_of(article), self._names_of)
        set_relevance(article)
        if is_cut:
            yield WarningCode.MENTIONS_CUT


MENTIONS = MentionsStep(names_of)
