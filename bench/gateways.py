"""The two servers of `admission.py`: the same wire and action, with the work on pictures taken out of both.

`signed` knows one key and asks nothing more; `full` asks everything a real server asks: keys from the database, address
lists, policies, rates, permits, ledger. What they answer is the same, so the difference is what asking costs.
Settings come from the environment, as of `fittingroom serve`; SECRET_ID and SECRET_KEY name the one key.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

from starlette.applications import Starlette

from fittingroom.accounts import AccountRecord, KeyRecord, Principal, PrincipalKind
from fittingroom.configuration import load_configuration
from fittingroom.dispatch.protocol import DispatchStatus
from fittingroom.pipeline import RenderedImage, RenderJob
from fittingroom.server.run import application
from fittingroom.server.services import local_services
from fittingroom.wire import api, build_app

PICTURE = b"\xff\xd8" + b"p" * 3000 + b"\xff\xd9"


class NoPictures:
    """Fetcher and dispatcher that answer at once."""

    async def start(self) -> None:
        pass

    async def close(self) -> None:
        pass

    async def fetch(self, url: str, **_bounds: Any) -> bytes:
        return b"a picture"

    async def render(self, job: RenderJob, *, deadline: float) -> RenderedImage:
        return RenderedImage(PICTURE, "image/jpeg", 768, 1024, "none", {}, 1.0, ())

    async def drain(self, grace: float) -> None:
        pass

    def kill(self) -> None:
        pass

    def status(self) -> DispatchStatus:
        return DispatchStatus("READY", "none", 1, 0)


class Nothing:
    """Permits, rates, billing and whatever else is asked of an account: always granted, nothing noted."""

    @contextlib.asynccontextmanager
    async def hold(self, *_asked: object) -> AsyncIterator[None]:
        yield

    @contextlib.asynccontextmanager
    async def answering(self, *_asked: object) -> AsyncIterator[None]:
        yield

    @contextlib.asynccontextmanager
    async def reserve(self, *_asked: object) -> AsyncIterator[Nothing]:
        yield self

    async def charge(self) -> None:
        pass

    async def count_address(self, *_asked: object) -> None:
        pass

    async def count_account(self, *_asked: object) -> None:
        pass

    def note(self, *_asked: object, **_named: object) -> None:
        pass


class OneKey:
    """The only key there is."""

    def __init__(self) -> None:
        account = AccountRecord("bench", 1, "bench")
        principal = Principal(PrincipalKind.ROOT, "root", 1, "root", account)
        self._record = KeyRecord(os.environ["SECRET_ID"], os.environ["SECRET_KEY"], principal)

    async def find(self, secret_id: str, token: str | None) -> KeyRecord | None:
        return self._record if secret_id == self._record.secret_id else None

    def used(self, record: KeyRecord) -> None:
        pass


def signed() -> Starlette:
    """The bare signed endpoint: signature, parsing, binding, envelope, log line."""
    settings = load_configuration().settings
    pictures, nothing = NoPictures(), Nothing()
    api.access = SimpleNamespace(check=nothing.note)  # type: ignore[attr-defined]
    real = local_services(settings)
    real.database.close()
    parts = {field.name: getattr(real, field.name) for field in dataclasses.fields(real)}
    parts |= {"keys": OneKey(), "permits": nothing, "rates": nothing, "billing": nothing}
    services = SimpleNamespace(**{**parts, "fetcher": pictures, "dispatcher": pictures})
    services.probe = nothing.note
    return build_app(services, settings)


def full() -> Starlette:
    """The server as `fittingroom serve` composes it, without the work on pictures."""
    settings = load_configuration().settings
    pictures = NoPictures()
    real = dataclasses.replace(local_services(settings), fetcher=pictures, dispatcher=pictures)  # type: ignore[arg-type]
    object.__setattr__(real, "probe", Nothing().note)
    return application(settings, real)
