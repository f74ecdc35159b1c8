"""What the text itself names, apart from what the source tagged."""

from __future__ import annotations

from collections.abc import Iterator

from newscrawl.codes import WarningCode
from newscrawl.items import Article
from newscrawl.refine.instruments import day_of
from newscrawl.refine.step import Step
from newscrawl.sites.base import Site
from newscrawl.symbols import TABLES
from newscrawl.text.mentions import find_first_mentions, find_mentions


class MentionsStep(Step):
    """``mentions``: the places in the body that name an instrument."""

    name = "mentions"
    number = 2
    tables = TABLES
    uses_reference = True
    warnings = frozenset({WarningCode.MENTIONS_CUT})

    def apply(self, article: Article, site: Site | None) -> Iterator[WarningCode]:
        """Fill ``mentions`` from the body, by the rules of ``text.mentions``.

        Needs the instruments with their symbols: a form that alone would be in doubt counts where the story
        tags the instrument, or where title or description name it without doubt. Of very many the
        first are taken.
        """
        tagged = [found.symbol for found in article.instruments if found.symbol is not None]
        on = day_of(article)
        named = [
            mention.symbol
            for text in (article.title, article.description)
            if text
            for mention in find_mentions(text, tagged, on)
        ]
        article.mentions, is_cut = find_first_mentions(article.body, tagged, on, named)
        if is_cut:
            yield WarningCode.MENTIONS_CUT


MENTIONS = MentionsStep()
