"""The one shape of every API answer: HTTP 200, `application/json` without charset, `Response` with a RequestId.

SDKs turn any other status into a transport error, and the Python SDK takes an error under any other Content-Type for a
success. Invariant: whatever a message repeats of the request, the body is ASCII JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from fittingroom.errors import ApiError, Language

MEDIA_TYPE = "application/json"


def success(result: Mapping[str, Any], request_id: str) -> Response:
    """The answer that carries an action's result."""
    return _answer({**result, "RequestId": request_id})


def failure(error: ApiError, request_id: str, language: Language, status: int = 200) -> Response:
    """The answer that carries a published code and its message. status: other than 200 only off the API's path."""
    body = {"Error": {"Code": error.code, "Message": error.message(language)}, "RequestId": request_id}
    return _answer(body, status)


def _answer(body: Mapping[str, Any], status: int = 200) -> Response:
    content = json.dumps({"Response": body}, separators=(",", ":")).encode("ascii")
    return Response(content, status_code=status, media_type=MEDIA_TYPE)
