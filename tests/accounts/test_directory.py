import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from fittingroom.accounts import AccountError, Database, Directory, Store, Vault, VaultError, schema
from fittingroom.accounts.store import accounts, keys
from fittingroom.errors import ApiError

pytestmark = pytest.mark.anyio


@pytest.fixture
def other(tmp_path: Path, database_url: str | None) -> Iterator[Store]:
    """The command line: another connection to the same database."""
    database = Database.open(tmp_path, database_url)
    yield Store(database, Vault.open(tmp_path), "cli:alice")
    database.close()


@pytest.fixture
async def following(database: Database, vault: Vault, clock) -> AsyncIterator[Directory]:
    made = Directory(database, vault, refresh=0.01, clock=clock)
    await made.start()
    yield made
    await made.stop()


async def until(condition) -> None:
    async with asyncio.timeout(5):
        while not await condition():
            await asyncio.sleep(0.01)


async def test_finds_a_key_with_all_it_needs(other: Store, database: Database, vault: Vault) -> None:
    account = accounts.create(other, "shop")
    issued = keys.create(other, "shop")
    made = Directory(database, vault)
    made.update()
    found = await made.find(issued.secret_id, None)
    assert found is not None
    assert (found.secret_id, found.secret_key, found.token) == (issued.secret_id, issued.secret_key, None)
    assert (found.principal.account.id, found.principal.account.name) == (account.id, "shop")
    assert found.principal.kind == "root"
    assert found.principal.uin == found.principal.account.uin
    assert found.expires_at is None
    assert found.enabled


async def test_a_temporary_key_is_known_by_its_token_alone(other: Store, database: Database, vault: Vault) -> None:
    following = Directory(database, vault)
    account = accounts.create(other, "shop")
    following.update()
    issued = keys.create_temporary(other, "shop", None, 60)
    found = await following.find(issued.secret_id, issued.token)
    assert found is not None
    assert (found.secret_key, found.token, found.expires_at) == (issued.secret_key, issued.token, issued.expires_at)
    assert found.principal.account.id == account.id


async def test_a_temporary_key_needs_its_own_token(other: Store, database: Database, vault: Vault) -> None:
    following = Directory(database, vault)
    accounts.create(other, "shop")
    following.update()
    issued, another = keys.create_temporary(other, "shop", None, 60), keys.create_temporary(other, "shop", None, 60)
    for token in (None, "", "x" * 128, another.token):
        with pytest.raises(ApiError) as caught:
            await following.find(issued.secret_id, token)
        assert caught.value.code == "AuthFailure.TokenFailure"
    stranger = issued.secret_id[:-1] + ("0" if issued.secret_id[-1] != "0" else "1")
    assert await following.find(stranger, issued.token) is None


async def test_sessions_end_with_their_user(other: Store, database: Database, vault: Vault, clock) -> None:
    following = Directory(database, vault)
    accounts.create(other, "shop")
    issued = keys.create_temporary(other, "shop", None, 60)
    for change in ({"enabled": False}, {"enabled": True, "sessions_after": time.time() + 1}):
        with database.changing() as connection:
            connection.execute(update(schema.users).values(change))
        following.update()
        with pytest.raises(ApiError, match="TokenFailure"):
            await following.find(issued.secret_id, issued.token)
    with database.changing() as connection:
        connection.execute(update(schema.users).values(sessions_after=0.0))
    following.update()
    assert await following.find(issued.secret_id, issued.token) is not None


async def test_an_unknown_id_is_none(following: Directory) -> None:
    assert await following.find("AKIDnothere", None) is None
    assert await following.find("", None) is None


async def test_a_new_key_is_known_without_a_restart(following: Directory, other: Store) -> None:
    accounts.create(other, "shop")
    issued = keys.create(other, "shop")

    async def known() -> bool:
        return await following.find(issued.secret_id, None) is not None

    await until(known)


async def test_a_revoked_key_is_unknown_without_a_restart(following: Directory, other: Store) -> None:
    accounts.create(other, "shop")
    issued = keys.create(other, "shop")
    following.update()
    keys.revoke(other, issued.secret_id)

    async def revoked() -> bool:
        return await following.find(issued.secret_id, None) is None

    await until(revoked)


async def test_finding_touches_no_disk(
    following: Directory, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await following.stop()
    monkeypatch.setattr(database, "reading", lambda: pytest.fail("read the database"))
    assert await following.find("AKIDnothere", None) is None


async def test_an_unchanged_database_is_not_read_again(
    other: Store, database: Database, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts.create(other, "shop")
    first = keys.create(other, "shop")
    opened: list[str] = []
    real = vault.open_sealed
    monkeypatch.setattr(vault, "open_sealed", lambda id_, sealed: (opened.append(id_), real(id_, sealed))[1])
    made = Directory(database, vault)
    made.update()
    made.update()
    assert opened == [first.secret_id]
    second = keys.create(other, "shop")
    made.update()
    assert opened == [first.secret_id, second.secret_id]


async def test_a_record_shows_no_secret(other: Store, database: Database, vault: Vault) -> None:
    accounts.create(other, "shop")
    issued = keys.create_temporary(other, "shop", None, 60)
    made = Directory(database, vault)
    made.update()
    shown = repr(await made.find(issued.secret_id, issued.token))
    assert issued.secret_id in shown
    assert issued.secret_key not in shown
    assert issued.token is not None
    assert issued.token not in shown


async def test_a_replaced_master_key_is_an_error_at_start(other: Store, database: Database, tmp_path: Path) -> None:
    accounts.create(other, "shop")
    keys.create(other, "shop")
    (tmp_path / "master.key").unlink()
    with pytest.raises(VaultError, match="replaced or lost"):
        await Directory(database, Vault.open(tmp_path)).start()


async def test_a_copy_that_cannot_be_confirmed_is_not_used(following: Directory, database: Database, clock) -> None:
    await following.stop()
    clock.now += 4
    assert await following.find("AKIDnothere", None) is None
    clock.now += 2
    with pytest.raises(ApiError) as caught:
        await following.find("AKIDnothere", None)
    assert caught.value.code == "InternalError"
    following.update()
    assert await following.find("AKIDnothere", None) is None


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (AccountError("the database of accounts failed: disk I/O error"), "the database of accounts failed"),
        (RuntimeError("nobody thought of it"), "RuntimeError: nobody thought of it"),
    ],
)
async def test_following_outlives_a_broken_database_and_says_so(
    following: Directory,
    other: Store,
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
    accounts.create(other, "shop")
    issued = keys.create(other, "shop")

    async def known() -> bool:
        return await following.find(issued.secret_id, None) is not None

    await until(known)
