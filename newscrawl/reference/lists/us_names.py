"""The names of US securities as the symbol directory writes them: who issued them, and of what kind they are.

``Apple Inc. - Common Stock``, ``Alibaba Group Holding Limited American Depositary Shares each representing
eight Ordinary share``. The kind stands in the name and nowhere else. What the words do not tell is None.
"""

from __future__ import annotations

import re

# The first of these that is found tells the kind; None means: not a kind that this project has a word for, or
# one of which the words leave a doubt.
_KINDS: tuple[tuple[str, str | None], ...] = (
    # A unit is a share and a warrant or a right together.
    (r"\bunits?\b(?=.*\b(?:consisting|comprised|each)\b)|\bsubunits?\b", None),
    (r"\bwarrants?\b", "warrant"),
    (r"\b(?:rights?|CVR)\b", None),
    # A depositary share of a preferred one is no receipt of a foreign company's share.
    (
        r"\bdepositary\b(?=.*\b(?:preferred|preference)\b)|\b(?:preferred|preference)\b(?=.*\bdepositary\b)",
        None,
    ),
    (r"\b(?:preferred|preference) (?:stock|shares?)\b", "equity"),
    (r"\b(?:ETNs?|exchange[ -]traded notes?)\b", None),
    (
        r"\b(?:notes?|debentures?|bonds?)\b(?=.*\bdue\b)|\b(?:senior|subordinated) notes?\b",
        "bond",
    ),
    (
        r"\b(?:American|Global) depositary\b|\b(?:ADSs?|ADRs?|GDRs?)\b|\bdepositary receipts?\b",
        "depositary_receipt",
    ),
    (r"\bdepositary\b", None),
    (r"\b(?:real estate investment trust|REIT)\b", "reit"),
    # Closed-end funds have common stock, too.
    (r"\b(?:fund|funds|closed[ -]end)\b", "fund"),
    (r"\bof beneficial interest\b", None),
    (
        (
            r"\b(?:common|ordinary|capital) (?:stock|shares?)\b|\bcommon units?\b|"
            r"\b(?:registered|registry) shares?\b|"
            r"\b(?:subordinate|multiple|limited|restricted|non)[ -]?voting shares?\b"
        ),
        "equity",
    ),
)
_COMPILED = tuple((re.compile(pattern, re.IGNORECASE), kind) for pattern, kind in _KINDS)
# A trust with common stock may be a closed-end fund or own buildings. A name that goes on (`Northern Trust
# Corporation`) is a company's.
_TRUST = re.compile(r"\btrust(?:,? (?:inc|[IVX]+)\.?)?\Z", re.IGNORECASE)
_NOTE = re.compile(r"\b(?:ETNs?|exchange[ -]traded notes?)\b", re.IGNORECASE)
# Where the words for the kind begin: behind ` - ` on Nasdaq, and nothing marks it elsewhere.
_FROM_HERE = re.compile(
    r" - |,? (?=(?:new )?(?:class [A-Z]\b|series [A-Z]\b|"
    r"(?:American|global|New York) (?:depositary|regist)|"
    r"(?:common|ordinary|capital|preferred|depositary|subordinate|registered) "
    r"(?:stock|shares?|units?|voting)|warrants?\b|units?\b|rights?\b|sponsored\b|ADSs?\b|ADRs?\b)|[0-9.]+%|\(The\))",
    re.IGNORECASE,
)


def kind_of(name: str, *, is_etf: bool) -> str | None:
    """Return the type that the name of a security tells, as in ``Instrument.type``; None where it tells none.

    ``is_etf`` is the directory's own flag, which it also sets for notes; those stay unknown.
    """
    if is_etf:
        return None if _NOTE.search(name) else "etf"
    for pattern, kind in _COMPILED:
        if pattern.search(name):
            return None if kind == "equity" and _TRUST.search(issuer_of(name)) else kind
    return None


def issuer_of(name: str) -> str:
    """Return the issuer's part of a security's name; the whole name where nothing marks the end of it."""
    issuer = _FROM_HERE.split(name, maxsplit=1)[0].strip(" ,-")
    return issuer or name
