"""Roles as the operator makes, changes and ends them, and what a running server makes of it."""

import json

import pytest

from fittingroom.accounts import AccountError, Directory, Store, schema
from fittingroom.accounts.issuing import Issuer, Wanted
from fittingroom.accounts.store import accounts, keys, policies, roles
from fittingroom.errors import ApiError

pytestmark = pytest.mark.anyio

POLICY = '{"version": "2.0", "statement": [{"effect": "allow", "action": "aiart:*", "resource": "*"}]}'


def trust(uin: int = 7) -> str:
    rule = {"effect": "allow", "action": "sts:AssumeRole", "principal": {"qcs": [f"qcs::cam::uin/{uin}:root"]}}
    return json.dumps({"version": "2.0", "statement": [rule]})


def uin(store: Store) -> int:
    return accounts.find(store, "shop").uin


def test_a_role_trusts_its_own_account_unless_told(shop: Store, audited) -> None:
    arn = roles.create(shop, "shop", "dresser")
    found = roles.find(shop, "shop", "dresser")
    assert arn == found.arn == f"qcs::cam::uin/{uin(shop)}:roleName/dresser"
    assert json.loads(found.trust) == {
        "version": "2.0",
        "statement": [
            {
                "effect": "allow",
                "action": "name/sts:AssumeRole",
                "principal": {"qcs": [f"qcs::cam::uin/{uin(shop)}:root"]},
            }
        ],
    }
    assert (found.max_seconds, found.policies, found.sessions_after) == (43_200, (), 0.0)
    assert audited("roles.create") == [("shop", "dresser", {"trust": found.trust, "max_seconds": 43_200})]


def test_roles_are_listed_by_name(shop: Store) -> None:
    roles.create(shop, "shop", "dresser", trust(), 3600)
    roles.create(shop, "shop", "admirer")
    listed = roles.listing(shop, "shop")
    assert [role.name for role in listed] == ["admirer", "dresser"]
    assert (listed[1].trust, listed[1].max_seconds) == (trust(), 3600)
    assert roles.find(shop, "shop", "dresser") == listed[1]


def test_names_are_taken_once_per_account(shop: Store) -> None:
    accounts.create(shop, "other")
    roles.create(shop, "shop", "dresser")
    roles.create(shop, "other", "dresser")
    with pytest.raises(AccountError, match="shop has a role named dresser already"):
        roles.create(shop, "shop", "dresser")
    with pytest.raises(AccountError, match="a role's name has 1 to 64"):
        roles.create(shop, "shop", "a/b")
    with pytest.raises(AccountError, match="no account named nobody"):
        roles.create(shop, "nobody", "dresser")


@pytest.mark.parametrize("document", ["", "{}", POLICY, trust().replace("uin/7:root", "anyone")])
def test_what_is_no_trust_policy_is_refused(shop: Store, audited, document: str) -> None:
    roles.create(shop, "shop", "there", trust())
    with pytest.raises(AccountError, match="this is no trust policy"):
        roles.create(shop, "shop", "dresser", document)
    with pytest.raises(AccountError, match="this is no trust policy"):
        roles.update_role(shop, "shop", "there", trust=document)
    assert [role.name for role in roles.listing(shop, "shop")] == ["there"]
    assert roles.find(shop, "shop", "there").trust == trust()
    assert len(audited("roles")) == 1


@pytest.mark.parametrize("seconds", [0, -1, 43_201])
def test_lives_that_no_role_gives(shop: Store, seconds: int) -> None:
    roles.create(shop, "shop", "there")
    with pytest.raises(AccountError, match="from 1 to 43200"):
        roles.create(shop, "shop", "dresser", max_seconds=seconds)
    with pytest.raises(AccountError, match="from 1 to 43200"):
        roles.update_role(shop, "shop", "there", max_seconds=seconds)


