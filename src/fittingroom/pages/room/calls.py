"""The room as a caller of the API: a signed request to the same ASGI application, without a socket.

The key is temporary, made by the server for the room's account and kept in memory; it is renewed before it ends.
Invariant: what the browser sent is never signed as it came; only the parameters that `looks` composed are.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from starlette.types import ASGIApp, Message, Scope

from fittingroom.accounts import Store
from fittingroom.accounts.store import accounts, keys
from fittingroom.accounts.store.keys import IssuedKey
from fittingroom.client.signing import Credential, signed_headers
from fittingroom.setting_pages import OWN_ACCOUNT

HOST: Final = "fitting-room.internal"
VERSION: Final = "2022-12-29"
KEY_SECONDS: Final = 3600
RENEW_BEFORE: Final = 600
ROOM_JOBS: Final = 4
"""Pictures at the same time that the account made for the room may have."""


class CallGone(Exception):
    """Nobody waits for the answer any more."""


def check_account(store: Store, name: str) -> None:
    """See that an account that the operator named is there. Raises `AccountError`."""
    if name != OWN_ACCOUNT:
        accounts.find(store, name)


class RoomKey:
    """The room's temporary key, made at the first look and renewed in time, and the account of the default name.

    made: called when that account was made. clock: Unix seconds.
    """

    def __init__(
        self, store: Store, account: str, made: Callable[[], None], clock: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._account = account
        self._made = made
        self._clock = clock
        self._key: IssuedKey | None = None
        self._lock = asyncio.Lock()

    async def get(self) -> Credential:
        """A key that lives for some minutes yet. Raises `AccountError`."""
        async with self._lock:
            key = self._key
            if key is None or (key.expires_at or 0) - self._clock() < RENEW_BEFORE:
                key = await asyncio.to_thread(self._issue)
                self._key = key
        return Credential(key.secret_id, key.secret_key, key.token)

    def _issue(self) -> IssuedKey:
        if self._account == OWN_ACCOUNT and all(one.name != OWN_ACCOUNT for one in accounts.listing(self._store)):
            accounts.create(self._store, OWN_ACCOUNT)
            accounts.limit(self._store, OWN_ACCOUNT, {"concurrency": ROOM_JOBS})
            self._made()
        return keys.create_temporary(self._store, self._account, None, KEY_SECONDS)


class InnerCaller:
    """Calls actions of `app`. clock: Unix seconds, for signatures."""

    def __init__(self, app: ASGIApp, key: RoomKey, clock: Callable[[], float] = time.time) -> None:
        self._app = app
        self._key = key
        self._clock = clock

    async def call(
        self, action: str, parameters: Mapping[str, object], *, language: str, outer: Scope, gone: asyncio.Event
    ) -> dict[str, Any]:
        """The `Response` object, of a success or a refusal.

        outer: the browser's request, whose address counts. gone: set when nobody waits any more; the work then ends and
        `CallGone` is raised.
        """
        body = json.dumps(parameters).encode()  # ASCII: an address may hold half a surrogate pair
        key = await self._key.get()
        headers = signed_headers(key, host=HOST, body=body, timestamp=int(self._clock()))
        headers |= {
            "X-TC-Action": action,
            "X-TC-Version": VERSION,
            "X-TC-Language": language,
            "X-TC-Token": key.token or "",
        }
        answer = _Answer(body, gone)
        await self._app(_scope(headers, outer), answer.receive, answer.send)
        if not answer.body:
            raise CallGone
        response: dict[str, Any] = json.loads(answer.body)["Response"]
        return response


class _Answer:
    """Both ends of one request: what the application receives, and what it sends."""

    def __init__(self, body: bytes, gone: asyncio.Event) -> None:
        self.body = bytearray()
        self._request: bytes | None = body
        self._gone = gone

    async def receive(self) -> Message:
        """The body, then nothing until the browser has gone."""
        if self._request is not None:
            body, self._request = self._request, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Keep what is answered."""
        self.body += message.get("body", b"")


def _scope(headers: Mapping[str, str], outer: Scope) -> Scope:
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    # Who asks is told by the browser's own connection, and by the operator's proxies in front of it.
    raw += [(name, value) for name, value in outer["headers"] if name == b"x-forwarded-for"]
    return {
        "type": "http",
        "asgi": outer["asgi"],
        "http_version": "1.1",
        "method": "POST",
        "scheme": outer["scheme"],
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "root_path": "",
        "headers": raw,
        "client": outer.get("client"),
        "server": outer.get("server"),
        "state": dict(outer.get("state", {})),
    }
