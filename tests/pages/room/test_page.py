"""What the room does by itself, without a request that another test of a running server could make."""

import asyncio
import time
from types import SimpleNamespace
from typing import Any, cast

import httpx2 as httpx
from starlette.applications import Starlette

from fittingroom.pages.room import Room
from fittingroom.pages.room.sessions import Visits
from fittingroom.settings import Settings


def test_visitors_are_forgotten_even_if_nobody_asks_for_anything_any_more(monkeypatch: Any) -> None:
    opened: list[Visits] = []
    init = Visits.__init__

    def remember(self: Visits, *args: Any) -> None:
        opened.append(self)
        init(self, *args)

    monkeypatch.setattr(Visits, "__init__", remember)

    async def main() -> None:
        status = SimpleNamespace(status=lambda: SimpleNamespace(engine="flat"))
        services = cast(Any, SimpleNamespace(dispatcher=status))
        settings = Settings.model_validate({"pages": {"room_ttl": 0.2}})
        nothing = cast(Any, None)
        room = Room(nothing, services, nothing, nothing, nothing, settings)
        transport = httpx.ASGITransport(app=Starlette(routes=room.routes()))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            for _ in range(2):
                assert (await client.post("/room/session")).status_code == 200
                assert len(opened[0]) == 1
                until = time.monotonic() + 5
                while len(opened[0]):
                    assert time.monotonic() < until, "still here"
                    await asyncio.sleep(0.02)

    asyncio.run(main())
