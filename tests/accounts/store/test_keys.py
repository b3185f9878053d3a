import re
import threading
import uuid
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from fittingroom.accounts import AccountError, Database, Directory, Store, Vault, VaultError, schema
from fittingroom.accounts.jobs import JobDesk, NewJob, callbacks
from fittingroom.accounts.store import accounts, keys, users
from fittingroom.settings import JobSettings

pytestmark = pytest.mark.anyio
DAY = 86_400


def states(store: Store) -> dict[str, str]:
    return {key.secret_id: key.state(store.clock()) for key in keys.listing(store)}


def test_a_key_has_the_shape_clients_know(shop: Store) -> None:
    issued = keys.create(shop, "shop")
    assert re.fullmatch(r"AKID[A-Za-z0-9]{32}", issued.secret_id)
    assert re.fullmatch(r"[A-Za-z0-9]{32}", issued.secret_key)
    assert (issued.token, issued.expires_at) == (None, None)


def test_keys_are_all_different(shop: Store) -> None:
    issued = [keys.create(shop, "shop") for _ in range(5)]
    assert len({key.secret_id for key in issued} | {key.secret_key for key in issued}) == 10


def test_a_key_may_be_of_a_sub_user_and_have_an_end(shop: Store, clock, audited) -> None:
    users.create(shop, "shop", "alice")
    issued = keys.create(shop, "shop", "alice", days=30)
    assert issued.expires_at == 1_000_000.0 + 30 * DAY
    (listed,) = keys.listing(shop, "shop", "alice")
    assert (listed.user_name, listed.expires_at) == ("alice", issued.expires_at)
    assert audited("keys.create") == [("shop", issued.secret_id, {"user": "alice", "expires_at": issued.expires_at})]
    clock.now += 30 * DAY
    assert states(shop) == {issued.secret_id: "expired"}


@pytest.mark.parametrize("days", [0, -1, 3651])
def test_a_life_has_bounds(shop: Store, days: int) -> None:
    with pytest.raises(AccountError, match="from 1 to 3650 days"):
        keys.create(shop, "shop", days=days)


def test_a_user_has_five_keys_at_most_of_those_that_can_work(shop: Store, clock) -> None:
    users.create(shop, "shop", "alice")
    made = [keys.create(shop, "shop"), *(keys.create(shop, "shop", days=1) for _ in range(4))]
    keys.disable(shop, made[0].secret_id)
    with pytest.raises(AccountError, match="root has 5 keys, which is the most"):
        keys.create(shop, "shop")
    keys.create(shop, "shop", "alice")
    clock.now += DAY
    for _ in range(4):
        keys.create(shop, "shop")
    with pytest.raises(AccountError, match="5 keys"):
        keys.create(shop, "shop")
    keys.revoke(shop, made[0].secret_id)
    keys.create(shop, "shop")


def test_the_most_is_not_passed_by_racing(shop: Store, tmp_path: Path, database_url: str | None, vault: Vault) -> None:
    gate = threading.Barrier(8)
    told: list[str] = []

    def create() -> None:
        database = Database.open(tmp_path, database_url)
        gate.wait()
        try:
            keys.create(Store(database, vault, "cli:alice"), "shop")
        except AccountError as error:
            told.append(str(error))
        database.close()

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys.listing(shop)) == 5
    assert told == ["the user root has 5 keys, which is the most; revoke one first"] * 3


def test_a_temporary_key_has_a_token_and_an_end(shop: Store, audited) -> None:
    issued = keys.create_temporary(shop, "shop", None, 60)
    assert issued.expires_at == 1_000_060.0
    assert issued.token
    assert keys.listing(shop) == [], "a temporary key has no row"
    (row,) = audited("keys.create-temporary")
    assert row[1] == issued.secret_id


@pytest.mark.parametrize("seconds", [0, -1, 129_601])
def test_a_temporary_life_has_bounds(shop: Store, seconds: int) -> None:
    with pytest.raises(AccountError, match="from 1 to 129600"):
        keys.create_temporary(shop, "shop", None, seconds)


