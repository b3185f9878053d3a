import pytest
from sqlalchemy import insert

from fittingroom.accounts import AccountError, Database, Store, schema
from fittingroom.accounts.store import accounts, keys, users


def test_an_account_is_created_and_listed(store: Store, audited) -> None:
    accounts.create(store, "shop")
    made = accounts.create(store, "atelier")
    assert [account.name for account in accounts.listing(store)] == ["atelier", "shop"]
    assert accounts.listing(store)[0] == made == accounts.find(store, "atelier")
    assert (made.created_at, made.status, made.plan) == (1_000_000.0, "active", "free")
    assert (made.users, made.keys, made.concurrency, made.rate) == (1, 0, None, None)
    assert [row[:2] for row in audited("accounts.create")] == [("shop", "shop"), ("atelier", "atelier")]


def test_it_begins_with_a_root_user_of_its_number(store: Store) -> None:
    made = accounts.create(store, "shop")
    (root,) = users.listing(store, "shop")
    assert (root.name, root.root, root.enabled, root.uin) == ("root", True, True, made.uin)


def test_a_name_is_taken_once(store: Store, audited) -> None:
    accounts.create(store, "shop")
    with pytest.raises(AccountError, match="named shop already"):
        accounts.create(store, "shop")
    assert len(accounts.listing(store)) == 1
    assert len(audited("accounts")) == 1


@pytest.mark.parametrize("name", ["", " shop", "-x", "a" * 65, "a/b", "a\nb", "店"])
def test_odd_names_are_refused(store: Store, name: str) -> None:
    with pytest.raises(AccountError, match="an account's name has 1 to 64"):
        accounts.create(store, name)


@pytest.mark.parametrize("name", ["a", "0", "shop-1.example@x_y", "a" * 64])
def test_plain_names_are_taken(store: Store, name: str) -> None:
    assert accounts.create(store, name).name == name


def test_it_counts_its_own_users_and_keys(shop: Store) -> None:
    accounts.create(shop, "other")
    users.create(shop, "shop", "alice")
    for user in (None, "alice", "alice"):
        keys.create(shop, "shop", user)
    keys.create(shop, "other")
    keys.revoke(shop, keys.listing(shop, "shop", "alice")[0].secret_id)
    assert {one.name: (one.users, one.keys) for one in accounts.listing(shop)} == {"shop": (2, 2), "other": (1, 1)}


def test_it_can_be_renamed(shop: Store, audited) -> None:
    before = accounts.find(shop, "shop")
    accounts.rename(shop, "shop", "boutique")
    (after,) = accounts.listing(shop)
    assert (after.name, after.id, after.uin) == ("boutique", before.id, before.uin)
    assert audited("accounts.rename") == [("boutique", "boutique", {"before": "shop"})]


@pytest.mark.parametrize(
    ("name", "new_name", "said"),
    [("shop", "other", "named other already"), ("shop", "a b", "1 to 64"), ("nobody", "x", "no account named nobody")],
)
def test_a_name_that_will_not_do_changes_nothing(shop: Store, audited, name: str, new_name: str, said: str) -> None:
    accounts.create(shop, "other")
    with pytest.raises(AccountError, match=said):
        accounts.rename(shop, name, new_name)
    assert [account.name for account in accounts.listing(shop)] == ["other", "shop"]
    assert audited("accounts.rename") == []


def test_limits_of_one_account_can_be_set_and_taken_back(shop: Store, audited) -> None:
    accounts.limit(shop, "shop", {"concurrency": 3, "rate": 50})
    accounts.limit(shop, "shop", {"rate": None})
    found = accounts.find(shop, "shop")
    assert (found.concurrency, found.rate) == (3, None)
    assert [row[2] for row in audited("accounts.limit")] == [{"concurrency": 3, "rate": 50}, {"rate": None}]


@pytest.mark.parametrize("value", [-1, 100_001])
def test_limits_have_bounds(shop: Store, value: int) -> None:
    with pytest.raises(AccountError, match="rate goes from 0 to 100000"):
        accounts.limit(shop, "shop", {"rate": value})
    with pytest.raises(AccountError, match="no account named nobody"):
        accounts.limit(shop, "nobody", {"rate": 1})


def test_roles_are_named(shop: Store, database: Database) -> None:
    with database.changing() as connection:
        row = {"id": "r1", "account_id": accounts.find(shop, "shop").id, "name": "reader", "trust": "{}"}
        values = {"max_seconds": 1, "sessions_after": 0.0, "created_at": 0.0}
        connection.execute(insert(schema.roles).values(row | values))
    assert accounts.role_names(shop, "shop") == ["reader"]
