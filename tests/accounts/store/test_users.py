import time

import pytest
from sqlalchemy import select

from fittingroom.accounts import AccountError, Directory, Store, schema
from fittingroom.accounts.store import accounts, keys, policies, users
from fittingroom.errors import ApiError

pytestmark = pytest.mark.anyio


def test_a_user_is_created_and_listed_after_the_root_user(shop: Store, audited) -> None:
    uin = users.create(shop, "shop", "alice")
    users.create(shop, "shop", "Bob")
    root, *others = users.listing(shop, "shop")
    assert (root.name, root.root) == ("root", True)
    assert sorted(user.name for user in others) == ["Bob", "alice"]
    alice = next(user for user in others if user.name == "alice")
    assert (alice.uin, alice.root, alice.enabled, alice.keys, alice.policies) == (uin, False, True, 0, ())
    assert 10**11 <= uin < 10**12
    assert audited("users.create")[0] == ("shop", "alice", {"uin": uin})


def test_names_are_taken_once_per_account(shop: Store) -> None:
    accounts.create(shop, "other")
    users.create(shop, "shop", "alice")
    users.create(shop, "other", "alice")
    for taken in ("alice", "root"):
        with pytest.raises(AccountError, match=f"shop has a user named {taken} already"):
            users.create(shop, "shop", taken)
    with pytest.raises(AccountError, match="a user's name has 1 to 64"):
        users.create(shop, "shop", "a b")
    with pytest.raises(AccountError, match="no account named nobody"):
        users.create(shop, "nobody", "alice")


@pytest.mark.parametrize("change", [users.enable, users.disable, users.end_sessions, users.remove])
def test_what_does_not_exist_is_an_error(shop: Store, audited, change) -> None:
    with pytest.raises(AccountError, match="users create shop alice"):
        change(shop, "shop", "alice")
    assert audited("users") == []


async def test_a_disabled_user_signs_nothing_until_it_is_enabled(shop: Store, audited) -> None:
    users.create(shop, "shop", "alice")
    permanent = keys.create(shop, "shop", "alice")
    temporary = keys.create_temporary(shop, "shop", "alice", 60)
    directory = Directory(shop.database, shop.vault)

    async def works() -> tuple[bool, bool]:
        directory.update()
        found = await directory.find(permanent.secret_id, None)
        assert found is not None
        try:
            return found.enabled, await directory.find(temporary.secret_id, temporary.token) is not None
        except ApiError:
            return found.enabled, False

    assert await works() == (True, True)
    users.disable(shop, "shop", "alice")
    assert await works() == (False, False)
    users.enable(shop, "shop", "alice")
    assert await works() == (True, True)
    assert [len(audited(f"users.{verb}")) for verb in ("disable", "enable")] == [1, 1]


async def test_ended_sessions_are_refused_and_new_ones_work(shop: Store, clock, audited) -> None:
    users.create(shop, "shop", "alice")
    old = keys.create_temporary(shop, "shop", "alice", 60)
    of_root = keys.create_temporary(shop, "shop", None, 60)
    permanent = keys.create(shop, "shop", "alice")
    directory = Directory(shop.database, shop.vault, clock=time.monotonic)
    clock.now += 1
    users.end_sessions(shop, "shop", "alice")
    clock.now += 1
    new = keys.create_temporary(shop, "shop", "alice", 60)
    directory.update()
    with pytest.raises(ApiError, match="TokenFailure"):
        await directory.find(old.secret_id, old.token)
    for key in (new, of_root, permanent):
        assert await directory.find(key.secret_id, key.token) is not None
    clock.now = 1_000_000.0


async def test_a_deleted_user_leaves_nothing_that_works(shop: Store, audited) -> None:
    users.create(shop, "shop", "alice")
    permanent = keys.create(shop, "shop", "alice")
    temporary = keys.create_temporary(shop, "shop", "alice", 60)
    policies.create(
        shop, "shop", "all", '{"version":"2.0","statement":[{"effect":"allow","action":"*","resource":"*"}]}'
    )
    policies.attach(shop, "shop", "all", "alice")
    users.remove(shop, "shop", "alice")
    assert [user.name for user in users.listing(shop, "shop")] == ["root"]
    assert policies.find(shop, "shop", "all").attached == ()
    with shop.reading() as connection:
        assert connection.execute(select(schema.attachments)).all() == []
    directory = Directory(shop.database, shop.vault)
    directory.update()
    assert await directory.find(permanent.secret_id, None) is None
    with pytest.raises(ApiError, match="TokenFailure"):
        await directory.find(temporary.secret_id, temporary.token)
    (row,) = audited("users.delete")
    assert row[2]["keys"] == 1
    users.create(shop, "shop", "alice")


def test_the_root_user_stays(shop: Store) -> None:
    with pytest.raises(AccountError, match="root user cannot be deleted"):
        users.remove(shop, "shop", "root")
    assert len(users.listing(shop, "shop")) == 1
