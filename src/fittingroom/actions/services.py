"""What an action needs from the rooms around it, as protocols: the one place where the rooms meet.

The rooms below (accounts, results, dispatch, images) do not import this module; whoever composes the server checks
with mypy that each part fits. Tests pass small in-memory parts. Invariant: every method raises nothing but
`ApiError` (and, for results, `ResultForbidden` and `ResultGone`) for reasons that lie with the caller or the load.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from fittingroom.dispatch.protocol import Dispatcher


class KeyRecord(Protocol):
    """A key as the wire must know it. `accounts` has its own frozen dataclass of this shape."""

    @property
    def secret_id(self) -> str:
        """The public half, as sent by the caller."""

    @property
    def secret_key(self) -> str:
        """The secret half, in clear."""

    @property
    def account_id(self) -> str:
        """Whose key it is; permits are counted per account."""

    @property
    def account_name(self) -> str:
        """For the log."""

    @property
    def token(self) -> str | None:
        """Of a temporary key: the token that each request must carry. None: a permanent key."""

    @property
    def expires_at(self) -> float | None:
        """Unix seconds after which the key is refused, or None."""

    @property
    def enabled(self) -> bool:
        """False: revoked. The wire then answers as for an unknown key."""


class Keys(Protocol):
    """Looks keys up."""

    async def find(self, secret_id: str) -> KeyRecord | None:
        """The key, or None. Must take the same time for a known and an unknown id (answer from memory)."""


class Fetcher(Protocol):
    """The guarded fetcher of callers' URLs."""

    async def fetch(self, url: str, *, parameter: str, max_bytes: int, deadline: float) -> bytes:
        """The body behind `url`, at most `max_bytes` long.

        parameter: the request parameter to name in messages (`ModelUrl`, `LogoParam.LogoUrl`).
        deadline: `time.monotonic()` seconds. Raises `ApiError`. Cancelling the task closes the connection.
        """


class Results(Protocol):
    """Keeps results that are asked for by URL."""

    async def put(self, data: bytes, media_type: str) -> str:
        """Keep a result; the relative, signed URL, `/results/<name>?...`."""

    async def open(self, name: str, query: Mapping[str, str]) -> StoredResult:
        """The result behind `/results/<name>?<query>`.

        Raises `ResultForbidden` where the signature does not fit, `ResultGone` when expired or swept.
        """


class StoredResult(Protocol):
    """A kept result."""

    @property
    def data(self) -> bytes:
        """The file."""

    @property
    def media_type(self) -> str:
        """Its Content-Type."""


class Permits(Protocol):
    """Counts the running jobs of each account."""

    def hold(self, account_id: str) -> AbstractAsyncContextManager[None]:
        """Take one permit on entering and give it back on leaving.

        Entering never waits: it raises `ApiError("job_num_exceed")` when none is free. The action holds the permit in
        the task that awaits `Dispatcher.render`, so it returns when that task has ended, not when the answer is sent;
        a dispatcher whose `render` is cancelled must end only when the work has really stopped.
        """


class Services(Protocol):
    """All parts together."""

    @property
    def keys(self) -> Keys:
        """Keys of callers."""

    @property
    def permits(self) -> Permits:
        """Running jobs per account."""

    @property
    def fetcher(self) -> Fetcher:
        """The guarded fetcher."""

    @property
    def dispatcher(self) -> Dispatcher:
        """The way to the engine."""

    @property
    def results(self) -> Results:
        """Results by URL."""

    def probe(self, data: bytes, *, parameter: str) -> None:
        """Look at a person's or garment's header only: a known picture type, sides within the limits.

        Blocking (runs in a thread), cheap, safe on hostile bytes. Raises `ApiError`. A logo is not probed: it has other
        limits, and the worker that draws it refuses a bad one with `ApiError`.
        """
