import json

import pytest

from fittingroom.accounts import AccountError, Store, cam
from fittingroom.accounts.store import accounts, policies, users

ALL = json.dumps(cam.allow_all())
CLOTHES = json.dumps(cam.allow_change_clothes("10.0.0.0/8"), indent=2)


@pytest.fixture
def alice(shop: Store) -> Store:
    users.create(shop, "shop", "alice")
    return shop


def test_a_policy_is_kept_as_it_was_written(shop: Store, audited) -> None:
    policies.create(shop, "shop", "clothes", CLOTHES)
    policies.create(shop, "shop", "all", ALL)
    assert [policy.name for policy in policies.listing(shop, "shop")] == ["all", "clothes"]
    found = policies.find(shop, "shop", "clothes")
    assert (found.document, found.attached, found.created_at) == (CLOTHES, (), 1_000_000.0)
    assert audited("policies.create")[0] == ("shop", "clothes", {"document": CLOTHES})


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ("{", "line 1, column 2"),
        (ALL.replace("allow", "alow"), r"statement\[0\].effect"),
        (CLOTHES.replace("10.0.0.0/8", "10.0.0"), "ip_equal"),
    ],
)
def test_a_document_is_checked_with_the_place_of_the_fault(shop: Store, audited, document: str, place: str) -> None:
    policies.create(shop, "shop", "all", ALL)
    for keep in (policies.create, policies.replace):
        with pytest.raises(AccountError, match=f"this is no policy: .*{place}"):
            keep(shop, "shop", "all", document)
    assert policies.find(shop, "shop", "all").document == ALL
    assert len(audited("policies")) == 1


def test_names_are_taken_once_per_account(shop: Store) -> None:
    accounts.create(shop, "other")
    policies.create(shop, "shop", "all", ALL)
    policies.create(shop, "other", "all", ALL)
    with pytest.raises(AccountError, match="shop has a policy named all already"):
        policies.create(shop, "shop", "all", ALL)
    with pytest.raises(AccountError, match="a policy's name has 1 to 64"):
        policies.create(shop, "shop", "a b", ALL)


def test_attached_and_detached(alice: Store, audited) -> None:
    policies.create(alice, "shop", "all", ALL)
    policies.attach(alice, "shop", "all", "alice")
    policies.attach(alice, "shop", "all", "root")
    assert policies.find(alice, "shop", "all").attached == ("alice", "root")
    assert {user.name: user.policies for user in users.listing(alice, "shop")} == {"alice": ("all",), "root": ("all",)}
    with pytest.raises(AccountError, match="attached to alice already"):
        policies.attach(alice, "shop", "all", "alice")
    policies.detach(alice, "shop", "all", "alice")
    with pytest.raises(AccountError, match="not attached to alice"):
        policies.detach(alice, "shop", "all", "alice")
    assert policies.listing(alice, "shop")[0].attached == ("root",)
    assert audited("policies.attach")[0] == ("shop", "all", {"user": "alice"})
    assert audited("policies.detach") == [("shop", "all", {"user": "alice"})]


def test_policies_and_users_of_different_accounts_do_not_meet(alice: Store) -> None:
    accounts.create(alice, "other")
    policies.create(alice, "other", "all", ALL)
    with pytest.raises(AccountError, match="shop has no policy named all"):
        policies.attach(alice, "shop", "all", "alice")
    with pytest.raises(AccountError, match="other has no user named alice"):
        policies.attach(alice, "other", "all", "alice")


def test_another_document_in_its_place_stays_attached(alice: Store, audited) -> None:
    policies.create(alice, "shop", "p", ALL)
    policies.attach(alice, "shop", "p", "alice")
    policies.replace(alice, "shop", "p", CLOTHES)
    found = policies.find(alice, "shop", "p")
    assert (found.document, found.attached) == (CLOTHES, ("alice",))
    assert audited("policies.update") == [("shop", "p", {"document": CLOTHES})]


def test_what_is_attached_is_not_deleted(alice: Store, audited) -> None:
    policies.create(alice, "shop", "all", ALL)
    policies.attach(alice, "shop", "all", "alice")
    with pytest.raises(AccountError, match="attached to alice; detach it first"):
        policies.remove(alice, "shop", "all")
    policies.detach(alice, "shop", "all", "alice")
    policies.remove(alice, "shop", "all")
    assert policies.listing(alice, "shop") == []
    assert audited("policies.delete") == [("shop", "all", {})]


def test_what_does_not_exist_is_an_error(alice: Store) -> None:
    for use in (policies.find, policies.remove, lambda *words: policies.replace(*words, ALL)):
        with pytest.raises(AccountError, match="shop has no policy named none"):
            use(alice, "shop", "none")
    with pytest.raises(AccountError, match="no account named nobody"):
        policies.listing(alice, "nobody")
