"""The yardstick of `overhead.py`: the least that a Starlette application can do with the same request."""

from __future__ import annotations

import json

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


async def endpoint(request: Request) -> Response:
    """Parse the JSON body, answer an envelope of the same size as a refusal."""
    json.loads(await request.body())
    error = {"Code": "InvalidParameterValue.ParameterValueError", "Message": "m" * 120}
    return JSONResponse({"Response": {"Error": error, "RequestId": "00000000-0000-4000-8000-000000000000"}})


app = Starlette(routes=[Route("/", endpoint, methods=["POST"])])
