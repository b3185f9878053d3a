"""One signed request and its envelope: against a scripted server, refusals and rubbish included."""

from __future__ import annotations

import json
import socket

import pytest

from fittingroom.client import ApiClient, CallFailed, CallRefused, Credential
from fittingroom.client.signing import signed_headers

KEY = Credential("AKIDEXAMPLE", "secretEXAMPLE")


def client(server, **options):
    return ApiClient(server.endpoint, KEY, clock=lambda: 1_700_000_000.9, **options)


def envelope(**response):
    return json.dumps({"Response": {"RequestId": "r-1", **response}}).encode()


def test_a_success_is_the_response_object(server):
    server.answer = envelope(ResultImage="QUJD")
    assert client(server).call("ChangeClothes", {"ModelUrl": "u"}) == {"ResultImage": "QUJD", "RequestId": "r-1"}


def test_what_is_sent_is_what_was_signed(server):
    server.answer = envelope()
    client(server, region="ap-singapore").call("ChangeClothes", {"ModelUrl": "http://x/衣.jpg"}, language="zh-CN")
    method, target, headers, body = server.requests[0]
    expected = signed_headers(KEY, host=f"127.0.0.1:{server.server_port}", body=body, timestamp=1_700_000_000)
    assert (method, target) == ("POST", "/")
    assert json.loads(body) == {"ModelUrl": "http://x/衣.jpg"}
    assert {name: headers[name] for name in expected} == expected
    assert headers["X-TC-Action"] == "ChangeClothes"
    assert headers["X-TC-Version"] == "2022-12-29"
    assert headers["X-TC-Language"] == "zh-CN"
    assert headers["X-TC-Region"] == "ap-singapore"
    assert "X-TC-Token" not in headers


def test_a_temporary_key_sends_its_token(server):
    server.answer = envelope()
    key = Credential("AKID", "k", "tokenEXAMPLE")
    ApiClient(server.endpoint, key).call("ChangeClothes", {})
    assert server.requests[0][2]["X-TC-Token"] == "tokenEXAMPLE"


def test_a_refusal_carries_code_message_and_id(server):
    server.answer = envelope(Error={"Code": "AuthFailure.SignatureFailure", "Message": "Check."})
    with pytest.raises(CallRefused) as caught:
        client(server).call("ChangeClothes", {})
    assert (caught.value.code, caught.value.message, caught.value.request_id) == (
        "AuthFailure.SignatureFailure",
        "Check.",
        "r-1",
    )


@pytest.mark.parametrize(
    "answer",
    [b"", b"<html>", b"[]", b"{}", b'{"Response": 1}', b'{"Response": {}}', envelope(Error={}), envelope(Error="x")],
)
def test_an_answer_of_something_else_is_a_failure(server, answer):
    server.answer, server.status = answer, 502
    with pytest.raises(CallFailed, match="HTTP status 502"):
        client(server).call("ChangeClothes", {})


def test_no_redirect_is_followed(server):
    server.status, server.headers = 302, {"Location": f"{server.endpoint}/elsewhere"}
    with pytest.raises(CallFailed, match="HTTP status 302"):
        client(server).call("ChangeClothes", {})
    assert len(server.requests) == 1


def test_no_proxy_of_the_environment_is_used(server, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    server.answer = envelope()
    assert client(server).call("ChangeClothes", {})["RequestId"] == "r-1"


def test_nobody_listening():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(CallFailed, match=f"cannot talk to 127.0.0.1:{port}"):
            ApiClient(f"http://127.0.0.1:{port}", KEY).call("ChangeClothes", {})


def test_a_silent_server_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(CallFailed, match=r"within 0\.05 seconds"):
            ApiClient(f"http://127.0.0.1:{port}", KEY, timeout=0.05).call("ChangeClothes", {})


def test_an_endless_answer_is_cut_off(server, monkeypatch):
    monkeypatch.setattr("fittingroom.client.api.MAX_ANSWER", 10)
    server.answer = envelope()
    with pytest.raises(CallFailed, match="longer than 10 bytes"):
        client(server).call("ChangeClothes", {})


def test_a_result_is_downloaded_with_its_query(server):
    server.answer = b"\xff\xd8\xff picture"
    assert client(server).download(f"{server.endpoint}/results/a.jpg?q=1") == b"\xff\xd8\xff picture"
    assert server.requests[0][:2] == ("GET", "/results/a.jpg?q=1")


def test_an_expired_result_is_a_failure(server):
    server.status = 410
    with pytest.raises(CallFailed, match="HTTP status 410"):
        client(server).download(f"{server.endpoint}/results/a.jpg")


@pytest.mark.parametrize("url", ["", "file:///etc/passwd", "http://", "AAAA", "http://h:port/", "http://[h/"])
def test_a_result_that_is_no_url(server, url):
    with pytest.raises(CallFailed, match="not an http or https URL"):
        client(server).download(url)


@pytest.mark.parametrize(
    "endpoint",
    ["127.0.0.1:8000", "ftp://h", "http://", "http://h/prefix", "http://u:p@h", "http://h?x=1", "https://h:port/"],
)
def test_an_endpoint_that_cannot_work(endpoint):
    with pytest.raises(ValueError, match=r"endpoint|[Pp]ort"):
        ApiClient(endpoint, KEY)


@pytest.mark.parametrize(
    ("endpoint", "host"),
    [
        ("http://h", "h"),
        ("http://h:80/", "h"),
        ("http://h:8000", "h:8000"),
        ("https://h:443", "h"),
        ("https://h:80", "h:80"),
        ("http://[::1]:8000", "[::1]:8000"),
    ],
)
def test_the_host_header_names_the_port_unless_it_is_the_schemes_own(endpoint, host, monkeypatch):
    sent = {}

    def exchange(self, *request):
        sent.update(request[3])
        return 200, envelope()

    monkeypatch.setattr(ApiClient, "_exchange", exchange)
    ApiClient(endpoint, KEY).call("ChangeClothes", {})
    assert sent["Host"] == host
