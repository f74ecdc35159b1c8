"""What the locale says of the text, and whether the text agrees."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from newscrawl.codes import WarningCode
from newscrawl.items import Article
from newscrawl.refine.step import Step
from newscrawl.sites.base import Site
from newscrawl.text.scripts import is_of_other_script

# langcodes takes an underscore for a hyphen, and any length; BCP 47 allows neither. No registered tag is
# longer than 35 characters (RFC 5646, section 4.4.1).
_TAG = re.compile(r"(?=.{2,35}\Z)[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")

# What langcodes says of the locales that are crawled today: loading it takes longer than reading a page 300
# times. A test holds the two together.
_OF_TODAY: dict[str, tuple[str | None, str | None, str | None]] = {
    "en": ("en", "Latn", None),
    "zh-CN": ("zh", "Hans", "CN"),
    "zh-HK": ("zh", "Hant", "HK"),
}


class LanguageStep(Step):
    """``language``, ``script`` and ``region``: the parts of the locale."""

    name = "language"
    warnings = frozenset({WarningCode.LOCALE_MISMATCH})
    runs_on_withdrawn = True

    def apply(self, article: Article, site: Site | None) -> Iterator[WarningCode]:
        """Fill the three fields from ``locale``, see ``split_locale``.

        Warns where the text is certainly in another script (``text.scripts``).
        """
        article.language, article.script, article.region = split_locale(article.locale)
        text = "\n".join(part for part in (article.title, article.description, article.body) if part)
        if is_of_other_script(text, article.script):
            yield WarningCode.LOCALE_MISMATCH


# A crawl meets a handful of locales.
@lru_cache(maxsize=256)
def split_locale(locale: str) -> tuple[str | None, str | None, str | None]:
    """Return language (ISO 639), script (ISO 15924) and region (ISO 3166) of a BCP 47 tag.

    The script is the one that the tag names or else implies by CLDR's likely subtags: ``zh-HK`` gives
    ``("zh", "Hant", "HK")``. The region is None where the tag names none (``en``). All three are None for
    a tag that is not valid, and for one that names no language.
    """
    return _OF_TODAY.get(locale) or _split_tag(locale)


def _split_tag(locale: str) -> tuple[str | None, str | None, str | None]:
    # Not at the top, see above.
    from langcodes import Language, tag_is_valid  # noqa: PLC0415

    if not (_TAG.fullmatch(locale) and tag_is_valid(locale)):
        return None, None, None
    tag = Language.get(locale)
    if tag.language is None:
        return None, None, None
    # A region of three digits (`es-419`) is one of UN M.49.
    region = tag.territory if tag.territory and tag.territory.isalpha() else None
    return tag.language, tag.maximize().script, region


LANGUAGE = LanguageStep()
