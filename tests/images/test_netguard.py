"""Which addresses may be connected to, in every spelling and wrapping."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fittingroom.images.netguard import embedded, is_allowed, parse_networks

PUBLIC = ["8.8.8.8", "1.1.1.1", "203.119.0.1", "2606:4700:4700::1111", "2a00:1450:4001:80b::200e"]

PRIVATE_V4 = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "127.0.0.1", "127.255.255.254",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.0.9", "192.0.0.170", "192.0.2.1",
    "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1",
    "239.255.255.255", "240.0.0.1", "255.255.255.255",
]  # fmt: skip

PRIVATE_V6 = [
    "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "feff::1", "ff02::1", "ff0e::1",
    "100::1", "2001:db8::1", "3fff::1", "2001::1", "2001:10::1", "2001:20::1", "2001:2::1", "64:ff9b:1::1", "5f00::1",
    "4000::1", "8000::1", "1::1", "::5efe:7f00:1",
]  # fmt: skip


def wrap(v4: str) -> dict[str, str]:
    """Every IPv6 form that carries this IPv4 address."""
    low = int(IPv4Address(v4))
    return {
        "mapped": str(IPv6Address(0xFFFF << 32 | low)),
        "compatible": str(IPv6Address(low)),
        "nat64": str(IPv6Address((0x0064FF9B << 96) | low)),
        "6to4": str(IPv6Address((0x2002 << 112) | (low << 80) | 1)),
        "teredo client": str(IPv6Address((0x20010000 << 96) | (0x08080808 << 64) | (low ^ 0xFFFFFFFF))),
        "teredo server": str(IPv6Address((0x20010000 << 96) | (low << 64) | (0x08080808 ^ 0xFFFFFFFF))),
        "isatap": str(IPv6Address((0x2606470047000000 << 64) | (0x00005EFE << 32) | low)),
        "isatap global": str(IPv6Address((0x2606470047000000 << 64) | (0x02005EFE << 32) | low)),
    }


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_allowed(address):
    assert is_allowed(address)


@pytest.mark.parametrize("address", PRIVATE_V4 + PRIVATE_V6)
def test_addresses_that_are_not_public_are_refused(address):
    assert not is_allowed(address)


@pytest.mark.parametrize("v4", PRIVATE_V4)
@pytest.mark.parametrize("form", list(wrap("1.2.3.4")))
def test_a_private_address_hidden_in_ipv6_is_refused(v4, form):
    assert not is_allowed(wrap(v4)[form])


@pytest.mark.parametrize("form", ["mapped", "nat64", "6to4", "isatap"])
def test_a_public_address_reached_through_a_translator_is_allowed(form):
    assert is_allowed(wrap("8.8.8.8")[form])


@pytest.mark.parametrize("form", ["teredo client", "teredo server", "compatible"])
def test_tunnels_that_no_origin_uses_stay_shut_even_for_public_addresses(form):
    assert not is_allowed(wrap("8.8.8.8")[form])


@pytest.mark.parametrize("text", ["", "localhost", "1.2.3", "127.1", "0x7f000001", "010.0.0.1", "8.8.8.8 ", "::g"])
def test_a_text_that_is_no_address_is_refused(text):
    assert not is_allowed(text)


def test_an_allowed_network_opens_itself_and_nothing_beside_it():
    nets = parse_networks(["10.1.0.0/16", "fd00:1::/32"])
    assert is_allowed("10.1.2.3", nets)
    assert is_allowed("fd00:1::5", nets)
    assert not is_allowed("10.2.0.1", nets)
    assert not is_allowed("fd00:2::5", nets)
    assert is_allowed("8.8.8.8", nets)


@pytest.mark.parametrize("form", ["mapped", "nat64", "6to4"])
def test_an_allowed_ipv4_network_is_allowed_in_its_ipv6_forms(form):
    nets = parse_networks(["127.0.0.1/32"])
    assert is_allowed(wrap("127.0.0.1")[form], nets)
    assert not is_allowed(wrap("127.0.0.2")[form], nets)


def test_an_allowed_network_may_be_multicast_or_loopback_when_the_operator_says_so():
    assert is_allowed("::1", parse_networks(["::1/128"]))
    assert not is_allowed("127.0.0.1", parse_networks(["::1/128"]))


def test_host_bits_of_a_network_are_ignored_and_nonsense_is_an_error():
    assert is_allowed("10.0.0.9", parse_networks(["10.0.0.1/24"]))
    with pytest.raises(ValueError, match="nonsense"):
        parse_networks(["nonsense"])


def test_embedded_lists_both_ends_of_teredo():
    assert embedded(IPv6Address(wrap("10.0.0.1")["teredo client"])) == (IPv4Address("8.8.8.8"), IPv4Address("10.0.0.1"))
    assert embedded(IPv4Address("10.0.0.1")) == ()
    assert embedded(IPv6Address("2606:4700::1")) == ()


@given(st.ip_addresses(v=4))
def test_no_ipv4_address_is_more_welcome_in_disguise(address):
    if not is_allowed(str(address)):
        assert not any(is_allowed(form) for form in wrap(str(address)).values())


@given(st.ip_addresses())
def test_whatever_is_allowed_is_global_unicast_by_the_standard_library_too(address):
    if is_allowed(str(address)) and not (address.version == 6 and embedded(address)):
        assert ip_address(str(address)).is_global
        assert not address.is_multicast
        assert not address.is_reserved
