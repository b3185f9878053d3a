"""What only the Python SDKs do, and what is shown with them: one job at a time, a crash, keys made and revoked."""

from __future__ import annotations

import threading

import pytest
from answers import decoded, refused


@pytest.fixture(params=["python-intl", "python-domestic"])
def python(request, drivers):
    return drivers(request.param)


def test_the_defaults_of_the_sdk(python, world):
    decoded(python.ask(world.case("sync", sign=None, region=None)))


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_unsigned_payload(python, world, method):
    decoded(python.ask(world.case("sync", unsigned=True, method=method)))


def test_a_full_url_as_endpoint(python, world):
    decoded(python.ask(world.case("sync", endpoint=world.server.url, scheme="https")))


def test_a_gateway_address_with_the_public_host_signed(python, world):
    decoded(python.ask(world.case("sync", apigw="aiart.intl.tencentcloudapi.com")))


def test_another_host_signed_is_refused(python, world):
    refused(python.ask(world.case("sync", apigw="elsewhere.example.com")), "AuthFailure.SignatureFailure")


def test_an_unknown_action(python, world):
    message = refused(python.ask(world.case("common", action="ChangeShoes")), "InvalidAction")
    assert "ChangeShoes" in message


@pytest.mark.parametrize(
    ("extra", "name"), [({"Style": "x"}, "Style"), ({"LogoParam": {"LogoRect": {"Z": 1}}}, "LogoParam.LogoRect.Z")]
)
def test_an_unknown_parameter(python, world, extra, name):
    message = refused(python.ask(world.case("common", params=world.parameters(**extra))), "UnknownParameter")
    assert f"`{name}`" in message


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        ({"IsMultipart": True}, {"InvalidRequest"}),
        ({"SkipSign": True}, {"AuthFailure.InvalidAuthorization", "MissingParameter"}),
    ],
)
def test_ways_that_this_action_does_not_have(python, world, options, codes):
    strings_only = world.parameters(LogoAdd=None)
    answer = python.ask(world.case("common", options=options, params=strings_only))
    assert answer["error"]["code"] in codes
    assert answer["error"]["request_id"]


def test_a_second_job_of_the_account_is_refused_at_once(world, drivers):
    answers = {}
    slow = world.case("sync", params=world.parameters(ClothesUrl=world.pictures["slow"]))
    python = drivers("python-intl")
    first = threading.Thread(target=lambda: answers.update(first=python.ask(slow)))
    asked = len(world.origin.asked)
    first.start()
    while "/slow.png" not in world.origin.asked[asked:]:
        assert first.is_alive()
    refused(drivers("python-domestic").ask(world.case("sync")), "RequestLimitExceeded.JobNumExceed")
    first.join()
    decoded(answers["first"])
    decoded(drivers("python-domestic").ask(world.case("sync")))


def test_a_crashed_worker_is_one_failed_request(world, drivers):
    python = drivers("python-intl")
    crash = world.case("sync", params=world.parameters(ClothesUrl=world.pictures["crash"]))
    refused(python.ask(crash), "FailedOperation.RpcFail")
    decoded(python.ask(world.case("sync")))


def test_a_new_key_is_known_and_a_revoked_one_refused_within_seconds(world, drivers):
    import time

    from running_server import fittingroom, make_key

    key = make_key(world.server.data_dir, "tests")
    case = world.case("sync", id=key.secret_id, key=key.secret_key, params={})
    python = drivers("python-intl")

    def until(code: str) -> None:
        deadline = time.monotonic() + 5
        while (answer := python.ask(case))["error"]["code"] != code:
            assert time.monotonic() < deadline, answer
            time.sleep(0.05)

    until("MissingParameter")
    fittingroom("keys", "revoke", key.secret_id, "--data-dir", world.server.data_dir)
    until("AuthFailure.SecretIdNotFound")
