"""Whether a text ends in the name of a company, as a list of listings spells it.

Lists and news spell names differently: ``NVIDIA CORP`` is ``NVIDIA's``, ``GANFENGLITHIUM`` is ``Ganfeng
Lithium``, ``BANK OF AMERICA CORP /DE/`` is ``Bank of America``. So words are compared without case, marks,
the spaces between them and the legal form. The name's end may be missing where its beginning tells enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from unicodedata import normalize

# Where a name cannot go on to the left.
_BREAK = re.compile(r"[\n()（）\[\]【】《》“”\"。！？；;|•]")
_POSSESSIVE = re.compile(r"['’]s?(?![^\W_])")
_WORD = re.compile(r"[^\W_]+(?:[&'’.\-][^\W_]+)*")
_MARKS = re.compile(r"[\W_]+")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
# How Hong Kong marks the short names of some shares.
_SHARE_MARK = re.compile(r"[ \-－–]+(?:S|W|SW|B|R|P|X|DRS?)\Z")
# Chinese legal forms; a name is often written without.
_CHINESE_FORM = re.compile(r"(?:股份有限公司|有限公司|控股|集团|集團|股份|公司)+\Z")

_FORMS_WORDS = (
    "ab ad adr ads ag american asa bhd class co com common company corp corporation de depositary group "
    "holding holdings inc incorporated limited llc lp ltd nv ordinary plc pte sa sab se share shares "
    "spa sponsored stock the trust"
)
_FORMS = frozenset(_FORMS_WORDS.split())
# Those that end a name that is written out.
_LEGAL_WORDS = "ab ag asa bhd co corp corporation inc incorporated limited llc lp ltd nv plc sa spa"
_LEGAL = frozenset(_LEGAL_WORDS.split())
_JOINING = frozenset(("and", "for", "of", "the"))
# A single word of these does not tell which of many companies is meant.
_COMMON_WORDS = (
    "advanced allied alpha american applied asia atlantic bank best black blue canadian capital central "
    "china chinese city community consolidated continental credit digital direct dynamic eagle east "
    "eastern energy enterprise federal fidelity financial first franklin freedom general global golden "
    "grand great green health home hong independent industrial innovative insurance integrated "
    "international investors japan liberty life lion live manhattan marine medical metro modern "
    "mountain mutual national natural network new north northern open pacific park peoples pioneer "
    "planet power premier prime public pure quest real regional republic resources royal select silver "
    "smart social solar southern southwest standard star state sterling strategic summit sun superior "
    "texas time total tower transportation trust union united universal university urban value "
    "virtual vision washington water west western white world"
)
_COMMON = frozenset(_COMMON_WORDS.split())
_MOST_WORDS = 8
_SHORTEST_BEGINNING = 4


def ends_in_name(before: str, names: Iterable[str]) -> bool:
    """Tell whether ``before`` ends in one of the names, up to the legal form and a possessive.

    The name begins with a capital letter or a digit in the text. Its last words may be missing there, unless
    what is left is one short or common word.
    """
    breaks = list(_BREAK.finditer(before))
    tail = before[breaks[-1].end() :] if breaks else before
    tail = _SHARE_MARK.sub("", _POSSESSIVE.sub("", normalize("NFKC", tail)).rstrip(" ,-–—:*"))
    if _CHINESE.search(tail):
        bare = _CHINESE_FORM.sub("", tail)
        if any(name and bare.endswith(name) for listed in names if (name := _chinese(listed))):
            return True
    words = _WORD.findall(tail)
    whole = False
    while words and (last := _plain(words[-1])) in _FORMS:
        # `Mentor Corp` is a whole name, so it is not the beginning of `Mentor Capital`.
        whole = whole or last in _LEGAL
        words.pop()
    endings = set()
    glued = ""
    for word in reversed(words[-_MOST_WORDS:]):
        glued = _plain(word) + glued
        if word[0].isupper() or word[0].isdigit():
            endings.add(glued)
    return any(not endings.isdisjoint(_beginnings(name, whole=whole)) for name in names)


@lru_cache(maxsize=4096)
def _beginnings(name: str, *, whole: bool) -> frozenset[str]:
    """Return the spellings of a listed name that tell it: whole and, unless ``whole``, also cut short."""
    bare = _SHARE_MARK.sub("", normalize("NFKC", name).partition(" /")[0])
    words = [_plain(word) for word in _WORD.findall(bare)]
    while len(words) > 1 and words[-1] in _FORMS:
        words.pop()
    if len(words) > 1 and words[0] == "the":
        words.pop(0)
    glued = "".join(words)
    found = {glued} if len(glued) > 1 else set()
    for count in range(1, 1 if whole else len(words)):
        glued = "".join(words[:count])
        tells = count > 1 or (len(glued) >= _SHORTEST_BEGINNING and glued not in _COMMON)
        if tells and words[count - 1] not in _JOINING:
            found.add(glued)
    return frozenset(found)


@lru_cache(maxsize=4096)
def _chinese(name: str) -> str:
    name = _SHARE_MARK.sub("", normalize("NFKC", name))
    bare = _CHINESE_FORM.sub("", name) or name
    return bare if len(bare) > 1 and _CHINESE.search(bare) else ""


def _plain(word: str) -> str:
    return _MARKS.sub("", word).casefold()
