"""Which addresses are public, and which ones a start lets in beside them.

The tables follow IANA's registries of special-purpose addresses (RFC 6890). They are written out here,
because what the standard library takes for global differs between versions of Python.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

IPAddress = IPv4Address | IPv6Address

_NOT_PUBLIC = [
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' NAT
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, and the metadata of clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
]
# All that is handed out to networks so far. Unique local, link-local, site-local, multicast and
# IPv4-compatible addresses lie outside.
_UNICAST = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = [
    IPv6Network(text)
    for text in (
        "2001::/23",  # Teredo, ORCHID and other protocols
        "2001:db8::/32",
        "2002::/16",  # 6to4: the address of a tunnel's end lies inside
        "3fff::/20",
    )
]
# NAT64 of everybody; the one for local use (64:ff9b:1::/48) is not public.
_NAT64 = IPv6Network("64:ff9b::/96")


def is_public(address: IPAddress) -> bool:
    """Tell whether an address is one of the public internet.

    An IPv4 address inside an IPv6 one (mapped, or behind NAT64) is judged by itself.
    """
    address = _inner(address)
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC)
    return address in _UNICAST and not any(address in network for network in _NOT_PUBLIC_6)


def read_address(host: str) -> IPAddress | None:
    """Return the address that a host is by its spelling, in brackets or not; None for a name."""
    host = host.rstrip(".")
    if host[:1] != "[" and ":" not in host and not host[-1:].isdigit():
        # Faster for names.
        return None
    try:
        return ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None


def is_this_machine(host: str) -> bool:
    """Tell whether a host is, by its spelling, the machine that asks (RFC 6761, section 6.3)."""
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = read_address(host)
    return address is not None and _inner(address).is_loopback


def lets_in(start: str, address: IPAddress) -> bool:
    """Tell whether a crawl that begins at the host ``start`` may connect to an address.

    To any public one; to this machine, where the start names it; and to the one address that is the start.
    """
    if is_public(address):
        return True
    inner = _inner(address)
    if inner.is_loopback:
        return is_this_machine(start)
    named = read_address(start)
    return named is not None and _inner(named) == inner


def _inner(address: IPAddress) -> IPAddress:
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address
