import asyncio
import contextlib

import pytest
from structlog.testing import capture_logs

from fittingroom.accounts import AccountError, Directory, Store
from fittingroom.accounts.last_used import SECONDS, LastUsed
from fittingroom.accounts.store import accounts, keys

pytestmark = pytest.mark.anyio


@pytest.fixture
def two(store: Store) -> tuple[str, str]:
    accounts.create(store, "shop")
    return keys.create(store, "shop").secret_id, keys.create(store, "shop").secret_id


def used(store: Store) -> dict[str, float | None]:
    return {key.secret_id: key.used_at for key in keys.listing(store)}


async def test_what_gathered_is_written_at_the_end_and_raises_no_revision(store: Store, two, clock) -> None:
    noted = LastUsed(store.database, clock=clock)
    revision = store.database.revision()
    noted.note(two[0])
    clock.now += 5
    noted.note(two[0])
    assert used(store) == {two[0]: None, two[1]: None}, "a request writes nothing"
    await noted.stop()
    assert used(store) == {two[0]: clock.now, two[1]: None}
    assert store.database.revision() == revision


async def test_it_is_written_now_and_then_in_one_transaction(store: Store, two, clock, monkeypatch) -> None:
    assert SECONDS == 60
    begun: list[object] = []
    real = store.database.writing
    monkeypatch.setattr(store.database, "writing", lambda: (begun.append(1), real())[1])
    noted = LastUsed(store.database, seconds=0.05, clock=clock)
    await noted.start()
    for _ in range(100):
        for id_ in two:
            noted.note(id_)
    async with asyncio.timeout(5):
        while not begun:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.15)
    await noted.stop()
    assert len(begun) == 1, "one writing for two keys, and none where nothing gathered"
    assert set(used(store).values()) == {clock.now}


async def test_it_never_goes_back(store: Store, two, clock) -> None:
    late, early = LastUsed(store.database, clock=lambda: 2000.0), LastUsed(store.database, clock=lambda: 1000.0)
    for server in (late, early):
        server.note(two[0])
        await server.stop()
    assert used(store)[two[0]] == 2000.0


async def test_what_cannot_be_written_is_kept_and_said(store: Store, two, clock, monkeypatch) -> None:
    noted = LastUsed(store.database, clock=clock)

    @contextlib.contextmanager
    def broken():
        raise AccountError("the database of accounts failed: gone")
        yield

    noted.note(two[0])
    with capture_logs() as logs, monkeypatch.context() as patch:
        patch.setattr(store.database, "writing", broken)
        noted.note(two[1])
        await noted.stop()
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [("last_used_unwritten", "warning")]
    clock.now += 1
    noted.note(two[1])
    await noted.stop()
    assert used(store) == {two[0]: clock.now - 1, two[1]: clock.now}


async def test_it_outlives_what_nobody_thought_of(store: Store, two, clock, monkeypatch) -> None:
    noted = LastUsed(store.database, seconds=0.01, clock=clock)
    with capture_logs() as logs, monkeypatch.context() as patch:
        patch.setattr(noted, "_write", lambda _gathered: 1 // 0)
        noted.note(two[0])
        await noted.start()
        async with asyncio.timeout(5):
            while not logs:
                await asyncio.sleep(0.01)
    assert "ZeroDivisionError" in logs[0]["detail"]
    noted.note(two[1])
    async with asyncio.timeout(5):
        while used(store)[two[1]] is None:
            await asyncio.sleep(0.01)
    await noted.stop()


async def test_a_server_writes_the_use_of_permanent_keys_alone(store: Store, two, monkeypatch) -> None:
    brief = keys.create_temporary(store, "shop", None, 60)
    writes: list[object] = []
    real = store.database.writing
    monkeypatch.setattr(store.database, "writing", lambda: (writes.append(1), real())[1])
    for id_, token, written in ((brief.secret_id, brief.token, 0), (two[0], None, 1)):
        directory = Directory(store.database, store.vault)
        await directory.start()
        record = await directory.find(id_, token)
        assert record is not None
        directory.used(record)
        await directory.stop()
        assert len(writes) == written
    assert used(store)[two[0]] is not None
    assert used(store)[two[1]] is None
