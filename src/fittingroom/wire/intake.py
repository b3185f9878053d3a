"""From method, headers, query and body to what the request says and how it is signed.

The method and content type decide the signature method, as published: JSON by POST is TC3, a form by POST is v1, and a
GET is TC3 where it carries TC3 headers, else v1; query and body are never mixed. What must be checked later than the
action (see docs/wire.md for the order) waits behind a call. Invariant: the signed bytes are the received bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from fittingroom.errors import ApiError
from fittingroom.wire.common import (
    V1_NAMES,
    CommonParameters,
    from_headers,
    from_pairs,
    present,
    require,
    require_integer,
)
from fittingroom.wire.hosts import services_of
from fittingroom.wire.parameters import nest, parse_json, parse_pairs
from fittingroom.wire.tc3 import UNSIGNED, Tc3Request, parse_authorization
from fittingroom.wire.v1 import METHODS, V1Request
from fittingroom.wire.verify import SignedRequest

JSON_TYPE = "application/json"
FORM_TYPE = "application/x-www-form-urlencoded"
BODY_SIGNED = frozenset({"sts"})
"""Products that need a signature over the body: the action's name is under none of the SDKs' signatures, so a request
whose body is not either could be turned, by whoever sees it go by, into one that makes credentials."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A request as received. headers: lower-case name -> raw value, the first of each. body: empty for a GET."""

    method: str
    headers: Mapping[str, bytes]
    query: bytes
    body: bytes

    def header(self, name: str) -> str | None:
        """A header's text, or None."""
        value = self.headers.get(name)
        return None if value is None else value.decode("latin-1").strip()

    @property
    def media_type(self) -> str:
        """The content type without parameters, in lower case."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Intake:
    """A request understood. signed: reads its signature, for the product of the action, which is `aiart` or `sts`;
    parameters: the action's own, nested; both raise `ApiError`. text_only: numbers came as text."""

    common: CommonParameters
    signed: Callable[[str], SignedRequest]
    parameters: Callable[[], dict[str, Any]]
    text_only: bool


def take_in(arrived: Arrived, *, strict_service: bool) -> Intake:
    """Read a request. Raises `ApiError` for a content type or a body that cannot be read."""
    if arrived.method == "GET":
        pairs = parse_pairs(arrived.query)
        if "authorization" in arrived.headers or "x-tc-action" in arrived.headers:
            return _tc3(arrived, partial(nest, pairs), text_only=True, strict_service=strict_service)
        return _v1(arrived.method, pairs)
    if arrived.media_type == JSON_TYPE:
        parameters = parse_json(arrived.body)
        return _tc3(arrived, lambda: parameters, text_only=False, strict_service=strict_service)
    if arrived.media_type == FORM_TYPE:
        return _v1(arrived.method, parse_pairs(arrived.body))
    raise ApiError("content_type")


def _tc3(
    arrived: Arrived, parameters: Callable[[], dict[str, Any]], *, text_only: bool, strict_service: bool
) -> Intake:
    common = from_headers({name: value.decode("latin-1") for name, value in arrived.headers.items()})
    signed = partial(_tc3_signed, arrived, common, strict_service=strict_service)
    return Intake(common, signed, parameters, text_only)


def _tc3_signed(arrived: Arrived, common: CommonParameters, product: str, *, strict_service: bool) -> Tc3Request:
    timestamp = require_integer(common.timestamp, "Timestamp")
    authorization = parse_authorization(require(arrived.header("authorization"), "Authorization"))
    if strict_service and authorization.service not in services_of(arrived.header("host") or "", product):
        raise ApiError("no_such_service", service=authorization.service[:64], product=product)
    unsigned = arrived.headers.get("x-tc-content-sha256", b"").strip() == UNSIGNED
    if unsigned and product in BODY_SIGNED:
        raise ApiError("unsigned_payload")
    return Tc3Request(
        authorization=authorization,
        timestamp=timestamp,
        method=arrived.method,
        query=arrived.query if arrived.method == "GET" else b"",
        headers=dict(arrived.headers),
        payload=UNSIGNED if unsigned else arrived.body,
    )


def _v1(method: str, pairs: Mapping[str, str]) -> Intake:
    own = {name: value for name, value in pairs.items() if name not in V1_NAMES}
    return Intake(from_pairs(pairs), partial(_v1_signed, method, pairs), partial(nest, own), text_only=True)


def _v1_signed(method: str, pairs: Mapping[str, str], _product: str) -> V1Request:
    require_integer(present(pairs.get("Timestamp")), "Timestamp")
    require_integer(present(pairs.get("Nonce")), "Nonce")
    for name in ("SecretId", "Signature"):
        require(present(pairs.get(name)), name)
    signature_method = pairs.get("SignatureMethod")
    if signature_method and signature_method not in METHODS:
        raise ApiError("common_parameter_value", value=signature_method[:64], parameter="SignatureMethod")
    return V1Request(method, pairs)
