"""The log line of a request: complete, and free of what must not be kept."""

from __future__ import annotations

import pytest
import structlog

from fittingroom.wire.trail import Trail


def logged(act):
    with structlog.testing.capture_logs() as lines:
        act()
    return [line for line in lines if line["event"] == "request"]


def test_a_good_request(kit, world):
    (line,) = logged(lambda: world.send(kit.sdk_request(kit.GOOD)))
    assert line["code"] == "OK"
    assert (line["method"], line["action"], line["account"]) == ("POST", "ChangeClothes", "shop")
    assert line["client"].startswith("SDK_PYTHON_")
    assert line["bytes_in"] > 100
    assert len(line["request_id"]) == 36
    assert line["seconds"] >= 0


@pytest.mark.parametrize("act", ["sign_json", "sign_v1"])
def test_a_refused_request_says_why(kit, world, act):
    (line,) = logged(lambda: world.send(getattr(kit, act)({**kit.GOOD, "ClothesType": "Hat"})))
    assert (line["code"], line["reason"]) == ("InvalidParameterValue.ParameterValueError", "choice_value")


def test_an_unknown_caller_is_nobody(kit, world):
    (line,) = logged(lambda: world.send(kit.sign_json(kit.GOOD, secret_key="wrong")))
    assert (line["account"], line["code"]) == (None, "AuthFailure.SignatureFailure")


def test_made_up_methods_actions_and_clients_do_not_fill_the_log(kit, world):
    sent = kit.sign_json(kit.GOOD, extra={"X-TC-Action": "x" * 5000, "X-TC-RequestClient": "y" * 5000})
    (line,) = logged(lambda: world.send(sent))
    assert line["action"] is None
    assert len(line["client"]) == 64
    (line,) = logged(lambda: world.send(kit.Sent("M" * 5000)))
    assert len(line["method"]) == 16


def test_the_cause_is_kept_without_queries(kit, world):
    async def refuse(_job):
        from fittingroom.errors import ApiError

        raise ApiError("worker_crashed", cause=OSError("cannot read https://example.com/a?sign=s3cret'"))

    world.services.dispatcher.script = refuse
    (line,) = logged(lambda: world.send(kit.sign_json(kit.GOOD)))
    assert line["cause"] == "cannot read https://example.com/a?...'"


def test_each_trail_has_its_own_id():
    assert Trail("GET").request_id != Trail("GET").request_id
