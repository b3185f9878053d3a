"""After a purge nothing of an account lets anybody in or names anybody, and what must stay stays."""

import pytest
from sqlalchemy import Table, func, insert, select

from fittingroom.accounts import AccountError, Directory, Store, schema
from fittingroom.accounts.jobs import NewJob, callbacks
from fittingroom.accounts.jobs.table import JobTable
from fittingroom.accounts.store import accounts, keys, networks, policies, purging, roles, users
from fittingroom.errors import ApiError

pytestmark = pytest.mark.anyio

POLICY = '{"version": "2.0", "statement": [{"effect": "allow", "action": "aiart:*", "resource": "*"}]}'


@pytest.fixture
def full(shop: Store) -> Store:
    """The account `shop` with one of everything, and beside it `other` with a key and a user."""
    for name in ("shop", "other"):
        if name == "other":
            accounts.create(shop, name)
        users.create(shop, name, "alice")
        keys.create(shop, name, "alice")
        keys.create(shop, name)
        policies.create(shop, name, "clothes", POLICY)
        policies.attach(shop, name, "clothes", "alice")
        roles.create(shop, name, "dresser")
        roles.attach(shop, name, "dresser", "clothes")
        networks.add(shop, name, "deny", "192.0.2.0/24")
        callbacks.rotate(shop, name)
        account_id = accounts.find(shop, name).id
        job = NewJob(account_id, "ChangeClothes", "request", "en-US", "", "{}")
        assert JobTable(shop.database, shop.vault, "gateway", 30.0).add(job, 1)
    return shop


def rows(store: Store, table: Table) -> int:
    with store.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_everything_of_the_account_goes_and_the_other_stays(full: Store, audited) -> None:
    before = accounts.find(full, "shop")
    purged = purging.purge(full, "shop")
    assert (purged.account_id, purged.name) == (before.id, f"purged-{before.uin}")
    assert (purged.users, purged.keys, purged.roles, purged.policies, purged.networks) == (1, 2, 1, 1, 1)
    assert purged.jobs == 1
    assert (callbacks.show(full, purged.name), callbacks.show(full, "other") is None) == (None, False)
    for table in (schema.keys, schema.roles, schema.policies, schema.networks, schema.attachments, schema.jobs):
        assert rows(full, table) == {"keys": 2, "attachments": 2}.get(table.name, 1)
    left = users.listing(full, purged.name)
    assert [(user.name, user.root, user.enabled, user.sessions_after) for user in left] == [
        ("root", True, False, 1_000_000.0)
    ]
    assert [account.name for account in accounts.listing(full)] == ["other", purged.name]
    assert audited("accounts.purge") == [
        (purged.name, purged.name, {"jobs": 1, "keys": 2, "networks": 1, "policies": 1, "roles": 1, "users": 1})
    ]


async def test_a_running_server_lets_nobody_in(full: Store) -> None:
    directory = Directory(full.database, full.vault)
    key = keys.create(full, "shop")
    temporary = keys.create_temporary(full, "shop", None, 3600)
    directory.update()
    assert await directory.find(key.secret_id, None) is not None
    assert await directory.find(temporary.secret_id, temporary.token) is not None
    purging.purge(full, "shop")
    directory.update()
    assert await directory.find(key.secret_id, None) is None
    with pytest.raises(ApiError) as caught:
        await directory.find(temporary.secret_id, temporary.token)
    assert caught.value.reason == "token_failure"


def test_the_ledger_and_the_audit_stay(full: Store) -> None:
    account = accounts.find(full, "shop")
    row = {"account_id": account.id, "kind": "grant", "note": "", "at": 0.0}
    with full.database.writing() as connection:
        connection.execute(insert(schema.ledger_transactions).values(row))
    kept = rows(full, schema.audit)
    purging.purge(full, "shop")
    assert rows(full, schema.ledger_transactions) == 1
    assert rows(full, schema.audit) == kept + 1


def test_purging_again_changes_nothing_more(full: Store) -> None:
    name = purging.purge(full, "shop").name
    again = purging.purge(full, name)
    assert (again.name, again.keys, again.users) == (name, 0, 0)


def test_an_unknown_account_is_an_error(shop: Store) -> None:
    with pytest.raises(AccountError, match="nobody"):
        purging.purge(shop, "nobody")
