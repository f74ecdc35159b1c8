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

# What news writes for an exchange or a market where that does not prove that the code is one of ours: the
# source need not list shares of OTC, and the Chinese words stand before other things, too. In capitals,
# without spaces; with the markets that the code may be of.
MARKET_WORDS = {
    "OTC": ("US",),
    "OTCMKTS": ("US",),
    "OTCPK": ("US",),
    "OTCQB": ("US",),
    "OTCQX": ("US",),
    "OTCMARKETS": ("US",),
    "PINK": ("US",),
    "BATS": ("US",),
    "CBOE": ("US",),
    "SYMBOL": ("US",),
    "TICKER": ("US",),
    "US": ("US",),
    "美": ("US",),
    "美股": ("US",),
    "纳斯达克": ("US",),
    "納斯達克": ("US",),
    "纽交所": ("US",),
    "紐交所": ("US",),
    "纽约证券交易所": ("US",),
    "HK": ("HK",),
    "港": ("HK",),
    "港股": ("HK",),
    "H股": ("HK",),
    "港交所": ("HK",),
    "联交所": ("HK",),
    "聯交所": ("HK",),
    "香港联交所": ("HK",),
    "香港聯交所": ("HK",),
    "A股": ("SH", "SZ", "BJ"),
    "上交所": ("SH",),
    "科创板": ("SH",),
    "深交所": ("SZ",),
    "创业板": ("SZ",),
    "北交所": ("BJ",),
    "SG": ("SG",),
    "新交所": ("SG",),
}
