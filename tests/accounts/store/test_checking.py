import json
from ipaddress import ip_address

import pytest

from fittingroom.accounts import AccountError, Store, cam
from fittingroom.accounts.store import checking, networks, policies, users

ACTION = "aiart:ChangeClothes"
INSIDE, OUTSIDE = ip_address("10.0.0.1"), ip_address("192.0.2.1")


@pytest.fixture
def alice(shop: Store) -> Store:
    users.create(shop, "shop", "alice")
    policies.create(shop, "shop", "inside", json.dumps(cam.allow_change_clothes("10.0.0.0/8")))
    return shop


def test_the_root_user_may_do_everything(shop: Store) -> None:
    verdict = checking.check(shop, "shop", None, "sts:AssumeRole", None)
    assert (verdict.allowed, verdict.code) == (True, None)
    assert "root user" in verdict.decided


def test_a_sub_user_may_do_what_a_policy_allows_and_the_statement_is_named(alice: Store) -> None:
    verdict = checking.check(alice, "shop", "alice", ACTION, INSIDE)
    assert (verdict.allowed, verdict.code) == (False, "AuthFailure.UnauthorizedOperation")
    assert "no identity policy allows it" in verdict.decided
    policies.attach(alice, "shop", "inside", "alice")
    verdict = checking.check(alice, "shop", "alice", ACTION, INSIDE)
    assert (verdict.allowed, verdict.decided) == (True, "allowed by statement[0] of the identity policy 'inside'")
    for address in (OUTSIDE, None):
        assert not checking.check(alice, "shop", "alice", ACTION, address).allowed
    assert not checking.check(alice, "shop", "alice", "aiart:Other", INSIDE).allowed


def test_a_denial_wins_and_is_named(alice: Store) -> None:
    denial = json.dumps(cam.allow_all()).replace("allow", "deny")
    policies.create(alice, "shop", "never", denial)
    for name in ("inside", "never"):
        policies.attach(alice, "shop", name, "alice")
    verdict = checking.check(alice, "shop", "alice", ACTION, INSIDE)
    assert verdict.decided == "denied by statement[0] of the identity policy 'never'"


def test_the_account_s_lists_come_first(alice: Store) -> None:
    policies.attach(alice, "shop", "inside", "alice")
    networks.add(alice, "shop", "allow", "10.0.0.0/16")
    networks.add(alice, "shop", "deny", "10.0.0.1")
    verdict = checking.check(alice, "shop", "alice", ACTION, INSIDE)
    assert (verdict.code, verdict.decided) == ("IpInBlacklist", "10.0.0.1 is in the account's deny list")
    assert checking.check(alice, "shop", None, ACTION, OUTSIDE).code == "IpNotInWhitelist"


def test_a_disabled_user_may_do_nothing(alice: Store) -> None:
    users.disable(alice, "shop", "root")
    verdict = checking.check(alice, "shop", None, ACTION, INSIDE)
    assert (verdict.allowed, verdict.code) == (False, "AuthFailure.SecretIdNotFound")
    assert verdict.decided == "the user root is disabled"


@pytest.mark.parametrize("action", ["ChangeClothes", "aiart:", "name/aiart:ChangeClothes", "aiart:*", ""])
def test_what_is_no_action_is_an_error(shop: Store, action: str) -> None:
    with pytest.raises(AccountError, match="write the service and the action"):
        checking.check(shop, "shop", None, action, None)


def test_who_does_not_exist_is_an_error(shop: Store) -> None:
    with pytest.raises(AccountError, match="no user named alice"):
        checking.check(shop, "shop", "alice", ACTION, None)


def test_it_changes_nothing_and_opens_no_secret(alice: Store, monkeypatch: pytest.MonkeyPatch, audited) -> None:
    revision, rows = alice.database.revision(), audited("policies")
    monkeypatch.setattr(type(alice.vault), "open_sealed", lambda *_: pytest.fail("opened a secret"))
    checking.check(alice, "shop", "alice", ACTION, INSIDE)
    assert (alice.database.revision(), audited("policies")) == (revision, rows)
