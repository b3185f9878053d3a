"""Calls of the two actions by which a dressing is a job, and waiting for what comes of one."""

from __future__ import annotations

import time
from typing import Any

from fittingroom.client import ApiClient

ENDED = ("4", "5")


def submit(client: ApiClient, parameters: dict[str, Any]) -> str:
    """The JobId."""
    return str(client.call("SubmitChangeClothesJob", parameters)["JobId"])


def query(client: ApiClient, job_id: str) -> dict[str, Any]:
    return dict(client.call("QueryChangeClothesJob", {"JobId": job_id}))


def ended(client: ApiClient, job_id: str, seconds: float = 30) -> dict[str, Any]:
    """The answer once the job has ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = query(client, job_id)
        if answer["JobStatusCode"] in ENDED:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"the job has not ended: {answer}")
