import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from fittingroom.accounts import AccountError, AccountStore, Database, Keyring, Vault, VaultError
from fittingroom.errors import ApiError

pytestmark = pytest.mark.anyio


@pytest.fixture
def other(tmp_path: Path) -> Iterator[AccountStore]:
    """The command line: another connection to the same files."""
    database = Database.open(tmp_path)
    yield AccountStore(database, Vault.open(tmp_path))
    database.close()


@pytest.fixture
async def keyring(database: Database, vault: Vault, clock) -> AsyncIterator[Keyring]:
    ring = Keyring(database, vault, refresh=0.01, clock=clock)
    await ring.start()
    yield ring
    await ring.stop()


async def until(condition) -> None:
    async with asyncio.timeout(5):
        while not await condition():
            await asyncio.sleep(0.01)


async def test_finds_a_key_with_all_it_needs(other: AccountStore, database: Database, vault: Vault) -> None:
    account = other.create_account("shop")
    issued = other.create_key("shop", temporary=60)
    ring = Keyring(database, vault)
    ring.update()
    found = await ring.find(issued.secret_id)
    assert found is not None
    assert (found.secret_id, found.secret_key, found.token) == (issued.secret_id, issued.secret_key, issued.token)
    assert (found.account_id, found.account_name) == (account.id, "shop")
    assert found.expires_at == issued.expires_at
    assert found.enabled


async def test_an_unknown_id_is_none(keyring: Keyring) -> None:
    assert await keyring.find("AKIDnothere") is None
    assert await keyring.find("") is None


async def test_a_new_key_is_known_without_a_restart(keyring: Keyring, other: AccountStore) -> None:
    other.create_account("shop")
    issued = other.create_key("shop")

    async def known() -> bool:
        return await keyring.find(issued.secret_id) is not None

    await until(known)


async def test_a_revoked_key_is_known_as_such_without_a_restart(keyring: Keyring, other: AccountStore) -> None:
    other.create_account("shop")
    issued = other.create_key("shop")
    keyring.update()
    other.revoke_key(issued.secret_id)

    async def revoked() -> bool:
        found = await keyring.find(issued.secret_id)
        return found is not None and not found.enabled

    await until(revoked)


async def test_finding_touches_no_disk(keyring: Keyring, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await keyring.stop()
    monkeypatch.setattr(database, "reading", lambda: pytest.fail("read the database"))
    assert await keyring.find("AKIDnothere") is None


async def test_an_unchanged_database_is_not_read_again(
    other: AccountStore, database: Database, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    other.create_account("shop")
    first = other.create_key("shop")
    opened: list[str] = []
    real = vault.open_sealed
    monkeypatch.setattr(vault, "open_sealed", lambda id_, sealed: (opened.append(id_), real(id_, sealed))[1])
    ring = Keyring(database, vault)
    ring.update()
    ring.update()
    assert opened == [first.secret_id]
    second = other.create_key("shop")
    ring.update()
    assert opened == [first.secret_id, second.secret_id]


async def test_a_record_shows_no_secret(other: AccountStore, database: Database, vault: Vault) -> None:
    other.create_account("shop")
    issued = other.create_key("shop", temporary=60)
    ring = Keyring(database, vault)
    ring.update()
    shown = repr(await ring.find(issued.secret_id))
    assert issued.secret_id in shown
    assert issued.secret_key not in shown
    assert issued.token is not None
    assert issued.token not in shown


async def test_a_replaced_master_key_is_an_error_at_start(
    other: AccountStore, database: Database, tmp_path: Path
) -> None:
    other.create_account("shop")
    other.create_key("shop")
    (tmp_path / "master.key").unlink()
    with pytest.raises(VaultError, match="replaced or lost"):
        await Keyring(database, Vault.open(tmp_path)).start()


async def test_a_copy_that_cannot_be_confirmed_is_not_used(keyring: Keyring, database: Database, clock) -> None:
    await keyring.stop()
    clock.now += 29
    assert await keyring.find("AKIDnothere") is None
    clock.now += 2
    with pytest.raises(ApiError) as caught:
        await keyring.find("AKIDnothere")
    assert caught.value.code == "InternalError"
    keyring.update()
    assert await keyring.find("AKIDnothere") is None


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (AccountError("the database of accounts failed: disk I/O error"), "the database of accounts failed"),
        (RuntimeError("nobody thought of it"), "RuntimeError: nobody thought of it"),
    ],
)
async def test_following_outlives_a_broken_database_and_says_so(
    keyring: Keyring,
    other: AccountStore,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    failure: Exception,
    said: str,
) -> None:

    def broken() -> int:
        raise failure

    with capture_logs() as logs, monkeypatch.context() as patch:
        patch.setattr(database, "revision", broken)

        async def complained() -> bool:
            return any(said in entry["detail"] for entry in logs if entry["event"] == "keys_unreadable")

        await until(complained)
    other.create_account("shop")
    issued = other.create_key("shop")

    async def known() -> bool:
        return await keyring.find(issued.secret_id) is not None

    await until(known)
