"""The names of exchanges as news and quote pages write them before a code (``NYSE:BRK.B``), each with the
market of its symbols.
"""

from __future__ import annotations

# Letters only, in capitals. BSE is left out: it is Bombay for some and Beijing for others. So is OTC, whose
# shares the source need not list, and BATS, which is a share in London (`BATS:LSE`).
EXCHANGES = {
    "AMEX": "US",
    "ARCA": "US",
    "NASDAQ": "US",
    "NASDAQCM": "US",
    "NASDAQGM": "US",
    "NASDAQGS": "US",
    "NYSE": "US",
    "NYSEAMERICAN": "US",
    "NYSEARCA": "US",
    "HKEX": "HK",
    "HKG": "HK",
    "HKSE": "HK",
    "SEHK": "HK",
    "SGX": "SG",
    "SHA": "SH",
    "SHSE": "SH",
    "SSE": "SH",
    "SHE": "SZ",
    "SZSE": "SZ",
}
