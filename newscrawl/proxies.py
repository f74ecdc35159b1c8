"""Proxies come from the environment (``http_proxy``), with a password where they want one."""

from __future__ import annotations

import re
from collections.abc import Mapping

_PROXY = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9+.-]*://)?(?:(?P<login>[^/]*)@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::[0-9]{1,5})?/?"
)
# Scrapy asks for pages of these.
_USED = ("http", "https")


def wrong_proxy(proxies: Mapping[str, str]) -> str | None:
    """Return, in one line and without the address, what is wrong with a proxy; None where all can be used.

    ``proxies`` has them by scheme, as ``urllib.request.getproxies`` gives them. A password with a character
    that is not escaped would be read as host and port, and shown when that cannot be reached.
    """
    for scheme in _USED:
        address = proxies.get(scheme, "").strip()
        # Scrapy leaves paths out, such as that of a socket.
        if address and not address.startswith("/") and not _PROXY.fullmatch(address):
            return (
                f"{scheme}_proxy: expected http://USER:PASSWORD@HOST:PORT with special characters as %XX, "
                "found one that cannot be read"
            )
    return None