def test_a_key_needs_an_account_and_a_user(shop: Store) -> None:
    with pytest.raises(AccountError, match="accounts create nobody"):
        keys.create(shop, "nobody")
    with pytest.raises(AccountError, match="no account named nobody"):
        keys.listing(shop, "nobody")
    for use in (keys.create, keys.listing, lambda *words: keys.create_temporary(*words, 60)):
        with pytest.raises(AccountError, match="users create shop alice"):
            use(shop, "shop", "alice")


def test_neither_the_list_nor_the_audit_shows_a_secret(shop: Store, audited) -> None:
    issued = [keys.create(shop, "shop"), keys.create_temporary(shop, "shop", None, 60)]
    issued.append(keys.rotate(shop, issued[0].secret_id, 1))
    shown = repr(keys.listing(shop)) + repr(audited("keys")) + repr(issued)
    for key in issued:
        assert key.secret_id in shown
        assert key.secret_key not in shown
        assert key.token is None or key.token not in shown


def test_keys_are_listed_per_account_oldest_first(shop: Store, clock) -> None:
    accounts.create(shop, "other")
    first = keys.create(shop, "shop")
    clock.now += 1
    keys.create(shop, "other")
    clock.now += 1
    last = keys.create(shop, "shop")
    assert [key.secret_id for key in keys.listing(shop, "shop")] == [first.secret_id, last.secret_id]
    assert [key.account_name for key in keys.listing(shop)] == ["shop", "other", "shop"]


def test_a_key_can_be_disabled_and_enabled_and_revoked_for_good(shop: Store, audited) -> None:
    id_ = keys.create(shop, "shop").secret_id
    for change, state in ((keys.disable, "disabled"), (keys.enable, "enabled"), (keys.revoke, "revoked")):
        change(shop, id_)
        assert states(shop) == {id_: state}
    assert keys.listing(shop)[0].revoked_at == 1_000_000.0
    for verb in ("disable", "enable", "revoke"):
        assert audited(f"keys.{verb}") == [("shop", id_, {"user": "root"})]
    for change in (keys.enable, keys.disable, keys.revoke, lambda *words: keys.rotate(*words, 1)):
        with pytest.raises(AccountError, match="is revoked, which is for good"):
            change(shop, id_)


def test_a_key_of_a_disabled_user_says_so(shop: Store) -> None:
    id_ = keys.create(shop, "shop").secret_id
    users.disable(shop, "shop", "root")
    assert states(shop) == {id_: "user disabled"}


def test_changing_what_does_not_exist_is_an_error_and_no_change(shop: Store, database: Database, audited) -> None:
    before = database.revision()
    for change in (keys.enable, keys.disable, keys.revoke, lambda *words: keys.rotate(*words, 1)):
        with pytest.raises(AccountError, match="no key AKIDx"):
            change(shop, "AKIDx")
    assert database.revision() == before
    assert audited("keys") == []


def test_a_rotated_key_ends_after_the_grace(shop: Store, clock, audited) -> None:
    users.create(shop, "shop", "alice")
    old = keys.create(shop, "shop", "alice")
    new = keys.rotate(shop, old.secret_id, 2)
    assert [(key.secret_id, key.user_name) for key in keys.listing(shop) if key.secret_id == new.secret_id] == [
        (new.secret_id, "alice")
    ]
    (row,) = audited("keys.rotate")
    assert row == (
        "shop",
        old.secret_id,
        {"user": "alice", "new": new.secret_id, "old_expires_at": 1_000_000.0 + 7200, "expires_at": None},
    )
    clock.now += 7199
    assert states(shop) == {old.secret_id: "enabled", new.secret_id: "enabled"}
    clock.now += 1
    assert states(shop) == {old.secret_id: "expired", new.secret_id: "enabled"}


def test_a_rotation_never_lengthens_a_life(shop: Store) -> None:
    old = keys.create(shop, "shop", days=1)
    keys.rotate(shop, old.secret_id, 720)
    listed = {key.secret_id: key.expires_at for key in keys.listing(shop)}
    assert listed[old.secret_id] == old.expires_at


