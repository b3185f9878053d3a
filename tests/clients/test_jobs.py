"""Jobs by the common client of every official SDK, which knows no typed method for them."""

from __future__ import annotations

import time

import pytest
from answers import refused

COMMON = [
    "python-intl:common",
    "python-domestic:common",
    "python-domestic:common-async",
    "node:common",
    "node-intl:common",
]


@pytest.mark.parametrize("named", COMMON)
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_job_is_submitted_and_queried(world, drivers, named, method):
    environment, way = named.split(":")

    def ask(action, params):
        return drivers(environment).ask(world.case(way, action=action, params=params, method=method))

    submitted = ask("SubmitChangeClothesJob", world.parameters())["ok"]
    assert set(submitted) == {"JobId", "RequestId"}
    deadline = time.monotonic() + 30
    while True:
        told = ask("QueryChangeClothesJob", {"JobId": submitted["JobId"]})["ok"]
        if told["JobStatusCode"] == "5":
            break
        assert told["JobStatusCode"] in ("1", "2")
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert told["ResultImage"][0].startswith(world.server.url + "/results/")
    assert told["ResultDetails"] == ["Success"]
    refused(ask("QueryChangeClothesJob", {"JobId": "no-such-job"}), "FailedOperation.JobNotExist")
    refused(
        ask("SubmitChangeClothesJob", world.parameters(ClothesType="Hat")), "InvalidParameterValue.ParameterValueError"
    )