def test_a_role_is_changed_in_part(shop: Store, audited) -> None:
    roles.create(shop, "shop", "dresser", trust(1))
    roles.update_role(shop, "shop", "dresser", max_seconds=60)
    assert (roles.find(shop, "shop", "dresser").max_seconds, roles.find(shop, "shop", "dresser").trust) == (
        60,
        trust(1),
    )
    roles.update_role(shop, "shop", "dresser", trust=trust(2))
    assert (roles.find(shop, "shop", "dresser").max_seconds, roles.find(shop, "shop", "dresser").trust) == (
        60,
        trust(2),
    )
    with pytest.raises(AccountError, match="nothing to change"):
        roles.update_role(shop, "shop", "dresser")
    assert audited("roles.update") == [
        ("shop", "dresser", {"max_seconds": 60}),
        ("shop", "dresser", {"trust": trust(2)}),
    ]


def test_policies_are_attached_and_detached(shop: Store, audited) -> None:
    roles.create(shop, "shop", "dresser")
    policies.create(shop, "shop", "all", POLICY)
    roles.attach(shop, "shop", "dresser", "all")
    assert roles.find(shop, "shop", "dresser").policies == ("all",)
    assert policies.find(shop, "shop", "all").attached == ("role/dresser",)
    with pytest.raises(AccountError, match="attached to the role dresser already"):
        roles.attach(shop, "shop", "dresser", "all")
    with pytest.raises(AccountError, match="detach it first"):
        policies.remove(shop, "shop", "all")
    roles.detach(shop, "shop", "dresser", "all")
    assert roles.find(shop, "shop", "dresser").policies == ()
    with pytest.raises(AccountError, match="is not attached to the role dresser"):
        roles.detach(shop, "shop", "dresser", "all")
    assert [len(audited(f"roles.{verb}")) for verb in ("attach", "detach")] == [1, 1]


def test_a_policy_of_another_account_is_none(shop: Store) -> None:
    accounts.create(shop, "other")
    policies.create(shop, "other", "all", POLICY)
    roles.create(shop, "shop", "dresser")
    with pytest.raises(AccountError, match="shop has no policy named all"):
        roles.attach(shop, "shop", "dresser", "all")


@pytest.mark.parametrize(
    "change",
    [
        roles.remove,
        roles.end_sessions,
        roles.find,
        lambda *names: roles.attach(*names, "all"),
        lambda *names: roles.detach(*names, "all"),
        lambda *names: roles.update_role(*names, max_seconds=1),
    ],
)
def test_what_does_not_exist_is_an_error(shop: Store, audited, change) -> None:
    with pytest.raises(AccountError, match="roles create shop dresser"):
        change(shop, "shop", "dresser")
    assert audited("roles") == []


async def test_a_running_server_follows(shop: Store, clock, audited) -> None:
    arn = roles.create(shop, "shop", "dresser")
    policies.create(shop, "shop", "all", POLICY)
    roles.attach(shop, "shop", "dresser", "all")
    made = keys.create(shop, "shop")
    directory = Directory(shop.database, shop.vault)
    issuer = Issuer(directory, shop.database, shop.vault, clock)
    directory.update()
    caller = await directory.find(made.secret_id, None)
    assert caller is not None

    async def session():
        role = issuer.role(arn)
        assert role is not None
        assert [policy.name for policy in role.policies] == ["all"]
        return await issuer.issue(caller, role, Wanted("AssumeRole", "night", 60, None))

    async def works(issued) -> bool:
        directory.update()
        try:
            return await directory.find(issued.secret_id, issued.token) is not None
        except ApiError:
            return False

    first = await session()
    assert await works(first)
    clock.now += 1
    roles.end_sessions(shop, "shop", "dresser")
    assert not await works(first)
    clock.now += 1
    second = await session()
    assert await works(second)
    roles.remove(shop, "shop", "dresser")
    assert not await works(second)
    assert issuer.role(arn) is None
    with shop.reading() as connection:
        assert connection.execute(schema.attachments.select()).all() == []
