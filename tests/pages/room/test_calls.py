"""The room's key, and what of the browser's request reaches the API."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from fittingroom.accounts import AccountError, Database, Store, Vault
from fittingroom.accounts.store import accounts
from fittingroom.pages.room.calls import KEY_SECONDS, RENEW_BEFORE, CallGone, InnerCaller, RoomKey, check_account
from fittingroom.setting_pages import OWN_ACCOUNT


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    database = Database.open(tmp_path)
    yield Store(database, Vault.open(tmp_path), "server:room")
    database.close()


def test_the_account_is_made_once_and_the_key_again_before_it_ends(store: Store) -> None:
    begun, made = time.time(), []
    clock = SimpleNamespace(now=begun)
    key = RoomKey(store, OWN_ACCOUNT, lambda: made.append("account"), lambda: clock.now)

    async def ids() -> list[str]:
        told = []
        for seconds in (0, KEY_SECONDS - RENEW_BEFORE - 30, KEY_SECONDS - RENEW_BEFORE + 30):
            clock.now = begun + seconds
            told.append((await key.get()).secret_id)
        return told

    first, second, third = asyncio.run(ids())
    assert first == second != third
    assert made == ["account"]
    assert [one.name for one in accounts.listing(store)] == [OWN_ACCOUNT]


def test_an_account_that_is_named_has_to_be_there(store: Store) -> None:
    check_account(store, OWN_ACCOUNT)
    with pytest.raises(AccountError, match="nobody"):
        check_account(store, "nobody")


def outer() -> dict[str, Any]:
    headers = [(b"cookie", b"fitting_room=secret"), (b"x-forwarded-for", b"8.8.8.8"), (b"x-tc-action", b"Other")]
    return {"asgi": {}, "scheme": "http", "headers": headers, "client": ("127.0.0.1", 5), "state": {"a": 1}}


def called(store: Store, answer: bytes | None) -> tuple[dict[str, Any], bytes, dict[str, Any] | None]:
    """The scope and body that the application got, and what the caller was told; None where it was told nothing."""
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.extend([scope, (await receive())["body"]])
        if answer is None:
            assert (await receive())["type"] == "http.disconnect"
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": answer})

    async def main() -> dict[str, Any] | None:
        gone = asyncio.Event()
        caller = InnerCaller(app, RoomKey(store, OWN_ACCOUNT, lambda: None))
        if answer is None:
            gone.set()
        try:
            return await caller.call("ChangeOutfit", {"A": "你"}, language="zh-CN", outer=outer(), gone=gone)
        except CallGone:
            return None

    told = asyncio.run(main())
    return cast(dict[str, Any], seen[0]), seen[1], told


def test_of_the_browsers_request_only_its_address_reaches_the_api(store: Store) -> None:
    scope, body, told = called(store, b'{"Response": {"RequestId": "1"}}')
    assert told == {"RequestId": "1"}
    assert json.loads(body) == {"A": "你"}
    headers = dict(scope["headers"])
    assert headers[b"x-forwarded-for"] == b"8.8.8.8"
    assert (headers[b"x-tc-action"], headers[b"x-tc-language"]) == (b"ChangeOutfit", b"zh-CN")
    assert b"cookie" not in headers
    assert len(headers) == len(scope["headers"])
    assert scope["client"] == ("127.0.0.1", 5)


def test_when_nobody_waits_any_more_the_application_is_told(store: Store) -> None:
    assert called(store, None)[2] is None
