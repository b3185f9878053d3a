"""What a running server asks of the table while somebody else changes the database."""

from __future__ import annotations

import asyncio

import pytest

from fittingroom.accounts.jobs import JobDesk
from fittingroom.settings import JobSettings

pytestmark = pytest.mark.anyio


@pytest.fixture
async def desk(tables):
    made = JobDesk(tables.database, tables.vault, JobSettings(), "one")
    yield made
    await made.stop()


async def test_a_query_waits_neither_for_a_writer_nor_behind_a_change_that_does(desk, tables, new) -> None:
    kept, waits = new(), new()
    await desk.submit(kept)
    with tables.database.changing():
        submitting = asyncio.create_task(desk.submit(waits))
        await asyncio.sleep(0.1)
        async with asyncio.timeout(3):
            assert (await desk.find(kept.id, "shop", "ChangeClothes")).state == "waiting"
        assert submitting.done() is (tables.database.dialect == "postgresql")
    await submitting
    assert (await desk.find(waits.id, "shop", "ChangeClothes")).state == "waiting"


@pytest.mark.parametrize("read", ["oldest", "due_callbacks", "late", "count", "secrets"])
async def test_what_only_reads_waits_for_no_writer(desk, tables, new, read: str) -> None:
    words = {"due_callbacks": (9, 9), "secrets": ("shop",)}.get(read, ())
    await desk.submit(new())
    with tables.database.changing():
        async with asyncio.timeout(3):
            await getattr(desk, read)(*words)