def test_a_key_with_an_end_is_replaced_by_one_that_lives_as_long(shop: Store, clock) -> None:
    old = keys.create(shop, "shop", days=30)
    clock.now += 29 * 86400
    new = keys.rotate(shop, old.secret_id, 1)
    assert new.expires_at == clock.now + 30 * 86400
    assert {key.secret_id: key.expires_at for key in keys.listing(shop)}[new.secret_id] == new.expires_at


def test_a_rotation_goes_one_above_the_most(shop: Store) -> None:
    made = [keys.create(shop, "shop") for _ in range(5)]
    keys.rotate(shop, made[0].secret_id, 1)
    with pytest.raises(AccountError, match="6 keys"):
        keys.rotate(shop, made[1].secret_id, 1)
    assert states(shop)[made[1].secret_id] == "enabled"
    assert {key.secret_id: key.expires_at for key in keys.listing(shop)}[made[1].secret_id] is None


@pytest.mark.parametrize("hours", [-1, 721])
def test_a_grace_has_bounds(shop: Store, hours: int) -> None:
    id_ = keys.create(shop, "shop").secret_id
    with pytest.raises(AccountError, match="0 to 720 hours"):
        keys.rotate(shop, id_, hours)


async def test_reseal_lets_the_old_master_key_go(shop: Store, audited) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    first = Store(shop.database, Vault([old]), "cli:alice", shop.clock)
    issued = [keys.create(first, "shop"), keys.create(first, "shop")]
    keys.revoke(first, issued[1].secret_id)
    secret = callbacks.rotate(first, "shop")
    account_id = accounts.find(first, "shop").id
    desk = JobDesk(shop.database, first.vault, JobSettings(), "gateway")
    job = NewJob(account_id, "ChangeClothes", str(uuid.uuid4()), "en-US", "", "{}", "https://example.com/")
    await desk.submit(job)
    await desk.stop()
    both = Store(shop.database, Vault([new, old]), "cli:alice", shop.clock)
    assert keys.reseal(both) == 2
    directory = Directory(shop.database, Vault([new]))
    directory.update()
    found = await directory.find(issued[0].secret_id, None)
    assert found is not None
    assert found.secret_key == issued[0].secret_key
    assert callbacks.show(Store(shop.database, Vault([new]), "cli:alice"), "shop") == secret
    desk = JobDesk(shop.database, Vault([new]), JobSettings(), "gateway")
    claimed = await desk.claim(job.id)
    assert claimed is not None
    assert claimed.parameters == "{}"
    await desk.stop()
    with pytest.raises(VaultError):
        Directory(shop.database, Vault([old])).update()
    assert audited("keys.reseal") == [("-", "all keys", {"jobs_and_webhooks": 2, "keys": 2})]


def test_reseal_of_nothing_is_nothing(shop: Store) -> None:
    assert keys.reseal(shop) == 0


def test_reseal_by_a_key_that_opens_nothing_changes_nothing(shop: Store, database: Database, audited) -> None:
    keys.create(shop, "shop")
    before = rows(database)
    with pytest.raises(VaultError):
        keys.reseal(Store(database, Vault([Fernet.generate_key().decode()]), "cli:alice"))
    assert rows(database) == before
    assert audited("keys.reseal") == []


def test_secrets_are_sealed_in_the_database(shop: Store, database: Database) -> None:
    issued = keys.create(shop, "shop")
    assert issued.secret_id in repr(rows(database))
    assert issued.secret_key not in repr(rows(database))


def test_secrets_are_sealed_in_the_file(tmp_path: Path, vault: Vault) -> None:
    database = Database.open(tmp_path)
    store = Store(database, vault, "cli:alice")
    accounts.create(store, "shop")
    issued = keys.create(store, "shop")
    database.close()
    written = b"".join(path.read_bytes() for path in tmp_path.glob("accounts.db*"))
    assert issued.secret_id.encode() in written
    assert issued.secret_key.encode() not in written


def rows(database: Database) -> list[object]:
    with database.reading() as connection:
        return list(connection.execute(select(schema.keys)).all())
