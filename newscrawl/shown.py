"""What errors and logs show of a text that somebody gave: not too much of it, and no password."""

from __future__ import annotations

import re

_BEFORE_LAST_AT = re.compile(r"\A(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)?.*@", re.DOTALL)
_QUERY = re.compile(r"[?#].*", re.DOTALL)
_MOST = 60


def shorten(value: object, most: int = _MOST) -> str:
    """Return a value as Python shows it, a text in quotes and escaped; cut after ``most`` characters."""
    whole = value if isinstance(value, str) else repr(value)
    shown = repr(whole[:most]) if isinstance(value, str) else whole[:most]
    return shown if len(whole) <= most else f"{shown}… ({len(whole)} characters)"


def without_login(address: str) -> str:
    """Return an address without user name and password: ``ftp://***@host/feed``.

    What stands before the last ``@`` may be a part of a password that is not escaped.
    """
    return _BEFORE_LAST_AT.sub(lambda found: f"{found['scheme'] or ''}***@", address)


def show_address(address: str, most: int = 200) -> str:
    """Return a web address as errors show it: without login, and without its query, which may hold a key."""
    return shorten(_QUERY.sub(lambda found: f"{found[0][0]}…", without_login(address)), most)


class Concealed(str):
    """A text that is shown without what follows its scheme wherever Python shows a value (``repr``).

    It can be used as any other text: ``str`` and formatting give it whole.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        scheme, mark, _ = self.partition("://")
        return f"'{scheme}://…'" if mark and scheme.isalnum() else "'…'"
