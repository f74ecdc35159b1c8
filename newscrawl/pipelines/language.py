"""Step 5: what the locale says of the text, and whether the text agrees."""

from __future__ import annotations

from newscrawl.codes import WarningCode
from newscrawl.items import Article
from newscrawl.sites.longbridge.locales import parts_of
from newscrawl.text.scripts import is_of_other_script

_MISMATCH = WarningCode.LOCALE_MISMATCH


def set_language(article: Article) -> None:
    """Fill ``language``, ``script`` and ``region`` from the locale; warn where the text's script differs."""
    article.language, article.script, article.region = parts_of(article.locale)
    text = "\n".join(part for part in (article.title, article.description, article.body) if part)
    if is_of_other_script(text, article.script) and _MISMATCH not in article.warnings:
        article.warnings.append(_MISMATCH)


class LanguagePipeline:
    """Runs the rule above on every article."""

    def process_item(self, item: object) -> object:
        if isinstance(item, Article):
            set_language(item)
        return item
