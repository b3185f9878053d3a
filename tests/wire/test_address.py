"""Whose address counts, directly and behind proxies, and that no caller can choose another's."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from fittingroom.wire.address import Addresses, counted_as

PROXIES = ("10.0.0.0/8", "fd00::/8")


def scope(peer, *forwarded):
    return {
        "client": None if peer is None else (peer, 50000),
        "headers": [(b"host", b"x"), *((b"x-forwarded-for", line.encode("latin-1")) for line in forwarded)],
    }


def told(peer, *forwarded, trusted=PROXIES):
    return str(Addresses(trusted).of(scope(peer, *forwarded)))


def test_without_proxies_the_socket_counts_whatever_is_claimed():
    assert told("203.0.113.9", "198.51.100.1", trusted=()) == "203.0.113.9"
    assert told("10.0.0.1", "198.51.100.1", trusted=()) == "10.0.0.1"


def test_a_stranger_is_not_believed():
    assert told("203.0.113.9", "198.51.100.1") == "203.0.113.9"


@pytest.mark.parametrize(
    ("lines", "address"),
    [
        (["198.51.100.1"], "198.51.100.1"),
        (["1.1.1.1, 198.51.100.1"], "198.51.100.1"),
        (["1.1.1.1, 198.51.100.1, 10.9.9.9"], "198.51.100.1"),
        (["1.1.1.1", "198.51.100.1"], "198.51.100.1"),
        (["1.1.1.1, 10.1.1.1", "198.51.100.1, 10.2.2.2"], "198.51.100.1"),
        (["  198.51.100.1  ,10.9.9.9 "], "198.51.100.1"),
        (["198.51.100.1:4711"], "198.51.100.1"),
        (["2001:db8::7"], "2001:db8::7"),
        (["[2001:db8::7]"], "2001:db8::7"),
        (["[2001:db8::7]:4711"], "2001:db8::7"),
        (["::ffff:198.51.100.1"], "198.51.100.1"),
        (["::ffff:10.9.9.9, ::ffff:10.0.0.3"], "10.9.9.9"),
        (["10.1.1.1, 10.2.2.2"], "10.1.1.1"),
    ],
)
def test_behind_a_proxy_the_rightmost_stranger_counts(lines, address):
    assert told("10.0.0.1", *lines) == address
    assert told("::ffff:10.0.0.1", *lines) == address
    assert told("fd00::1", *lines) == address


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [""],
        ["unknown"],
        ["198.51.100.1, unknown"],
        ["198.51.100.1, "],
        ["198.51.100.1,,10.9.9.9"],
        ["198.51.100.300"],
        ["198.51.100.1:port"],
        ["[198.51.100.1"],
        ["0x7f000001"],
        ["198.51.100.1\xe9"],
    ],
)
def test_what_cannot_be_read_counts_for_the_proxy(lines):
    assert told("10.0.0.1", *lines) == "10.0.0.1"


def test_rubbish_further_left_does_not_matter():
    assert told("10.0.0.1", "rubbish, 198.51.100.1") == "198.51.100.1"


def test_a_zone_is_left_out_and_a_socket_without_address_has_none():
    assert told("fe80::1%eth0") == "fe80::1"
    assert Addresses(()).of(scope(None)) is None
    assert Addresses(()).of(scope("")) is None


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::", "2001:db8:1:3::/64"),
    ],
)
def test_an_ipv6_caller_is_counted_by_its_site(address, name):
    assert counted_as(ip_address(address)) == name


def test_callers_without_an_address_are_counted_together():
    assert counted_as(None) == "None"
