"""The application behind uvicorn, with both of its parsers, spoken to over a socket and by the official SDK whole."""

from __future__ import annotations

import json
import socket
import threading
import time

import pytest
import uvicorn
from tencentcloud.aiart.v20221229 import models
from tencentcloud.aiart.v20221229.aiart_client import AiartClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile


class Running:
    """A server in a thread, on a port of its own."""

    def __init__(self, world, http: str) -> None:
        self.world = world
        config = uvicorn.Config(world.app, host="127.0.0.1", port=0, http=http, lifespan="off", log_level="error",
                                h11_max_incomplete_event_size=64 * 1024)  # fmt: skip
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    def __enter__(self):
        self.thread.start()
        limit = time.monotonic() + 10
        while not self.server.started and time.monotonic() < limit:
            time.sleep(0.01)
        self.port = self.server.servers[0].sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_):
        self.server.should_exit = True
        self.thread.join(10)

    def raw(self, data: bytes, timeout: float = 5) -> bytes:
        """What the server answers to these bytes, until it closes or falls silent."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as connection:
            connection.sendall(data)
            received = b""
            while True:
                head, _, body = received.partition(b"\r\n\r\n")
                length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
                if length and len(body) >= int(length[0].split(b":")[1]):
                    return received
                piece = connection.recv(65536)
                if not piece:
                    return received
                received += piece


@pytest.fixture(scope="module", params=["h11", "httptools"])
def running(request, kit):
    wire = {"body_timeout": 0.4, "max_json_bytes": 200_000}
    world = kit.World(settings=kit.Settings(wire=wire))
    world.now = time.time()
    with Running(world, request.param) as server:
        yield server


def client(running, endpoint=None, method="POST", sign="TC3-HMAC-SHA256", scheme="http"):
    profile = ClientProfile(
        signMethod=sign,
        httpProfile=HttpProfile(
            protocol=scheme, endpoint=endpoint or f"127.0.0.1:{running.port}", reqMethod=method, reqTimeout=10
        ),
    )
    running.world.now = time.time()
    return AiartClient(
        Credential("AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"), "", profile
    )


def asked(kit, **more):
    request = models.ChangeClothesRequest()
    request.from_json_string(json.dumps({**kit.GOOD, **more}))
    return request


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("sign", ["TC3-HMAC-SHA256", "HmacSHA1", "HmacSHA256"])
def test_sdk(running, kit, method, sign):
    import base64

    answer = client(running, method=method, sign=sign).ChangeClothes(asked(kit))
    assert base64.b64decode(answer.ResultImage) == kit.PICTURE


def test_sdk_with_a_whole_url_as_endpoint(running, kit):
    endpoint = f"http://127.0.0.1:{running.port}"
    answer = client(running, endpoint=endpoint, scheme="https").ChangeClothes(asked(kit, RspImgType="url"))
    assert answer.ResultImage == f"{endpoint}/results/abc.jpg?sign=good"


def test_sdk_gets_errors_with_code_message_and_request_id(running, kit):
    with pytest.raises(TencentCloudSDKException) as caught:
        client(running).ChangeClothes(asked(kit, ClothesType="Hat"))
    assert caught.value.code == "InvalidParameterValue.ParameterValueError"
    assert "`ClothesType`" in caught.value.message
    assert len(caught.value.requestId) == 36


def test_sdk_sending_too_much_reads_why(running, kit):
    with pytest.raises(TencentCloudSDKException) as caught:
        client(running).ChangeClothes(asked(kit, LogoParam={"LogoImage": "A" * 300_000}))
    assert caught.value.code == "RequestSizeLimitExceeded"


def test_large_get_is_parsed_by_both(running, kit):
    with pytest.raises(TencentCloudSDKException) as caught:
        client(running, method="GET").ChangeClothes(asked(kit, ModelUrl="https://example.com/" + "x" * 33_000))
    assert caught.value.code == "RequestSizeLimitExceeded"


def test_empty_query(running):
    answer = running.raw(
        b"POST /? HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    )
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"`Action`" in answer


def test_content_type_is_exact_on_the_wire(running):
    answer = running.raw(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").lower()
    assert b"\r\ncontent-type: application/json\r\n" in answer


def test_slow_body_is_cut_off(running):
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    start = time.monotonic()
    answer = running.raw(head)
    assert 0.3 < time.monotonic() - start < 3
    assert b"InvalidRequest" in answer
    assert b"connection: close" in answer.lower()


def test_client_that_leaves_stops_the_work(running, kit):
    import asyncio

    stopped = threading.Event()
    started = threading.Event()

    async def work(_job):
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    running.world.services.dispatcher.script = work
    running.world.now = time.time()
    sent = kit.sign_json(kit.GOOD, timestamp=int(time.time()), host=f"127.0.0.1:{running.port}")
    lines = [b"POST / HTTP/1.1", *(f"{name}: {value}".encode() for name, value in sent.headers.items())]
    lines.append(b"Content-Length: %d" % len(sent.body))
    with socket.create_connection(("127.0.0.1", running.port), timeout=5) as connection:
        connection.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + sent.body)
        assert started.wait(5)
    assert stopped.wait(5)
    running.world.services.dispatcher.script = None
    limit = time.monotonic() + 5
    while running.world.services.permits.held and time.monotonic() < limit:
        time.sleep(0.01)
    assert running.world.services.permits.held == set()
