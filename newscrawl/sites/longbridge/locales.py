"""The locales in which the site serves articles."""

from __future__ import annotations

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
