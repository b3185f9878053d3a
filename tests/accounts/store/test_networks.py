from ipaddress import ip_address

import pytest

from fittingroom.accounts import AccountError, Directory, Store
from fittingroom.accounts.store import accounts, networks


def listed(store: Store) -> list[tuple[str, str]]:
    return [(one.effect, one.network) for one in networks.listing(store, "shop")]


def test_networks_go_on_a_list_and_off_it(shop: Store, audited) -> None:
    assert networks.add(shop, "shop", "deny", "10.1.2.3/8") == "10.0.0.0/8"
    networks.add(shop, "shop", "allow", "2001:db8::1")
    assert listed(shop) == [("allow", "2001:db8::1/128"), ("deny", "10.0.0.0/8")]
    assert networks.remove(shop, "shop", "deny", "10.9.9.9/8") == "10.0.0.0/8"
    assert listed(shop) == [("allow", "2001:db8::1/128")]
    assert audited("addresses.add")[0] == ("shop", "10.0.0.0/8", {"effect": "deny"})
    assert audited("addresses.remove") == [("shop", "10.0.0.0/8", {"effect": "deny"})]


def test_an_address_may_be_on_both_lists_and_in_several_accounts(shop: Store) -> None:
    accounts.create(shop, "other")
    networks.add(shop, "shop", "deny", "10.0.0.1")
    networks.add(shop, "shop", "allow", "10.0.0.1")
    networks.add(shop, "other", "allow", "10.0.0.1")
    networks.remove(shop, "shop", "allow", "10.0.0.1")
    assert listed(shop) == [("deny", "10.0.0.1/32")]
    assert len(networks.listing(shop, "other")) == 1


@pytest.mark.parametrize("text", ["", "10.0.0", "*", "10.*", "10.0.0.0/33", "shop", "10.0.0.1 "])
def test_what_is_no_network_is_refused(shop: Store, audited, text: str) -> None:
    for change in (networks.add, networks.remove):
        with pytest.raises(AccountError, match="is no network: "):
            change(shop, "shop", "deny", text)
    assert audited("addresses") == []


def test_twice_or_never_is_an_error(shop: Store) -> None:
    networks.add(shop, "shop", "deny", "::ffff:10.0.0.1")
    with pytest.raises(AccountError, match=r"10.0.0.1/32 is on the deny list of shop already"):
        networks.add(shop, "shop", "deny", "10.0.0.1")
    with pytest.raises(AccountError, match=r"10.0.0.1/32 is not on the allow list of shop"):
        networks.remove(shop, "shop", "allow", "10.0.0.1")
    with pytest.raises(AccountError, match="no account named nobody"):
        networks.add(shop, "nobody", "deny", "10.0.0.1")


def test_there_is_a_most(shop: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "MOST", 2)
    for last in (1, 2):
        networks.add(shop, "shop", "deny", f"10.0.0.{last}")
    with pytest.raises(AccountError, match="hold 2 networks, which is the most"):
        networks.add(shop, "shop", "allow", "10.0.0.3")


def test_a_running_server_holds_them(shop: Store) -> None:
    networks.add(shop, "shop", "deny", "10.0.0.0/8")
    directory = Directory(shop.database, shop.vault)
    directory.update()
    (account,) = directory.snapshot.accounts.values()
    assert ip_address("10.9.9.9") in account.lists.refused
    assert not account.lists.admitted
