"""Networks as people write them, and the questions asked of a list."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest

from fittingroom.accounts.cam import Networks, parse_network
from fittingroom.accounts.cam.addresses import plain


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("10.0.0.1", "10.0.0.1/32"),
        ("10.121.2.10/24", "10.121.2.0/24"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("2001:db8::", "2001:db8::/128"),
        ("2001:DB8::5/32", "2001:db8::/32"),
        ("::/0", "::/0"),
        ("::ffff:10.0.0.1", "10.0.0.1/32"),
        ("::ffff:10.0.0.1/104", "10.0.0.0/8"),
        ("::ffff:0:0/96", "0.0.0.0/0"),
        ("::ffff:0:0/95", "::fffe:0:0/95"),
    ],
)
def test_what_is_written_and_meant(text: str, network: str) -> None:
    assert parse_network(text) == ip_network(network)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("*", "leave the condition out"),
        ("10.121.2.*", "10.121.2.0/24"),
        ("10.0.0.0/255.0.0.0", "address/length"),
        ("10.0.0.0/0.0.0.255", "address/length"),
        ("10.0.0.0/+8", "address/length"),
        ("10.0.0.0/٨", "address/length"),
        ("10.0.0.0/", "address/length"),
        ("fe80::1%eth0", "address/length"),
        ("10.0.0.0/33", "such as 10.0.0.1"),
        ("10.0.0", "such as 10.0.0.1"),
        ("010.0.0.1", "such as 10.0.0.1"),
        ("1", "such as 10.0.0.1"),
        (" 10.0.0.1", "such as 10.0.0.1"),
        ("10.0.0.1-10.0.0.9", "such as 10.0.0.1"),
        ("localhost", "such as 10.0.0.1"),
        ("1" * 5000, "address/length"),
    ],
)
def test_what_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        parse_network(text)
    with pytest.raises(ValueError, match=re.escape(words)):
        Networks.parse(["10.0.0.1", text])


def test_an_empty_list_holds_nothing() -> None:
    assert not Networks()
    assert Networks.of([]) == Networks.parse([]) == Networks()
    assert ip_address("10.0.0.1") not in Networks()


def test_families_do_not_mix_but_mapped_addresses_are_ipv4() -> None:
    everything_v6, everything_v4 = Networks.parse(["::/0"]), Networks.parse(["0.0.0.0/0"])
    mapped, own = ip_address("::ffff:192.0.2.1"), ip_address("2001:db8::1")
    assert mapped in everything_v4
    assert mapped not in everything_v6
    assert own in everything_v6
    assert own not in everything_v4
    assert plain(mapped) == IPv4Address("192.0.2.1")
    assert plain(own) == IPv6Address("2001:db8::1")
    assert mapped in Networks.of([ip_network("::ffff:192.0.2.0/120")])
