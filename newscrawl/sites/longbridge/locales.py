"""The locales in which the site serves articles."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from langcodes import Language

# The three that have been seen in addresses and in the `locales` block of pages (BCP 47 tags).
LOCALES = ("en", "zh-CN", "zh-HK")

# What an address without a locale means, by the vendor's own documentation.
DEFAULT_LOCALE = "en"

_BY_LOWER = {locale.lower(): locale for locale in LOCALES}


def canonical_locale(text: str) -> str | None:
    """Return the site's spelling of a locale, or None where the site has no such locale.

    Case does not matter, as BCP 47 (RFC 5646, section 2.1.1) asks.
    """
    return _BY_LOWER.get(text.strip().lower())


class Parts(NamedTuple):
    """What a locale says of a text; None is not said."""

    language: str | None
    """ISO 639: ``en``, ``zh``."""
    script: str | None
    """ISO 15924: ``Latn``, ``Hans`` (simplified), ``Hant`` (traditional)."""
    region: str | None
    """ISO 3166: ``CN``, ``HK``; None where the tag names none, because a guess is not data."""


@lru_cache(maxsize=len(LOCALES))
def parts_of(locale: str) -> Parts:
    """Return language, script and region of one of the site's locales, all None for any other.

    The script is the one that the tag implies by CLDR's likely subtags.
    """
    if locale not in LOCALES:
        return Parts(None, None, None)
    tag = Language.get(locale)
    return Parts(tag.language, tag.maximize().script, tag.territory)
