"""The shape of answers, byte by byte where SDKs depend on it."""

from __future__ import annotations

import json
import re

import pytest

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def requests(kit):
    yield kit.sign_json(kit.GOOD)
    yield kit.sign_json({**kit.GOOD, "RspImgType": "url"})
    yield kit.sign_json({})
    yield kit.sign_json(kit.GOOD, secret_key="wrong")
    yield kit.sign_v1(kit.GOOD)
    yield kit.Sent("GET")
    yield kit.Sent("POST")
    yield kit.Sent("OPTIONS")
    yield kit.Sent("HEAD")
    yield kit.Sent("BREW")


def test_every_answer(kit):
    seen = set()
    for sent in requests(kit):
        answer = kit.World().send(sent)
        assert answer.status == 200
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["content-length"] == str(len(answer.body))
        assert UUID.fullmatch(answer.response["RequestId"])
        assert set(answer.json) == {"Response"}
        assert set(answer.response) in ({"ResultImage", "RequestId"}, {"Error", "RequestId"})
        assert answer.code == "OK" or set(answer.response["Error"]) == {"Code", "Message"}
        seen.add(answer.response["RequestId"])
    assert len(seen) == len(list(requests(kit)))


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "BREW"])
def test_other_methods(kit, world, method):
    answer = world.send(kit.Sent(method))
    assert (answer.status, answer.code) == (200, "UnsupportedProtocol")


def test_trace_id_is_echoed(kit, world):
    for sent in (kit.sign_json(kit.GOOD), kit.sign_json({}), kit.Sent("GET")):
        sent.headers["X-TC-TraceId"] = "my-trace"
        assert world.send(sent).headers["x-tc-traceid"] == "my-trace"


@pytest.mark.parametrize("trace", ["", "a b", "x" * 129, "caf\xe9"])
def test_odd_trace_ids_are_not(kit, world, trace):
    sent = kit.sign_json(kit.GOOD)
    sent.headers["X-TC-TraceId"] = trace
    answer = world.send(sent)
    assert answer.code == "OK"
    assert "x-tc-traceid" not in answer.headers


@pytest.mark.parametrize(
    ("language", "chinese"),
    [(None, False), ("en-US", False), ("zh-CN", True), ("zh-cn", True), ("fr-FR", False), ("", False)],
)
def test_language(kit, world, language, chinese):
    extra = {} if language is None else {"X-TC-Language": language}
    message = world.send(kit.sign_json({"ModelUrl": 1}, extra=extra)).message
    assert (message == "请求缺少必要参数 `ClothesUrl`。") is chinese
    assert ("missing" in message) is not chinese


def test_language_before_anything_is_parsed(kit, world):
    assert "仅支持" in world.send(kit.Sent("PUT", {"X-TC-Language": "zh-CN"})).message


def test_v1_language(kit, world):
    assert world.send(kit.sign_v1({}, Language="zh-CN")).message == "请求缺少必要参数 `ModelUrl`。"


def test_the_language_reaches_the_mark(kit, world):
    world.send(kit.sign_json(kit.GOOD, extra={"X-TC-Language": "zh-CN"}))
    world.send(kit.sign_json(kit.GOOD))
    assert [job.language for job in world.services.dispatcher.jobs] == ["zh-CN", "en-US"]


def test_request_id_is_the_job_id(kit, world):
    answer = world.send(kit.sign_json(kit.GOOD))
    assert world.services.dispatcher.jobs[0].job_id == answer.response["RequestId"]


def test_body_is_ascii_json(kit, world):
    answer = world.send(kit.sign_json({**kit.GOOD, "ClothesType": "裙\u2028\"'"}))
    assert answer.body.isascii()
    assert json.loads(answer.body)["Response"]["Error"]["Message"].startswith("The value `裙\u2028\"'` specified")


def test_a_fault_of_ours_is_an_internal_error(kit, world):
    async def broken(_job):
        raise RuntimeError("secret path /var/lib")

    world.services.dispatcher.script = broken
    answer = world.send(kit.sign_json(kit.GOOD))
    assert (answer.status, answer.code) == (200, "InternalError")
    assert "secret" not in answer.body.decode()
    assert world.services.permits.held == set()


def test_the_log_line_holds_no_secret(kit, world, capsys):
    world.send(kit.sign_json({**kit.GOOD, "ModelUrl": "https://example.com/private-name.jpg?sig=s3cret"}))
    world.send(kit.sign_json({**kit.GOOD, "Oops": "private-name"}))
    written = capsys.readouterr().out
    assert written.count("request_id") >= 2
    assert "private-name" not in written
    assert "s3cret" not in written
    assert "Signature" not in written
    assert kit.SECRET_KEY not in written
