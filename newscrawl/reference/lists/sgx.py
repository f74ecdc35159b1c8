"""Singapore's list of securities: the JSON that its own pages load."""

from __future__ import annotations

import json
import re

from newscrawl.reference.listing import Listing
from newscrawl.reference.lists.snapshot import ListError, Snapshot, clean_name, snapshot, text_of

_CODE = re.compile(r"[A-Z0-9]{2,6}")
# The words of the list. Business trusts, listed certificates and others are of no type that this project has.
_TYPES = {
    "stocks": "equity",
    "reits": "reit",
    "etfs": "etf",
    "adrs": "depositary_receipt",
    "bonds": "bond",
    "companywarrants": "warrant",
    "structuredwarrants": "warrant",
    "dlcertificates": "leveraged",
    "liprod": "leveraged",
}


def read_sgx(content: bytes) -> Snapshot:
    """Read the list of securities, ``{"data": {"prices": [{"nc", "n", "type"}]}}``. Raises ListError.

    ``nc`` is the code, ``n`` or ``cn`` the name, ``type`` one word. Prices in it are left alone.
    """
    try:
        prices = json.loads(text_of(content, "Singapore's list"))["data"]["prices"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ListError("expected JSON with data.prices in Singapore's list, found something else") from None
    if not isinstance(prices, list) or not all(isinstance(price, dict) for price in prices):
        raise ListError("expected a list of objects in data.prices of Singapore's list, found something else")
    rows, skipped = [], 0
    for price in prices:
        code, kind = price.get("nc"), price.get("type")
        if not (isinstance(code, str) and _CODE.fullmatch(code) and isinstance(kind, str)):
            skipped += 1
            continue
        name = next(
            (text for key in ("n", "issuer-name", "cn") if isinstance(text := price.get(key), str)), ""
        )
        rows.append(Listing(f"{code}.SG", clean_name(name), _TYPES.get(kind), "XSES", source="sgx"))
    return snapshot(rows, None, skipped)
