"""One signed request to a server of this API, and its envelope read back.

It connects straight to the endpoint: no proxy from the environment and no redirect, because a signed request is
meant for one host. Invariant: `call` returns the `Response` object of a success or raises; a refusal of the server
(`CallRefused`) is never mixed up with an answer that is none (`CallFailed`).
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from fittingroom.client.signing import Credential, signed_headers

VERSION = "2022-12-29"
MAX_ANSWER = 64 * 1024 * 1024
_PORTS = {"http": 80, "https": 443}


class CallFailed(Exception):
    """No usable answer: no connection, time-out, bad certificate, or not this API. The message says which."""


class CallRefused(Exception):
    """The server's own error: published code, message in the asked language, and the request's id."""

    def __init__(self, code: str, message: str, request_id: str) -> None:
        self.code, self.message, self.request_id = code, message, request_id
        super().__init__(f"{code}: {message} (RequestId {request_id})")


class ApiClient:
    """Calls actions at one endpoint with one key.

    endpoint: `http://HOST[:PORT]` or `https://...`; raises ValueError for anything else, a path included.
    timeout: seconds for connecting and for each wait on the answer. ca: PEM file that replaces the system's trust.
    clock: Unix seconds, for tests.
    """

    def __init__(
        self,
        endpoint: str,
        credential: Credential,
        *,
        timeout: float = 60.0,
        ca: Path | None = None,
        region: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._base = _endpoint(endpoint)
        self._credential = credential
        self._timeout = timeout
        self._ca = ca
        self._region = region
        self._clock = clock

    def call(self, action: str, parameters: Mapping[str, object], *, language: str = "en-US") -> dict[str, Any]:
        """The `Response` object, RequestId included. Raises `CallRefused` or `CallFailed`."""
        body = json.dumps(parameters, ensure_ascii=False).encode()
        headers = signed_headers(
            self._credential, host=_host_header(self._base), body=body, timestamp=int(self._clock())
        )
        headers |= {"X-TC-Action": action, "X-TC-Version": VERSION, "X-TC-Language": language}
        if self._region:
            headers["X-TC-Region"] = self._region
        if self._credential.token:
            headers["X-TC-Token"] = self._credential.token
        status, answer = self._exchange(self._base, "POST", "/", headers, body)
        return _envelope(status, answer)

    def download(self, url: str) -> bytes:
        """The file behind a result's URL. Raises `CallFailed`, also for any status but 200."""
        try:
            parts = urlsplit(url)
            usable = parts.scheme in _PORTS and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if not usable:
            raise CallFailed("the server's ResultImage is not an http or https URL")
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        status, data = self._exchange(parts, "GET", target, {"Host": _host_header(parts)}, None)
        if status != 200:
            raise CallFailed(f"the result could not be downloaded: HTTP status {status}")
        return data

    def _exchange(
        self, to: SplitResult, method: str, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[int, bytes]:
        """Status and body of one request on a connection of its own."""
        try:
            connection = self._connection(to)
            try:
                connection.request(method, target, body, dict(headers))
                response = connection.getresponse()
                data = response.read(MAX_ANSWER + 1)
            finally:
                connection.close()
        except TimeoutError as error:
            raise CallFailed(f"{to.netloc} did not answer within {self._timeout:g} seconds") from error
        except (OSError, HTTPException) as error:
            raise CallFailed(f"cannot talk to {to.netloc}: {error or type(error).__name__}") from error
        if len(data) > MAX_ANSWER:
            raise CallFailed(f"the answer of {to.netloc} is longer than {MAX_ANSWER} bytes")
        return response.status, data

    def _connection(self, to: SplitResult) -> HTTPConnection:
        host = to.hostname or ""
        if to.scheme == "http":
            return HTTPConnection(host, to.port, timeout=self._timeout)
        context = ssl.create_default_context(cafile=str(self._ca) if self._ca else None)
        return HTTPSConnection(host, to.port, timeout=self._timeout, context=context)


def _endpoint(text: str) -> SplitResult:
    parts = urlsplit(text)
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc or parts.query or parts.port == 0:
        raise ValueError(f"the endpoint must look like http://HOST:PORT or https://HOST:PORT, not {text!r}")
    if parts.path not in {"", "/"}:
        raise ValueError("the endpoint must have no path: the API is served at / and the signature covers that")
    return parts


def _host_header(parts: SplitResult) -> str:
    """HOST or HOST:PORT, as http.client itself would send it."""
    host = parts.hostname or ""
    if ":" in host:
        host = f"[{host}]"
    return host if parts.port in {None, _PORTS[parts.scheme]} else f"{host}:{parts.port}"


def _envelope(status: int, answer: bytes) -> dict[str, Any]:
    """The `Response` object of an answer, or the exception that it stands for."""
    try:
        response: dict[str, Any] = json.loads(answer)["Response"]
        request_id: str = response["RequestId"]
        refusal = (
            CallRefused(response["Error"]["Code"], response["Error"]["Message"], request_id)
            if ("Error" in response)
            else None
        )
    except (ValueError, KeyError, TypeError) as error:
        raise CallFailed(f"not an answer of this API (HTTP status {status})") from error
    if refusal:
        raise refusal
    return response
