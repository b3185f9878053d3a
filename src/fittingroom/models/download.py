"""A file from its publisher's address, resumable.

Bytes go to a `.part` file that outlives an interruption, so that 170 MB are not fetched twice; the next attempt asks
for the rest (HTTP Range). It uses the standard library's client, which follows the user's proxy settings.
Invariant: `part` never grows past the size that the manifest declares, and nothing here gives a file its final name.
"""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

from fittingroom.models.errors import SourceFailed
from fittingroom.models.report import Advance, Reporter

CHUNK = 1 << 18
TIMEOUT_SECONDS = 20.0
CONTINUATIONS = 20
USER_AGENT = "fittingroom-models"


def download(
    url: str,
    part: Path,
    total: int,
    report: Reporter,
    *,
    label: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Bring the `total` bytes behind `url` into `part`, going on where an earlier attempt stopped.

    label: what the user sees. headers: for the host of `url` alone, never sent on where it redirects to. A connection
    that breaks after some headway is taken up again at once. Raises `SourceFailed`; `part` is kept then unless the
    address plainly serves something else.
    """
    if _size(part) > total:
        part.unlink()
    name = label or part.stem
    with report.task(name, total, _size(part)) as advance:
        for _ in range(CONTINUATIONS):
            have = _size(part)
            if have == total:
                return
            try:
                _continue(_request(url, have, headers or {}), part, have, total, advance)
            except SourceFailed as failure:
                if _size(part) <= have:
                    raise
                report.say(f"{name}: {failure}; continuing from there")
    raise SourceFailed(f"the connection broke {CONTINUATIONS} times")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _request(url: str, have: int, headers: Mapping[str, str]) -> urllib.request.Request:
    own = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}
    request = urllib.request.Request(url, headers=own)  # noqa: S310 (manifest and hub admit http and https only)
    if have:
        request.add_header("Range", f"bytes={have}-")
    for name, value in headers.items():
        request.add_unredirected_header(name, value)
    return request


def _continue(request: urllib.request.Request, part: Path, have: int, total: int, advance: Advance) -> None:
    with _response(request) as response:
        resumed = response.status == HTTPStatus.PARTIAL_CONTENT
        if resumed and not str(response.headers.get("Content-Range", "")).startswith(f"bytes {have}-"):
            raise SourceFailed("it answered another part of the file than was asked for")
        _check_length(response, total - have if resumed else total)
        if have and not resumed:
            advance(-have)
        _store(response, part, have if resumed else 0, total, advance)


def _check_length(response: http.client.HTTPResponse, expected: int) -> None:
    announced = response.headers.get("Content-Length")
    if announced is not None and announced != str(expected):
        raise SourceFailed(f"it announces {announced} bytes where {expected} are expected")


def _store(response: http.client.HTTPResponse, part: Path, done: int, total: int, advance: Advance) -> None:
    with part.open("ab" if done else "wb") as file:
        for chunk in _chunks(response):
            done += len(chunk)
            if done > total:
                file.close()
                part.unlink()
                raise SourceFailed(f"it sends more than the expected {total} bytes")
            file.write(chunk)
            advance(len(chunk))
    if done < total:
        raise SourceFailed(f"the connection ended after {done} of {total} bytes")


def _chunks(response: http.client.HTTPResponse) -> Iterator[bytes]:
    while True:
        try:
            chunk = response.read(CHUNK)
        except (OSError, http.client.HTTPException) as error:
            raise SourceFailed(f"the connection broke ({_reason(error)})") from error
        if not chunk:
            return
        yield chunk


@contextmanager
def _response(request: urllib.request.Request) -> Iterator[http.client.HTTPResponse]:
    try:
        response = urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS)  # noqa: S310
    except urllib.error.HTTPError as error:
        with error:
            raise SourceFailed(f"it answered {error.code} {error.reason}") from error
    except (OSError, http.client.HTTPException) as error:
        raise SourceFailed(f"it cannot be reached ({_reason(error)})") from error
    with response:
        yield response


def _reason(error: Exception) -> str:
    cause = getattr(error, "reason", None) or error
    return str(getattr(cause, "strerror", None) or cause or type(cause).__name__)
