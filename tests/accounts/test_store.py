import re
from pathlib import Path

import pytest
from sqlalchemy import select

from fittingroom.accounts import AccountError, AccountStore, Database, Vault, schema


def test_an_account_is_created_and_listed(store: AccountStore) -> None:
    store.create_account("shop")
    made = store.create_account("atelier")
    assert [account.name for account in store.list_accounts()] == ["atelier", "shop"]
    assert store.list_accounts()[0] == made
    assert made.created_at == 1_000_000.0


def test_a_name_is_taken_once(store: AccountStore) -> None:
    store.create_account("shop")
    with pytest.raises(AccountError, match="named shop already"):
        store.create_account("shop")
    assert len(store.list_accounts()) == 1


@pytest.mark.parametrize("name", ["", " shop", "-x", "a" * 65, "a/b", "a\nb", "店"])
def test_odd_names_are_refused(store: AccountStore, name: str) -> None:
    with pytest.raises(AccountError, match="1 to 64"):
        store.create_account(name)


@pytest.mark.parametrize("name", ["a", "0", "shop-1.example@x_y", "a" * 64])
def test_plain_names_are_taken(store: AccountStore, name: str) -> None:
    assert store.create_account(name).name == name


def test_a_key_has_the_shape_clients_know(store: AccountStore) -> None:
    store.create_account("shop")
    issued = store.create_key("shop")
    assert re.fullmatch(r"AKID[A-Za-z0-9]{32}", issued.secret_id)
    assert re.fullmatch(r"[A-Za-z0-9]{32}", issued.secret_key)
    assert issued.token is None
    assert issued.expires_at is None


def test_keys_are_all_different(store: AccountStore) -> None:
    store.create_account("shop")
    issued = [store.create_key("shop") for _ in range(5)]
    assert len({key.secret_id for key in issued} | {key.secret_key for key in issued}) == 10


def test_a_temporary_key_has_a_token_and_an_end(store: AccountStore) -> None:
    store.create_account("shop")
    issued = store.create_key("shop", temporary=60)
    assert issued.expires_at == 1_000_060.0
    assert issued.token
    assert store.list_keys() == [], "a temporary key has no row"


@pytest.mark.parametrize("seconds", [0, -1, 129_601])
def test_a_temporary_life_has_bounds(store: AccountStore, seconds: int) -> None:
    store.create_account("shop")
    with pytest.raises(AccountError, match="from 1 to 129600"):
        store.create_key("shop", temporary=seconds)
    assert store.list_keys() == []


def test_a_key_needs_an_account(store: AccountStore) -> None:
    with pytest.raises(AccountError, match="accounts create nobody"):
        store.create_key("nobody")
    with pytest.raises(AccountError, match="no account named nobody"):
        store.list_keys("nobody")


def test_the_list_shows_no_secret(store: AccountStore) -> None:
    store.create_account("shop")
    issued = store.create_key("shop")
    shown = repr(store.list_keys())
    assert issued.secret_id in shown
    assert issued.secret_key not in shown


def test_keys_are_listed_per_account_oldest_first(store: AccountStore, clock) -> None:
    store.create_account("shop")
    store.create_account("other")
    first = store.create_key("shop")
    clock.now += 1
    store.create_key("other")
    clock.now += 1
    last = store.create_key("shop")
    assert [key.secret_id for key in store.list_keys("shop")] == [first.secret_id, last.secret_id]
    assert [key.account_name for key in store.list_keys()] == ["shop", "other", "shop"]


def test_a_revoked_key_stays_listed_as_such(store: AccountStore) -> None:
    store.create_account("shop")
    kept, revoked = store.create_key("shop"), store.create_key("shop")
    assert store.list_accounts()[0].keys == 2
    store.revoke_key(revoked.secret_id)
    assert {key.secret_id: key.revoked_at for key in store.list_keys()} == {
        kept.secret_id: None,
        revoked.secret_id: 1_000_000.0,
    }
    assert store.list_accounts()[0].keys == 1


def test_revoking_what_does_not_exist_is_an_error_and_no_change(store: AccountStore, database: Database) -> None:
    before = database.revision()
    with pytest.raises(AccountError, match="no key AKIDx"):
        store.revoke_key("AKIDx")
    assert database.revision() == before


def test_secrets_are_sealed_in_the_database(store: AccountStore, database: Database) -> None:
    store.create_account("shop")
    issued = store.create_key("shop")
    with database.reading() as connection:
        written = repr(connection.execute(select(schema.keys)).all())
    assert issued.secret_id in written
    assert issued.secret_key not in written


def test_secrets_are_sealed_in_the_file(tmp_path: Path, vault: Vault) -> None:
    database = Database.open(tmp_path)
    store = AccountStore(database, vault)
    store.create_account("shop")
    issued = store.create_key("shop")
    database.close()
    written = b"".join(path.read_bytes() for path in tmp_path.glob("accounts.db*"))
    assert issued.secret_id.encode() in written
    assert issued.secret_key.encode() not in written
