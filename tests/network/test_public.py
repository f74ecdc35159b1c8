"""Which addresses are public, and which ones a start lets in."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from newscrawl.network.public import is_public, is_this_machine, lets_in, read_address

PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "223.255.255.255",
    "2606:4700::1111",
    "2a00:1450::1",
    # An IPv4 address inside is judged by itself.
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
]
NOT_PUBLIC = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::8.8.8.8",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456:789a::1",
    "fe80::1",
    "fe80::1%1",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("text", PUBLIC)
def test_public(text: str) -> None:
    assert is_public(ip_address(text))
    assert lets_in("mirror.example", ip_address(text))


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_not_public(text: str) -> None:
    assert not is_public(ip_address(text))
    # A name, and another address, let none of them in.
    for start in ("mirror.example", "10.255.255.254", "localhost.example", "8.8.8.8"):
        assert not lets_in(start, ip_address(text))


@pytest.mark.parametrize(
    "start", ["127.0.0.1", "127.9.9.9", "[::1]", "::1", "localhost", "LOCALHOST.", "a.localhost"]
)
def test_a_start_on_this_machine_lets_in_this_machine_alone(start: str) -> None:
    assert is_this_machine(start)
    for text in NOT_PUBLIC:
        address = ip_address(text)
        inner = getattr(address, "ipv4_mapped", None) or address
        is_here = inner.is_loopback or text == "64:ff9b::127.0.0.1"
        assert lets_in(start, address) == is_here


@pytest.mark.parametrize(
    ("start", "text", "is_in"),
    [
        ("10.0.0.5", "10.0.0.5", True),
        ("10.0.0.5", "::ffff:10.0.0.5", True),
        ("[fd00::5]", "fd00::5", True),
        ("[fd00:0::0005]", "fd00::5", True),
        ("10.0.0.5", "10.0.0.6", False),
        ("10.0.0.5", "127.0.0.1", False),
        ("10.0.0.5", "169.254.169.254", False),
        ("169.254.169.254", "169.254.169.254", True),
        ("[fd00::5]", "fd00::6", False),
        ("mirror.10", "10.0.0.5", False),
    ],
)
def test_a_start_that_is_an_address_lets_in_itself(start: str, text: str, *, is_in: bool) -> None:
    assert lets_in(start, ip_address(text)) == is_in


@pytest.mark.parametrize(
    "host", ["mirror.example", "127.1", "2130706433", "0x7f.1", "", "[mirror]", "1.2.3.4.5"]
)
def test_names_are_no_addresses(host: str) -> None:
    assert read_address(host) is None
    assert not is_this_machine(host)
