"""Two signers of requests: the official SDK, whose own code builds them, and a short one for what no SDK sends.

The short one is the documented recipe, written a second time on purpose, so that the server is not held against itself.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest
from tencentcloud.aiart.v20221229.aiart_client import AiartClient
from tencentcloud.common import abstract_client
from tencentcloud.common.abstract_client import AbstractClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.http.request import RequestInternal
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

SECRET_ID = "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE"
SECRET_KEY = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"
NOW = 1_700_000_000


@dataclass
class Sent:
    """A request ready for the driver."""

    method: str = "POST"
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    query: str = ""
    path: str = "/"


def sign_tc3(
    body: bytes = b"",
    *,
    method: str = "POST",
    query: str = "",
    host: str = "127.0.0.1:8000",
    signed_host: str | None = None,
    service: str = "aiart",
    secret_id: str = SECRET_ID,
    secret_key: str = SECRET_KEY,
    timestamp: int = NOW,
    content_type: str = "application/json",
    payload: bytes | None = None,
    lower_action: bool = False,
    date: str | None = None,
    extra: Mapping[str, str] | None = None,
) -> Sent:
    """A request signed by the documented recipe, written here a second time on purpose."""
    headers = {
        "Host": host,
        "Content-Type": content_type,
        "X-TC-Action": "ChangeClothes",
        "X-TC-Version": "2022-12-29",
        "X-TC-Timestamp": str(timestamp),
        **(extra or {}),
    }
    names = "content-type;host" + (";x-tc-action" if lower_action else "")
    lines = f"content-type:{content_type}\nhost:{signed_host or host}\n"
    if lower_action:
        lines += f"x-tc-action:{headers['X-TC-Action'].lower()}\n"
    digest = hashlib.sha256(body if payload is None else payload).hexdigest()
    canonical = f"{method}\n/\n{query}\n{lines}\n{names}\n{digest}"
    date = date or time.strftime("%Y-%m-%d", time.gmtime(timestamp))
    scope = f"{date}/{service}/tc3_request"
    to_sign = f"TC3-HMAC-SHA256\n{timestamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = b"TC3" + secret_key.encode()
    for part in (date, service, "tc3_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    headers["Authorization"] = (
        f"TC3-HMAC-SHA256 Credential={secret_id}/{scope}, SignedHeaders={names}, Signature={signature}"
    )
    return Sent(method, headers, body, query)


def sign_json(parameters: Mapping[str, Any], **options: Any) -> Sent:
    return sign_tc3(json.dumps(parameters).encode(), **options)


def sign_v1(
    parameters: Mapping[str, Any], *, method: str = "POST", host: str = "127.0.0.1:8000", digest: str = "HmacSHA256",
    without: Iterable[str] = (), **common: Any,
) -> Sent:  # fmt: skip
    """A v1 request; `common` replaces common parameters, `without` leaves some out."""
    pairs = {
        **parameters,
        "Action": "ChangeClothes",
        "Version": "2022-12-29",
        "Timestamp": str(NOW),
        "Nonce": "11886",
        "SecretId": SECRET_ID,
        "SignatureMethod": digest,
        **common,
    }
    pairs = {name: str(value) for name, value in pairs.items() if name not in set(without)}
    joined = "&".join(f"{name}={pairs[name]}" for name in sorted(pairs))
    name = "sha1" if digest == "HmacSHA1" else "sha256"
    raw = hmac.new(SECRET_KEY.encode(), f"{method}{host}/?{joined}".encode(), name).digest()
    if "Signature" not in set(without):
        pairs.setdefault("Signature", base64.b64encode(raw).decode())
    encoded = urlencode(pairs)
    headers = {"Host": host, "Content-Type": "application/x-www-form-urlencoded"}
    if method == "GET":
        return Sent("GET", headers, b"", encoded)
    return Sent("POST", headers, encoded.encode())


def sdk_request(
    parameters: Mapping[str, Any],
    *,
    sign_method: str = "TC3-HMAC-SHA256",
    method: str = "POST",
    endpoint: str = "127.0.0.1:8000",
    token: str | None = None,
    unsigned: bool = False,
    language: str = "en-US",
    region: str = "ap-singapore",
    timestamp: float = NOW,
    product: type[AbstractClient] = AiartClient,
    action: str = "ChangeClothes",
    key: tuple[str, str] = (SECRET_ID, SECRET_KEY),
) -> Sent:
    """What the official SDK would send, built by its own code at a fixed time."""
    profile = ClientProfile(
        signMethod=sign_method,
        language=language,
        httpProfile=HttpProfile(protocol="http", endpoint=endpoint, reqMethod=method),
    )
    profile.unsignedPayload = unsigned
    client = product(Credential(*key, token), region, profile)
    built = RequestInternal(client._get_endpoint(), method, client._requestPath)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(abstract_client.time, "time", lambda: timestamp)
        client._build_req_inter(action, dict(parameters), built)
    headers = {"Host": endpoint, **{name: str(value) for name, value in built.header.items()}}
    data = built.data if isinstance(built.data, bytes) else built.data.encode()
    if method == "GET":
        return Sent("GET", headers, b"", data.decode())
    return Sent("POST", headers, data)
