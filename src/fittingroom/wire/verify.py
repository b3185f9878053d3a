"""Decides who is asking: key, time window, signature, token, region, in this order.

An unknown SecretId is checked against a made-up key with exactly the same work, so that the time of an answer does not
tell which ids exist. Invariant: a key comes out only for a signature that fits it, and only while it is enabled.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable, Sequence
from typing import Protocol

from fittingroom.accounts.records import KeyRecord
from fittingroom.actions.services import Keys
from fittingroom.errors import ApiError
from fittingroom.settings import WireSettings

MAX_SECRET_ID = 128
_SECRET_ID = re.compile(rf"[\x21-\x7e]{{1,{MAX_SECRET_ID}}}")
_REGION = re.compile(r"[a-z]{2,16}(-[a-z0-9]{1,32}){1,4}")
_DUMMY_KEY = secrets.token_hex(16)


class SignedRequest(Protocol):
    """What both signature methods offer."""

    @property
    def secret_id(self) -> str:
        """Whose key is claimed."""

    @property
    def timestamp(self) -> str:
        """A decimal integer, Unix seconds."""

    def matches(self, secret_key: str, hosts: Sequence[str]) -> bool:
        """Whether `secret_key` made the signature for one of `hosts`."""


class Verifier:
    """Checks signed requests. clock: Unix seconds."""

    def __init__(self, keys: Keys, settings: WireSettings, clock: Callable[[], float]) -> None:
        self._keys = keys
        self._settings = settings
        self._clock = clock

    async def identify(self, request: SignedRequest, hosts: Sequence[str], token: str | None) -> KeyRecord:
        """The caller's key, or `ApiError` with one of the AuthFailure codes."""
        if not _SECRET_ID.fullmatch(request.secret_id):
            raise ApiError("secret_id_invalid", limit=MAX_SECRET_ID)
        found = await self._keys.find(request.secret_id, token)
        now = self._clock()
        record = found if found is not None and _usable(found, now) else None
        fits = request.matches(_DUMMY_KEY if record is None else record.secret_key, hosts)
        if record is None:
            raise ApiError("secret_id_not_found")
        if abs(now - int(request.timestamp)) > self._settings.clock_window:
            raise ApiError("signature_expire")
        if not fits:
            raise ApiError("signature_failure")
        if not _token_fits(record, token, now):
            raise ApiError("token_failure")
        self._keys.used(record)
        return record

    def check_region(self, region: str | None) -> None:
        """Refuse a malformed region, one outside the operator's list, and in strict mode a missing one."""
        if region is None:
            if self._settings.strict_region:
                raise ApiError("missing_parameter", parameter="Region")
            return
        if not _REGION.fullmatch(region):
            raise ApiError("region_invalid")
        if self._settings.regions and region not in self._settings.regions:
            raise ApiError("region_unsupported")


def _usable(record: KeyRecord, now: float) -> bool:
    """Revoked keys and permanent keys past their time are as good as unknown; a temporary one has its own code."""
    expired = record.expires_at is not None and now >= record.expires_at
    return record.enabled and (record.token is not None or not expired)


def _token_fits(record: KeyRecord, token: str | None, now: float) -> bool:
    if record.token is None:
        return token is None
    unexpired = record.expires_at is None or now < record.expires_at
    return unexpired and hmac.compare_digest(record.token.encode(), (token or "").encode())
